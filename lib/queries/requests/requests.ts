import {
  ofActivation,
  orphanedAt,
  orphanedReason,
  storedWaiting,
  waitsForCode,
  waitsForDecision,
} from "@/lib/authority/request-basis";
import { approvalsOfOpenStages } from "@/lib/authority/stage-approvals";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { isWaiting, type RequestStatus, statusAt } from "@/lib/domain/requests/request-state";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import type { RequestType } from "@/lib/platform/generated/enums";
import { planOnce } from "@/lib/platform/prepared-statements";
import { identityColumn } from "@/lib/platform/principal-identity";
import { databaseNow, readOnce } from "@/lib/platform/transaction";
import { countRows } from "@/lib/queries/count-rows";

export const requestsPageSize = 50;

/** A request as lists show it. */
export interface RequestRow {
  readonly id: string;
  readonly requestType: RequestType;
  /** The status at this moment. A start that was reached or a time-out that has passed counts at once. */
  readonly status: RequestStatus;
  readonly createdAt: Date;
  readonly requestorId: string;
  readonly member: PrincipalIdentity;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
  readonly durationMinutes: number | null;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
  readonly failureReasons: readonly string[];
  /** The approvers whom an activation waits for, by name; empty otherwise. */
  readonly deciders: readonly PrincipalIdentity[];
  /** Until when it waits for them or for its member's code. */
  readonly expiresAt: Date | null;
  /** The database's time, to count from. */
  readonly now: Date;
  readonly stage: number | null;
  readonly stages: number | null;
  /** The running activation that it began. Null if it began none, or if that has ended. */
  readonly runningId: string | null;
  /** Who decided, and why, oldest first. */
  readonly decisions: readonly { readonly by: PrincipalIdentity; readonly justification: string }[];
  /** Its member approved it in an emergency, and the review is open or closed; null otherwise. */
  readonly emergency: "Open" | "Closed" | null;
  /** People who approved the open stage and are no longer approvers, so that their approval does not count. */
  readonly lapsed: readonly PrincipalIdentity[];
  /** It waits for its member, and a phishing-resistant factor is required. */
  readonly resistantOnly: boolean;
}

/** Whether the requestor or an administrator can still cancel it. */
export function isCancelable(request: Pick<RequestRow, "status" | "requestType">): boolean {
  return (
    isWaiting(request.status) ||
    (request.status === "ScheduleCreated" && request.requestType === "SelfActivate")
  );
}

interface Row extends Omit<RequestRow, "lapsed" | "now"> {
  readonly orphanedAt: Date | null;
  /** Why it is orphaned, if it is. */
  readonly lost: string | null;
}

/** Whether the settings of an activation, at any level that counts for it, accept only a phishing-resistant factor. */
const takesPasskey = (request: "q", resource: "s") => {
  const q = Prisma.raw(request);
  const path = Prisma.sql`path_ids(${Prisma.raw(resource)}.path)`;
  return Prisma.sql`EXISTS (
    SELECT FROM role_management_policies m JOIN eligibilities e ON e.id = ${q}.eligibility_id
    WHERE m.role_definition_id = ${q}.role_definition_id AND m.activation_requires_mfa AND m.activation_phishing_resistant
      AND m.resource_id = ANY ((${path})[array_position(${path}, e.resource_id):]))`;
};

async function select(
  transaction: Transaction,
  condition: Prisma.Sql,
  order: Prisma.Sql,
  planned = Prisma.empty,
): Promise<RequestRow[]> {
  const now = await databaseNow(transaction);
  const rows = await transaction.$queryRaw<Row[]>`
    SELECT ${planned} q.id, q.request_type::text AS "requestType", q.status::text, q.created_at AS "createdAt",
      ${orphanedAt("q")} AS "orphanedAt", CASE WHEN ${storedWaiting("q")} THEN ${orphanedReason("q")} END AS lost,
      ${identityColumn("p")} AS member, d.role_name AS "roleName", s.id AS "resourceId",
      s.display_name AS "resourceName", q.starts_at AS "startsAt", q.ends_at AS "endsAt",
      q.duration_minutes AS "durationMinutes", q.justification, q.ticket_number AS "ticketNumber",
      q.ticket_system AS "ticketSystem", q.failure_reasons AS "failureReasons",
      CASE WHEN a.closed_at IS NULL AND q.status = 'PendingApproval' THEN (
        SELECT coalesce(jsonb_agg(${identityColumn("each")} ORDER BY lower(each.display_name), each.id), '[]')
        FROM principals each WHERE each.id = ANY (a.approver_ids)
          OR (a.escalates_at <= ${now} AND each.id = ANY (a.escalation_ids))) ELSE '[]' END AS deciders,
      CASE WHEN q.request_type = 'SelfActivate' AND q.requestor_id = q.principal_id THEN (
        SELECT x.id FROM assignments x WHERE x.id = q.assignment_id AND x.starts_at <= ${now} AND x.ends_at > ${now})
        END AS "runningId",
      CASE WHEN v.request_id IS NULL THEN NULL WHEN v.closed_at IS NULL THEN 'Open' ELSE 'Closed' END AS emergency,
      q.status = 'PendingProvisioning' AND ${takesPasskey("q", "s")} AS "resistantOnly",
      a.expires_at AS "expiresAt", a.stage + 1 AS stage, jsonb_array_length(a.stages) AS stages,
      coalesce(
        (SELECT json_agg(json_build_object('by', ${identityColumn("by")}, 'justification', c.justification) ORDER BY c.id)
          FROM request_decisions c JOIN principals by ON by.id = c.decider_id WHERE c.request_id = q.id),
        (SELECT json_agg(json_build_object('by', ${identityColumn("by")}, 'justification', q.decision_justification))
          FROM principals by WHERE by.id = q.decided_by_id AND q.decision_justification IS NOT NULL),
        '[]') AS decisions
    FROM requests q
    JOIN principals p ON p.id = q.principal_id JOIN role_definitions d ON d.id = q.role_definition_id
    JOIN resources s ON s.id = q.resource_id
    LEFT JOIN request_approvals a ON a.request_id = q.id
    LEFT JOIN break_glass_reviews v ON v.request_id = q.id
    WHERE ${condition} ORDER BY ${order} LIMIT ${requestsPageSize}`;
  const approved = rows.filter((row) => isWaiting(row.status) && row.decisions.length > 0);
  const given = await approvalsOfOpenStages(
    transaction,
    approved.map((row) => row.id),
  );
  return rows.map(({ lost, orphanedAt, ...row }) => {
    const status = statusAt({ ...row, orphanedAt }, now);
    // The worker will record this reason. It explains the status that is shown.
    const failureReasons =
      orphanedAt !== null && lost !== null && status !== "TimedOut" ? [lost] : row.failureReasons;
    const lapsed = given.filter((each) => each.requestId === row.id && !each.counts);
    return { ...row, now, status, failureReasons, lapsed: lapsed.map((each) => each.decider) };
  });
}

