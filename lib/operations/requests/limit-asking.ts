import { Refusal } from "@/lib/operations/gate/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";

/** How many requests one may withdraw, and how many may be asked for that wait or were withdrawn, within an hour. */
const mostWithdrawn = 5;
const mostAsked = 50;
/** How many activations one may give up within an hour. */
const mostGivenUp = 50;

/**
 * Refuses another request to somebody who asks and withdraws again and again: each one is told to approvers by mail and
 * bell. What was decided, given or timed out does not count, so that nobody is kept from work.
 */
export async function refuseRestless(
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
    "You have asked and withdrawn too often within an hour, and approvers were told each time. Wait an hour, or speak to them.";
  throw new Refusal({ code: "TooManyRequests", message }, entry);
}

/**
 * Refuses another activation to somebody who activates and gives up again and again: administrators are told of each,
 * and each is kept for ever.
 */
export async function refuseFlapping(
  transaction: Transaction,
  userId: string,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const givenUp = await transaction.$queryRaw<object[]>`
    SELECT FROM requests
    WHERE requestor_id = ${userId}::uuid AND created_at > postern_now() - interval '1 hour'
      AND request_type = 'SelfDeactivate' LIMIT ${mostGivenUp}`;
  if (givenUp.length < mostGivenUp) return;
  const message = `You have activated and given up ${mostGivenUp} roles within an hour, and administrators were told each time. Wait a while.`;
  throw new Refusal({ code: "TooManyRequests", message }, entry);
}
