import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/** Turns the caller's single-key shortcuts on or off (WCAG 2.1.4). */
export async function chooseShortcuts(database: Database, caller: Caller, shortcuts: boolean): Promise<void> {
  await database.client.keyboardPreference.upsert({
    where: { userId: caller.userId },
    create: { userId: caller.userId, shortcuts },
    update: { shortcuts },
  });
}
