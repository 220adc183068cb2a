import type { SpentProof } from "@/lib/authority/spend-proof";
import { type ApprovalStage, namedApprovers } from "@/lib/domain/roles/approval-settings";
import { changedSettings, type RoleSettings, weakenedSettings } from "@/lib/domain/roles/role-settings";
import { roleSettingsFaults } from "@/lib/domain/roles/role-settings-faults";
import type { LockedPolicy } from "@/lib/operations/gate/lock-policy";
import { Refusal } from "@/lib/operations/gate/refusal";
import { applyNewStagesToRequests } from "@/lib/operations/requests/apply-new-stages";
import { approverNames } from "@/lib/operations/requests/approver-names";
import { weakeningFacts } from "@/lib/operations/roles/weakening-facts";
import { type AuditEntry, recordAuditEvents } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

type LoggedResource = NonNullable<AuditEntry["resource"]>;

/** What the settings of one role become. They are locked for an edit. */
export interface SettingsEdit {
  readonly role: { readonly id: string; readonly roleName: string };
  readonly policy: LockedPolicy;
  readonly settings: RoleSettings;
}

/** An edit that was saved, with the version that the settings have now. */
export interface SavedSettings {
  readonly role: SettingsEdit["role"];
  readonly version: number;
}

/**
 * Saves edits of roles' settings at one resource. The transaction has locked their policies for an
 * edit. Asks for one proof for all of them if any weakens protection. Requests that wait for approval
 * continue under the new settings. Writes one event, with before and after, for each role whose
 * settings change. Settings that are in force already are not written.
 */
export async function saveRoleSettingsIn(
  transaction: Transaction,
  caller: Actor,
  resource: LoggedResource,
  edits: readonly SettingsEdit[],
  prove: () => Promise<SpentProof | "Rehearsed" | null>,
  attempt: Omit<AuditEntry, "outcome">,
  more: AuditEntry["details"] = {},
): Promise<readonly SavedSettings[]> {
  const changed = edits.flatMap((edit) => {
    const names = changedSettings(edit.policy.settings, edit.settings);
    return names.length > 0 ? [{ ...edit, names }] : [];
  });
  if (changed.length === 0) return [];
  const judged = [];
  for (const edit of changed)
    judged.push({ ...edit, weakened: await weakenedByEdit(transaction, resource.id, edit) });
  const weakens = judged.some(({ weakened }) => weakened.length > 0);
  const proof = weakens ? await prove() : null;
  if (weakens && !proof) throw new Refusal(withoutProof, attempt);

  const now = await databaseNow(transaction);
  for (const { ids, data } of writesOf(judged))
    await transaction.roleManagementPolicy.updateMany({
      where: { id: { in: ids } },
      data: { ...data, version: { increment: 1 }, updatedAt: now, updatedById: caller.userId },
    });
  const movedOf = await applyNewStagesToRequests(
    transaction,
    judged.map(({ role }) => role.id),
    resource.id,
  );
  const named = await approverNames(
    transaction,
    judged.flatMap(({ policy, settings }) => [policy.settings, settings]),
  );
  await recordAuditEvents(
    transaction,
    judged.map(({ role, policy, settings, weakened }) => ({
      ...attempt,
      role,
      outcome: "Success" as const,
      // These are why the code was required. One code covers all of them.
      proof: weakened.length > 0 && proof !== "Rehearsed" ? proof : null,
      details: {
        before: { ...policy.settings },
        after: { ...settings },
        weakened,
        version: policy.version + 1,
        restagedRequests: movedOf(role.id),
        approvers: namesOf(named, [policy.settings, settings]),
        ...more,
      },
    })),
  );
  return judged.map(({ role, policy }) => ({ role, version: policy.version + 1 }));
}

const withoutProof = {
  code: "RoleAssignmentRequestPolicyValidationFailed",
  failures: [
    {
      rule: "MfaRule",
      field: "code",
      message: "This edit weakens protection. Verify your identity with a second factor.",
    },
  ],
} as const;

