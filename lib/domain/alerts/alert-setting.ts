import { type AlertKind, alertDescriptions } from "@/lib/domain/alerts/alerts";

/** What raises one kind of alert: at least `threshold` of it, and at least `percent` of everybody. */
export interface AlertSetting {
  readonly enabled: boolean;
  /** 1 for a kind that has none. */
  readonly threshold: number;
  /** 0 if only the number counts. */
  readonly percent: number;
}

/** The setting if nobody has chosen one. */
export function builtInSetting(kind: AlertKind): AlertSetting {
  return { enabled: true, threshold: alertDescriptions[kind].threshold?.initial ?? 1, percent: 0 };
}

export function sameSetting(one: AlertSetting, other: AlertSetting): boolean {
  return one.enabled === other.enabled && one.threshold === other.threshold && one.percent === other.percent;
}

/** A setting in the log: "Off", "On", "On, 4", or "On, 4 and 10%". */
export function settingWords(kind: AlertKind, { enabled, threshold, percent }: AlertSetting): string {
  if (!enabled) return "Off";
  if (alertDescriptions[kind].threshold === null) return "On";
  return percent === 0 ? `On, ${threshold}` : `On, ${threshold} and ${percent}%`;
}

/**
 * Whether an alert would be raised less often than before: it is switched off, or raised only from a
 * higher number or percentage.
 */
export function weakensAlert(before: AlertSetting, after: AlertSetting): boolean {
  if (!before.enabled) return false;
  return !after.enabled || after.threshold > before.threshold || after.percent > before.percent;
}
