import { type Action, anyAllows, type Permission } from "@/lib/domain/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** Somebody who can be told of something. */
export interface Person {
  readonly id: string;
  readonly email: string | null;
  /** What they do not want by mail. */
  readonly mutedCategories: readonly string[];
}

const columns = Prisma.sql`
  p.id, p.email, coalesce(n.muted_categories, '{}') AS "mutedCategories"`;

/** The people behind each of the principals: themselves, or whoever belongs to the group. Nobody who is disabled. */
export async function peopleBehind(
  transaction: Transaction,
  principalIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Person[]>> {
  const rows = await transaction.$queryRaw<(Person & { principalId: string })[]>`
    SELECT g.id AS "principalId", ${columns}
    FROM (SELECT DISTINCT unnest(${[...principalIds]}::uuid[]) AS id) g, users_behind(ARRAY[g.id]) AS person (id)
    JOIN principals p ON p.id = person.id
    LEFT JOIN notification_preferences n ON n.user_id = p.id
    ORDER BY p.id`;
  const found = new Map<string, Person[]>();
  for (const { principalId, ...person } of rows)
    found.set(principalId, [...(found.get(principalId) ?? []), person]);
  return found;
}

/** The people who may do something at a resource at this moment: their own roles, their groups', and those above. */
export async function peopleWhoMay(
  transaction: Transaction,
  operation: Action,
  resourceId: string,
): Promise<Person[]> {
  const rows = await transaction.$queryRaw<(Person & { permissions: Permission[] })[]>`
    WITH here AS (SELECT path_ids(path) AS ids FROM resources WHERE id = ${resourceId}::uuid),
    candidates AS (
      SELECT DISTINCT person.id FROM here JOIN assignments a ON a.resource_id = ANY (here.ids)
        AND a.starts_at <= postern_now() AND (a.ends_at IS NULL OR a.ends_at > postern_now()),
        users_behind(ARRAY[a.principal_id]) AS person (id)
    )
    SELECT DISTINCT ON (p.id, d.id) ${columns}, d.permissions
    FROM candidates c CROSS JOIN here
    JOIN LATERAL active_assignments(c.id, postern_now()) a ON a.resource_id = ANY (here.ids)
    JOIN role_definitions d ON d.id = a.role_definition_id
    JOIN principals p ON p.id = c.id
    LEFT JOIN notification_preferences n ON n.user_id = p.id
    ORDER BY p.id, d.id`;
  const found = new Map<string, Person>();
  for (const { permissions, ...person } of rows)
    if (anyAllows(permissions, operation)) found.set(person.id, person);
  return [...found.values()];
}
