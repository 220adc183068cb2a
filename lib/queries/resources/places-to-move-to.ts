import { pathsAllowing, type ResourceFacts } from "@/lib/authority/authority";
import { movedScope } from "@/lib/domain/resources/move";
import { action } from "@/lib/domain/roles/permissions";
import { wordsOf } from "@/lib/domain/search/like-pattern";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { readOnce } from "@/lib/platform/transaction";
import { type FoundResource, findResources } from "@/lib/queries/resources/find-resources";

/** How many places are offered. */
const mostPlaces = 20;

/** Places below which this caller could move a resource, by name, the best match first. */
export function placesToMoveTo(
  database: Database,
  caller: Caller,
  resource: Pick<ResourceFacts, "id" | "scope" | "path" | "parentId">,
  search: string,
): Promise<readonly FoundResource[]> {
  return readOnce(database, async (transaction) => {
    const tops = await pathsAllowing(transaction, caller.userId, action.writeResources);
    const reach = { tops, others: [], favourites: [] };
    const words = wordsOf(search.toLowerCase());
    const found = await findResources(transaction, reach, words, 5 * mostPlaces);
    return found
      .filter(
        (each) =>
          each.id !== resource.parentId &&
          each.path !== resource.path &&
          !each.path.startsWith(`${resource.path}.`) &&
          movedScope(resource.scope, each.scope).ok,
      )
      .slice(0, mostPlaces);
  });
}
