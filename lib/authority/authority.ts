import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import { type Action, anyAllows, type Permission } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { type Alias, rowOf } from "@/lib/platform/sql/alias";

/** What somebody may do at resources: now, or until the commit. */
export type PermissionsAt = (
  resourceIds: readonly string[],
) => Promise<ReadonlyMap<string, readonly Permission[]>>;

/** A resource as authority decisions and the log need it. */
export interface ResourceFacts {
  readonly id: string;
  readonly parentId: string | null;
  readonly scope: string;
  readonly path: string;
  readonly displayName: string;
  readonly resourceType: string;
}

/**
 * The permissions that a principal has at a resource now: directly, through groups, and inherited from above
 * (docs/rules.md, rule 8). Empty for an unknown resource.
 */
export async function permissionsAt(
  transaction: Transaction,
  principalId: string,
  resourceId: string,
): Promise<Permission[]> {
  const rows = await transaction.$queryRaw<{ permissions: StoredPermissions }[]>`
    SELECT d.permissions
    FROM resources r
    JOIN active_assignments(${principalId}::uuid, postern_now()) a ON a.resource_id = ANY (path_ids(r.path))
    JOIN role_definitions d ON d.id = a.role_definition_id
    WHERE r.id = ${resourceId}::uuid`;
  return rows.flatMap((row) => permissionsOf(row.permissions));
}

/** Whether a principal may do something at a resource now. */
export async function may(
  transaction: Transaction,
  principalId: string,
  operation: Action,
  resourceId: string,
): Promise<boolean> {
  return anyAllows(await permissionsAt(transaction, principalId, resourceId), operation);
}

/**
 * The resource, if the principal may know of it: they have a role, or may activate one, there, above it
 * or below it. Otherwise null, and the same for an unknown id, so that the two cannot be told apart.
 */
export async function visibleResource(
  transaction: Transaction,
  principalId: string,
  resourceId: string,
): Promise<ResourceFacts | null> {
  const [row] = await transaction.$queryRaw<ResourceFacts[]>`
    SELECT r.id, r.parent_id AS "parentId", r.scope, r.path, r.display_name AS "displayName",
      r.resource_type AS "resourceType"
    FROM resources r WHERE r.id = ${resourceId}::uuid AND ${knownTo("r", principalId)}`;
  return row ?? null;
}

/** The condition of `visibleResource` on a resource of a query. */
export function knownTo(resource: Alias, principalId: string): Prisma.Sql {
  const r = rowOf(resource);
  return Prisma.sql`EXISTS (
    SELECT FROM (
      SELECT resource_id FROM active_assignments(${principalId}::uuid, postern_now())
      UNION
      SELECT resource_id FROM current_eligibilities(${principalId}::uuid, postern_now())) reached
    JOIN resources at ON at.id = reached.resource_id
    WHERE at.id = ANY (path_ids(${r}.path)) OR ${r}.id = ANY (path_ids(at.path)))`;
}

/**
 * Whether a role of a query can be assigned at a resource, above it or below it. Anyone who asks about
 * the resource gets "unknown" for any other role. Built-in roles can be assigned everywhere.
 */
export function roleKnownAt(role: Alias, resourceId: string): Prisma.Sql {
  const d = rowOf(role);
  return Prisma.sql`('/' = ANY (${d}.assignable_scopes) OR EXISTS (
    SELECT FROM resources here
    JOIN resources own ON lower(own.scope) IN (SELECT lower(each) FROM unnest(${d}.assignable_scopes) AS each)
    WHERE here.id = ${resourceId}::uuid AND (own.id = ANY (path_ids(here.path)) OR here.id = ANY (path_ids(own.path)))))`;
}

/**
 * The permissions that a principal has at each of several resources now. Unknown resources are left out. With a
 * moment, the roles that they had activated at that moment count too, as long as the eligibility still allows it.
 */
export async function permissionsAtEach(
  transaction: Transaction,
  principalId: string,
  resourceIds: readonly string[],
  activatedAt: Date | null = null,
): Promise<Map<string, Permission[]>> {
  const activated =
    activatedAt === null
      ? Prisma.empty
      : Prisma.sql`UNION ALL SELECT v.role_definition_id, v.resource_id
          FROM current_eligibilities(${principalId}::uuid, postern_now()) e
          JOIN assignments v ON v.eligibility_id = e.id AND v.principal_id = ${principalId}::uuid
            AND v.starts_at <= ${activatedAt} AND v.ends_at > ${activatedAt}
          JOIN resources o ON o.id = v.resource_id AND e.resource_id = ANY (path_ids(o.path))`;
  const rows = await transaction.$queryRaw<{ id: string; permissions: StoredPermissions }[]>`
    SELECT r.id, d.permissions
    FROM resources r
    JOIN (
      SELECT h.role_definition_id, h.resource_id FROM active_assignments(${principalId}::uuid, postern_now()) h
      ${activated}) a ON a.resource_id = ANY (path_ids(r.path))
    JOIN role_definitions d ON d.id = a.role_definition_id
    WHERE r.id = ANY (${[...resourceIds]}::uuid[])`;
  const held = new Map<string, Permission[]>();
  for (const row of rows) held.set(row.id, [...(held.get(row.id) ?? []), ...permissionsOf(row.permissions)]);
  return held;
}

/** The root of the scope tree. */
export async function rootResource(transaction: Transaction): Promise<ResourceFacts> {
  const [row] = await transaction.$queryRaw<ResourceFacts[]>`
    SELECT id, parent_id AS "parentId", scope, path, display_name AS "displayName", resource_type AS "resourceType"
    FROM resources WHERE lower(scope) = '/'`;
  if (!row) throw new Error("there is no root resource");
  return row;
}

/** A role that a principal holds now, with the paths of the resources at which they hold it. */
export interface HeldRole {
  readonly permissions: StoredPermissions;
  readonly paths: readonly string[];
}

/** The roles that a principal holds now, at any resource. */
export function heldRoles(transaction: Transaction, principalId: string): Promise<HeldRole[]> {
  return transaction.$queryRaw<HeldRole[]>`
    SELECT ${planOnce} d.permissions, array_agg(DISTINCT r.path) AS paths
    FROM active_assignments(${principalId}::uuid, postern_now()) a
    JOIN resources r ON r.id = a.resource_id JOIN role_definitions d ON d.id = a.role_definition_id
    GROUP BY d.id`;
}

/**
 * The paths of the resources at which roles allow something. Each stands for itself and everything
 * below it, so a path below another one is left out.
 */
export function pathsOf(roles: readonly HeldRole[], operation: Action): string[] {
  const paths = new Set(
    roles
      .filter(({ permissions }) => anyAllows(permissionsOf(permissions), operation))
      .flatMap((role) => role.paths),
  );
  const above = (path: string) => {
    const ids = path.split(".");
    return ids.slice(1).map((_, index) => ids.slice(0, index + 1).join("."));
  };
  return [...paths].filter((path) => !above(path).some((each) => paths.has(each))).sort();
}

/** The paths of the resources at which a principal may do something now, in the form of `pathsOf`. */
export async function pathsAllowing(
  transaction: Transaction,
  principalId: string,
  operation: Action,
): Promise<string[]> {
  return pathsOf(await heldRoles(transaction, principalId), operation);
}
