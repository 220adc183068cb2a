import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/**
 * Marks the caller's own notifications as read: one, or with null all of them up to now. Somebody else's is treated
 * as unknown. Returns how many were unread.
 */
export function markNotificationsRead(
  database: Database,
  caller: Caller,
  notificationId: string | null,
): Promise<number> {
  return inTransaction(
    database,
    (transaction) => transaction.$executeRaw`
      UPDATE notifications SET read_at = postern_now()
      WHERE recipient_id = ${caller.userId}::uuid AND read_at IS NULL
        AND (${notificationId}::uuid IS NULL OR id = ${notificationId}::uuid)`,
  );
}
