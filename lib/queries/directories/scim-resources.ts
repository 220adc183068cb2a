import { z } from "zod";
import type { Cursor, ListQuery } from "@/lib/domain/directories/scim-list";
import type { ResourceType, StoredMember, StoredResource } from "@/lib/domain/directories/scim-resource";
import { directoryNamesShape } from "@/lib/domain/directories/scim-user";
import { isUuid } from "@/lib/domain/text/uuid";
import type { DirectoryCaller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { readOnce } from "@/lib/platform/transaction";
import { filterCondition, sortColumn } from "@/lib/queries/directories/scim-filter-sql";

/**
 * How many members of a group an answer may contain. For a larger group it contains none, since a part
 * would look like all of them.
 */
export const mostMembersShown = 5_000;
/** The longest page with members or groups. */
const largestPageWithRelated = 20;

type Row = Omit<StoredResource, "names" | "members" | "groups"> & {
  readonly names: unknown;
  readonly key?: string;
};

const columns = Prisma.sql`
  p.id, p.type::text, p.display_name AS "displayName", p.email, p.external_id AS "externalId",
  p.directory_names AS names, p.disabled_at IS NULL AS active, p.version, p.created_at AS "createdAt",
  coalesce(p.modified_at, p.created_at) AS "modifiedAt"`;

const owned = (directory: DirectoryCaller, type: ResourceType) =>
  Prisma.sql`p.directory_id = ${directory.directoryId}::uuid AND p.type = ${type}::principal_type`;

function stored(row: Row, related: readonly StoredMember[] | null): StoredResource {
  const { id, type, displayName, email, externalId, active, version, createdAt, modifiedAt } = row;
  const names = directoryNamesShape.parse(row.names);
  return {
    ...{ id, type, displayName, email, externalId, active, version, createdAt, modifiedAt, names },
    members: type === "Group" ? related : null,
    groups: type === "User" ? related : null,
  };
}

/** One user or group of the directory, with its groups or members if requested. Null if there is none with this id. */
export function readResource(
  database: Database,
  directory: DirectoryCaller,
  type: ResourceType,
  id: string,
  withRelated: boolean,
): Promise<StoredResource | null> {
  if (!isUuid(id)) return Promise.resolve(null);
  return readOnce(database, async (transaction) => {
    const [row] = await transaction.$queryRaw<Row[]>`
      SELECT ${columns} FROM principals p WHERE p.id = ${id}::uuid AND ${owned(directory, type)}`;
    if (!row) return null;
    const related = withRelated ? await relatedOf(transaction, directory, type, [id]) : null;
    return stored(row, related?.get(id) ?? null);
  });
}

/** How many groups of a user an answer lists at most. */
const mostGroupsShown = 100;

/** The members of groups, or the groups of users, by their ids. */
function relatedOf(
  transaction: Transaction,
  directory: DirectoryCaller,
  type: ResourceType,
  ids: readonly string[],
): Promise<Map<string, readonly StoredMember[]>> {
  return type === "Group" ? membersOf(transaction, ids) : groupsOf(transaction, directory, ids);
}

/** The groups of each user that belong to the directory. It does not see others. */
async function groupsOf(
  transaction: Transaction,
  directory: DirectoryCaller,
  userIds: readonly string[],
): Promise<Map<string, readonly StoredMember[]>> {
  const rows = await transaction.$queryRaw<(StoredMember & { userId: string })[]>`
    SELECT u.id AS "userId", g.id, 'Group' AS type, g.display_name AS "displayName"
    FROM unnest(${[...userIds]}::uuid[]) AS u (id)
    CROSS JOIN LATERAL (
      SELECT p.id, p.display_name FROM group_members m JOIN principals p ON p.id = m.group_id
      WHERE m.member_id = u.id AND ${owned(directory, "Group")} ORDER BY p.id LIMIT ${mostGroupsShown}) g`;
  const groups = new Map<string, StoredMember[]>(userIds.map((id) => [id, []]));
  for (const { userId, ...group } of rows) groups.get(userId)?.push(group);
  return groups;
}

/** The members of each group, by its id. Groups that have too many for an answer are left out. */
async function membersOf(
  transaction: Transaction,
  groupIds: readonly string[],
): Promise<Map<string, readonly StoredMember[]>> {
  const rows = await transaction.$queryRaw<(StoredMember & { groupId: string })[]>`
    SELECT g.id AS "groupId", m.id, m.type, m.display_name AS "displayName"
    FROM unnest(${[...groupIds]}::uuid[]) AS g (id)
    CROSS JOIN LATERAL (
      SELECT member.id, member.type::text, member.display_name
      FROM group_members of_group JOIN principals member ON member.id = of_group.member_id
      WHERE of_group.group_id = g.id ORDER BY of_group.member_id LIMIT ${mostMembersShown + 1}) m`;
  const members = new Map<string, StoredMember[]>(groupIds.map((id) => [id, []]));
  for (const { groupId, ...member } of rows) members.get(groupId)?.push(member);
  for (const [id, list] of members) if (list.length > mostMembersShown) members.delete(id);
  return members;
}

export interface ResourcePage {
  readonly total: number;
  readonly resources: readonly StoredResource[];
  /** Where the next page begins; null if this is the last one. */
  readonly next: Cursor | null;
}

const count = z.array(z.object({ count: z.coerce.number() })).length(1);

/** A page of the users or groups of the directory that the filter matches. Their number is counted by the database. */
export function listResources(
  database: Database,
  directory: DirectoryCaller,
  type: ResourceType,
  query: ListQuery,
  withRelated: boolean,
): Promise<ResourcePage> {
  const matching = Prisma.sql`${owned(directory, type)}
    AND ${query.filter === null ? Prisma.sql`TRUE` : filterCondition(type, query.filter)}`;
  const key = sortColumn(type, query.sortBy);
  const direction = query.descending ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  const sign = query.descending ? Prisma.sql`<` : Prisma.sql`>`;
  const limit = withRelated ? Math.min(query.count, largestPageWithRelated) : query.count;
  const { start } = query;
  const after = start.by === "cursor" ? start.after : null;
  const beyond =
    after === null
      ? Prisma.sql`TRUE`
      : key === null
        ? Prisma.sql`p.id ${sign} ${after.id}::uuid`
        : Prisma.sql`(${key}, p.id) ${sign} (${after.key}, ${after.id}::uuid)`;
  const offset = start.by === "index" ? start.startIndex - 1 : 0;
  const order =
    key === null ? Prisma.sql`p.id ${direction}` : Prisma.sql`${key} ${direction}, p.id ${direction}`;
  return readOnce(database, async (transaction) => {
    const [total] = count.parse(
      await transaction.$queryRaw`SELECT count(*) AS count FROM principals p WHERE ${matching}`,
    );
    const rows =
      limit === 0
        ? []
        : await transaction.$queryRaw<Row[]>`
            SELECT ${columns}, ${key ?? Prisma.sql`''`} AS key FROM principals p
            WHERE ${matching} AND ${beyond} ORDER BY ${order} LIMIT ${limit + 1} OFFSET ${offset}`;
    const shown = rows.slice(0, limit);
    const ids = shown.map(({ id }) => id);
    const related = withRelated ? await relatedOf(transaction, directory, type, ids) : null;
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      total: total?.count ?? 0,
      resources: shown.map((row) => stored(row, related?.get(row.id) ?? null)),
      next: last === undefined ? null : { key: last.key ?? "", id: last.id },
    };
  });
}
