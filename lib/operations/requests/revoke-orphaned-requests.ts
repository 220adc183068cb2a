import { orphanedBeforeTimeOut, orphanedReason, storedWaiting } from "@/lib/authority/request-basis";
import type { AuditKind } from "@/lib/domain/audit/audit-kinds";
import { eventWhenOrphaned, statusAfter, type WaitingStatus } from "@/lib/domain/requests/request-state";
import { isOfActivation, type RequestSubject } from "@/lib/domain/requests/request-subject";
import { type EventSubject, eventSubjectOf } from "@/lib/operations/gate/event-subject";
import { batch, sweep } from "@/lib/operations/gate/sweep";
import { awaitedCodeDetails } from "@/lib/operations/requests/close-request";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * The waiting requests to check: one request, those of an eligibility or an activation, or those of
 * principals and everybody below them, for themselves or for a group.
 */
export type Among =
  | { readonly requestId: string }
  | { readonly eligibilityId: string }
  | { readonly assignmentId: string }
  | { readonly principalIds: readonly string[] };

interface OrphanedRow extends EventSubject {
  readonly requestId: string;
  readonly requestType: string;
  readonly durationMinutes: number | null;
  readonly status: WaitingStatus;
  readonly eligibilityId: string | null;
  readonly assignmentId: string | null;
  readonly reason: string;
}

/**
 * Ends the waiting requests whose basis is gone, in the transaction that removed it, so that nobody is
 * asked about what cannot be granted. A request about an activation becomes `Revoked`, approved or not.
 * Any other request to extend or renew becomes `Canceled`. A request that timed out before is left to
 * the worker. The access is locked already; requests come after it in the order of locks. `actor` is
 * the person who removed the basis; null if it ended by itself. Returns how many ended.
 */
export async function revokeOrphaned(
  transaction: Transaction,
  actor: Actor | null,
  among: Among,
): Promise<number> {
  return revoke(
    transaction,
    actor,
    await lockOrphaned(transaction, condition(among), Prisma.sql`FOR UPDATE OF q`),
  );
}

/**
 * Records requests whose basis ended by itself: an eligibility that ended by time, or a group that is
 * no longer reached. Readers already had that answer (docs/rules.md, rule 5). Requests that a verb has
 * locked are left for the next run. Returns how many requests ended.
 */
export function revokeOrphanedRequests(database: Database): Promise<number> {
  return sweep(database, async (transaction) => {
    const how = Prisma.sql`LIMIT ${batch} FOR UPDATE OF q SKIP LOCKED`;
    return revoke(transaction, null, await lockOrphaned(transaction, Prisma.sql`TRUE`, how));
  });
}

/**
 * Ends waiting requests whose resource is moved outside their eligibility's scope, or to where other
 * settings judge them. Returns how many ended.
 */
export function revokeMoved(
  transaction: Transaction,
  actor: Actor,
  requestIds: readonly string[],
  movedResourceId: string,
): Promise<number> {
  const reason = "The resource was moved: ask again under the settings of its new place.";
  return revokeBecause(transaction, actor, requestIds, reason, { movedResourceId });
}

/** Ends waiting requests at resources that are retired. Returns how many ended. */
export function revokeRetired(
  transaction: Transaction,
  actor: Actor,
  requestIds: readonly string[],
  retirementId: string,
): Promise<number> {
  return revokeBecause(transaction, actor, requestIds, "The resource was retired.", { retirementId });
}

async function revokeBecause(
  transaction: Transaction,
  actor: Actor,
  requestIds: readonly string[],
  reason: string,
  /** Which access the requests ended with. The requestors get one notice of the whole change. */
  change: Readonly<Record<string, string>>,
): Promise<number> {
  if (requestIds.length === 0) return 0;
  const rows = await transaction.$queryRaw<OrphanedRow[]>`
    SELECT q.id AS "requestId", q.request_type::text AS "requestType",
      q.duration_minutes AS "durationMinutes", q.status::text, q.eligibility_id AS "eligibilityId",
      q.assignment_id AS "assignmentId", ${eventSubjectOf("q")}, ${reason} AS reason
    FROM requests q WHERE ${storedWaiting("q")} AND q.id = ANY (${[...requestIds]}::uuid[])
    ORDER BY q.id FOR UPDATE OF q`;
  return revoke(transaction, actor, rows, change);
}

function condition(among: Among): Prisma.Sql {
  if ("requestId" in among) return Prisma.sql`q.id = ${among.requestId}::uuid`;
  if ("eligibilityId" in among) return Prisma.sql`q.eligibility_id = ${among.eligibilityId}::uuid`;
  if ("assignmentId" in among) return Prisma.sql`q.assignment_id = ${among.assignmentId}::uuid`;
  const below = Prisma.sql`(SELECT principals_and_members_below(${[...among.principalIds]}::uuid[]))`;
  return Prisma.sql`(q.principal_id IN ${below} OR q.requestor_id IN ${below})`;
}

function lockOrphaned(transaction: Transaction, which: Prisma.Sql, how: Prisma.Sql): Promise<OrphanedRow[]> {
  return transaction.$queryRaw<OrphanedRow[]>`
    SELECT q.id AS "requestId", q.request_type::text AS "requestType",
      q.duration_minutes AS "durationMinutes", q.status::text, q.eligibility_id AS "eligibilityId",
      q.assignment_id AS "assignmentId",
      ${eventSubjectOf("q")},
      ${orphanedReason("q")} AS reason
    FROM requests q
    WHERE ${storedWaiting("q")} AND ${which} AND ${orphanedBeforeTimeOut("q")}
    ORDER BY q.id ${how}`;
}

async function revoke(
  transaction: Transaction,
  actor: Actor | null,
  rows: readonly OrphanedRow[],
  change: Readonly<Record<string, string>> = {},
): Promise<number> {
  if (rows.length === 0) return 0;
  const statuses = rows.map((row) => statusAfter(row.status, eventWhenOrphaned(row)));
  await transaction.$executeRaw`
    UPDATE requests SET status = given.status::request_status, completed_at = postern_now(),
      failure_reasons = ARRAY[given.reason]
    FROM unnest(${rows.map((row) => row.requestId)}::uuid[], ${rows.map((row) => row.reason)}::text[],
      ${statuses}::text[]) AS given (id, reason, status)
    WHERE requests.id = given.id`;
  await transaction.$executeRaw`
    UPDATE request_approvals SET closed_at = postern_now()
    WHERE request_id = ANY (${rows.map((row) => row.requestId)}::uuid[])`;
  await recordAuditEvents(
    transaction,
    rows.map(({ requestType, durationMinutes, status, reason, ...about }) => ({
      ...about,
      kind: kindWhenOrphaned({ requestType, durationMinutes }),
      outcome: "Success",
      ...(actor ? { caller: actor } : {}),
      details: { reason, ...awaitedCodeDetails(status), ...change },
    })),
  );
  return rows.length;
}

function kindWhenOrphaned(request: RequestSubject): AuditKind {
  if (isOfActivation(request)) return "RequestRevoked";
  return request.requestType === "SelfRenew" ? "RenewalCanceled" : "ExtensionCanceled";
}
