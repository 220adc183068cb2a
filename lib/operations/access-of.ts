import { type Action, action, anyAllows, type Permission } from "@/lib/domain/permissions";
import { Refusal } from "@/lib/operations/refusal";
import { permissionToGive } from "@/lib/operations/right-to-give";
import type { AuditEntry } from "@/lib/platform/audit-log";
import { permissionsAtEach } from "@/lib/platform/authority";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** A role that principals hold directly or may activate, at one resource, now or later. */
export interface RoleAccess {
  readonly assignmentType: "Eligible" | "Active";
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly scope: string;
}

/** A say over the activations of a role at one resource: its settings, or a request that waits, name the principal. */
export interface ApproverSay extends Omit<RoleAccess, "assignmentType"> {
  readonly assignmentType: "Approver";
}

/** Power with who has it directly. */
export type HeldPower = (RoleAccess | ApproverSay) & { readonly holderId: string };

const above = (principalIds: readonly string[]) =>
  Prisma.sql`SELECT principals_and_groups_above(${[...principalIds]}::uuid[]) AS id`;

function rolesOf(
  transaction: Transaction,
  holders: Prisma.Sql,
): Promise<(RoleAccess & { readonly holderId: string })[]> {
  return transaction.$queryRaw`
    WITH holders AS MATERIALIZED (${holders})
    SELECT DISTINCT x."assignmentType", x.role_definition_id AS "roleDefinitionId", d.role_name AS "roleName",
      r.id AS "resourceId", r.display_name AS "resourceName", r.scope, x.principal_id AS "holderId"
    FROM (
      SELECT 'Active' AS "assignmentType", principal_id, role_definition_id, resource_id, starts_at, ends_at
      FROM assignments WHERE assignment_type = 'Assigned'
      UNION ALL
      SELECT 'Eligible', principal_id, role_definition_id, resource_id, starts_at, ends_at FROM eligibilities
    ) x
    JOIN role_definitions d ON d.id = x.role_definition_id
    JOIN resources r ON r.id = x.resource_id
    WHERE x.principal_id IN (SELECT id FROM holders)
      AND (x.ends_at IS NULL OR (x.ends_at > postern_now() AND x.ends_at > x.starts_at))
    ORDER BY r.scope, "roleName", "assignmentType"`;
}

function saysOf(
  transaction: Transaction,
  holders: Prisma.Sql,
): Promise<(ApproverSay & { readonly holderId: string })[]> {
  return transaction.$queryRaw`
    WITH holders AS MATERIALIZED (${holders})
    SELECT DISTINCT 'Approver' AS "assignmentType", d.id AS "roleDefinitionId", d.role_name AS "roleName",
      r.id AS "resourceId", r.display_name AS "resourceName", r.scope, named.id AS "holderId"
    FROM (
      SELECT p.role_definition_id, p.resource_id, p.approval_stages AS stages FROM role_management_policies p
      WHERE p.approval_required
      UNION ALL
      SELECT q.role_definition_id, q.resource_id, a.stages FROM request_approvals a
        JOIN requests q ON q.id = a.request_id AND q.status = 'PendingApproval'
      WHERE a.closed_at IS NULL AND a.expires_at > postern_now()
    ) x
    CROSS JOIN LATERAL (
      SELECT jsonb_array_elements_text(
        coalesce(stage -> 'approverIds', '[]') || coalesce(stage -> 'escalationApproverIds', '[]')) AS id
      FROM jsonb_array_elements(x.stages) AS stage) named
    JOIN role_definitions d ON d.id = x.role_definition_id
    JOIN resources r ON r.id = x.resource_id
    WHERE named.id IN (SELECT id::text FROM holders)
    ORDER BY r.scope, "roleName"`;
}

/** The same power once, however many hold it. */
export function distinctPower<Power extends RoleAccess | ApproverSay>(held: readonly Power[]): Power[] {
  return [
    ...new Map(
      held.map((each) => [`${each.assignmentType} ${each.roleDefinitionId} ${each.resourceId}`, each]),
    ).values(),
  ];
}

/**
 * Every role that the principals, and all groups above them, hold or may activate now or later. What is disabled
 * counts too: it would give its access once enabled.
 */
