import { lapsedHours } from "@/lib/domain/people/factor-reset";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { identityColumn } from "@/lib/platform/principal-identity";

/** A reset of somebody's factors that has not taken effect. */
export interface WaitingReset {
  readonly id: string;
  readonly askedBy: PrincipalIdentity;
  readonly askedAt: Date;
  /** Who confirmed it, if it requires a second administrator. */
  readonly confirmedBy: PrincipalIdentity | null;
  /** When it takes effect; null while it waits for a second administrator. */
  readonly dueAt: Date | null;
  /** When it lapses unless somebody confirms it. */
  readonly lapsesAt: Date;
  readonly delayHours: number;
}

/** The waiting reset of a person's factors; null without one. */
export async function waitingReset(
  transaction: Pick<Transaction, "$queryRaw">,
  userId: string,
): Promise<WaitingReset | null> {
  const [row] = await transaction.$queryRaw<WaitingReset[]>`
    SELECT r.id, ${identityColumn("a")} AS "askedBy", r.asked_at AS "askedAt",
      CASE WHEN b.id IS NOT NULL THEN ${identityColumn("b")} END AS "confirmedBy", r.due_at AS "dueAt",
      r.asked_at + make_interval(hours => ${lapsedHours}) AS "lapsesAt", r.delay_hours AS "delayHours"
    FROM factor_resets r JOIN principals a ON a.id = r.asked_by_id LEFT JOIN principals b ON b.id = r.confirmed_by_id
    WHERE r.user_id = ${userId}::uuid AND r.ended_at IS NULL
      AND (r.due_at IS NOT NULL OR r.asked_at > postern_now() - make_interval(hours => ${lapsedHours}))`;
  return row ?? null;
}

/** The waiting reset of one's own factors. */
export function ownReset(database: Database, caller: Caller): Promise<WaitingReset | null> {
  return waitingReset(database.client, caller.userId);
}
