import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/** Puts the card **Getting started** away, for the caller alone. */
export async function dismissGettingStarted(database: Database, caller: Caller): Promise<void> {
  await inTransaction(
    database,
    (transaction) => transaction.$executeRaw`
      INSERT INTO getting_started_dismissals (user_id) VALUES (${caller.userId}::uuid) ON CONFLICT DO NOTHING`,
  );
}
