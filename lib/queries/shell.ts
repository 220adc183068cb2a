import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";
import { countUnread, type UnreadState } from "@/lib/queries/notifications";
import { mayTendWorker } from "@/lib/queries/worker-state";

export interface Shell {
  readonly unread: UnreadState;
  readonly mayTendWorker: boolean;
  /** Whether single keys are shortcuts for the caller. */
  readonly shortcuts: boolean;
}

/** What the frame around every page shows of the caller. */
export function readShell(database: Database, caller: Caller): Promise<Shell> {
  return inTransaction(database, async (transaction) => ({
    unread: await countUnread(transaction, caller.userId),
    mayTendWorker: await mayTendWorker(transaction, caller.userId),
    shortcuts: await readShortcuts(transaction, caller.userId),
  }));
}

async function readShortcuts(transaction: Transaction, userId: string): Promise<boolean> {
  const preference = await transaction.keyboardPreference.findUnique({ where: { userId } });
  return preference?.shortcuts ?? true;
}
