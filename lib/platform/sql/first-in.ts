import type { Transaction } from "@/lib/platform/database";

/** Whether this is the first time in so many hours that something is reported. Whoever asks reports it then. */
export async function firstIn(transaction: Transaction, what: string, hours: number): Promise<boolean> {
  const recorded = await transaction.$executeRaw`
    INSERT INTO sign_in_throttles AS t (key, updated_at, forget_at)
    VALUES (${`told:${what}`}, postern_now(), postern_now() + make_interval(hours => ${hours}))
    ON CONFLICT (key) DO UPDATE SET updated_at = excluded.updated_at, forget_at = excluded.forget_at
    WHERE t.forget_at <= postern_now()`;
  return recorded === 1;
}
