import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { notFound } from "@/lib/operations/gate/refusal";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/** As many as a person can keep an overview of. */
const mostFavourites = 50;

interface RoleAtScope {
  readonly roleDefinitionId: string;
  readonly resourceId: string;
}

/**
 * Stars a role at a resource for the caller only, last in their order. Only what they are eligible for
 * there can be starred; anything else is treated as unknown. It grants no access, so it is not logged.
 */
export function addFavourite(
  database: Database,
  caller: Caller,
  { roleDefinitionId, resourceId }: RoleAtScope,
): Promise<OperationResult<object>> {
  return inTransaction(database, async (transaction) => {
    const favourites = await lockFavourites(transaction, caller);
    if (favourites.length >= mostFavourites)
      return {
        ok: false,
        error: {
          code: "Conflict",
          message: `You already have ${mostFavourites} favourites. Remove one first.`,
        },
      };
    const [eligible] = await transaction.$queryRaw<object[]>`
      SELECT FROM current_eligibilities(${caller.userId}::uuid, postern_now()) e
      JOIN resources r ON r.id = ${resourceId}::uuid AND e.resource_id = ANY (path_ids(r.path))
      WHERE e.role_definition_id = ${roleDefinitionId}::uuid LIMIT 1`;
    if (!eligible) return { ok: false, error: notFound };
    const position = Math.max(0, ...favourites.map((favourite) => favourite.position)) + 1;
    await transaction.favourite.createMany({
      data: [{ userId: caller.userId, roleDefinitionId, resourceId, position }],
      skipDuplicates: true,
    });
    return { ok: true };
  });
}

/** Removes the star from a role at a scope. Succeeds if there is none. */
export async function removeFavourite(
  database: Database,
  caller: Caller,
  { roleDefinitionId, resourceId }: RoleAtScope,
): Promise<void> {
  await database.client.favourite.deleteMany({
    where: { userId: caller.userId, roleDefinitionId, resourceId },
  });
}

/** Moves one of the caller's favourites one place up in their order. Another person's favourite does not exist for them. */
export function raiseFavourite(
  database: Database,
  caller: Caller,
  { roleDefinitionId, resourceId }: RoleAtScope,
): Promise<OperationResult<object>> {
  return inTransaction(database, async (transaction) => {
    const favourites = await lockFavourites(transaction, caller);
    const index = favourites.findIndex(
      (each) => each.roleDefinitionId === roleDefinitionId && each.resourceId === resourceId,
    );
    const moved = favourites[index];
    const above = favourites[index - 1];
    if (!moved) return { ok: false, error: notFound };
    if (!above) return { ok: true };
    await transaction.$executeRaw`
      UPDATE favourites SET position = CASE id WHEN ${moved.id}::uuid THEN ${above.position}::integer ELSE ${moved.position}::integer END
      WHERE id IN (${moved.id}::uuid, ${above.id}::uuid)`;
    return { ok: true };
  });
}

/** The caller's favourites in their order. The person's row is locked, so that two windows cannot use one place twice. */
async function lockFavourites(transaction: Transaction, caller: Caller) {
  await transaction.$queryRaw`SELECT FROM principals WHERE id = ${caller.userId}::uuid FOR NO KEY UPDATE`;
  return transaction.favourite.findMany({
    where: { userId: caller.userId },
    orderBy: [{ position: "asc" }, { id: "asc" }],
    take: mostFavourites,
  });
}
