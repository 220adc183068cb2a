import { stillWaitsToExtend } from "@/lib/authority/request-basis";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";

/** A role that the caller holds now, as Home shows it. */
export interface ActiveNowRow {
  readonly id: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly endsAt: Date | null;
  readonly activated: boolean;
  /** The caller's own, not a group's. */
  readonly own: boolean;
  /** A request to extend it waits. */
  readonly extensionWaits: boolean;
  /** The reason given at the activation. */
  readonly justification: string | null;
  /** The database's time, to count from. */
  readonly now: Date;
}

/**
 * What the caller holds now, at most `limit`, and whether there is more. Activations come first, and
 * those that end first come first.
 */
export function activeNow(
  database: Database,
  caller: Caller,
  limit: number,
): Promise<{ readonly rows: readonly ActiveNowRow[]; readonly more: boolean }> {
  return readOnce(database, async (client) => {
    const rows = await client.$queryRaw<ActiveNowRow[]>`
      SELECT ${planOnce} x.id, d.role_name AS "roleName", r.id AS "resourceId", r.display_name AS "resourceName",
        x.ends_at AS "endsAt", x.assignment_type = 'Activated' AS activated,
        x.principal_id = ${caller.userId}::uuid AS own, postern_now() AS now,
        x.assignment_type = 'Activated' AND ${stillWaitsToExtend("x")} IS NOT NULL AS "extensionWaits",
        CASE WHEN x.assignment_type = 'Activated' THEN (
          SELECT q.justification FROM requests q WHERE q.assignment_id = x.id AND q.request_type = 'SelfActivate'
          ORDER BY q.id LIMIT 1) END AS justification
      FROM active_assignments(${caller.userId}::uuid, postern_now()) x
      JOIN role_definitions d ON d.id = x.role_definition_id JOIN resources r ON r.id = x.resource_id
      ORDER BY x.assignment_type = 'Activated' DESC, x.ends_at, x.id LIMIT ${limit + 1}`;
    return { rows: rows.slice(0, limit), more: rows.length > limit };
  });
}

/** An eligibility or a direct assignment of the caller that ends soon. */
export interface EndingRow {
  readonly id: string;
  readonly roleName: string;
  readonly resourceName: string;
  readonly resourceId: string;
  readonly endsAt: Date;
  readonly eligible: boolean;
}

/** What the caller has that ends within fourteen days, when it can be extended. What ends first comes first. */
export function endingSoon(database: Database, caller: Caller, limit: number): Promise<EndingRow[]> {
  return readOnce(
    database,
    (client) => client.$queryRaw<EndingRow[]>`
      SELECT ${planOnce} x.id, d.role_name AS "roleName", r.display_name AS "resourceName", r.id AS "resourceId",
        x.ends_at AS "endsAt", x.eligible
      FROM (
        SELECT id, role_definition_id, resource_id, ends_at, true AS eligible
        FROM current_eligibilities(${caller.userId}::uuid, postern_now())
        UNION ALL
        SELECT id, role_definition_id, resource_id, ends_at, false
        FROM active_assignments(${caller.userId}::uuid, postern_now()) WHERE assignment_type = 'Assigned') x
      JOIN role_definitions d ON d.id = x.role_definition_id JOIN resources r ON r.id = x.resource_id
      WHERE x.ends_at <= postern_now() + interval '14 days'
      ORDER BY x.ends_at, x.id LIMIT ${limit}`,
  );
}