/** Requests that wait for a decision, for their member's code, or for their start. */
const waiting = Prisma.sql`(${waitsForDecision("q")} OR ${waitsForCode("q")} OR (q.status = 'ScheduleCreated' AND q.starts_at > postern_now()))`;

/**
 * The caller's own requests, newest first, fifty a page. `before` is the id of the last one shown. All
 * of them, or those that still wait for a decision, the caller's code, or their start.
 */
export function myRequests(
  database: Database,
  caller: Caller,
  filter: { readonly before: string | null; readonly waiting: boolean },
): Promise<RequestRow[]> {
  const { before } = filter;
  const conditions = [
    Prisma.sql`q.requestor_id = ${caller.userId}::uuid`,
    ...(before === null ? [] : [Prisma.sql`q.id < ${before}::uuid`]),
    ...(filter.waiting ? [waiting] : []),
  ];
  return readOnce(database, (transaction) =>
    select(transaction, Prisma.join(conditions, " AND "), Prisma.sql`q.id DESC`, planOnce),
  );
}

/** How many requests `myRequests` has on all its pages (`countRows`). */
export function countMyRequests(
  database: Database,
  caller: Caller,
  filter: { readonly waiting: boolean },
): Promise<number> {
  return readOnce(database, (transaction) =>
    countRows(
      transaction,
      Prisma.sql`SELECT FROM requests q
        WHERE q.requestor_id = ${caller.userId}::uuid AND (${!filter.waiting} OR ${waiting})`,
    ),
  );
}

/**
 * The activations at a resource and below that wait for approval, their member's code or their start, oldest first,
 * fifty a page. Only for pages that have checked the permission to read assignments there.
 */
export function waitingActivations(
  database: Database,
  resourceId: string,
  after: string | null,
): Promise<RequestRow[]> {
  return readOnce(database, async (transaction) => {
    const within = await waitingWithin(transaction, resourceId);
    return select(
      transaction,
      Prisma.sql`${within} AND (${after}::uuid IS NULL OR q.id > ${after}::uuid)`,
      Prisma.sql`q.id`,
    );
  });
}

/** How many `waitingActivations` has on all its pages (`countRows`). */
export function countWaitingActivations(database: Database, resourceId: string): Promise<number> {
  return readOnce(database, async (transaction) =>
    countRows(
      transaction,
      Prisma.sql`SELECT FROM requests q JOIN resources s ON s.id = q.resource_id
        WHERE ${await waitingWithin(transaction, resourceId)}`,
    ),
  );
}

async function waitingWithin(transaction: Transaction, resourceId: string): Promise<Prisma.Sql> {
  const { path } = await transaction.resource.findUniqueOrThrow({ where: { id: resourceId } });
  return Prisma.sql`q.status IN ('PendingApproval', 'PendingProvisioning', 'ScheduleCreated')
    AND ${ofActivation("q")} AND ${waiting}
    AND (s.path = ${path} OR (s.path > ${`${path}.`} AND s.path < ${`${path}/`}))`;
}

/** A request by its id, without asking who reads it. Only for readers that check who may see it. Null if there is none. */
export async function requestById(database: Database, id: string): Promise<RequestRow | null> {
  const [row] = await readOnce(database, (transaction) =>
    select(transaction, Prisma.sql`q.id = ${id}::uuid`, Prisma.sql`q.id`, planOnce),
  );
  return row ?? null;
}
