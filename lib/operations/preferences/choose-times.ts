import type { ChosenTimes } from "@/lib/domain/time/reader-times";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/**
 * Stores the zone and language in which the caller sees times, on pages and in mail. It affects only
 * how times are shown.
 */
export async function chooseTimes(
  database: Database,
  caller: Caller,
  { zone, language }: ChosenTimes,
): Promise<void> {
  await inTransaction(
    database,
    (transaction) => transaction.$executeRaw`
      INSERT INTO notification_preferences (user_id, chosen_time_zone, times_language)
      VALUES (${caller.userId}::uuid, ${zone}, ${language})
      ON CONFLICT (user_id) DO UPDATE SET chosen_time_zone = excluded.chosen_time_zone,
        times_language = excluded.times_language, updated_at = postern_now()`,
  );
}
