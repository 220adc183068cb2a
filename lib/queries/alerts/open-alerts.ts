import { heldRoles, may, pathsOf } from "@/lib/authority/authority";
import {
  type AlertKind,
  type AlertSeverity,
  alertDescriptions,
  alertKinds,
  alertSeverities,
  alertsCountedAtMost,
} from "@/lib/domain/alerts/alerts";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";

/** The open alerts of one kind, in the caller's scopes. */
export interface OpenAlerts {
  readonly kind: AlertKind;
  readonly title: string;
  /** The severity of the most severe one. */
  readonly severity: AlertSeverity;
  /** Counted up to `alertsCountedAtMost` and one more. */
  readonly count: number;
  /** How many of those counted are of high severity. */
  readonly high: number;
  /** A resource whose page of alerts lists them. */
  readonly resourceId: string;
}

/** The open alerts by kind, the most severe first: those that the caller may read, and those that they may resolve. */
export interface OpenAlertsOfCaller {
  readonly readable: readonly OpenAlerts[];
  readonly resolvable: readonly OpenAlerts[];
}

export function openAlerts(database: Database, caller: Caller): Promise<OpenAlertsOfCaller> {
  return readOnce(database, async (client) => {
    const roles = await heldRoles(client, caller.userId);
    const [toRead, toResolve] = [pathsOf(roles, action.readAlerts), pathsOf(roles, action.writeAlerts)];
    const readable = await openWithin(client, toRead);
    const same = toRead.join() === toResolve.join();
    return { readable, resolvable: same ? readable : await openWithin(client, toResolve) };
  });
}

async function openWithin(client: Transaction, paths: readonly string[]): Promise<OpenAlerts[]> {
  if (paths.length === 0) return [];
  const within = Prisma.join(
    paths.map((path) => Prisma.sql`r.path = ${path} OR (r.path > ${`${path}.`} AND r.path < ${`${path}/`})`),
    " OR ",
  );
  const rows = await client.$queryRaw<
    { kind: AlertKind; severity: AlertSeverity; count: number; high: number; path: string }[]
  >`
    SELECT ${planOnce} k.kind, found.severity::text, found.count, found.high, found.path
    FROM unnest(${[...alertKinds]}::alert_kind[]) AS k (kind)
    -- If no alert of a kind is open anywhere, no resource is read. In order, so that an index answers
    -- this.
    CROSS JOIN LATERAL (
      SELECT FROM alerts any_open
      WHERE any_open.kind = k.kind AND any_open.resolved_at IS NULL AND any_open.dismissed_at IS NULL
      ORDER BY any_open.id DESC LIMIT 1) somewhere
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS count, count(*) FILTER (WHERE x.severity = 'High')::int AS high,
        min(x.path) AS path, max(x.severity) AS severity FROM (
        SELECT r.path, a.severity FROM alerts a JOIN resources r ON r.id = a.resource_id
        WHERE a.kind = k.kind AND a.resolved_at IS NULL AND a.dismissed_at IS NULL AND (${within})
        LIMIT ${alertsCountedAtMost + 1}) x) found
    WHERE found.count > 0`;
  return rows
    .map(({ kind, severity, count, high, path }) => {
      const { title } = alertDescriptions[kind];
      const top = paths.find((each) => path === each || path.startsWith(`${each}.`)) ?? path;
      return { kind, title, severity, count, high, resourceId: resourceIdOf(top) };
    })
    .sort(
      (one, other) =>
        alertSeverities.indexOf(one.severity) - alertSeverities.indexOf(other.severity) ||
        other.count - one.count,
    );
}

/** The id of the resource at the end of a path. */
function resourceIdOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

/** The open alerts of the highest severity that occurs. */
export interface HighestOpen {
  readonly severity: AlertSeverity;
  /** Counted up to `alertsCountedAtMost` and one more. */
  readonly count: number;
}

/** A literal, since the planner would assume more rows for a parameter. */
const severities = Prisma.raw(`'{${alertSeverities.join()}}'::alert_severity[]`);

/**
 * How many alerts of the highest severity are open at a resource and below it; null where none is open, or the caller
 * may not read alerts there.
 */
export function highestOpen(
  database: Database,
  caller: Caller,
  place: { readonly id: string; readonly path: string },
): Promise<HighestOpen | null> {
  return readOnce(database, async (client) => {
    if (!(await may(client, caller.userId, action.readAlerts, place.id))) return null;
    const [highest] = await client.$queryRaw<HighestOpen[]>`
      SELECT ${planOnce} s.severity::text, found.count
      FROM unnest(${severities}) AS s (severity)
      -- As for kinds above.
      CROSS JOIN LATERAL (
        SELECT FROM alerts any_open
        WHERE any_open.severity = s.severity AND any_open.resolved_at IS NULL AND any_open.dismissed_at IS NULL
        ORDER BY any_open.resource_id LIMIT 1) somewhere
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS count FROM (
          SELECT FROM alerts a JOIN resources r ON r.id = a.resource_id
          WHERE a.severity = s.severity AND a.resolved_at IS NULL AND a.dismissed_at IS NULL
            AND (r.path = ${place.path} OR (r.path > ${`${place.path}.`} AND r.path < ${`${place.path}/`}))
          LIMIT ${Prisma.raw(String(alertsCountedAtMost + 1))}) x) found
      WHERE found.count > 0 ORDER BY s.severity DESC LIMIT 1`;
    return highest ?? null;
  });
}
