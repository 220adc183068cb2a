import type { MutableCategory } from "@/lib/domain/notifications/notice";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/** Stores for which categories the caller wants no mail. The portal shows their notifications all the same. */
export async function chooseMail(
  database: Database,
  caller: Caller,
  muted: readonly MutableCategory[],
): Promise<void> {
  const categories = [...new Set(muted)].sort();
  await inTransaction(
    database,
    (transaction) => transaction.$executeRaw`
      INSERT INTO notification_preferences (user_id, muted_categories)
      VALUES (${caller.userId}::uuid, ${categories}::text[])
      ON CONFLICT (user_id) DO UPDATE SET muted_categories = excluded.muted_categories, updated_at = postern_now()`,
  );
}
