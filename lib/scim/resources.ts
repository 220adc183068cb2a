import { patchOperations } from "@/lib/domain/directories/scim-body";
import { patchGroup, readGroup } from "@/lib/domain/directories/scim-group";
import { type Attributes, attributesOf, listQuery, writeCursor } from "@/lib/domain/directories/scim-list";
import {
  etagOf,
  type ResourceType,
  resourceBody,
  type StoredResource,
  selected,
} from "@/lib/domain/directories/scim-resource";
import { patchUser, readUser } from "@/lib/domain/directories/scim-user";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { isUuid } from "@/lib/domain/text/uuid";
import { changeDirectoryGroup, createDirectoryGroup } from "@/lib/operations/directories/provision-group";
import { changeDirectoryUser, createDirectoryUser } from "@/lib/operations/directories/provision-user";
import { removeFromDirectory } from "@/lib/operations/directories/remove-from-directory";
import { listResources, readResource } from "@/lib/queries/directories/scim-resources";
import {
  type Answer,
  asQuery,
  type Call,
  expectedVersion,
  isUnchanged,
  notAllowed,
  notFound,
  refusalAnswer,
} from "@/lib/scim/call";

/** Answers requests to `/Users` and `/Groups`, and to one of them. */
export async function answerResources(call: Call, type: ResourceType): Promise<Answer> {
  const [, id, ...more] = call.path;
  if (more.length > 0) return notFound();
  if (id === undefined) {
    if (call.method === "GET") return list(call, type, call.query);
    if (call.method === "POST") return create(call, type);
    return notAllowed("GET", "HEAD", "POST");
  }
  if (id.toLowerCase() === ".search")
    return call.method === "POST" ? list(call, type, asQuery(await call.body())) : notAllowed("POST");
  if (!isUuid(id)) return notFound();
  switch (call.method) {
    case "GET":
      return one(call, type, id.toLowerCase());
    case "PUT":
      return replace(call, type, id.toLowerCase());
    case "PATCH":
      return patch(call, type, id.toLowerCase());
    case "DELETE": {
      const input = { id: id.toLowerCase(), type, expectedVersion: expectedVersion(call) };
      const result = await removeFromDirectory(call.database, call.directory, input);
      return result.ok ? { status: 204 } : refusalAnswer(result.error);
    }
    default:
      return notAllowed("GET", "HEAD", "PUT", "PATCH", "DELETE");
  }
}

/** Whether members are wanted, which is the default, or a user's groups, which must be requested. */
function wantsRelated(type: ResourceType, { only, without }: Attributes): boolean {
  const part = type === "User" ? "groups" : "members";
  if (without.includes(part)) return false;
  if (only === null) return type === "Group";
  return only.some((name) => name === part || name.startsWith(`${part}.`));
}

async function list(
  { database, directory, base }: Call,
  type: ResourceType,
  asked: ReadonlyMap<string, unknown>,
): Promise<Answer> {
  const query = listQuery(asked);
  const withRelated = wantsRelated(type, query.attributes);
  const page = await listResources(database, directory, type, query, withRelated);
  const { start } = query;
  return {
    status: 200,
    body: {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
      totalResults: page.total,
      ...(start.by === "index" ? { startIndex: start.startIndex } : {}),
      ...(start.by === "cursor" && page.next !== null ? { nextCursor: writeCursor(page.next) } : {}),
      itemsPerPage: page.resources.length,
      Resources: page.resources.map((each) => selected(resourceBody(each, base), query.attributes)),
    },
  };
}

function shown(call: Call, stored: StoredResource, status: number): Answer {
  const body = resourceBody(stored, call.base);
  return {
    status,
    body: selected(body, attributesOf(call.query)),
    headers: {
      etag: etagOf(stored),
      ...(status === 201 ? { location: `${call.base}/${stored.type}s/${stored.id}` } : {}),
    },
  };
}

async function one(call: Call, type: ResourceType, id: string): Promise<Answer> {
  const withRelated = wantsRelated(type, attributesOf(call.query));
  const found = await readResource(call.database, call.directory, type, id, withRelated);
  if (found === null) return notFound();
  // A user's groups change without the user's version.
  const version = type === "User" && withRelated ? null : etagOf(found);
  if (version !== null && isUnchanged(call, version)) return { status: 304, headers: { etag: version } };
  return shown(call, found, 200);
}

/** What was created or changed, as it is now. */
async function changed(
  call: Call,
  type: ResourceType,
  result: OperationResult<{ id: string }>,
  status: number,
): Promise<Answer> {
  if (!result.ok) return refusalAnswer(result.error);
  const withRelated = wantsRelated(type, attributesOf(call.query));
  const found = await readResource(call.database, call.directory, type, result.id, withRelated);
  return found === null ? notFound() : shown(call, found, status);
}

async function create(call: Call, type: ResourceType): Promise<Answer> {
  const body = await call.body();
  const { database, directory } = call;
  const result =
    type === "User"
      ? await createDirectoryUser(database, directory, readUser(body, true))
      : await createDirectoryGroup(database, directory, readGroup(body));
  return changed(call, type, result, 201);
}

async function replace(call: Call, type: ResourceType, id: string): Promise<Answer> {
  const body = await call.body();
  const { database, directory } = call;
  const input = { id, expectedVersion: expectedVersion(call) };
  if (type === "Group") {
    const change = readGroup(body);
    return changed(call, type, await changeDirectoryGroup(database, directory, { ...input, change }), 200);
  }
  // Unreadable input is refused before anything is locked.
  readUser(body, true);
  const result = await changeDirectoryUser(database, directory, {
    ...input,
    change: (before) => ({
      user: readUser(body, before.active),
      tells: { userName: true, active: true },
    }),
  });
  return changed(call, type, result, 200);
}

async function patch(call: Call, type: ResourceType, id: string): Promise<Answer> {
  const operations = patchOperations(await call.body());
  const { database, directory } = call;
  const input = { id, expectedVersion: expectedVersion(call) };
  if (type === "Group") {
    const change = patchGroup(operations);
    const result = await changeDirectoryGroup(database, directory, { ...input, change });
    if (!result.ok) return refusalAnswer(result.error);
    // A group may have many members, and nobody reads them here (RFC 7644, section 3.5.2).
    return call.query.has("attributes") ? changed(call, type, result, 200) : { status: 204 };
  }
  const tells = (path: string) => operations.some(({ target }) => target.path === path);
  const result = await changeDirectoryUser(database, directory, {
    ...input,
    change: (before) => ({
      user: patchUser(before, operations),
      tells: { userName: tells("username"), active: tells("active") },
    }),
  });
  return changed(call, type, result, 200);
}
