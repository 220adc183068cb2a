import { inEffect, rolesHeldAt } from "@/lib/authority/roles-held-at";
import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import type { RoleToActivate } from "@/lib/domain/notifications/activate-first";
import { type Action, anyAllows, type Permission } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** Somebody who can be notified. */
export interface Person {
  readonly id: string;
  readonly email: string | null;
  /** The categories for which they opted out of mail. */
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

/** The people of all of these principals, each once. */
export async function everybodyIn(
  transaction: Transaction,
  ids: readonly (string | null)[],
): Promise<readonly Person[]> {
  const people = await peopleIn(
    transaction,
    ids.filter((id) => id !== null),
  );
  const once = new Map([...people.values()].flat().map((person) => [person.id, person]));
  return [...once.values()];
}

/** Somebody who may do something after activating this role. */
export interface EligiblePerson extends Person {
  readonly activateFirst: RoleToActivate;
}

/**
 * How many of the people who could activate a role are notified of one thing. Those who are eligible
 * nearest to it come first.
 */
export const mostEligible = 200;

/**
 * The people who may do all of this at a resource now, by roles of their own or of their groups, there
 * or above.
 */
export async function peopleWhoMay(
  transaction: Transaction,
  operations: readonly Action[],
  resourceId: string,
): Promise<Person[]> {
  const roles = await rolesHeldAt(transaction, Prisma.sql`assignments`, resourceId, (allows) =>
    operations.some(allows),
  );
  const rows = await transaction.$queryRaw<(Person & { permissions: StoredPermissions })[]>`
    WITH here AS (SELECT path_ids(path) AS ids FROM resources WHERE id = ${resourceId}::uuid),
    candidates AS (
      SELECT DISTINCT person.id FROM here JOIN assignments a ON a.resource_id = ANY (here.ids)
        AND a.role_definition_id = ANY (${roles}::uuid[]) AND ${inEffect},
        users_in(ARRAY[a.principal_id]) AS person (id)
    )
    SELECT DISTINCT ON (p.id, d.id) ${columns}, d.permissions
    FROM candidates c CROSS JOIN here
    JOIN LATERAL active_assignments(c.id, postern_now()) a ON a.resource_id = ANY (here.ids)
    JOIN role_definitions d ON d.id = a.role_definition_id
    JOIN principals p ON p.id = c.id
    LEFT JOIN notification_preferences n ON n.user_id = p.id
    ORDER BY p.id, d.id`;
  const found = new Map<string, { person: Person; permissions: Permission[] }>();
  for (const { permissions, ...person } of rows) {
    const before = found.get(person.id)?.permissions ?? [];
    found.set(person.id, { person, permissions: [...before, ...permissionsOf(permissions)] });
  }
  return [...found.values()]
    .filter(({ permissions }) => operations.every((operation) => anyAllows(permissions, operation)))
    .map(({ person }) => person);
}

/**
 * The people who could do all of it after activating one role that they are eligible for now, with the one of those
 * roles that is nearest to the resource. At most `mostEligible`; of a group, no more are examined.
 */
export async function peopleWhoMayByActivating(
  transaction: Transaction,
  operations: readonly Action[],
  resourceId: string,
): Promise<EligiblePerson[]> {
  const roles = await rolesHeldAt(transaction, Prisma.sql`eligibilities`, resourceId, (allows) =>
    operations.every(allows),
  );
  if (roles.length === 0) return [];
  const rows = await transaction.$queryRaw<(Person & RoleToActivate)[]>`
    SELECT * FROM (
      SELECT DISTINCT ON (p.id) ${columns}, e.id AS "eligibilityId", d.role_name AS "roleName", r.id AS "resourceId",
        r.display_name AS "resourceName", level.depth
      FROM resources h CROSS JOIN LATERAL unnest(path_ids(h.path)) WITH ORDINALITY AS level (id, depth)
      CROSS JOIN LATERAL (
        SELECT a.* FROM eligibilities a
        WHERE a.resource_id = level.id AND a.role_definition_id = ANY (${roles}::uuid[]) AND ${inEffect}
        ORDER BY a.id LIMIT ${mostEligible}) e
      CROSS JOIN LATERAL (SELECT id FROM users_in(ARRAY[e.principal_id]) AS named (id) LIMIT ${mostEligible}) person
      JOIN principals p ON p.id = person.id
      JOIN role_definitions d ON d.id = e.role_definition_id
      JOIN resources r ON r.id = e.resource_id
      LEFT JOIN notification_preferences n ON n.user_id = p.id
      WHERE h.id = ${resourceId}::uuid
      ORDER BY p.id, level.depth DESC, e.id) each
    ORDER BY each.depth DESC, each.id LIMIT ${mostEligible}`;
  return rows.map(
    ({ id, email, mutedCategories, eligibilityId, roleName, resourceId: at, resourceName }) => ({
      ...{ id, email, mutedCategories },
      activateFirst: { eligibilityId, roleName, resourceId: at, resourceName },
    }),
  );
}
