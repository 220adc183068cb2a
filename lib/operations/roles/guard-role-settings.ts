import { writesAuthorization } from "@/lib/domain/roles/permissions";
import { lockPolicies } from "@/lib/operations/gate/lock-policy";
import type { LockedRoleDefinition } from "@/lib/operations/roles/role-definitions";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * Requires MFA on direct assignment in all edited settings of a role that becomes able to write authorisation
 * (docs/role-settings.md), each with an event, since they were edited when the role was harmless. A trigger does the
 * same for settings that nobody edited. The role is locked; its new permissions are written in the same transaction.
 */
export async function guardRoleSettings(
  transaction: Transaction,
  caller: Actor,
  before: Pick<LockedRoleDefinition, "id" | "permissions">,
  after: Pick<LockedRoleDefinition, "roleName" | "permissions">,
): Promise<void> {
  if (writesAuthorization(before.permissions) || !writesAuthorization(after.permissions)) return;
  const role = { id: before.id, roleName: after.roleName };
  const edited = await transaction.roleManagementPolicy.findMany({
    where: { roleDefinitionId: role.id, version: { gt: 0 } },
    select: { resource: { select: { id: true, displayName: true, scope: true, path: true } } },
  });
  const resources = edited.map(({ resource }) => resource);
  const policies = await lockPolicies(transaction, role.id, resources, "edit");
  const now = await databaseNow(transaction);
  const open = policies.filter(({ settings }) => !settings.assignmentRequiresMfa);
  if (open.length === 0) return;
  await transaction.roleManagementPolicy.updateMany({
    where: { id: { in: open.map(({ id }) => id) } },
    data: {
      assignmentRequiresMfa: true,
      version: { increment: 1 },
      updatedAt: now,
      updatedById: caller.userId,
    },
  });
  await recordAuditEvents(
    transaction,
    open.map(({ resource, settings, version }) => ({
      kind: "RoleSettingsUpdated" as const,
      outcome: "Success" as const,
      caller,
      role,
      resource,
      details: {
        before: { ...settings },
        after: { ...settings, assignmentRequiresMfa: true },
        weakened: [],
        version: version + 1,
        because: "The role can write authorisation now.",
      },
    })),
  );
}
