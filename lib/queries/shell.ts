import { action, administers, anyAllows } from "@/lib/domain/permissions";
import { permissionsAt, rootResource } from "@/lib/platform/authority";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";
import { countUnread, type UnreadState } from "@/lib/queries/notifications";

export interface Shell {
  readonly unread: UnreadState;
  /** The rights at the root that items of the pane depend on: over people, and over the worker. */
  readonly rights: { readonly read: boolean; readonly write: boolean; readonly worker: boolean };
  /** Whether single keys are shortcuts for the caller. */
  readonly shortcuts: boolean;
}

/** What the frame around every page shows of the caller. */
export function readShell(database: Database, caller: Caller): Promise<Shell> {
  return inTransaction(database, async (transaction) => {
    const root = await rootResource(transaction);
    const permissions = await permissionsAt(transaction, caller.userId, root.id);
    return {
      unread: await countUnread(transaction, caller.userId),
      rights: {
        read: anyAllows(permissions, action.readPrincipals),
        write: anyAllows(permissions, action.writePrincipals),
        worker: administers(permissions),
      },
      shortcuts: await readShortcuts(transaction, caller.userId),
    };
  });
}

async function readShortcuts(transaction: Transaction, userId: string): Promise<boolean> {
  const preference = await transaction.keyboardPreference.findUnique({ where: { userId } });
  return preference?.shortcuts ?? true;
}
