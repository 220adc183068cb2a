import type { Transaction } from "@/lib/platform/database";

/**
 * Counts something that may happen only so often within a number of hours, which begin with the first time.
 * Returns the count including this one. Others who count the same wait until this transaction ends. If it is
 * rolled back, nothing was counted.
 */
export async function countedWithin(transaction: Transaction, what: string, hours: number): Promise<number> {
  const [row] = await transaction.$queryRaw<{ counted: number }[]>`
    INSERT INTO sign_in_throttles AS t (key, refused, told_at, updated_at, forget_at)
    VALUES (${`counted:${what}`}, 1, postern_time(), postern_time(), postern_time() + make_interval(hours => ${hours}))
    ON CONFLICT (key) DO UPDATE SET
      refused = CASE WHEN t.forget_at <= postern_time() THEN 1 ELSE t.refused + 1 END,
      told_at = CASE WHEN t.forget_at <= postern_time() THEN excluded.told_at ELSE t.told_at END,
      forget_at = CASE WHEN t.forget_at <= postern_time() THEN excluded.forget_at ELSE t.forget_at END,
      updated_at = excluded.updated_at
    RETURNING refused AS counted`;
  if (!row) throw new Error("nothing was counted");
  return row.counted;
}
