import { z } from "zod";
import { may, visibleResource } from "@/lib/authority/authority";
import { type ScanState, scanIsUnderWay } from "@/lib/domain/alerts/alert-scan";
import type { AlertDetails } from "@/lib/domain/alerts/alert-sentence";
import { type AlertSetting, builtInSetting } from "@/lib/domain/alerts/alert-setting";
import { type AlertKind, type AlertSeverity, alertKinds } from "@/lib/domain/alerts/alerts";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";

export const alertPageSize = 50;
/** How many alerts of each kind the list of all kinds shows. */
export const alertsOfEachKind = 10;
/** Up to how many alerts of a kind are counted. */
export const alertsCounted = 1_000;

export interface AlertFilter {
  readonly state: "open" | "dismissed" | "resolved";
  readonly kind: AlertKind | null;
  /** The id of the last one shown. */
  readonly after: string | null;
}

export interface AlertRow {
  readonly id: string;
  readonly kind: AlertKind;
  readonly severity: AlertSeverity;
  readonly details: AlertDetails;
  readonly raisedAt: Date;
  readonly resolvedAt: Date | null;
  readonly dismissedAt: Date | null;
  readonly dismissedBy: PrincipalIdentity | null;
  readonly dismissalReason: string | null;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly roleDefinitionId: string | null;
  readonly roleName: string | null;
  readonly principal: PrincipalIdentity | null;
}

const detailsShape = z.record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]));

export interface AlertList {
  readonly alerts: AlertRow[];
  readonly next: string | null;
  /** How many there are of each kind in this state. Counting stops at one more than `alertsCounted`. */
  readonly counts: readonly { readonly kind: AlertKind; readonly count: number }[];
  /** How many are open. */
  readonly open: number;
  /** When a scan last finished; null before the first. */
  readonly scannedAt: Date | null;
  /** Whether a scan is under way, or begins at once. */
  readonly scanning: boolean;
}

/**
 * The alerts of a resource and everything below it, newest first. Null if the caller may not read them
 * there. One kind comes in pages. Without a kind, the newest of each kind.
 */
