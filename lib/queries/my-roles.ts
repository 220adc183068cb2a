import { administers, type Permission } from "@/lib/domain/permissions";
import {
  type ActivationRules,
  activationRules,
  defaultRoleSettings,
  type RoleSettings,
  stricterOf,
} from "@/lib/domain/role-settings";
import { permissionsAt, visibleResource } from "@/lib/platform/authority";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { waitsForDecision } from "@/lib/platform/decision-authority";
import type { RoleManagementPolicyModel } from "@/lib/platform/generated/models";
import { settingsOfPolicy } from "@/lib/platform/policy-settings";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

const pageSize = 100;

export interface RoleRow {
  readonly id: string;
  readonly roleName: string;
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly scope: string;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
}

export interface EligibleRow extends RoleRow {
  /** The group through which the caller is eligible; null when directly. */
  readonly groupName: string | null;
  readonly permissions: Permission[];
  readonly activeUntil: Date | null;
  /** Whether the caller starred the role at this very resource. */
  readonly favourite: boolean;
  /** Whether the caller has asked for it and the request waits for approval. */
  readonly waiting: boolean;
}

export interface ActiveRow extends RoleRow {
  readonly assignmentType: "Assigned" | "Activated";
  readonly scheduled: boolean;
  readonly own: boolean;
}

/** What the caller may activate now, themselves or through a group; at most a hundred. */
export function eligibleRoles(database: Database, caller: Caller): Promise<EligibleRow[]> {
  return inTransaction(database, (transaction) => eligibleRows(transaction, caller));
}

function eligibleRows(transaction: Transaction, caller: Caller): Promise<EligibleRow[]> {
  return transaction.$queryRaw<EligibleRow[]>`
    SELECT e.id, d.role_name AS "roleName", d.id AS "roleDefinitionId", d.permissions, r.id AS "resourceId",
      r.display_name AS "resourceName", r.scope, e.starts_at AS "startsAt", e.ends_at AS "endsAt",
      CASE WHEN p.type = 'Group' THEN p.display_name END AS "groupName",
      (SELECT max(a.ends_at) FROM assignments a
        WHERE a.principal_id = ${caller.userId}::uuid AND a.role_definition_id = e.role_definition_id
          AND a.resource_id = e.resource_id AND a.starts_at <= postern_now() AND a.ends_at > postern_now()) AS "activeUntil",
      EXISTS (SELECT FROM favourites f WHERE f.user_id = ${caller.userId}::uuid
        AND f.role_definition_id = e.role_definition_id AND f.resource_id = e.resource_id) AS favourite,
      EXISTS (SELECT FROM requests q WHERE q.principal_id = ${caller.userId}::uuid
        AND q.role_definition_id = e.role_definition_id AND q.resource_id = e.resource_id
        AND q.request_type = 'SelfActivate' AND ${waitsForDecision}) AS waiting
    FROM current_eligibilities(${caller.userId}::uuid, postern_now()) e
    JOIN role_definitions d ON d.id = e.role_definition_id
    JOIN resources r ON r.id = e.resource_id
    JOIN principals p ON p.id = e.principal_id
    ORDER BY lower(d.role_name), lower(r.display_name), e.id LIMIT ${pageSize}`;
}

/** What the caller holds now, and what they have scheduled, with the database's time to count from. */
export function activeRoles(database: Database, caller: Caller): Promise<{ now: Date; rows: ActiveRow[] }> {
  return inTransaction(database, async (transaction) => {
    const rows = await transaction.$queryRaw<ActiveRow[]>`
      SELECT a.id, d.role_name AS "roleName", d.id AS "roleDefinitionId", r.id AS "resourceId",
        r.display_name AS "resourceName", r.scope, a.starts_at AS "startsAt", a.ends_at AS "endsAt",
        a.assignment_type::text AS "assignmentType", a.starts_at > postern_now() AS scheduled,
        a.principal_id = ${caller.userId}::uuid AS own
      FROM (
        SELECT * FROM active_assignments(${caller.userId}::uuid, postern_now())
        UNION ALL
        SELECT * FROM assignments WHERE principal_id = ${caller.userId}::uuid AND starts_at > postern_now()
          AND ends_at > starts_at
      ) a
      JOIN role_definitions d ON d.id = a.role_definition_id
      JOIN resources r ON r.id = a.resource_id
      ORDER BY a.ends_at NULLS LAST, a.id LIMIT ${pageSize}`;
    return { now: await databaseNow(transaction), rows };
  });
}

/** What the caller held or was eligible for, newest end first; at most a hundred. */
export function expiredRoles(database: Database, caller: Caller) {
  return inTransaction(
    database,
    (transaction) =>
      transaction.$queryRaw<(RoleRow & { kind: string })[]>`
      SELECT x.id, x.kind, d.role_name AS "roleName", d.id AS "roleDefinitionId", r.id AS "resourceId",
        r.display_name AS "resourceName", r.scope, x.starts_at AS "startsAt", x.ends_at AS "endsAt"
      FROM (
        SELECT id, 'Eligible' AS kind, role_definition_id, resource_id, starts_at, ends_at FROM eligibilities
        WHERE principal_id = ${caller.userId}::uuid AND ends_at <= postern_now() AND ends_at > starts_at
        UNION ALL
        SELECT id, assignment_type::text, role_definition_id, resource_id, starts_at, ends_at FROM assignments
        WHERE principal_id = ${caller.userId}::uuid AND ends_at <= postern_now() AND ends_at > starts_at
      ) x
      JOIN role_definitions d ON d.id = x.role_definition_id
      JOIN resources r ON r.id = x.resource_id
      ORDER BY x.ends_at DESC, x.id LIMIT ${pageSize}`,
  );
}

