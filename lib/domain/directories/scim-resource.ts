import type { Attributes } from "@/lib/domain/directories/scim-list";
import { type DirectoryNames, displayNameOf, spelledAddress } from "@/lib/domain/directories/scim-user";

export const schemaIds = {
  User: "urn:ietf:params:scim:schemas:core:2.0:User",
  Group: "urn:ietf:params:scim:schemas:core:2.0:Group",
} as const;
export type ResourceType = keyof typeof schemaIds;

/** A user or group of a directory, as it is stored. */
export interface StoredResource {
  readonly id: string;
  readonly type: ResourceType;
  readonly displayName: string;
  readonly email: string | null;
  readonly externalId: string | null;
  readonly names: DirectoryNames;
  readonly active: boolean;
  readonly version: number;
  readonly createdAt: Date;
  readonly modifiedAt: Date;
  /** A group's members; null if they were not requested, or are too many for one answer. */
  readonly members: readonly StoredMember[] | null;
  /** The groups of the directory that a user is in directly; null if they were not requested. */
  readonly groups: readonly StoredMember[] | null;
}

export interface StoredMember {
  readonly id: string;
  readonly type: string;
  readonly displayName: string;
}

/** The version of a resource as an ETag. It is weak, since attributes of an answer may be left out. */
export function etagOf({ version }: Pick<StoredResource, "version">): string {
  return `W/"${version}"`;
}

const without = <Value>(value: Value | null | undefined, name: string) =>
  value === null || value === undefined || value === "" ? {} : { [name]: value };

/** A user or group as SCIM shows it (RFC 7643), at the address of the service. */
export function resourceBody(stored: StoredResource, base: string): Record<string, unknown> {
  const { id, type, externalId } = stored;
  const common = { schemas: [schemaIds[type]], id, ...without(externalId, "externalId") };
  const meta = {
    resourceType: type,
    created: stored.createdAt.toISOString(),
    lastModified: stored.modifiedAt.toISOString(),
    version: etagOf(stored),
    location: `${base}/${type}s/${id}`,
  };
  if (type === "Group") {
    const members = stored.members?.map((member) => ({
      value: member.id,
      $ref: `${base}/${member.type}s/${member.id}`,
      display: member.displayName,
      type: member.type,
    }));
    return { ...common, displayName: stored.displayName, ...without(members, "members"), meta };
  }
  const userName = spelledAddress(stored.names, stored.email);
  const groups = stored.groups?.map((group) => ({
    value: group.id,
    $ref: `${base}/Groups/${group.id}`,
    display: group.displayName,
    type: "direct",
  }));
  const { givenName, familyName } = stored.names;
  const formatted = stored.names.formatted ?? displayNameOf({ names: stored.names, userName });
  return {
    ...common,
    userName,
    displayName: stored.displayName,
    name: { formatted, ...without(givenName, "givenName"), ...without(familyName, "familyName") },
    active: stored.active,
    emails: [{ value: userName, type: "work", primary: true }],
    ...without(groups, "groups"),
    meta,
  };
}

/** What every answer contains, whatever is requested. */
const always = new Set(["id", "schemas"]);

/** The requested attributes of a resource. */
export function selected(body: Record<string, unknown>, { only, without: left }: Attributes) {
  const isAsked = (path: string) =>
    always.has(path) ||
    (only === null
      ? !left.includes(path)
      : only.some((name) => name === path || path.startsWith(`${name}.`) || name.startsWith(`${path}.`)));
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => {
      const path = name.toLowerCase();
      if (!isAsked(path)) return [];
      const part = (each: unknown): unknown =>
        typeof each !== "object" || each === null || Array.isArray(each)
          ? each
          : Object.fromEntries(
              Object.entries(each).filter(([sub]) => isAsked(`${path}.${sub.toLowerCase()}`)),
            );
      return [[name, Array.isArray(value) ? value.map(part) : part(value)]];
    }),
  );
}