/** Settings that may weaken by who could decide, or by where mail goes. All other settings weaken by their own values. */
const byFacts: ReadonlySet<keyof RoleSettings> = new Set([
  "approvalRequired",
  "approvalStages",
  "notifications",
]);

/**
 * The settings that an edit weakens as things are now, and as they are once the same transaction has
 * given other levels these stages.
 */
export async function weakenedByEdit(
  transaction: Transaction,
  resourceId: string,
  { role, policy, settings }: SettingsEdit,
  stagesToCome: readonly (readonly ApprovalStage[])[] = [],
): Promise<(keyof RoleSettings)[]> {
  const names = changedSettings(policy.settings, settings);
  if (!names.some((name) => byFacts.has(name))) return weakenedSettings(policy.settings, settings);
  const about = { roleDefinitionId: role.id, resourceId };
  const facts = await weakeningFacts(transaction, about, policy.settings, settings);
  const otherLevels = [...facts.otherLevels, ...stagesToCome];
  return weakenedSettings(policy.settings, settings, { ...facts, otherLevels });
}

/** Roles whose settings change in the same way are written together. */
function writesOf(edits: readonly (SettingsEdit & { readonly names: readonly (keyof RoleSettings)[] })[]) {
  const writes = new Map<string, { ids: string[]; data: Partial<RoleSettings> }>();
  for (const { policy, settings, names } of edits) {
    const data: Partial<RoleSettings> = Object.fromEntries(names.map((name) => [name, settings[name]]));
    const key = JSON.stringify(data);
    writes.set(key, { data, ids: [...(writes.get(key)?.ids ?? []), policy.id] });
  }
  return writes.values();
}

function namesOf(
  named: Readonly<Record<string, string>>,
  settings: readonly { readonly approvalStages: readonly ApprovalStage[] }[],
): Record<string, string> {
  const ids = new Set(namedApprovers(settings.flatMap(({ approvalStages }) => approvalStages)));
  return Object.fromEntries(Object.entries(named).filter(([id]) => ids.has(id)));
}

/**
 * Every fault of the settings, for each of these. Each named approver must be an existing user or
 * group, with enough people to decide.
 */
export async function faultsOfSettings(
  transaction: Transaction,
  all: readonly RoleSettings[],
): Promise<{ field: keyof RoleSettings; message: string }[][]> {
  const ids = namedApprovers(
    all.filter(({ approvalRequired }) => approvalRequired).flatMap(({ approvalStages }) => approvalStages),
  );
  const found =
    ids.length === 0
      ? []
      : await transaction.principal.findMany({
          where: { id: { in: ids }, type: { in: ["User", "Group"] } },
          select: { id: true, type: true },
          take: ids.length,
        });
  const typeOf = new Map(found.map((each) => [each.id, each.type]));
  return all.map((settings) => [...roleSettingsFaults(settings), ...approverFaults(settings, typeOf)]);
}

function approverFaults(
  { approvalRequired, approvalStages }: RoleSettings,
  typeOf: ReadonlyMap<string, string>,
): { field: "approvalStages"; message: string }[] {
  if (!approvalRequired) return [];
  const few = approvalStages.flatMap(({ approverIds, approvalsNeeded }) =>
    approverIds.length > 0 &&
    approverIds.every((id) => typeOf.get(id) === "User") &&
    new Set(approverIds).size < approvalsNeeded
      ? [`${approvalsNeeded} must approve, but fewer approvers are chosen.`]
      : [],
  );
  const unknown = namedApprovers(approvalStages).some((id) => !typeOf.has(id));
  return [
    ...(unknown ? ["One of the approvers does not exist. Choose the approvers again."] : []),
    ...new Set(few),
  ].map((message) => ({ field: "approvalStages" as const, message }));
}
