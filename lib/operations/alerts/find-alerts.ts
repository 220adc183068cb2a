import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import { severityWithoutMfa } from "@/lib/domain/alerts/severity-without-mfa";
import type { Permission } from "@/lib/domain/roles/permissions";
import {
  type FoundOfKind,
  foundBy,
  knownAlert,
  newestThenLongestUnseen,
  type SeenAt,
  settings,
  threshold,
} from "@/lib/operations/alerts/alert-finding";
import { unreviewedBreakGlass } from "@/lib/operations/alerts/find-break-glass";
import { conflictingRoles } from "@/lib/operations/alerts/find-conflicting-roles";
import { failedStepUps, unusualActivations } from "@/lib/operations/alerts/find-habit-alerts";
import { outlastsGiver } from "@/lib/operations/alerts/find-outlasting-access";
import { owners } from "@/lib/operations/alerts/find-owners";
import { activatesOften, staleAccounts } from "@/lib/operations/alerts/find-people-alerts";
import { cannotProve } from "@/lib/operations/alerts/find-unproven";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import type { ConfirmingIssuers } from "@/lib/platform/sql/factors-in-force";

const inEffect = Prisma.sql`starts_at <= postern_now() AND (ends_at IS NULL OR ends_at > postern_now())`;

/** Eligibilities whose newest activation, or start, is long ago. One probe each, however often it was activated before. */
async function neverActivated(transaction: Transaction, atOnce: number): Promise<FoundOfKind> {
  const kind = "EligibleNeverActivates";
  const rows = await transaction.$queryRaw<
    ({
      id: string;
      resourceId: string;
      principalId: string;
      roleDefinitionId: string;
      days: number;
    } & SeenAt)[]
  >`
    SELECT e.id, e.resource_id AS "resourceId", e.principal_id AS "principalId",
      e.role_definition_id AS "roleDefinitionId", ${threshold(kind)} AS days, known.seen_at AS "seenAt"
    FROM eligibilities e JOIN resources r ON r.id = e.resource_id ${settings(kind)}
    ${knownAlert(kind, Prisma.sql`e.id`)}
    LEFT JOIN LATERAL (
      SELECT a.starts_at FROM assignments a WHERE a.eligibility_id = e.id ORDER BY a.starts_at DESC LIMIT 1
    ) newest ON true
    WHERE coalesce(s.enabled, true) AND e.starts_at <= postern_now() AND (e.ends_at IS NULL OR e.ends_at > postern_now())
      AND greatest(e.starts_at, newest.starts_at) < postern_now() - make_interval(days => ${threshold(kind)})
    ORDER BY ${newestThenLongestUnseen}, e.id LIMIT ${atOnce}`;
  return foundBy(kind, rows, atOnce, ({ id, days, seenAt: _, ...rest }) => ({
    ...rest,
    subject: id,
    eligibilityId: id,
    details: { days },
  }));
}

async function withoutMfa(transaction: Transaction, atOnce: number): Promise<FoundOfKind> {
  const kind = "ActivationWithoutMfa";
  const roles = await transaction.$queryRaw<{ id: string; permissions: StoredPermissions }[]>`
    SELECT d.id, d.permissions FROM role_definitions d WHERE EXISTS (
      SELECT FROM role_management_policies p WHERE p.role_definition_id = d.id AND NOT p.activation_requires_mfa)`;
  const changing = new Map(
    roles.flatMap((role) => {
      const may = severityWithoutMfa(permissionsOf(role.permissions));
      return may === null ? [] : [[role.id, may] as const];
    }),
  );
  const rows = await transaction.$queryRaw<({ resourceId: string; roleDefinitionId: string } & SeenAt)[]>`
    SELECT r.id AS "resourceId", p.role_definition_id AS "roleDefinitionId", known.seen_at AS "seenAt"
    FROM role_management_policies p JOIN resources r ON r.id = p.resource_id ${settings(kind)}
    ${knownAlert(kind, Prisma.sql`p.role_definition_id`)}
    WHERE coalesce(s.enabled, true) AND NOT p.activation_requires_mfa
      AND p.role_definition_id = ANY (${[...changing.keys()]}::uuid[])
    ORDER BY ${newestThenLongestUnseen}, p.id LIMIT ${atOnce}`;
  return foundBy(kind, rows, atOnce, ({ resourceId, roleDefinitionId }) => {
    const may = changing.get(roleDefinitionId);
    if (!may) throw new Error("a role that changes nothing was found");
    const { severity, changes } = may;
    return { resourceId, roleDefinitionId, subject: roleDefinitionId, severity, details: { changes } };
  });
}

