import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";
import {
  type Taken,
  type TakenColumn,
  takenColumn,
  takenOf,
} from "@/lib/queries/activation/activation-terms";

/** A role at a scope that the caller often activates, and how they did so the last time. */
export interface DailyRole {
  readonly eligibilityId: string;
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly favourite: boolean;
  /** What the caller already has of the role at this very resource. */
  readonly taken: Taken | null;
  /** The database's time, to count from. */
  readonly now: Date;
  /** Null when the caller has not activated it yet. */
  readonly lastTime: LastTime | null;
}

/** The values of a member's last activation of a role, to offer the same again. */
export interface LastTime {
  readonly resourceId: string;
  readonly durationMinutes: number;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
}

/** How many of the caller's own requests are searched for the last activations. */
const recentRequests = 200;

/**
 * The caller's favourites in their order, then recent activations, newest first. Only roles that they
 * are eligible for now, at most ten, each by the nearest eligibility.
 */
export function dailyRoles(database: Database, caller: Caller): Promise<DailyRole[]> {
  return readOnce(database, (transaction) => dailyRolesIn(transaction, caller));
}

/** `dailyRoles` inside an open transaction. */
export async function dailyRolesIn(transaction: Transaction, caller: Caller): Promise<DailyRole[]> {
  const rows = await transaction.$queryRaw<(Omit<DailyRole, "taken"> & { readonly taken: TakenColumn })[]>`
      ${planOnce} WITH eligible AS MATERIALIZED (
        SELECT e.id, e.role_definition_id, e.resource_id, length(r.path) AS depth
        FROM current_eligibilities(${caller.userId}::uuid, postern_now()) e JOIN resources r ON r.id = e.resource_id
      ), recent AS MATERIALIZED (
        SELECT DISTINCT ON (q.role_definition_id, q.resource_id) q.*
        FROM (SELECT * FROM requests WHERE requestor_id = ${caller.userId}::uuid
          ORDER BY created_at DESC, id DESC LIMIT ${recentRequests}) q
        WHERE q.request_type = 'SelfActivate' AND q.status IN ('Provisioned', 'ScheduleCreated')
          AND q.ends_at IS NOT NULL
        ORDER BY q.role_definition_id, q.resource_id, q.created_at DESC
      ), daily AS (
        SELECT role_definition_id, resource_id, position FROM favourites WHERE user_id = ${caller.userId}::uuid
        UNION ALL
        SELECT role_definition_id, resource_id, NULL FROM recent x WHERE NOT EXISTS (
          SELECT FROM favourites f WHERE f.user_id = ${caller.userId}::uuid
            AND f.role_definition_id = x.role_definition_id AND f.resource_id = x.resource_id)
      )
      SELECT e.id AS "eligibilityId", d.id AS "roleDefinitionId", d.role_name AS "roleName", r.id AS "resourceId",
        r.display_name AS "resourceName", daily.position IS NOT NULL AS favourite,
        postern_now() AS now,
        ${takenColumn(caller.userId, Prisma.sql`d.id`, Prisma.sql`r.id`)} AS taken,
        CASE WHEN recent.id IS NOT NULL THEN json_build_object('resourceId', r.id,
          'durationMinutes', round(extract(epoch FROM recent.ends_at - recent.starts_at) / 60),
          'justification', recent.justification, 'ticketNumber', recent.ticket_number,
          'ticketSystem', recent.ticket_system) END AS "lastTime"
      FROM daily
      JOIN role_definitions d ON d.id = daily.role_definition_id
      JOIN resources r ON r.id = daily.resource_id
      LEFT JOIN recent ON recent.role_definition_id = d.id AND recent.resource_id = r.id
      CROSS JOIN LATERAL (
        SELECT id FROM eligible WHERE role_definition_id = d.id AND resource_id = ANY (path_ids(r.path))
        ORDER BY depth DESC, id LIMIT 1) e
      ORDER BY daily.position NULLS LAST, recent.created_at DESC, d.id, r.id LIMIT 10`;
  return rows.map((row) => ({ ...row, taken: takenOf(row.taken, row.now) }));
}
