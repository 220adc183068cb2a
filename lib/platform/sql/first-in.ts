import type { Transaction } from "@/lib/platform/database";

/** Whether something is to be reported for the first time within this many hours. The caller then reports it. */
export async function firstIn(transaction: Transaction, what: string, hours: number): Promise<boolean> {
  const recorded = await transaction.$executeRaw`
    INSERT INTO sign_in_throttles AS t (key, updated_at, forget_at)
    VALUES (${`told:${what}`}, postern_now(), postern_now() + make_interval(hours => ${hours}))
    ON CONFLICT (key) DO UPDATE SET updated_at = excluded.updated_at, forget_at = excluded.forget_at
    WHERE t.forget_at <= postern_now()`;
  return recorded === 1;
}
