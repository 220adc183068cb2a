import { lapsedHours } from "@/lib/domain/people/factor-reset";
import { addHours } from "@/lib/domain/time/schedule";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { endSessionsOf } from "@/lib/operations/people/manage-principals";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/** An open reset of somebody's factors, locked until the transaction ends. */
export interface OpenReset {
  readonly id: string;
  readonly userId: string;
  readonly askedById: string;
  readonly askedAt: Date;
  readonly delayHours: number;
  /** When it takes effect; null while it waits for a second administrator. */
  readonly dueAt: Date | null;
}

/** Locks the person's open reset. Null without one. The person is locked before it. */
export async function lockOpenReset(transaction: Transaction, userId: string): Promise<OpenReset | null> {
  const [row] = await transaction.$queryRaw<OpenReset[]>`
    SELECT id, user_id AS "userId", asked_by_id AS "askedById", asked_at AS "askedAt", delay_hours AS "delayHours",
      due_at AS "dueAt"
    FROM factor_resets WHERE user_id = ${userId}::uuid AND ended_at IS NULL FOR UPDATE`;
  return row ?? null;
}

/** The open reset that somebody was shown, locked. Refuses any other. */
export async function lockShownReset(
  transaction: Transaction,
  userId: string,
  resetId: string,
  entry: Omit<AuditEntry, "outcome">,
): Promise<OpenReset> {
  const reset = await lockOpenReset(transaction, userId);
  if (reset?.id !== resetId) throw new Refusal(notFound, entry);
  return reset;
}

/** Whether nobody has confirmed a reset in time. Then it can no longer be confirmed, and a new one may replace it. */
export function hasLapsed(reset: OpenReset, now: Date): boolean {
  return reset.dueAt === null && addHours(reset.askedAt, lapsedHours) <= now;
}

/** Ends a reset and records the outcome. */
export async function endReset(
  transaction: Transaction,
  reset: Pick<OpenReset, "id">,
  outcome: "Applied" | "Stopped" | "Withdrawn" | "Lapsed",
): Promise<void> {
  const endedAt = await databaseNow(transaction);
  await transaction.factorReset.update({ where: { id: reset.id }, data: { endedAt, outcome } });
}

/** Ends a reset that lapsed, and says why. */
export async function lapse(
  transaction: Transaction,
  reset: Pick<OpenReset, "id">,
  target: { readonly id: string; readonly displayName: string },
  why:
    | { readonly reason: "NotConfirmed" | "NoFactors" | "NoWayIn" | "BreakGlass" }
    | { readonly rightLost: string },
): Promise<void> {
  await endReset(transaction, reset, "Lapsed");
  await recordAuditEvent(transaction, {
    ...{ kind: "FactorResetLapsed", outcome: "Success", caller: {}, target },
    details: { resetId: reset.id, ...why },
  });
}

/** How many factors somebody has, whether they are apps or passkeys. */
export async function countFactors(transaction: Transaction, userId: string): Promise<number> {
  const where = { userId, removedAt: null };
  return (await transaction.totpFactor.count({ where })) + (await transaction.passkey.count({ where }));
}

/** How many factors and sessions of somebody were ended. */
export interface EndedFactors {
  readonly endedSessions: number;
  readonly authenticatorApps: number;
  readonly passkeys: number;
}

/** Removes every factor of somebody with its recovery codes, and ends their sessions. */
export async function endFactorsOf(transaction: Transaction, userId: string): Promise<EndedFactors> {
  const removedAt = await databaseNow(transaction);
  const inForce = { where: { userId, removedAt: null }, data: { removedAt } };
  const { count: authenticatorApps } = await transaction.totpFactor.updateMany(inForce);
  await transaction.recoveryCode.updateMany({
    where: { userId, usedAt: null, replacedAt: null },
    data: { replacedAt: removedAt },
  });
  const { count: passkeys } = await transaction.passkey.updateMany(inForce);
  return { endedSessions: await endSessionsOf(transaction, userId), authenticatorApps, passkeys };
}