export async function accessOf(
  transaction: Transaction,
  principalIds: readonly string[],
): Promise<RoleAccess[]> {
  return distinctPower(await rolesOf(transaction, above(principalIds)));
}

/**
 * Everything that comes with being one of the principals: their roles as `accessOf` has them, and every approval that
 * they, or a group above them, are asked for, as approvers or escalation approvers. A request that waits asks whom it
 * names even where its settings no longer require approval.
 */
export async function powerOf(
  transaction: Transaction,
  principalIds: readonly string[],
): Promise<(RoleAccess | ApproverSay)[]> {
  const holders = above(principalIds);
  return distinctPower([...(await rolesOf(transaction, holders)), ...(await saysOf(transaction, holders))]);
}

/** The same of each principal by itself, without the groups above it, with who has it. */
export async function powerOfEach(
  transaction: Transaction,
  principalIds: readonly string[],
): Promise<HeldPower[]> {
  const holders = Prisma.sql`SELECT unnest(${[...principalIds]}::uuid[]) AS id`;
  return [...(await rolesOf(transaction, holders)), ...(await saysOf(transaction, holders))];
}

/** What it takes to give this power: to assign the role, or to edit the settings that name the approvers. */
function permissionOver(each: RoleAccess | ApproverSay): Action {
  return each.assignmentType === "Approver"
    ? action.writeRoleSettings
    : permissionToGive(each.assignmentType);
}

/** The first of this power that these permissions, by resource, do not let give, and why in words; null when all may be. */
export function beyondAuthority<Power extends RoleAccess | ApproverSay>(
  power: readonly Power[],
  held: ReadonlyMap<string, readonly Permission[]>,
): { readonly missing: Power; readonly needed: Action; readonly message: string } | null {
  const missing = power.find((each) => !anyAllows(held.get(each.resourceId) ?? [], permissionOver(each)));
  if (!missing) return null;
  const needed = permissionOver(missing);
  const about =
    missing.assignmentType === "Approver"
      ? `This concerns who approves activations of ${missing.roleName}, under role settings that you may not edit.`
      : "This concerns access that you may not assign.";
  const message = `${about} You do not have authorization to perform ${needed} over ${missing.scope}.`;
  return { missing, needed, message };
}

/** What a principal may do at each resource that this power is about. */
export function permissionsOver(
  transaction: Transaction,
  caller: Actor,
  power: readonly (RoleAccess | ApproverSay)[],
): Promise<Map<string, Permission[]>> {
  const resourceIds = [...new Set(power.map((each) => each.resourceId))];
  return permissionsAtEach(transaction, caller.userId, resourceIds);
}

/**
 * Refuses unless the caller could assign every one of these roles where it is held, and edit the settings behind every
 * say (design section 2, rule 8): whoever decides who has a principal's power decides over that power.
 */
export async function requireAuthorityOver(
  transaction: Transaction,
  caller: Actor,
  power: readonly (RoleAccess | ApproverSay)[],
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  if (power.length === 0) return;
  const beyond = beyondAuthority(power, await permissionsOver(transaction, caller, power));
  if (!beyond) return;
  const { missing, needed, message } = beyond;
  throw new Refusal(
    { code: "AuthorizationFailed", message },
    {
      ...entry,
      details: {
        ...entry.details,
        missingPermission: needed,
        scope: missing.scope,
        ...(missing.assignmentType === "Approver" ? { roleSettings: missing.roleName } : {}),
      },
    },
  );
}

/** Roles and says as an event's details tell them, at most fifty. */
export function accessNames(power: readonly (RoleAccess | ApproverSay)[]): string[] {
  return power.slice(0, 50).map((each) => `${each.roleName} (${each.assignmentType}) at ${each.scope}`);
}

/** The same for people, the first three: "Reader on Production to activate, and 2 more". */
export function accessInWords(power: readonly (RoleAccess | ApproverSay)[]): string {
  const how = { Eligible: "to activate", Active: "active", Approver: "to approve" };
  const named = power
    .slice(0, 3)
    .map((each) => `${each.roleName} on ${each.resourceName} ${how[each.assignmentType]}`);
  const more = power.length - named.length;
  return `${named.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}