/** Eligible roles that would make the caller an active administrator of a resource which they do not administer now. */
export function administratorEligibilities(
  database: Database,
  caller: Caller,
  resourceId: string,
): Promise<EligibleRow[]> {
  return inTransaction(database, async (transaction) => {
    if (administers(await permissionsAt(transaction, caller.userId, resourceId))) return [];
    const [row] = await transaction.$queryRaw<{ above: string[] }[]>`
      SELECT path_ids(path)::text[] AS above FROM resources WHERE id = ${resourceId}::uuid`;
    const above = new Set(row?.above);
    const rows = await eligibleRows(transaction, caller);
    return rows.filter((each) => above.has(each.resourceId) && administers(each.permissions));
  });
}

export interface ActivationChoice {
  readonly id: string;
  readonly displayName: string;
  readonly scope: string;
  readonly settings: ActivationRules;
}

/**
 * The scopes that an eligibility may be activated at (its own first, then the chosen one, then those below that the
 * search finds, by path; at most fifty), each with the settings in force there. Empty when the eligibility is not the
 * caller's.
 */
export function activationChoices(
  database: Database,
  caller: Caller,
  asked: { readonly eligibilityId: string; readonly search: string; readonly chosenId: string },
): Promise<ActivationChoice[]> {
  return inTransaction(database, async (transaction) => {
    const mine = (await eligibleRows(transaction, caller)).find((row) => row.id === asked.eligibilityId);
    if (!mine) return [];
    const pattern = `%${asked.search.replaceAll(/[\\%_]/g, "\\$&")}%`;
    const rows = await transaction.$queryRaw<{ id: string; displayName: string; scope: string }[]>`
      SELECT r.id, r.display_name AS "displayName", r.scope FROM resources r
      JOIN resources top ON top.id = ${mine.resourceId}::uuid
      WHERE r.id = top.id OR (r.path > top.path || '.' AND r.path < top.path || '/'
        AND (r.id = ${asked.chosenId}::uuid OR (r.display_name || ' ' || r.scope) ILIKE ${pattern}))
      ORDER BY r.id = top.id DESC, r.id = ${asked.chosenId}::uuid DESC, r.path LIMIT 50`;
    const policies = await transaction.roleManagementPolicy.findMany({
      where: { roleDefinitionId: mine.roleDefinitionId, resourceId: { in: rows.map((row) => row.id) } },
    });
    const settingsAt = (resourceId: string) =>
      settingsOf(policies.find((each) => each.resourceId === resourceId));
    return rows.map((row) => ({
      ...row,
      settings: activationRules(stricterOf(settingsAt(mine.resourceId), settingsAt(row.id))),
    }));
  });
}

/** The settings that a policy row holds; the built-in default where there is none. */
function settingsOf(policy: RoleManagementPolicyModel | undefined): RoleSettings {
  return policy ? settingsOfPolicy(policy) : defaultRoleSettings;
}

/**
 * The settings in force for each of several activations, in the order asked; null for one that the caller is not
 * eligible for there. At most twenty-five.
 */
export function settingsOfSeveral(
  database: Database,
  caller: Caller,
  items: readonly { readonly eligibilityId: string; readonly resourceId: string }[],
): Promise<(ActivationRules | null)[]> {
  return inTransaction(database, async (transaction) => {
    const asked = items.slice(0, 25);
    const rows = await transaction.$queryRaw<
      { position: bigint; roleDefinitionId: string; ownId: string; resourceId: string }[]
    >`
      SELECT asked.position, e.role_definition_id AS "roleDefinitionId", e.resource_id AS "ownId", r.id AS "resourceId"
      FROM unnest(${asked.map((item) => item.eligibilityId)}::uuid[], ${asked.map((item) => item.resourceId)}::uuid[])
        WITH ORDINALITY AS asked (eligibility_id, resource_id, position)
      JOIN current_eligibilities(${caller.userId}::uuid, postern_now()) e ON e.id = asked.eligibility_id
      JOIN resources r ON r.id = asked.resource_id AND e.resource_id = ANY (path_ids(r.path))`;
    const policies = await transaction.roleManagementPolicy.findMany({
      where: {
        roleDefinitionId: { in: rows.map((row) => row.roleDefinitionId) },
        resourceId: { in: rows.flatMap((row) => [row.ownId, row.resourceId]) },
      },
    });
    const settingsAt = (roleDefinitionId: string, resourceId: string) =>
      settingsOf(
        policies.find((each) => each.roleDefinitionId === roleDefinitionId && each.resourceId === resourceId),
      );
    return asked.map((_item, index) => {
      const row = rows.find((each) => Number(each.position) === index + 1);
      if (!row) return null;
      const { roleDefinitionId, ownId, resourceId } = row;
      return activationRules(
        stricterOf(settingsAt(roleDefinitionId, ownId), settingsAt(roleDefinitionId, resourceId)),
      );
    });
  });
}

/** Whether the caller can answer a step-up. */
export async function hasFactor(database: Database, caller: Caller): Promise<boolean> {
  const where = { userId: caller.userId, removedAt: null, confirmedAt: { not: null } };
  return (await database.client.totpFactor.count({ where })) > 0;
}

/** The resource, if the caller may know of it. */
export function knownResource(database: Database, caller: Caller, resourceId: string) {
  return inTransaction(database, (transaction) => visibleResource(transaction, caller.userId, resourceId));
}
