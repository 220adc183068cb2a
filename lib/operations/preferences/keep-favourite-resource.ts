import { knownTo, visibleResource } from "@/lib/authority/authority";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { mostFavouriteResources } from "@/lib/domain/preferences/favourite-resources";
import { notFound } from "@/lib/operations/gate/refusal";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/**
 * Stars a resource for the caller only. Only a resource that they may know of can be starred; any other
 * is treated as unknown. It gives no access, so it is not logged.
 */
export function addFavouriteResource(
  database: Database,
  caller: Caller,
  resourceId: string,
): Promise<OperationResult<object>> {
  return inTransaction(database, async (transaction) => {
    // Two windows cannot both take the last place.
    await transaction.$queryRaw`SELECT FROM principals WHERE id = ${caller.userId}::uuid FOR NO KEY UPDATE`;
    if (!(await visibleResource(transaction, caller.userId, resourceId)))
      return { ok: false, error: notFound };
    if (!(await hasRoom(transaction, caller)))
      return {
        ok: false,
        error: {
          code: "Conflict",
          message: `You already have ${mostFavouriteResources} favourite resources. Remove one first.`,
        },
      };
    await transaction.favouriteResource.createMany({
      data: [{ userId: caller.userId, resourceId }],
      skipDuplicates: true,
    });
    return { ok: true };
  });
}

/**
 * Whether another favourite fits. Favourites that the caller no longer sees, and so cannot remove, are
 * removed to make room.
 */
async function hasRoom(transaction: Transaction, caller: Caller): Promise<boolean> {
  const where = { userId: caller.userId };
  const count = await transaction.favouriteResource.count({ where });
  if (count < mostFavouriteResources) return true;
  const removed = await transaction.$executeRaw`
    DELETE FROM favourite_resources f WHERE f.user_id = ${caller.userId}::uuid AND NOT EXISTS (
      SELECT FROM resources r WHERE r.id = f.resource_id AND ${knownTo("r", caller.userId)})`;
  return count - removed < mostFavouriteResources;
}

/** Removes the star from a resource. Succeeds if there is none. */
export async function removeFavouriteResource(
  database: Database,
  caller: Caller,
  resourceId: string,
): Promise<void> {
  await database.client.favouriteResource.deleteMany({ where: { userId: caller.userId, resourceId } });
}
