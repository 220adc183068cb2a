import { type AlertSetting, builtInSetting } from "@/lib/domain/alerts/alert-setting";
import type { AlertKind } from "@/lib/domain/alerts/alerts";
import type { Transaction } from "@/lib/platform/database";

/**
 * The settings of each kind of alert in force at a path: the nearest ones, or the built-in default. No
 * resource needs to have the path yet.
 */
export async function alertSettingsInForce(
  transaction: Transaction,
  path: string,
): Promise<(kind: AlertKind) => AlertSetting> {
  const rows = await transaction.$queryRaw<(AlertSetting & { kind: AlertKind })[]>`
    SELECT DISTINCT ON (s.kind) s.kind::text, s.enabled, s.threshold, s.percent
    FROM unnest(path_ids(${path})) WITH ORDINALITY AS at (id, level) JOIN alert_settings s ON s.resource_id = at.id
    ORDER BY s.kind, at.level DESC`;
  return (kind) => rows.find((row) => row.kind === kind) ?? builtInSetting(kind);
}