export function listAlerts(
  database: Database,
  caller: Caller,
  resourceId: string,
  filter: AlertFilter,
): Promise<AlertList | null> {
  return readOnce(database, async (transaction) => {
    const resource = await visibleResource(transaction, caller.userId, resourceId);
    if (!resource || !(await may(transaction, caller.userId, action.readAlerts, resource.id))) return null;
    const states = {
      open: Prisma.sql`a.resolved_at IS NULL AND a.dismissed_at IS NULL`,
      dismissed: Prisma.sql`a.resolved_at IS NULL AND a.dismissed_at IS NOT NULL`,
      resolved: Prisma.sql`a.resolved_at IS NOT NULL`,
    };
    /** If there is no alert of a kind anywhere, no resource is read. In order, so that an index answers this. */
    const somewhere = (state: Prisma.Sql) =>
      Prisma.sql`(SELECT FROM alerts a WHERE a.kind = wanted.kind AND ${state}
        ORDER BY a.id DESC LIMIT 1) somewhere`;
    const within = Prisma.sql`(r.id = ${resource.id}::uuid
      OR (r.path > ${`${resource.path}.`} AND r.path < ${`${resource.path}/`}))`;
    const kinds = filter.kind === null ? [...alertKinds] : [filter.kind];
    const size = filter.kind === null ? alertsOfEachKind : alertPageSize;
    const rows = await transaction.$queryRaw<(Omit<AlertRow, "details"> & { details: unknown })[]>`
      SELECT a.id, a.kind::text, a.severity::text, a.details, a.raised_at AS "raisedAt", a.resolved_at AS "resolvedAt",
        a.dismissed_at AS "dismissedAt", CASE WHEN b.id IS NOT NULL THEN ${identityColumn("b")} END AS "dismissedBy", a.dismissal_reason AS "dismissalReason",
        r.id AS "resourceId", r.display_name AS "resourceName", d.id AS "roleDefinitionId",
        d.role_name AS "roleName", CASE WHEN p.id IS NOT NULL THEN ${identityColumn("p")} END AS principal
      FROM unnest(${kinds}::alert_kind[]) AS wanted (kind)
      CROSS JOIN LATERAL ${somewhere(states[filter.state])}
      CROSS JOIN LATERAL (
        SELECT a.* FROM alerts a JOIN resources r ON r.id = a.resource_id
        WHERE a.kind = wanted.kind AND ${within} AND ${states[filter.state]}
          AND (${filter.after}::uuid IS NULL OR a.id < ${filter.after}::uuid)
        ORDER BY a.id DESC LIMIT ${size + 1}) a
      JOIN resources r ON r.id = a.resource_id
      LEFT JOIN role_definitions d ON d.id = a.role_definition_id
      LEFT JOIN principals p ON p.id = a.principal_id
      LEFT JOIN principals b ON b.id = a.dismissed_by_id
      ORDER BY a.kind, a.id DESC`;
    const counted = await transaction.$queryRaw<{ kind: AlertKind; count: number; open: number }[]>`
      SELECT wanted.kind::text, count(a.id)::int AS count,
        count(a.id) FILTER (WHERE a.resolved_at IS NULL AND a.dismissed_at IS NULL)::int AS open
      FROM unnest(${[...alertKinds]}::alert_kind[]) AS wanted (kind)
      CROSS JOIN LATERAL (
        (SELECT a.id, a.resolved_at, a.dismissed_at
          FROM ${somewhere(states[filter.state])} CROSS JOIN alerts a JOIN resources r ON r.id = a.resource_id
          WHERE a.kind = wanted.kind AND ${within} AND ${states[filter.state]} LIMIT ${alertsCounted + 1})
        UNION
        (SELECT a.id, a.resolved_at, a.dismissed_at
          FROM ${somewhere(states.open)} CROSS JOIN alerts a JOIN resources r ON r.id = a.resource_id
          WHERE a.kind = wanted.kind AND ${within} AND ${states.open} LIMIT ${alertsCounted + 1})) a
      GROUP BY 1`;
    const [scan] = await transaction.$queryRaw<(ScanState & { now: Date })[]>`
      SELECT wanted, started_at AS "startedAt", finished_at AS "finishedAt", postern_now() AS now
      FROM alert_scan_state`;
    const ofKind = new Map<AlertKind, typeof rows>();
    for (const row of rows) ofKind.set(row.kind, [...(ofKind.get(row.kind) ?? []), row]);
    const alerts = [...ofKind.values()].flatMap((of) =>
      of.slice(0, size).map((row) => ({ ...row, details: detailsShape.parse(row.details) })),
    );
    const more = filter.kind !== null && rows.length > size;
    const stateCount = ({ count, open }: { count: number; open: number }) =>
      filter.state === "open" ? open : count - open;
    return {
      alerts,
      next: more ? (alerts.at(-1)?.id ?? null) : null,
      counts: counted.map((each) => ({ kind: each.kind, count: stateCount(each) })),
      open: counted.reduce((sum, each) => sum + each.open, 0),
      scannedAt: scan?.finishedAt ?? null,
      scanning: scan !== undefined && scanIsUnderWay(scan, scan.now),
    };
  });
}

export interface AlertSettingView extends AlertSetting {
  readonly kind: AlertKind;
  /** The resource of the setting; null for the built-in default. */
  readonly madeAt: { readonly id: string; readonly displayName: string } | null;
}

/** All alert settings of a resource. */
export interface AlertSettingsView {
  readonly settings: readonly AlertSettingView[];
  /** The time zone of usual hours: the organisation's. */
  readonly timeZone: string;
}

/** The alert settings of a resource, with where each comes from; null if the caller may not read alerts. */
export function alertSettingsAt(
  database: Database,
  caller: Caller,
  resourceId: string,
): Promise<AlertSettingsView | null> {
  return readOnce(database, async (transaction) => {
    const resource = await visibleResource(transaction, caller.userId, resourceId);
    if (!resource || !(await may(transaction, caller.userId, action.readAlerts, resource.id))) return null;
    const rows = await transaction.$queryRaw<
      (AlertSetting & { kind: AlertKind; id: string; displayName: string })[]
    >`
      SELECT DISTINCT ON (s.kind) s.kind::text, s.enabled, s.threshold, s.percent, at.id, at.display_name AS "displayName"
      FROM alert_settings s JOIN resources at ON at.id = s.resource_id
      WHERE s.resource_id = ANY (path_ids(${resource.path}))
      ORDER BY s.kind, length(at.path) DESC`;
    const { timeZone } = await transaction.installation.findFirstOrThrow({ select: { timeZone: true } });
    const settings = alertKinds.map((kind) => {
      const own = rows.find((row) => row.kind === kind);
      if (!own) return { kind, ...builtInSetting(kind), madeAt: null };
      const { id, displayName, ...setting } = own;
      return { ...setting, madeAt: { id, displayName } };
    });
    return { settings, timeZone };
  });
}
