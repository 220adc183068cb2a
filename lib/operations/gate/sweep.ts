import type { Database, Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/** How many rows a sweep takes in one transaction. */
export const batch = 200;

/**
 * Handles what is due, one batch per transaction, until a batch is not full. `work` returns how many
 * rows it handled. Returns the sum.
 */
export async function sweep(
  database: Database,
  work: (transaction: Transaction) => Promise<number>,
): Promise<number> {
  let done = 0;
  for (;;) {
    const taken = await inTransaction(database, work);
    done += taken;
    if (taken < batch) return done;
  }
}
