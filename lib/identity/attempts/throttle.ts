import {
  forgetCodesHours,
  gatherMinutes,
  keptSeconds,
  remainingFailures,
  type ThrottleKind,
  throttles,
  waitSeconds,
} from "@/lib/domain/people/throttle";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { firstIn } from "@/lib/platform/sql/first-in";
import { databaseNow } from "@/lib/platform/transaction";

/** The key under which attempts are counted. `subject` is an id, an address, or a keyed hash of what was typed. */
export interface Count {
  readonly kind: ThrottleKind;
  readonly subject: string;
}

const keyOf = (count: Count) => `${count.kind}:${count.subject}`;

export type Verdict =
  /** How many attempts to log now; null if others were logged a moment ago. */
  | { readonly blocked: true; readonly until: Date; readonly gathered: number | null }
  | { readonly blocked: false; readonly failures: Partial<Record<ThrottleKind, number>> };

interface Row {
  readonly key: string;
  readonly failures: number;
  readonly blockedUntil: Date | null;
  readonly updatedAt: Date;
  readonly refused: number;
  readonly toldAt: Date | null;
}

/** Locks the existing counts, in the order of the keys, and reads the time afterwards. */
async function lockCounts(transaction: Transaction, counts: readonly Count[]) {
  const keys = counts.map(keyOf);
  await transaction.$queryRaw`
    SELECT key FROM sign_in_throttles WHERE key = ANY (${keys}) ORDER BY key FOR UPDATE`;
  const rows = await transaction.$queryRaw<Row[]>`
    SELECT key, failures, blocked_until AS "blockedUntil", updated_at AS "updatedAt", refused, told_at AS "toldAt"
    FROM sign_in_throttles WHERE key = ANY (${keys})`;
  return { rows: new Map(rows.map((row) => [row.key, row])), now: await databaseNow(transaction) };
}

/** Until when attempts under these counts are refused; null if they are not. Checked before any costly work. */
export async function blockedUntil(transaction: Transaction, counts: readonly Count[]): Promise<Date | null> {
  const [row] = await transaction.$queryRaw<{ until: Date | null }[]>`SELECT ${latestBlock(counts)} AS until`;
  return row?.until ?? null;
}

/** The same as part of a statement. */
export function latestBlock(counts: readonly Count[]): Prisma.Sql {
  return Prisma.sql`${planOnce} (SELECT max(blocked_until) FROM sign_in_throttles
    WHERE key = ANY (${counts.map(keyOf)}) AND blocked_until > postern_now())`;
}

/**
 * Judges an attempt after its secret was checked. Right or wrong, it counts only if nothing blocks it
 * at this moment. So simultaneous guesses count no more than guesses one after the other, and right
 * attempts never block each other. Refused attempts add no rows.
 */
export async function judgeAttempt(
  transaction: Transaction,
  counts: readonly Count[],
  right: boolean,
): Promise<Verdict> {
  let locked = await lockCounts(transaction, counts);
  const block = () => {
    const until = counts
      .map((count) => locked.rows.get(keyOf(count)))
      .find((row) => isBlocked(row, locked.now));
    return until ? refuse(transaction, until, locked.now) : null;
  };
  const before = await block();
  if (before) return before;
  if (right) {
    const forgiven = counts.filter(({ kind }) => throttles[kind].forgiving).map(keyOf);
    await transaction.$executeRaw`DELETE FROM sign_in_throttles WHERE key = ANY (${forgiven})`;
    return { blocked: false, failures: {} };
  }
  await transaction.$executeRaw`
    INSERT INTO sign_in_throttles (key) SELECT key FROM unnest(${counts.map(keyOf).sort()}::text[]) AS k (key)
    ON CONFLICT (key) DO UPDATE SET key = excluded.key`;
  // This also locks a count that somebody else added meanwhile, so that no attempt is lost.
  locked = await lockCounts(transaction, counts);
  const meanwhile = await block();
  if (meanwhile) return meanwhile;
  const failures: Partial<Record<ThrottleKind, number>> = {};
  for (const count of counts) {
    const row = locked.rows.get(keyOf(count));
    const seconds = row ? (locked.now.getTime() - row.updatedAt.getTime()) / 1_000 : 0;
    const counted = remainingFailures(count.kind, row?.failures ?? 0, seconds) + 1;
    failures[count.kind] = counted;
    const wait = waitSeconds(count.kind, counted);
    const after = (later: number) => new Date(locked.now.getTime() + later * 1_000);
    await transaction.signInThrottle.update({
      where: { key: keyOf(count) },
      data: {
        failures: counted,
        updatedAt: locked.now,
        blockedUntil: wait > 0 ? after(wait) : null,
        forgetAt: after(Math.max(wait, keptSeconds(count.kind, counted))),
      },
    });
  }
  return { blocked: false, failures };
}

function isBlocked(row: Row | undefined, now: Date): row is Row & { blockedUntil: Date } {
  return row?.blockedUntil != null && row.blockedUntil > now;
}

/** Counts an attempt that was refused unchecked. Returns how many to log now, with those before it; null if none. */
async function refuse(
  transaction: Transaction,
  row: Row & { readonly blockedUntil: Date },
  now: Date,
): Promise<Verdict> {
  const due = row.toldAt === null || row.toldAt.getTime() <= now.getTime() - gatherMinutes * 60_000;
  await transaction.signInThrottle.update({
    where: { key: row.key },
    data: due ? { refused: 0, toldAt: now } : { refused: row.refused + 1 },
  });
  return { blocked: true, until: row.blockedUntil, gathered: due ? row.refused + 1 : null };
}

/**
 * Counts something that may come without end. Returns how many to log now, including this one. Null if
 * it was logged within this many minutes.
 */
export async function gathered(
  transaction: Transaction,
  what: string,
  minutes: number,
): Promise<number | null> {
  const key = `gathered:${what}`;
  await transaction.$executeRaw`INSERT INTO sign_in_throttles (key) VALUES (${key}) ON CONFLICT DO NOTHING`;
  await transaction.$queryRaw`SELECT key FROM sign_in_throttles WHERE key = ${key} FOR UPDATE`;
  const now = await databaseNow(transaction);
  const { refused, toldAt } = await transaction.signInThrottle.findUniqueOrThrow({ where: { key } });
  const due = toldAt === null || toldAt.getTime() <= now.getTime() - minutes * 60_000;
  const forgetAt = new Date(now.getTime() + 24 * 60 * 60_000);
  await transaction.signInThrottle.update({
    where: { key },
    data: due
      ? { refused: 0, toldAt: now, updatedAt: now, forgetAt }
      : { refused: refused + 1, updatedAt: now, forgetAt },
  });
  return due ? refused + 1 : null;
}

/**
 * Clears a person's wrong codes when their password changes, so that an attacker has to start again.
 * After a change by the person themselves, this happens only once a week. Otherwise a thief who knows
 * the password could change it back and forth for more guesses.
 */
export async function forgetWrongCodes(
  transaction: Transaction,
  userId: string,
  { byThemselves }: { readonly byThemselves: boolean },
): Promise<void> {
  if (byThemselves && !(await firstIn(transaction, `forgotten:${userId}`, forgetCodesHours))) return;
  await transaction.signInThrottle.deleteMany({ where: { key: keyOf({ kind: "codes", subject: userId }) } });
}
