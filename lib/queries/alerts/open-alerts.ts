import { heldRoles, pathsOf } from "@/lib/authority/authority";
import {
  type AlertKind,
  type AlertSeverity,
  alertDescriptions,
  alertKinds,
} from "@/lib/domain/alerts/alerts";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";

/** Counts of one kind stop here. */
export const alertsCountedAtMost = 99;

/** The open alerts of one kind, in the caller's scopes. */
export interface OpenAlerts {
  readonly kind: AlertKind;
  readonly title: string;
  readonly severity: AlertSeverity;
  /** Counted up to `alertsCountedAtMost` and one more. */
  readonly count: number;
  /** A resource whose page of alerts lists them. */
  readonly resourceId: string;
}

const weight: Readonly<Record<AlertSeverity, number>> = { High: 0, Medium: 1, Low: 2 };

/** The open alerts by kind, the most severe first: where the caller may read them, and where they may resolve them. */
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
  const rows = await client.$queryRaw<{ kind: AlertKind; count: number; path: string }[]>`
    SELECT ${planOnce} k.kind, found.count, found.path
    FROM unnest(${[...alertKinds]}::alert_kind[]) AS k (kind)
    CROSS JOIN LATERAL (
      SELECT count(*)::int AS count, min(x.path) AS path FROM (
        SELECT r.path FROM alerts a JOIN resources r ON r.id = a.resource_id
        WHERE a.kind = k.kind AND a.resolved_at IS NULL AND a.dismissed_at IS NULL AND (${within})
        LIMIT ${alertsCountedAtMost + 1}) x) found
    WHERE found.count > 0`;
  return rows
    .map(({ kind, count, path }) => {
      const { title, severity } = alertDescriptions[kind];
      const top = paths.find((each) => path === each || path.startsWith(`${each}.`)) ?? path;
      return { kind, title, severity, count, resourceId: resourceIdOf(top) };
    })
    .sort((one, other) => weight[one.severity] - weight[other.severity] || other.count - one.count);
}

/** The id of the resource at the end of a path. */
function resourceIdOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}
