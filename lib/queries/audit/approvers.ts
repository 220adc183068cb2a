import { principalRecord } from "@/lib/domain/people/principal-identity";
import type { Transaction } from "@/lib/platform/database";
import type { AuditEvent } from "@/lib/platform/generated/client";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * An event with the people who had approved its request by then, by their names and addresses at that
 * moment, oldest first.
 */
export type LoggedEvent = AuditEvent & { readonly approvers: readonly string[] };

/** The events that are approvals, as `audit_events_approvals_idx` has them. */
const approvals = Prisma.sql`outcome = 'Success' AND kind IN ('RequestApproved', 'ExtensionApproved', 'RenewalApproved')`;

/**
 * Whether somebody with these names had approved the request of an event by then. `named` is a
 * condition on the approval's actor. For conditions on events without an alias: columns that the
 * subquery does not have are the event's.
 */
export function approvedBy(named: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`EXISTS (SELECT FROM (
    SELECT request_id AS approved_request_id, sequence AS approved_at FROM audit_events WHERE ${approvals} AND ${named}) gave
    WHERE gave.approved_request_id = request_id AND gave.approved_at <= sequence)`;
}

/** Adds to each event the people who had approved its request by then. One look-up for a page. */
export async function withApprovers(
  transaction: Transaction,
  events: readonly AuditEvent[],
): Promise<LoggedEvent[]> {
  const requestIds = [...new Set(events.flatMap(({ requestId }) => requestId ?? []))];
  const given = requestIds.length === 0 ? [] : await approvalsOf(transaction, requestIds);
  return events.map((event) => {
    const before = given.filter(
      (each) => each.requestId === event.requestId && each.sequence <= event.sequence,
    );
    return { ...event, approvers: [...new Set(before.map(({ by }) => by))] };
  });
}

async function approvalsOf(transaction: Transaction, requestIds: readonly string[]) {
  const rows = await transaction.$queryRaw<
    { requestId: string; sequence: bigint; actorName: string | null; actorEmail: string | null }[]
  >`
    SELECT request_id AS "requestId", sequence, actor_name AS "actorName", actor_email AS "actorEmail"
    FROM audit_events WHERE request_id = ANY (${[...requestIds]}::uuid[]) AND ${approvals} ORDER BY sequence`;
  return rows.map(({ requestId, sequence, actorName, actorEmail }) => ({
    ...{ requestId, sequence },
    by: principalRecord({ displayName: actorName ?? "Somebody", email: actorEmail }),
  }));
}
