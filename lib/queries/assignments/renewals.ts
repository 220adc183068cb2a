import { orphanedAt } from "@/lib/authority/request-basis";
import { proposedEnd, renewalOffer } from "@/lib/domain/assignments/renewal";
import { type RequestStatus, statusAt } from "@/lib/domain/requests/request-state";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";

/** What a member may ask for about one eligibility or direct assignment, and the results of earlier requests. */
export interface RenewalState {
  readonly assignmentType: "Eligible" | "Active";
  readonly offer: "Extend" | "Renew" | null;
  /** The newest request about it; null if there is none. */
  readonly request: {
    readonly asked: "Extend" | "Renew";
    readonly status: RequestStatus;
    /** The administrator's reason. */
    readonly reason: string | null;
  } | null;
  /** The member has the same role again, now or later. */
  readonly renewed: boolean;
  readonly proposedEnd: Date;
  /** The maximum of the role settings; null if permanent is allowed. */
  readonly maximumDays: number | null;
}

interface Row {
  readonly id: string;
  /** The database's time. */
  readonly now: Date;
  readonly assignmentType: "Eligible" | "Assigned";
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  readonly removed: boolean;
  readonly renewed: boolean;
  readonly eligibleMaximumDays: number | null;
  readonly activeMaximumDays: number | null;
  readonly requestType: "SelfExtend" | "SelfRenew" | null;
  readonly status: RequestStatus;
  readonly requestedStart: Date | null;
  readonly orphanedAt: Date | null;
  readonly reason: string | null;
}

/**
 * For each of these eligibilities or assignments of the caller or their groups, by id: whether it can
 * be extended or renewed now, and what they asked for in the last sixty days.
 */
export function renewalStates(
  database: Database,
  caller: Caller,
  ids: readonly string[],
): Promise<Map<string, RenewalState>> {
  return readOnce(database, async (client) => {
    const rows = await client.$queryRaw<Row[]>`
      ${planOnce} WITH reached AS MATERIALIZED (SELECT r.id FROM principal_and_groups(${caller.userId}::uuid) AS r (id)),
      asked AS MATERIALIZED (
        SELECT eligibility_id, assignment_id FROM requests
        WHERE requestor_id = ${caller.userId}::uuid AND request_type IN ('SelfExtend', 'SelfRenew') AND duration_minutes IS NULL
          AND created_at > postern_now() - interval '60 days' AND (eligibility_id = ANY (${[...ids]}::uuid[]) OR assignment_id = ANY (${[...ids]}::uuid[]))),
      access AS (
        SELECT id, 'Eligible' AS type, principal_id, role_definition_id, resource_id, starts_at, ends_at, removed_at
        FROM eligibilities WHERE id = ANY (${[...ids]}::uuid[]) AND principal_id IN (SELECT id FROM reached)
          AND (ends_at BETWEEN postern_now() - interval '30 days' AND postern_now() + interval '14 days'
            OR id IN (SELECT eligibility_id FROM asked))
        UNION ALL
        SELECT id, 'Assigned', principal_id, role_definition_id, resource_id, starts_at, ends_at, removed_at
        FROM assignments WHERE id = ANY (${[...ids]}::uuid[]) AND principal_id IN (SELECT id FROM reached)
          AND assignment_type = 'Assigned'
          AND (ends_at BETWEEN postern_now() - interval '30 days' AND postern_now() + interval '14 days'
            OR id IN (SELECT assignment_id FROM asked)))
      SELECT x.id, postern_now() AS now, x.type AS "assignmentType", x.starts_at AS "startsAt", x.ends_at AS "endsAt",
        x.removed_at IS NOT NULL AS removed,
        CASE x.type
          WHEN 'Eligible' THEN EXISTS (SELECT FROM eligibilities e WHERE e.principal_id = x.principal_id
            AND e.role_definition_id = x.role_definition_id AND e.resource_id = x.resource_id AND e.id <> x.id
            AND e.removed_at IS NULL AND (e.ends_at IS NULL OR e.ends_at > postern_now()))
          ELSE EXISTS (SELECT FROM assignments a WHERE a.principal_id = x.principal_id
            AND a.role_definition_id = x.role_definition_id AND a.resource_id = x.resource_id AND a.id <> x.id
            AND a.assignment_type = 'Assigned' AND a.removed_at IS NULL
            AND (a.ends_at IS NULL OR a.ends_at > postern_now())) END AS renewed,
        p.eligible_maximum_days AS "eligibleMaximumDays",
        p.active_maximum_days AS "activeMaximumDays",
        q.request_type::text AS "requestType", q.status::text, q.decision_justification AS reason,
        q.starts_at AS "requestedStart", ${orphanedAt("q")} AS "orphanedAt"
      FROM access x
      CROSS JOIN LATERAL direct_settings(x.role_definition_id, x.resource_id) p
      LEFT JOIN LATERAL (
        SELECT * FROM requests
        WHERE request_type IN ('SelfExtend', 'SelfRenew') AND duration_minutes IS NULL
          AND CASE x.type WHEN 'Eligible' THEN eligibility_id = x.id ELSE assignment_id = x.id END
        ORDER BY id DESC LIMIT 1) q ON TRUE
      LIMIT 200`;
    return new Map(rows.map((row) => [row.id, stateOf(row)]));
  });
}

function stateOf(row: Row): RenewalState {
  const eligible = row.assignmentType === "Eligible";
  const maximumDays = eligible ? row.eligibleMaximumDays : row.activeMaximumDays;
  const offer = renewalOffer(row, row.now);
  const { requestType, orphanedAt, requestedStart: startsAt } = row;
  const status =
    requestType === null
      ? row.status
      : statusAt(
          { requestType, durationMinutes: null, status: row.status, startsAt, expiresAt: null, orphanedAt },
          row.now,
        );
  const waiting = requestType !== null && status === "PendingApproval";
  const closed = waiting || (offer === "Renew" && row.renewed);
  return {
    assignmentType: eligible ? "Eligible" : "Active",
    offer: closed ? null : offer,
    request:
      row.requestType === null
        ? null
        : {
            asked: row.requestType === "SelfExtend" ? "Extend" : "Renew",
            status,
            reason: row.reason,
          },
    renewed: row.renewed,
    proposedEnd: proposedEnd(row, maximumDays, row.now),
    maximumDays,
  };
}
