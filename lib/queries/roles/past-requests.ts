import type { ResourceFacts } from "@/lib/authority/authority";
import { ofActivation } from "@/lib/authority/request-basis";
import { replayDays } from "@/lib/domain/gate/replay-days";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { pathWithin } from "@/lib/platform/sql/path-below";

/**
 * How many requests are replayed, how many requests of a role are examined for that, and up to how many
 * resources are read one by one.
 */
export interface ReplayLimits {
  readonly requests: number;
  readonly candidates: number;
  readonly places: number;
}

export const replayLimits: ReplayLimits = { requests: 5_000, candidates: 50_000, places: 500 };

/** A request as it was recorded, with the resources that it is judged by. */
export interface RecordedRequest {
  readonly id: string;
  readonly kind: "Activation" | "Eligible" | "Active";
  readonly createdAt: Date;
  readonly principalId: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly path: string;
  /** Of an activation. */
  readonly eligibilityResourceId: string | null;
  readonly durationMinutes: number | null;
  /** From when it was judged. */
  readonly judgedFrom: Date;
  readonly endsAt: Date | null;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
  /** Whether a rule required a code whatever the settings said. */
  readonly alwaysCode: boolean;
}

export interface RecordedRequests {
  readonly rows: readonly RecordedRequest[];
  /** All of them since this moment, newest first. */
  readonly since: Date;
  /** Whether these are all of the last `replayDays` days. */
  readonly whole: boolean;
}

/** What the index `requests_role_idx` holds. */
const indexed = Prisma.sql`q.request_type NOT IN ('SelfDeactivate', 'AdminRemove')`;
/**
 * What is replayed. An extension of an activation is judged as an activation from that moment to its
 * new end. Other requests of members to extend or renew are decided by administrators, and are judged
 * by the administrator's decision.
 */
const judged = Prisma.sql`(${ofActivation("q")} OR q.request_type IN ('AdminAssign', 'AdminUpdate', 'AdminExtend', 'AdminRenew'))`;

/**
 * The requests for a role at and below a resource that the settings of that resource judge, of the last
 * ninety days by the database's clock: activations of eligibilities given there or above, their
 * extensions, and what administrators assigned, changed, extended or renewed. The newest ones, within
 * `limits`. Only for readers that check who may ask.
 */
export async function recordedRequests(
  transaction: Transaction,
  roleDefinitionId: string,
  resource: Pick<ResourceFacts, "id" | "path">,
  limits: ReplayLimits = replayLimits,
): Promise<RecordedRequests> {
  const [place] = await transaction.$queryRaw<{ places: number; since: Date; oldest: Date | null }[]>`
    SELECT (SELECT count(*)::int FROM (
        SELECT FROM resources r JOIN resources top ON top.id = ${resource.id}::uuid AND ${pathWithin("r.path", "top.path")}
        LIMIT ${limits.places + 1}) p) AS places,
      postern_now() - make_interval(days => ${replayDays}) AS since,
      (SELECT q.created_at FROM requests q WHERE q.role_definition_id = ${roleDefinitionId}::uuid AND ${indexed}
          AND q.created_at >= postern_now() - make_interval(days => ${replayDays})
        ORDER BY q.created_at DESC, q.id DESC OFFSET ${limits.candidates} LIMIT 1) AS oldest`;
  if (!place) throw new Error("the database did not tell the time");
  const few = place.places <= limits.places;
  const since = few ? place.since : (place.oldest ?? place.since);
  const recent = Prisma.sql`q.role_definition_id = ${roleDefinitionId}::uuid AND ${indexed} AND ${judged}
    AND q.created_at >= ${place.since}::timestamptz AND q.created_at >= ${since}::timestamptz`;
  const newest = Prisma.sql`ORDER BY q.created_at DESC, q.id DESC LIMIT ${limits.requests + 1}`;
  // Few resources are read one by one. For many, the latest requests of all resources are filtered.
  const candidates = few
    ? Prisma.sql`resources s CROSS JOIN LATERAL (
        SELECT q.* FROM requests q WHERE q.resource_id = s.id AND ${recent} ${newest}) q`
    : Prisma.sql`requests q JOIN resources s ON s.id = q.resource_id AND ${recent}`;
  const rows = await transaction.$queryRaw<RecordedRequest[]>`
    SELECT f.*, f.kind <> 'Activation' AND EXISTS (
        SELECT FROM audit_events e WHERE e.request_id = f.id
          AND e.details -> 'stepUp' ?| ARRAY['ToOneself', 'OutlastsAuthority', 'RoleGivesAccess']) AS "alwaysCode"
    FROM (
      SELECT q.id, q.created_at AS "createdAt", q.principal_id AS "principalId", s.id AS "resourceId",
        s.display_name AS "resourceName", s.path, e.resource_id AS "eligibilityResourceId",
        CASE WHEN ${ofActivation("q")} THEN 'Activation'
          WHEN coalesce(q.resulting_assignment_id, q.assignment_id) IS NOT NULL
            AND q.resulting_eligibility_id IS NULL THEN 'Active'
          ELSE 'Eligible' END AS kind,
        q.duration_minutes AS "durationMinutes",
        greatest(q.starts_at, q.created_at) AS "judgedFrom", q.ends_at AS "endsAt", q.justification,
        q.ticket_number AS "ticketNumber", q.ticket_system AS "ticketSystem"
      FROM resources top CROSS JOIN ${candidates}
      LEFT JOIN eligibilities e ON e.id = q.eligibility_id AND ${ofActivation("q")}
      WHERE top.id = ${resource.id}::uuid AND ${pathWithin("s.path", "top.path")}
        AND (NOT ${ofActivation("q")} OR e.resource_id = ANY (path_ids(top.path)))
      ${newest}) f
    ORDER BY f."createdAt" DESC, f.id DESC`;
  const last = rows[limits.requests - 1];
  const cut = rows.length > limits.requests && last !== undefined;
  return {
    rows: rows.slice(0, limits.requests),
    since: cut ? last.createdAt : since,
    whole: !cut && since.getTime() === place.since.getTime(),
  };
}
