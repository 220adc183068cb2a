import { Refusal } from "@/lib/operations/gate/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";

/** How many requests a user may cancel within an hour, and how many may wait or be canceled. */
const mostWithdrawn = 5;
const mostAsked = 50;
/** How many activations a user may end or extend within an hour. */
const maximumCanceledActivations = 50;

/**
 * Refuses another request of somebody who repeatedly sends and cancels requests, since approvers are
 * notified of each by mail and bell. Requests that were decided, activated or timed out do not count,
 * so that nobody is kept from work.
 */
export async function refuseTooManyRequests(
  transaction: Transaction,
  userId: string,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const [asked] = await transaction.$queryRaw<{ withdrawn: number; all: number; again: Date | null }[]>`
    SELECT count(*) FILTER (WHERE status = 'Canceled')::int AS withdrawn, count(*)::int AS all
    FROM (SELECT status, created_at FROM requests
      WHERE requestor_id = ${userId}::uuid AND created_at > postern_now() - interval '1 hour'
        AND status IN ('PendingApproval', 'Canceled') AND request_type IN ('SelfActivate', 'SelfExtend', 'SelfRenew')
      ORDER BY created_at DESC LIMIT ${mostAsked}) newest`;
  if (!asked || (asked.withdrawn < mostWithdrawn && asked.all < mostAsked)) return;
  const message =
    "You have sent and canceled too many requests within an hour, and approvers were notified each time. Wait an hour, or talk to them.";
  throw new Refusal({ code: "TooManyRequests", message }, entry);
}

/**
 * Refuses another activation or extension of somebody who repeatedly activates, extends and
 * deactivates. Administrators are notified of each one, and each is stored for ever.
 */
export async function refuseTooManyActivations(
  transaction: Transaction,
  userId: string,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  if (await hasEndedTooMany(transaction, userId)) throw tooManyActivations(entry);
}

/** Whether somebody has ended or extended so many activations that `refuseTooManyActivations` refuses another one. */
export async function hasEndedTooMany(transaction: Transaction, userId: string): Promise<boolean> {
  const canceledActivations = await transaction.$queryRaw<object[]>`
    SELECT FROM requests
    WHERE requestor_id = ${userId}::uuid AND created_at > postern_now() - interval '1 hour'
      AND (request_type = 'SelfDeactivate'
        OR (request_type = 'SelfExtend' AND duration_minutes IS NOT NULL AND status = 'Provisioned')) LIMIT ${maximumCanceledActivations}`;
  return canceledActivations.length >= maximumCanceledActivations;
}

/** The refusal of another activation of somebody who has ended or extended too many. */
export function tooManyActivations(entry: Omit<AuditEntry, "outcome">): Refusal {
  const message = `You have activated, extended and deactivated ${maximumCanceledActivations} roles within an hour, and administrators were notified each time. Wait a while.`;
  return new Refusal({ code: "TooManyRequests", message }, entry);
}