/** The same text for the same permissions, in whatever order they are written. */
function canonicalPermissions(permissions: readonly Permission[]): string {
  const sorted = (patterns: readonly string[]) => patterns.map((pattern) => pattern.toLowerCase()).sort();
  return JSON.stringify(
    permissions
      .map((each) =>
        JSON.stringify([
          sorted(each.actions),
          sorted(each.notActions),
          sorted(each.dataActions),
          sorted(each.notDataActions),
        ]),
      )
      .sort(),
  );
}

async function duplicateRoles(transaction: Transaction, atOnce: number): Promise<FoundOfKind> {
  const kind = "DuplicateCustomRoles";
  const rows = await transaction.$queryRaw<
    ({ id: string; roleName: string; permissions: StoredPermissions; rootId: string } & SeenAt)[]
  >`
    SELECT d.id, d.role_name AS "roleName", d.permissions, r.id AS "rootId", known.seen_at AS "seenAt"
    FROM role_definitions d JOIN resources r ON r.parent_id IS NULL ${settings(kind)}
    ${knownAlert(kind, Prisma.sql`d.id`)}
    WHERE coalesce(s.enabled, true) AND d.role_type = 'CustomRole' AND d.deleted_at IS NULL ORDER BY d.id`;
  const alike = new Map<string, typeof rows>();
  for (const row of rows) {
    const key = canonicalPermissions(permissionsOf(row.permissions));
    alike.set(key, [...(alike.get(key) ?? []), row]);
  }
  const found = [...alike.values()].flatMap((roles) => {
    const [first, second] = roles;
    return first && second ? [{ first, roles, seenAt: first.seenAt }] : [];
  });
  const taken = found
    .toSorted((left, right) => (left.seenAt?.getTime() ?? 0) - (right.seenAt?.getTime() ?? 0))
    .slice(0, atOnce);
  return foundBy(kind, taken, atOnce, ({ first, roles }) => ({
    resourceId: first.rootId,
    subject: first.id,
    roleDefinitionId: first.id,
    details: { names: roles.slice(0, 20).map((role) => role.roleName), count: roles.length },
  }));
}

async function assignedOutside(transaction: Transaction, atOnce: number): Promise<FoundOfKind> {
  const kind = "AssignedOutside";
  const rows = await transaction.$queryRaw<
    ({
      id: string;
      eligible: boolean;
      resourceId: string;
      principalId: string;
      roleDefinitionId: string;
      origin: string;
    } & SeenAt)[]
  >`
    SELECT x.id, x.eligible, x.resource_id AS "resourceId", x.principal_id AS "principalId",
      x.role_definition_id AS "roleDefinitionId", x.origin, known.seen_at AS "seenAt"
    FROM (
      SELECT id, false AS eligible, resource_id, principal_id, role_definition_id, origin::text FROM assignments
      WHERE origin <> 'Portal' AND assignment_type = 'Assigned' AND ${inEffect}
      UNION ALL
      SELECT id, true, resource_id, principal_id, role_definition_id, origin::text FROM eligibilities
      WHERE origin <> 'Portal' AND ${inEffect}) x
    JOIN resources r ON r.id = x.resource_id ${settings(kind)} ${knownAlert(kind, Prisma.sql`x.id`)}
    WHERE coalesce(s.enabled, true) ORDER BY ${newestThenLongestUnseen}, x.id LIMIT ${atOnce}`;
  return foundBy(kind, rows, atOnce, ({ id, eligible, origin, seenAt: _, ...rest }) => ({
    ...rest,
    subject: id,
    ...(eligible ? { eligibilityId: id } : { assignmentId: id }),
    details: { origin },
  }));
}

/** What deserves an alert now, at most `atOnce` of each kind, and how far that reached. */
export async function findAlerts(
  transaction: Transaction,
  atOnce: number,
  issuers: ConfirmingIssuers,
): Promise<readonly FoundOfKind[]> {
  return [
    await owners(transaction, "TooManyOwners", atOnce),
    await owners(transaction, "TooManyPermanentOwners", atOnce),
    await neverActivated(transaction, atOnce),
    await withoutMfa(transaction, atOnce),
    await duplicateRoles(transaction, atOnce),
    await assignedOutside(transaction, atOnce),
    await outlastsGiver(transaction, atOnce),
    await failedStepUps(transaction, atOnce),
    await unusualActivations(transaction, atOnce),
    await conflictingRoles(transaction, atOnce),
    await unreviewedBreakGlass(transaction, atOnce),
    await staleAccounts(transaction, atOnce),
    await activatesOften(transaction, atOnce),
    await cannotProve(transaction, atOnce, issuers),
  ];
}
