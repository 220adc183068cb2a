import {
  type FoundOfKind,
  foundBy,
  knownAlert,
  type SeenAt,
  settings,
  wholeTree,
} from "@/lib/authority/alerts/alert-finding";
import { assignedOutside, neverActivated, withoutMfa } from "@/lib/authority/alerts/find-access-alerts";
import { outlastsGiver } from "@/lib/authority/alerts/find-outlasting-access";
import { owners } from "@/lib/authority/alerts/find-owners";
import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import type { Permission } from "@/lib/domain/roles/permissions";
import { unreviewedBreakGlass } from "@/lib/operations/alerts/find-break-glass";
import { conflictingRoles } from "@/lib/operations/alerts/find-conflicting-roles";
import { tokensThatOutliveMakers } from "@/lib/operations/alerts/find-directory-tokens";
import { failedStepUps, unusualActivations } from "@/lib/operations/alerts/find-habit-alerts";
import { activatesOften, staleAccounts } from "@/lib/operations/alerts/find-people-alerts";
import { cannotProve } from "@/lib/operations/alerts/find-unproven";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import type { ConfirmingIssuers } from "@/lib/platform/sql/factors-in-force";

/** The same permissions give the same text, in whatever order they are written. */
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

/** What deserves an alert now, at most `atOnce` of each kind, and how far each search reached. */
export async function findAlerts(
  transaction: Transaction,
  atOnce: number,
  issuers: ConfirmingIssuers,
): Promise<readonly FoundOfKind[]> {
  return [
    await owners(transaction, "TooManyOwners", atOnce, wholeTree),
    await owners(transaction, "TooManyPermanentOwners", atOnce, wholeTree),
    await neverActivated(transaction, atOnce, wholeTree),
    await withoutMfa(transaction, atOnce, wholeTree),
    await duplicateRoles(transaction, atOnce),
    await assignedOutside(transaction, atOnce, wholeTree),
    await outlastsGiver(transaction, atOnce, wholeTree),
    await failedStepUps(transaction, atOnce),
    await unusualActivations(transaction, atOnce),
    await conflictingRoles(transaction, atOnce),
    await unreviewedBreakGlass(transaction, atOnce),
    await staleAccounts(transaction, atOnce),
    await activatesOften(transaction, atOnce),
    await cannotProve(transaction, atOnce, issuers),
    await tokensThatOutliveMakers(transaction, atOnce),
  ];
}
