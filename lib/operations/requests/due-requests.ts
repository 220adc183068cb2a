import { storedWaiting } from "@/lib/authority/request-basis";
import type { WaitingStatus } from "@/lib/domain/requests/request-state";
import { type EventSubject, eventSubjectOf } from "@/lib/operations/gate/event-subject";
import { batch } from "@/lib/operations/gate/sweep";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** A waiting request with a due moment of its approval. */
export interface DueRequest {
  /** The subject of its events. */
  readonly about: EventSubject & {
    readonly requestId: string;
    readonly eligibilityId: string | null;
  };
  /** What the request waits for. */
  readonly status: WaitingStatus;
  readonly at: Date;
  readonly expiresAt: Date;
  readonly justification: string | null;
  readonly escalationIds: readonly string[];
}

/**
 * Locks a batch of waiting requests `q` with their approvals `a`, whose moment in a column of `a` is
 * due, if they meet a condition. Requests that a verb has locked are left for the next run.
 */
export async function lockDueRequests(
  transaction: Transaction,
  column: "expires_at" | "escalates_at" | "reminds_at",
  condition: Prisma.Sql,
): Promise<DueRequest[]> {
  const moment = Prisma.raw(`a.${column}`);
  const rows = await transaction.$queryRaw<(DueRequest["about"] & Omit<DueRequest, "about">)[]>`
    SELECT q.id AS "requestId", q.eligibility_id AS "eligibilityId", q.status::text, q.justification, ${moment} AS at,
      a.expires_at AS "expiresAt", a.escalation_ids AS "escalationIds",
      ${eventSubjectOf("q")}
    FROM request_approvals a JOIN requests q ON q.id = a.request_id
    WHERE a.closed_at IS NULL AND ${moment} <= postern_now() AND ${storedWaiting("q")} AND ${condition}
    ORDER BY ${moment}, q.id LIMIT ${batch} FOR UPDATE OF q, a SKIP LOCKED`;
  return rows.map(({ status, at, expiresAt, justification, escalationIds, ...about }) => ({
    about,
    status,
    at,
    expiresAt,
    justification,
    escalationIds,
  }));
}
