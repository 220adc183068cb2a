import { spendProof } from "@/lib/authority/spend-proof";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { action } from "@/lib/domain/roles/permissions";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { loadVisibleRoleAtResource } from "@/lib/operations/gate/load-access";
import { lockPolicy } from "@/lib/operations/gate/lock-policy";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { faultsOfSettings, saveRoleSettingsIn } from "@/lib/operations/roles/save-role-settings";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";

export interface UpdateRoleSettingsInput {
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  /** The version that the administrator was shown; 0 for settings that nobody has edited. */
  readonly expectedVersion: number;
  readonly settings: RoleSettings;
  readonly proofId: string | null;
}

/**
 * Saves the settings of one role at one resource (docs/role-settings.md). Refuses an edit of settings that somebody
 * else changed meanwhile, and shows theirs. Requires a step-up if the edit weakens protection. Logs before and after.
 * Requests that wait for approval continue under the new settings. Saving what is in force already changes nothing.
 */
export function updateRoleSettings(
  database: Database,
  caller: Caller,
  input: UpdateRoleSettingsInput,
): Promise<OperationResult<{ version: number }>> {
  const attempt = {
    kind: "RoleSettingsUpdated" as const,
    caller,
    details: { requested: { ...input.settings } },
  };
  return runOperation(database, attempt, async (transaction) => {
    const subject = await loadVisibleRoleAtResource(transaction, input.roleDefinitionId, input.resourceId);
    if (!subject) throw new Refusal(notFound, attempt);
    const { role, resource } = subject;
    const entry = { ...attempt, role, resource };
    await requirePermission(transaction, caller, action.writeRoleSettings, resource, entry);
    const [faults = []] = await faultsOfSettings(transaction, [input.settings]);
    if (faults.length > 0) throw new Refusal({ code: "InvalidSettings", faults }, entry);

    const policy = await lockPolicy(transaction, role.id, resource.id, "edit");
    const { expectedVersion, settings, proofId } = input;
    if (policy.version !== expectedVersion) {
      throw new Refusal(
        {
          code: "StaleRoleSettings",
          message: "Somebody else saved these role settings while you were editing.",
          current: policy.settings,
          currentVersion: policy.version,
          changedBy: await editorOf(transaction, policy.id),
        },
        entry,
      );
    }
    const about = { roleDefinitionId: role.id, resourceId: resource.id };
    const operation = { kind: "UpdateRoleSettings" as const, ...about, expectedVersion, settings };
    const [saved] = await saveRoleSettingsIn(
      transaction,
      caller,
      resource,
      [{ role, policy, settings }],
      () => spendProof(transaction, caller, proofId, operation),
      entry,
    );
    return { version: saved?.version ?? policy.version };
  });
}

async function editorOf(transaction: Transaction, policyId: string): Promise<string | null> {
  const policy = await transaction.roleManagementPolicy.findUnique({
    where: { id: policyId },
    select: { updatedBy: { select: { displayName: true } } },
  });
  return policy?.updatedBy?.displayName ?? null;
}
