import { knownTo, type ResourceFacts, rootResource, visibleResource } from "@/lib/authority/authority";
import { mayUntilCommit, permissionsUntilCommit } from "@/lib/authority/rights-until-commit";
import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import { firstPermissionNotHeld } from "@/lib/domain/gate/held-permissions";
import type { RoleAccess } from "@/lib/domain/gate/privileges";
import { normalisedScope } from "@/lib/domain/resources/scope";
import { type Action, action, anyAllows, type Permission } from "@/lib/domain/roles/permissions";
import { type RoleDefinitionFields, roleDefinitionFaults } from "@/lib/domain/roles/role-definition";
import { nameFault, normalisedName } from "@/lib/domain/text/names";
import { isolated } from "@/lib/domain/text/visible-text";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { lockRoleName, roleNameTaken, skeletonOf } from "@/lib/operations/roles/role-names";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { lowered } from "@/lib/platform/sql/lowered";

type Entry = Omit<AuditEntry, "outcome">;

/** A custom role, locked against being assigned, activated, edited and deleted. */
export interface LockedRoleDefinition {
  readonly id: string;
  readonly roleName: string;
  readonly description: string;
  readonly permissions: Permission[];
  readonly assignableScopes: string[];
  readonly version: number;
}

/**
 * Locks a custom role. Refuses a built-in one, and one that is unknown, deleted, or not assignable at any resource
 * that the caller knows of. If all its resources are retired, callers who may read roles at the root know it.
 */
export async function lockRoleDefinition(
  transaction: Transaction,
  caller: Actor,
  id: string,
  entry: Entry,
): Promise<LockedRoleDefinition> {
  const [row] = await transaction.$queryRaw<
    (Omit<LockedRoleDefinition, "permissions"> & { permissions: StoredPermissions; roleType: string })[]
  >`
    SELECT id, role_name AS "roleName", description, permissions, assignable_scopes AS "assignableScopes", version,
      role_type::text AS "roleType"
    FROM role_definitions WHERE id = ${id}::uuid AND deleted_at IS NULL FOR UPDATE`;
  if (!row) throw new Refusal(notFound, entry);
  if (row.roleType === "BuiltInRole") {
    const message = `${isolated(row.roleName)} is built in and cannot be changed. Clone it instead.`;
    throw new Refusal({ code: "Conflict", message }, entry);
  }
  const [known] = await transaction.$queryRaw<object[]>`
    SELECT FROM resources r WHERE lower(r.scope) = ANY (${lowered(row.assignableScopes)})
      AND ${knownTo("r", caller.userId)} LIMIT 1`;
  const nowhere = known ? false : await isAssignableNowhere(transaction, row.assignableScopes);
  const mayKnow = nowhere && (await mayReadAtRoot(transaction, caller));
  if (!known && !mayKnow) throw new Refusal(notFound, entry);
  return { ...row, permissions: permissionsOf(row.permissions) };
}

async function isAssignableNowhere(transaction: Transaction, scopes: readonly string[]): Promise<boolean> {
  const rows = await transaction.$queryRaw<object[]>`
    SELECT FROM resources WHERE lower(scope) = ANY (${lowered(scopes)}) LIMIT 1`;
  return rows.length === 0;
}

async function mayReadAtRoot(transaction: Transaction, caller: Actor): Promise<boolean> {
  const root = await rootResource(transaction);
  return mayUntilCommit(transaction, caller.userId, action.readRoleDefinitions, root.id);
}

/**
 * Refuses invalid fields, and a name that another role has or that looks like one. They are reported
 * together with the faults that the verb itself found.
 */
export async function refuseFaults(
  transaction: Transaction,
  fields: RoleDefinitionFields,
  before: Pick<LockedRoleDefinition, "id" | "roleName"> | null,
  entry: Entry,
  found: readonly { readonly field: string; readonly message: string }[] = [],
): Promise<void> {
  const faults = [...roleDefinitionFaults(fields), ...found];
  if (before?.roleName !== fields.roleName && !faults.some(({ field }) => field === "roleName")) {
    const skeleton = await skeletonOf(transaction, fields.roleName);
    await lockRoleName(transaction, fields.roleName, skeleton);
    const message = await roleNameTaken(transaction, fields.roleName, skeleton, before?.id ?? null);
    if (message !== null) faults.push({ field: "roleName", message });
  }
  if (faults.length > 0) throw new Refusal({ code: "InvalidInput", faults }, entry);
}

/** A definition as it is stored. A faulty name is left unchanged, so that it is reported. */
export function normalDefinition(fields: RoleDefinitionFields): RoleDefinitionFields {
  return {
    ...fields,
    roleName: nameFault(fields.roleName) === null ? normalisedName(fields.roleName) : fields.roleName,
    description: fields.description.normalize("NFC").trim(),
    assignableScopes: [...new Set(fields.assignableScopes.map(normalisedScope))],
  };
}

/**
 * The resources of assignable scopes, if the caller may do the operation at each of them, as Azure
 * requires. An unknown scope and one that the caller may not know of get the same answer.
 */
