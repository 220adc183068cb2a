import { pathsAllowing, type ResourceFacts } from "@/lib/authority/authority";
import { movedScope } from "@/lib/domain/resources/move";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { readOnce } from "@/lib/platform/transaction";
import type { FoundResource } from "@/lib/queries/resources/find-resources";
import { atOrBelow } from "@/lib/queries/resources/paths";

/** How many are shown, and how many of each kind are examined. */
const mostLikely = 8;
const mostLooked = 200;

/**
 * Places to which a resource is likely to be moved, by a caller who may do so at both ends: places
 * where others of its type lie, those beside the resource above it, the one above that, and those
 * beside that one. In this order, those nearest to the root first.
 */
export function likelyPlaces(
  database: Database,
  caller: Caller,
  resource: Pick<ResourceFacts, "id" | "scope" | "path" | "parentId" | "resourceType">,
): Promise<readonly FoundResource[]> {
  return readOnce(database, async (transaction) => {
    const tops = await pathsAllowing(transaction, caller.userId, action.writeResources);
    const above = resource.path.slice(0, resource.path.lastIndexOf("."));
    if (!tops.some((top) => above === top || above.startsWith(`${top}.`))) return [];
    const found = await transaction.$queryRaw<FoundResource[]>`
      SELECT r.id, r.display_name AS "displayName", r.scope, r.path, r.resource_type AS "resourceType"
      FROM (
        (SELECT s.parent_id AS id, 0 AS rank FROM resources s
          WHERE s.resource_type = ${resource.resourceType} AND s.retirement_id IS NULL LIMIT ${mostLooked})
        UNION ALL
        (SELECT s.id, 1 FROM resources p JOIN resources s ON s.parent_id = p.parent_id
          WHERE p.id = ${resource.parentId}::uuid ORDER BY lower(s.display_name), s.id LIMIT ${mostLooked})
        UNION ALL
        SELECT p.parent_id, 2 FROM resources p WHERE p.id = ${resource.parentId}::uuid
        UNION ALL
        (SELECT s.id, 3 FROM resources s WHERE s.parent_id = ${resource.parentId}::uuid
          ORDER BY lower(s.display_name), s.id LIMIT ${mostLooked})) likely
      JOIN resources r ON r.id = likely.id
      WHERE r.retirement_id IS NULL AND ${atOrBelow(tops)}
      GROUP BY r.id ORDER BY min(likely.rank), length(r.path), lower(r.display_name), r.id LIMIT ${4 * mostLooked}`;
    return found
      .filter(
        ({ id, path, scope }) =>
          id !== resource.parentId &&
          path !== resource.path &&
          !path.startsWith(`${resource.path}.`) &&
          movedScope(resource.scope, scope).ok,
      )
      .slice(0, mostLikely);
  });
}
