import { type AlertKind, alertDescriptions } from "@/lib/domain/alerts";
import type { OperationResult } from "@/lib/domain/operation-error";
import { action } from "@/lib/domain/permissions";
import { notFound, Refusal, runOperation } from "@/lib/operations/refusal";
import { requirePermission } from "@/lib/operations/require-permission";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface AlertSettingChoice {
  readonly kind: AlertKind;
  readonly enabled: boolean;
  /** Ignored for a kind that has none. */
  readonly threshold: number;
}

/**
 * Sets what raises an alert at a resource and below it, until a nearer resource has settings of its own. What is open
 * already is judged anew by the next scan.
 */
export function updateAlertSettings(
  database: Database,
  caller: Caller,
  input: { readonly resourceId: string; readonly choices: readonly AlertSettingChoice[] },
): Promise<OperationResult<{ changed: number }>> {
  const attempt = { kind: "AlertSettingsUpdated" as const, caller };
  return runOperation(database, attempt, async (transaction) => {
    const resource = await transaction.resource.findUnique({ where: { id: input.resourceId } });
    if (!resource) throw new Refusal(notFound, attempt);
    const entry = { ...attempt, resource };
    await requirePermission(transaction, caller, action.writeAlerts, resource, entry);
    // An editor's lock on the resource: two who save at once come one after the other.
    await transaction.$queryRaw`SELECT id FROM resources WHERE id = ${resource.id}::uuid FOR NO KEY UPDATE`;
    const before = await transaction.alertSetting.findMany({ where: { resourceId: resource.id } });
    const changed = input.choices.filter((choice) => {
      const own = before.find((each) => each.kind === choice.kind);
      return own?.enabled !== choice.enabled || own.threshold !== choice.threshold;
    });
    if (changed.length === 0) return { changed: 0 };
    const rows = changed.map(({ kind, enabled, threshold }) => ({ kind, enabled, threshold }));
    await transaction.$executeRaw`
      INSERT INTO alert_settings (resource_id, kind, enabled, threshold, updated_by_id)
      SELECT ${resource.id}::uuid, c.kind, c.enabled, c.threshold, ${caller.userId}::uuid
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS c (kind alert_kind, enabled boolean, threshold integer)
      ON CONFLICT (resource_id, kind) DO UPDATE SET enabled = excluded.enabled, threshold = excluded.threshold,
        version = alert_settings.version + 1, updated_at = postern_now(), updated_by_id = excluded.updated_by_id`;
    const words = (setting: { enabled: boolean; threshold: number } | undefined, kind: AlertKind) => {
      if (!setting) return "Inherited";
      if (!setting.enabled) return "Off";
      return alertDescriptions[kind].threshold ? `On, ${setting.threshold}` : "On";
    };
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      details: {
        before: Object.fromEntries(
          changed.map(({ kind }) => [
            alertDescriptions[kind].title,
            words(
              before.find((each) => each.kind === kind),
              kind,
            ),
          ]),
        ),
        after: Object.fromEntries(
          changed.map((choice) => [alertDescriptions[choice.kind].title, words(choice, choice.kind)]),
        ),
      },
    });
    return { changed: changed.length };
  });
}
