import { spendProof } from "@/lib/authority/spend-proof";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { namedApprovers } from "@/lib/domain/roles/approval-settings";
import { action } from "@/lib/domain/roles/permissions";
import { changedSettings, type RoleSettings, weakenedSettings } from "@/lib/domain/roles/role-settings";
import { roleSettingsFaults } from "@/lib/domain/roles/role-settings-faults";
import { loadVisibleRoleAtResource } from "@/lib/operations/gate/load-access";
import { lockPolicy } from "@/lib/operations/gate/lock-policy";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { applyNewStagesToRequests } from "@/lib/operations/requests/apply-new-stages";
import { approverNames } from "@/lib/operations/requests/approver-names";
import { weakeningFacts } from "@/lib/operations/roles/weakening-facts";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

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
 * else changed meanwhile, with theirs. Requires a step-up if the edit weakens protection. Logs before and after.
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
    const faults = [
      ...roleSettingsFaults(input.settings),
      ...(await approverFaults(transaction, input.settings)),
    ];
    if (faults.length > 0) throw new Refusal({ code: "InvalidSettings", faults }, entry);

    const policy = await lockPolicy(transaction, role.id, resource.id, "edit");
    if (policy.version !== input.expectedVersion) {
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
    if (changedSettings(policy.settings, input.settings).length === 0) return { version: policy.version };

    const { expectedVersion, settings } = input;
    const about = { roleDefinitionId: role.id, resourceId: resource.id };
    const facts = await weakeningFacts(transaction, about, policy.settings, settings);
    const weakened = weakenedSettings(policy.settings, settings, facts);
    const proof =
      weakened.length > 0
        ? await spendProof(transaction, caller, input.proofId, {
            kind: "UpdateRoleSettings",
            ...about,
            expectedVersion,
            settings,
          })
        : null;
    if (weakened.length > 0 && proof === null) {
      throw new Refusal(
        {
          code: "RoleAssignmentRequestPolicyValidationFailed",
          failures: [
            {
              rule: "MfaRule",
              field: "code",
              message: "This edit weakens protection. Verify your identity with a second factor.",
            },
          ],
        },
        entry,
      );
    }
    const now = await databaseNow(transaction);
    const saved = await transaction.roleManagementPolicy.update({
      where: { id: policy.id },
      data: { ...settings, version: { increment: 1 }, updatedAt: now, updatedById: caller.userId },
      select: { version: true },
    });
    const restagedRequests = await applyNewStagesToRequests(transaction, role.id, resource.id);
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      proof,
      details: {
        before: { ...policy.settings },
        after: { ...settings },
        weakened,
        version: saved.version,
        restagedRequests,
        approvers: await approverNames(transaction, [policy.settings, settings]),
      },
    });
    return saved;
  });
}

/** What is wrong with the named approvers: each must be an existing user or group, with enough people to decide. */
async function approverFaults(
  transaction: Transaction,
  settings: RoleSettings,
): Promise<{ field: "approvalStages"; message: string }[]> {
  const ids = namedApprovers(settings.approvalStages);
  if (!settings.approvalRequired || ids.length === 0) return [];
  const found = await transaction.principal.findMany({
    where: { id: { in: ids }, type: { in: ["User", "Group"] } },
    select: { id: true, type: true },
    take: ids.length,
  });
  const typeOf = new Map(found.map((each) => [each.id, each.type]));
  const few = settings.approvalStages.flatMap(({ approverIds, approvalsNeeded }) =>
    approverIds.length > 0 &&
    approverIds.every((id) => typeOf.get(id) === "User") &&
    new Set(approverIds).size < approvalsNeeded
      ? [`${approvalsNeeded} must approve, but fewer approvers are chosen.`]
      : [],
  );
  const unknown = found.length < ids.length;
  return [
    ...(unknown ? ["One of the approvers does not exist. Choose the approvers again."] : []),
    ...new Set(few),
  ].map((message) => ({ field: "approvalStages" as const, message }));
}

async function editorOf(transaction: Transaction, policyId: string): Promise<string | null> {
  const policy = await transaction.roleManagementPolicy.findUnique({
    where: { id: policyId },
    select: { updatedBy: { select: { displayName: true } } },
  });
  return policy?.updatedBy?.displayName ?? null;
}
