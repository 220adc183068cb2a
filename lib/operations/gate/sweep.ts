import type { Database, Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/** How many rows a sweep takes in one transaction. */
export const batch = 200;

/**
 * Does a batch of what is due in a transaction of its own, again and again until one was not full. `work` answers how
 * many rows it took; the sum is returned.
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
