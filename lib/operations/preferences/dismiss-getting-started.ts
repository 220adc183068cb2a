import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/** Dismisses the card **Getting started**, for the caller only. */
export async function dismissGettingStarted(database: Database, caller: Caller): Promise<void> {
  await inTransaction(
    database,
    (transaction) => transaction.$executeRaw`
      INSERT INTO getting_started_dismissals (user_id) VALUES (${caller.userId}::uuid) ON CONFLICT DO NOTHING`,
  );
}
