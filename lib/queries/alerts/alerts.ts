import { may, visibleResource } from "@/lib/authority/authority";
import { type AlertDetails, type AlertKind, alertDescriptions, alertKinds } from "@/lib/domain/alerts/alerts";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";

export const alertPageSize = 50;

export interface AlertFilter {
  readonly state: "open" | "dismissed" | "resolved";
  readonly kind: AlertKind | null;
  /** The id of the last one shown. */
  readonly after: string | null;
}

export interface AlertRow {
  readonly id: string;
  readonly kind: AlertKind;
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

/** The alerts of a resource and everything below it, newest first; null if the caller may not read them there. */
export function listAlerts(
  database: Database,
  caller: Caller,
  resourceId: string,
  filter: AlertFilter,
): Promise<{ alerts: AlertRow[]; next: string | null; open: number } | null> {
  return readOnce(database, async (transaction) => {
    const resource = await visibleResource(transaction, caller.userId, resourceId);
    if (!resource || !(await may(transaction, caller.userId, action.readAlerts, resource.id))) return null;
    const states = {
      open: Prisma.sql`a.resolved_at IS NULL AND a.dismissed_at IS NULL`,
      dismissed: Prisma.sql`a.resolved_at IS NULL AND a.dismissed_at IS NOT NULL`,
      resolved: Prisma.sql`a.resolved_at IS NOT NULL`,
    };
    const within = Prisma.sql`(r.id = ${resource.id}::uuid
      OR (r.path > ${`${resource.path}.`} AND r.path < ${`${resource.path}/`}))`;
    const rows = await transaction.$queryRaw<AlertRow[]>`
      SELECT a.id, a.kind::text, a.details, a.raised_at AS "raisedAt", a.resolved_at AS "resolvedAt",
        a.dismissed_at AS "dismissedAt", CASE WHEN b.id IS NOT NULL THEN ${identityColumn("b")} END AS "dismissedBy", a.dismissal_reason AS "dismissalReason",
        r.id AS "resourceId", r.display_name AS "resourceName", d.id AS "roleDefinitionId",
        d.role_name AS "roleName", CASE WHEN p.id IS NOT NULL THEN ${identityColumn("p")} END AS principal
      FROM alerts a JOIN resources r ON r.id = a.resource_id
      LEFT JOIN role_definitions d ON d.id = a.role_definition_id
      LEFT JOIN principals p ON p.id = a.principal_id
      LEFT JOIN principals b ON b.id = a.dismissed_by_id
      WHERE ${within} AND ${states[filter.state]}
        AND (${filter.kind}::alert_kind IS NULL OR a.kind = ${filter.kind}::alert_kind)
        AND (${filter.after}::uuid IS NULL OR a.id < ${filter.after}::uuid)
      ORDER BY a.id DESC LIMIT ${alertPageSize + 1}`;
    const [counted] = await transaction.$queryRaw<{ open: number }[]>`
      SELECT count(*)::int AS open FROM (
        SELECT FROM alerts a JOIN resources r ON r.id = a.resource_id WHERE ${within} AND ${states.open} LIMIT 1000) x`;
    const alerts = rows.slice(0, alertPageSize);
    return {
      alerts,
      next: rows.length > alertPageSize ? (alerts.at(-1)?.id ?? null) : null,
      open: counted?.open ?? 0,
    };
  });
}

export interface AlertSettingView {
  readonly kind: AlertKind;
  readonly enabled: boolean;
  readonly threshold: number;
  /** The resource of the setting; null for the built-in default. */
  readonly madeAt: { readonly id: string; readonly displayName: string } | null;
}

/** All alert settings of a resource. */
export interface AlertSettingsView {
  readonly settings: readonly AlertSettingView[];
  /** The time zone of usual hours: the organisation's, set at the root. */
  readonly timeZone: string;
  readonly atRoot: boolean;
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
      { kind: AlertKind; enabled: boolean; threshold: number; id: string; displayName: string }[]
    >`
      SELECT DISTINCT ON (s.kind) s.kind::text, s.enabled, s.threshold, at.id, at.display_name AS "displayName"
      FROM alert_settings s JOIN resources at ON at.id = s.resource_id
      WHERE s.resource_id = ANY (path_ids(${resource.path}))
      ORDER BY s.kind, length(at.path) DESC`;
    const { timeZone } = await transaction.installation.findFirstOrThrow({ select: { timeZone: true } });
    const settings = alertKinds.map((kind) => {
      const own = rows.find((row) => row.kind === kind);
      return own
        ? {
            kind,
            enabled: own.enabled,
            threshold: own.threshold,
            madeAt: { id: own.id, displayName: own.displayName },
          }
        : { kind, enabled: true, threshold: alertDescriptions[kind].threshold?.initial ?? 1, madeAt: null };
    });
    return { settings, timeZone, atRoot: resource.parentId === null };
  });
}
