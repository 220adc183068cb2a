import { type FilteredList, mostSavedFilters } from "@/lib/domain/preferences/saved-filter";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/** The caller's own filters of a list, by name. */
export function savedFilters(database: Database, caller: Caller, list: FilteredList) {
  return database.client.savedFilter.findMany({
    where: { userId: caller.userId, list },
    select: { id: true, name: true, query: true },
    orderBy: [{ name: "asc" }, { id: "asc" }],
    take: mostSavedFilters,
  });
}
