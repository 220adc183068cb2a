import { largestPage } from "@/lib/domain/directories/scim-list";
import { schemaIds } from "@/lib/domain/directories/scim-resource";
import { schemaBodies } from "@/lib/domain/directories/scim-schemas";
import { mostBulkOperations } from "@/lib/scim/bulk";
import { type Answer, type Call, faultAnswer, notFound } from "@/lib/scim/call";

/** The features, resources and schemas of the service (RFC 7644, section 4). */
export function discovered(call: Call): Answer {
  const [first = "", id, ...more] = call.path;
  if (more.length > 0) return notFound();
  // Filters are refused here, so that nobody mistakes what is shown for what they asked (RFC 7644, section 4).
  if (call.query.has("filter")) return faultAnswer(403, null, "These are not filtered.");
  switch (first.toLowerCase()) {
    case "schemas":
      return listed(schemaBodies(call.base), id);
    case "resourcetypes":
      return listed(resourceTypes(call.base), id);
    default:
      return id === undefined ? { status: 200, body: serviceProvider(call.base) } : notFound();
  }
}

function listed(all: readonly { readonly id: string }[], id: string | undefined): Answer {
  if (id !== undefined) {
    const found = all.find((each) => each.id.toLowerCase() === id.toLowerCase());
    return found ? { status: 200, body: found } : notFound();
  }
  return {
    status: 200,
    body: {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      totalResults: all.length,
      ...{ startIndex: 1, itemsPerPage: all.length, Resources: all },
    },
  };
}

function resourceTypes(base: string) {
  return (["User", "Group"] as const).map((id) => ({
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    ...{ id, name: id, endpoint: `/${id}s`, schema: schemaIds[id], schemaExtensions: [] },
    description: id === "User" ? "A person" : "A group",
    meta: { resourceType: "ResourceType", location: `${base}/ResourceTypes/${id}` },
  }));
}

function serviceProvider(base: string) {
  return {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    patch: { supported: true },
    bulk: { supported: true, maxOperations: mostBulkOperations, maxPayloadSize: 1024 * 1024 },
    filter: { supported: true, maxResults: largestPage },
    changePassword: { supported: false },
    sort: { supported: true },
    etag: { supported: true },
    pagination: {
      ...{ cursor: true, index: true, defaultPaginationMethod: "index" },
      ...{ defaultPageSize: 100, maxPageSize: largestPage },
    },
    authenticationSchemes: [
      {
        ...{ type: "oauthbearertoken", name: "Bearer token", primary: true },
        description: "The token of a directory, made on the page Directories.",
        specUri: "https://www.rfc-editor.org/info/rfc6750",
      },
    ],
    meta: { resourceType: "ServiceProviderConfig", location: `${base}/ServiceProviderConfig` },
  };
}
