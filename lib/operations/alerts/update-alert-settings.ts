import { alertSettingsInForce } from "@/lib/authority/alert-settings-in-force";
import {
  type AlertSetting,
  sameSetting,
  settingWords,
  weakensAlert,
} from "@/lib/domain/alerts/alert-setting";
import { type AlertKind, alertDescriptions } from "@/lib/domain/alerts/alerts";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { action } from "@/lib/domain/roles/permissions";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";

export interface AlertSettingChoice extends AlertSetting {
  readonly kind: AlertKind;
  /** What was in force here when the administrator chose, inherited or not. A stale choice is refused. */
  readonly shown: AlertSetting;
}

export interface UpdateAlertSettingsInput {
  readonly resourceId: string;
  readonly choices: readonly AlertSettingChoice[];
  readonly proofId: string | null;
}

/** The operation that a proof for a change is bound to: every change against what was shown. */
export function updateAlertSettingsOperation(
  input: Omit<UpdateAlertSettingsInput, "proofId">,
): ProtectedOperation {
  const alerts = changesOf(input).map(({ kind, ...setting }) => ({ alert: kind, ...setting }));
  return { kind: "UpdateAlertSettings", resourceId: input.resourceId, alerts };
}

/** A choice that equals what was shown stays inherited. */
function changesOf({ choices }: Pick<UpdateAlertSettingsInput, "choices">): AlertSettingChoice[] {
  return choices.filter((choice) => !sameSetting(choice, choice.shown));
}

/**
 * Sets what raises an alert at a resource and below it, down to resources with their own settings.
 * Raising an alert less often spends a proof, because alerts are how others hear of an intruder. The
 * next scan judges open alerts again.
 */
export function updateAlertSettings(
  database: Database,
  caller: Caller,
  input: UpdateAlertSettingsInput,
): Promise<OperationResult<{ changed: number }>> {
  const attempt = { kind: "AlertSettingsUpdated" as const, caller };
  return runOperation(database, attempt, async (transaction) => {
    const resource = await transaction.resource.findUnique({ where: { id: input.resourceId } });
    if (!resource) throw new Refusal(notFound, attempt);
    const entry = { ...attempt, resource };
    await requirePermission(transaction, caller, action.writeAlerts, resource, entry);
    // Locks the resource, so that of two edits one waits for the other.
    await transaction.$queryRaw`SELECT id FROM resources WHERE id = ${resource.id}::uuid FOR NO KEY UPDATE`;
    const off = input.choices.filter(({ kind, enabled }) => !enabled && alertDescriptions[kind].lasts);
    if (off.length > 0) {
      const faults = off.map(({ kind }) => ({
        field: `${kind}Enabled`,
        message: `“${alertDescriptions[kind].title}” is always raised.`,
      }));
      throw new Refusal({ code: "InvalidInput", faults }, entry);
    }
    const inForce = await alertSettingsInForce(transaction, resource.path);
    const chosen = changesOf(input);
    const stale = chosen.filter(({ kind, shown }) => !sameSetting(inForce(kind), shown));
    if (stale.length > 0) {
      const names = stale.map(({ kind }) => `“${alertDescriptions[kind].title}”`).join(", ");
      const message = `Somebody else changed ${names} in the meantime. Reload the page, then choose again.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const weakened = chosen.some((choice) => weakensAlert(inForce(choice.kind), choice));
    const proof = weakened
      ? await requireStepUp(transaction, caller, input.proofId, updateAlertSettingsOperation(input), entry)
      : null;
    const before = await transaction.alertSetting.findMany({ where: { resourceId: resource.id } });
    if (chosen.length === 0) return { changed: 0 };
    if (chosen.some(({ kind }) => kind === "UnusualActivation")) await judgeHabitsAgain(transaction);
    const rows = chosen.map(({ kind, enabled, threshold, percent }) => ({
      ...{ kind, enabled, threshold, percent },
    }));
    await transaction.$executeRaw`
      INSERT INTO alert_settings (resource_id, kind, enabled, threshold, percent, updated_by_id)
      SELECT ${resource.id}::uuid, c.kind, c.enabled, c.threshold, c.percent, ${caller.userId}::uuid
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS c (
        kind alert_kind, enabled boolean, threshold integer, percent integer)
      ON CONFLICT (resource_id, kind) DO UPDATE SET enabled = excluded.enabled, threshold = excluded.threshold,
        percent = excluded.percent,
        version = alert_settings.version + 1, updated_at = postern_now(), updated_by_id = excluded.updated_by_id`;
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      proof,
      details: {
        weakened,
        before: Object.fromEntries(
          chosen.map(({ kind }) => {
            const own = before.find((each) => each.kind === kind);
            return [alertDescriptions[kind].title, own ? settingWords(kind, own) : "Inherited"];
          }),
        ),
        after: Object.fromEntries(
          chosen.map((choice) => [alertDescriptions[choice.kind].title, settingWords(choice.kind, choice)]),
        ),
      },
    });
    return { changed: chosen.length };
  });
}

/** Makes the next scans judge again which activations are unusual, by the settings then in force. */
export async function judgeHabitsAgain(transaction: Transaction): Promise<void> {
  await transaction.alertScan.update({ where: { kind: "UnusualActivation" }, data: { judgedThrough: 0 } });
}
