import { wordsOf } from "@/lib/domain/search/like-pattern";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { pathBelow } from "@/lib/platform/sql/path-below";
import { findResources } from "@/lib/queries/resources/find-resources";

const mostScopes = 50;
/** How many of the caller's own requests are searched for recent scopes. */
const recentRequests = 200;

/**
 * The ids of the scopes that an eligibility's panel offers. First come the eligibility's own scope and the chosen
 * one. Then the scopes below it that match the search: exact names, those that the caller starred or where they
 * recently activated a role, names that begin with the text, and the rest. Without a search, the caller's own scopes
 * come first and then the others by path. At most fifty, each found by an index, however many lie below.
 */
export async function activationScopes(
  transaction: Transaction,
  caller: Caller,
  eligibility: { readonly roleDefinitionId: string; readonly resourceId: string },
  asked: { readonly search: string; readonly chosenId: string },
): Promise<string[]> {
  const [top] = await transaction.$queryRaw<{ path: string }[]>`
    SELECT path FROM resources WHERE id = ${eligibility.resourceId}::uuid`;
  if (!top) return [];
  const own = await ownScopes(transaction, caller, eligibility);
  const words = wordsOf(asked.search.toLowerCase());
  const reach = { tops: [top.path], others: [], favourites: own };
  const others =
    words.length > 0
      ? (await findResources(transaction, reach, words, mostScopes)).map(({ id }) => id)
      : [...own, ...(await firstBelow(transaction, top.path))];
  return [...new Set([eligibility.resourceId, asked.chosenId, ...others])].slice(0, mostScopes);
}

/**
 * The scopes below an eligibility's that the caller starred for this role, recently used for it, or
 * starred, in this order.
 */
async function ownScopes(
  transaction: Transaction,
  caller: Caller,
  eligibility: { readonly roleDefinitionId: string; readonly resourceId: string },
): Promise<string[]> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT r.id FROM (
      SELECT resource_id, 0 AS kind, position AS place FROM favourites
      WHERE user_id = ${caller.userId}::uuid AND role_definition_id = ${eligibility.roleDefinitionId}::uuid
      UNION ALL
      SELECT q.resource_id, 1, -extract(epoch FROM q.created_at) FROM (
        SELECT * FROM requests WHERE requestor_id = ${caller.userId}::uuid
        ORDER BY created_at DESC, id DESC LIMIT ${recentRequests}) q
      WHERE q.request_type = 'SelfActivate' AND q.role_definition_id = ${eligibility.roleDefinitionId}::uuid
      UNION ALL
      SELECT resource_id, 2, 0 FROM favourite_resources WHERE user_id = ${caller.userId}::uuid) x
    JOIN resources r ON r.id = x.resource_id
    JOIN resources top ON top.id = ${eligibility.resourceId}::uuid AND ${pathBelow("r.path", "top.path")}
    GROUP BY r.id ORDER BY min(x.kind * 1e12 + x.place), r.id LIMIT ${mostScopes}`;
  return rows.map(({ id }) => id);
}

async function firstBelow(transaction: Transaction, path: string): Promise<string[]> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT r.id FROM (SELECT ${path}::text COLLATE "C" AS path) top
    JOIN resources r ON ${pathBelow("r.path", "top.path")} ORDER BY r.path LIMIT ${mostScopes}`;
  return rows.map(({ id }) => id);
}