export async function requireAtScopes(
  transaction: Transaction,
  caller: Actor,
  operation: Action,
  scopes: readonly string[],
  entry: Entry,
): Promise<ResourceFacts[]> {
  const found = await transaction.$queryRaw<ResourceFacts[]>`
    SELECT id, parent_id AS "parentId", scope, path, display_name AS "displayName", resource_type AS "resourceType"
    FROM resources WHERE lower(scope) = ANY (${lowered(scopes)}) ORDER BY path`;
  const unknown = (scope: string) =>
    new Refusal(
      {
        code: "InvalidInput",
        faults: [
          { field: "assignableScopes", message: `Resource ${scope} does not exist, or you may not see it.` },
        ],
      },
      entry,
    );
  const known = new Set(found.map((each) => each.scope.toLowerCase()));
  const missing = scopes.find((scope) => !known.has(scope.toLowerCase()));
  if (missing !== undefined) throw unknown(missing.toLowerCase());
  const ids = found.map((each) => each.id);
  const held = await permissionsUntilCommit(transaction, caller.userId, ids);
  const forbidden = found.find((each) => !anyAllows(held.get(each.id) ?? [], operation));
  if (!forbidden) return found;
  if ((await visibleResource(transaction, caller.userId, forbidden.id)) === null) {
    throw unknown(forbidden.scope.toLowerCase());
  }
  throw new Refusal(
    {
      code: "AuthorizationFailed",
      message: `You do not have authorization to perform ${operation} over ${forbidden.scope}.`,
    },
    { ...entry, details: { ...entry.details, missingPermission: operation } },
  );
}

/** The scopes that an edit adds and that are not below a scope which was assignable already. */
export function addedScopes(
  assignable: readonly ResourceFacts[],
  before: readonly ResourceFacts[],
): ResourceFacts[] {
  return assignable.filter(
    ({ path }) => !before.some((outer) => path === outer.path || path.startsWith(`${outer.path}.`)),
  );
}

/**
 * Refuses a role that allows what its author does not hold now at all its assignable scopes. An edit is
 * judged by what it adds. At a new scope that is the whole role.
 */
export async function refuseMoreThanHeld(
  transaction: Transaction,
  caller: Actor,
  permissions: readonly Permission[],
  assignable: readonly ResourceFacts[],
  before: { readonly permissions: readonly Permission[]; readonly assignable: readonly ResourceFacts[] },
  entry: Entry,
): Promise<void> {
  const ids = assignable.map((each) => each.id);
  const held = await permissionsUntilCommit(transaction, caller.userId, ids);
  const added = new Set(addedScopes(assignable, before.assignable));
  for (const resource of assignable) {
    const had = added.has(resource) ? [] : before.permissions;
    const missing = firstPermissionNotHeld(held.get(resource.id) ?? [], had, permissions);
    if (missing === null) continue;
    const message = `You cannot add “${missing}” at ${resource.scope} to a role, because you do not hold it there yourself.`;
    throw new Refusal(
      { code: "AuthorizationFailed", message },
      { ...entry, details: { ...entry.details, missingPermission: missing } },
    );
  }
}

/** One principal's access by a role. */
export interface RoleUse extends RoleAccess {
  readonly principalName: string;
  readonly path: string;
}

/** Who has a role or may activate it, now or later, at any resource. */
export function usesOfRole(transaction: Transaction, roleDefinitionId: string): Promise<RoleUse[]> {
  return transaction.$queryRaw<RoleUse[]>`
    SELECT x."assignmentType", x.role_definition_id AS "roleDefinitionId", d.role_name AS "roleName",
      d.writes_authorization AS "writesAuthorization", r.id AS "resourceId", r.display_name AS "resourceName", r.scope,
      r.path, p.display_name AS "principalName"
    FROM (
      SELECT 'Active' AS "assignmentType", principal_id, role_definition_id, resource_id, starts_at, ends_at
      FROM assignments WHERE assignment_type = 'Assigned'
      UNION ALL
      SELECT 'Eligible', principal_id, role_definition_id, resource_id, starts_at, ends_at FROM eligibilities
    ) x
    JOIN role_definitions d ON d.id = x.role_definition_id
    JOIN resources r ON r.id = x.resource_id
    JOIN principals p ON p.id = x.principal_id
    WHERE x.role_definition_id = ${roleDefinitionId}::uuid
      AND (x.ends_at IS NULL OR (x.ends_at > postern_now() AND x.ends_at > x.starts_at))
    ORDER BY r.scope, lower(p.display_name)`;
}

/** Whether a request to extend or renew a role waits: its approval grants the role as it is then. */
export async function isMoreTimeAsked(transaction: Transaction, roleDefinitionId: string): Promise<boolean> {
  const waiting = await transaction.request.findFirst({
    where: {
      roleDefinitionId,
      status: "PendingApproval",
      requestType: { in: ["SelfExtend", "SelfRenew"] },
      durationMinutes: null,
    },
    select: { id: true },
  });
  return waiting !== null;
}

/** What uses a role, in words. The first five are named. */
export function usesInWords(uses: readonly RoleUse[]): string {
  const named = uses
    .slice(0, 5)
    .map((use) => `${isolated(use.principalName)} (${use.assignmentType.toLowerCase()}) at ${use.scope}`);
  const more = uses.length - named.length;
  return `${named.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

/** A role as the log stores it. */
export function definitionForLog(role: {
  readonly roleName: string;
  readonly description: string;
  readonly permissions: readonly Permission[];
  readonly assignableScopes: readonly string[];
}) {
  return {
    roleName: role.roleName,
    description: role.description,
    actions: role.permissions.flatMap((permission) => permission.actions),
    notActions: role.permissions.flatMap((permission) => permission.notActions),
    dataActions: role.permissions.flatMap((permission) => permission.dataActions),
    notDataActions: role.permissions.flatMap((permission) => permission.notDataActions),
    assignableScopes: [...role.assignableScopes],
  };
}
