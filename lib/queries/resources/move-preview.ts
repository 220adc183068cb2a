import {
  pathsAllowing,
  permissionsAtEach,
  type ResourceFacts,
  visibleResource,
} from "@/lib/authority/authority";
import { type JudgedMove, judgeMove } from "@/lib/authority/judge-move";
import type { OperationError } from "@/lib/domain/gate/operation-error";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { movedScope } from "@/lib/domain/resources/move";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import { wordsOf } from "@/lib/domain/search/like-pattern";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { identitiesOf } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";
import { type FoundResource, findResources } from "@/lib/queries/resources/find-resources";

/** How many rows of each list of a preview are shown. */
export const mostShown = 100;
/** How many places are offered. */
const mostPlaces = 20;

export interface MovePreview extends JudgedMove {
  readonly to: ResourceFacts;
  /** Who is meant in the rows that are shown, by id. */
  readonly people: ReadonlyMap<string, PrincipalIdentity>;
}

/**
 * What moving a resource below another one would change, as the move itself judges it. Why it would be refused, otherwise;
 * null for what the caller may not know of.
 */
export function previewMove(
  database: Database,
  caller: Caller,
  resourceId: string,
  toId: string,
): Promise<MovePreview | OperationError | null> {
  return readOnce(database, async (transaction) => {
    const resource = await visibleResource(transaction, caller.userId, resourceId);
    const to = await visibleResource(transaction, caller.userId, toId);
    if (!resource || !to || resource.parentId === null) return null;
    const permissionsAt = (ids: readonly string[]) => permissionsAtEach(transaction, caller.userId, ids);
    const ends = await permissionsAt([resource.parentId, to.id]);
    const scope = [resource.parentId, to.id].find(
      (id) => !anyAllows(ends.get(id) ?? [], action.writeResources),
    );
    if (scope !== undefined) {
      const where = scope === to.id ? to.scope : "the resource above";
      return {
        code: "AuthorizationFailed",
        message: `You do not have authorization to perform ${action.writeResources} over ${where}.`,
      };
    }
    const judged = await judgeMove(transaction, resource, to, permissionsAt);
    if ("code" in judged) return judged;
    const { access, ended } = judged.facts;
    const shown = [
      ...access.filter(({ gained }) => gained).slice(0, mostShown),
      ...access.filter(({ gained }) => !gained).slice(0, mostShown),
      ...ended.slice(0, mostShown),
    ];
    const identities = await identitiesOf(transaction, [
      ...new Set(shown.map(({ principalId }) => principalId)),
    ]);
    return { ...judged, to, people: new Map(identities.map((each) => [each.id, each])) };
  });
}

/** Why a move that was shown would be refused by now; null if it would not be. */
export async function moveRefused(
  database: Database,
  caller: Caller,
  asked: { readonly resourceId: string; readonly toId: string; readonly preview: string },
): Promise<OperationError | null> {
  const preview = await previewMove(database, caller, asked.resourceId, asked.toId);
  if (preview === null)
    return { code: "NotFound", message: "This does not exist, or you have no access to it." };
  if ("code" in preview) return preview;
  if (preview.facts.preview === asked.preview) return null;
  const message =
    "What this move does has changed since it was shown. Reload the page to see it as it is now.";
  return { code: "StaleEdit", message };
}

/** Places below which a resource could be moved by this caller, by name, the best first. */
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
