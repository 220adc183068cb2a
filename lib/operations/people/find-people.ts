import { type Action, anyAllows, type Permission } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** Somebody who can be notified. */
export interface Person {
  readonly id: string;
  readonly email: string | null;
  /** The categories that they do not want by mail. */
  readonly mutedCategories: readonly string[];
}

const columns = Prisma.sql`
  p.id, p.email, coalesce(n.muted_categories, '{}') AS "mutedCategories"`;

/** The people of each principal: the user, or the group's members at any depth. Disabled ones are left out. */
export async function peopleIn(
  transaction: Transaction,
  principalIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Person[]>> {
  const rows = await transaction.$queryRaw<(Person & { principalId: string })[]>`
    SELECT g.id AS "principalId", ${columns}
    FROM (SELECT DISTINCT unnest(${[...principalIds]}::uuid[]) AS id) g, users_in(ARRAY[g.id]) AS person (id)
    JOIN principals p ON p.id = person.id
    LEFT JOIN notification_preferences n ON n.user_id = p.id
    ORDER BY p.id`;
  const found = new Map<string, Person[]>();
  for (const { principalId, ...person } of rows)
    found.set(principalId, [...(found.get(principalId) ?? []), person]);
  return found;
}

/** The people who may do all of this at a resource now, by roles of their own or of their groups, there or above. */
export function peopleWhoMay(
  transaction: Transaction,
  operations: readonly Action[],
  resourceId: string,
): Promise<Person[]> {
  return peopleWith(transaction, operations, resourceId, {
    held: Prisma.sql`assignments`,
    rolesOf: Prisma.sql`active_assignments`,
  });
}

/** The people who could do all of it by activating roles that they are eligible for now. */
export function peopleWhoMayByActivating(
  transaction: Transaction,
  operations: readonly Action[],
  resourceId: string,
): Promise<Person[]> {
  return peopleWith(transaction, operations, resourceId, {
    held: Prisma.sql`eligibilities`,
    rolesOf: Prisma.sql`current_eligibilities`,
  });
}

async function peopleWith(
  transaction: Transaction,
  operations: readonly Action[],
  resourceId: string,
  by: { readonly held: Prisma.Sql; readonly rolesOf: Prisma.Sql },
): Promise<Person[]> {
  const rows = await transaction.$queryRaw<(Person & { permissions: Permission[] })[]>`
    WITH here AS (SELECT path_ids(path) AS ids FROM resources WHERE id = ${resourceId}::uuid),
    candidates AS (
      SELECT DISTINCT person.id FROM here JOIN ${by.held} a ON a.resource_id = ANY (here.ids)
        AND a.starts_at <= postern_now() AND (a.ends_at IS NULL OR a.ends_at > postern_now()),
        users_in(ARRAY[a.principal_id]) AS person (id)
    )
    SELECT DISTINCT ON (p.id, d.id) ${columns}, d.permissions
    FROM candidates c CROSS JOIN here
    JOIN LATERAL ${by.rolesOf}(c.id, postern_now()) a ON a.resource_id = ANY (here.ids)
    JOIN role_definitions d ON d.id = a.role_definition_id
    JOIN principals p ON p.id = c.id
    LEFT JOIN notification_preferences n ON n.user_id = p.id
    ORDER BY p.id, d.id`;
  const found = new Map<string, { person: Person; permissions: Permission[] }>();
  for (const { permissions, ...person } of rows) {
    const before = found.get(person.id)?.permissions ?? [];
    found.set(person.id, { person, permissions: [...before, ...permissions] });
  }
  return [...found.values()]
    .filter(({ permissions }) => operations.every((operation) => anyAllows(permissions, operation)))
    .map(({ person }) => person);
}
