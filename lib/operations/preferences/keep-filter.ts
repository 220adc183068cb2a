import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { type FilteredList, mostSavedFilters } from "@/lib/domain/preferences/saved-filter";
import { sameNameKey } from "@/lib/domain/text/names";
import { notFound } from "@/lib/operations/gate/refusal";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/** Stores a list's filter under a name for the caller only. It replaces one of the same name. */
export function saveFilter(
  database: Database,
  caller: Caller,
  input: { readonly list: FilteredList; readonly name: string; readonly query: string },
): Promise<OperationResult<{ replaced: boolean }>> {
  return inTransaction(database, async (transaction) => {
    const { list, name, query } = input;
    const filters = await lockFilters(transaction, caller, list);
    const same = filters.find((each) => sameNameKey(each.name) === sameNameKey(name));
    if (same) {
      await transaction.savedFilter.update({ where: { id: same.id }, data: { name, query } });
      return { ok: true, replaced: true };
    }
    if (filters.length >= mostSavedFilters)
      return {
        ok: false,
        error: {
          code: "Conflict",
          message: `You already have ${mostSavedFilters} saved filters. Delete one first.`,
        },
      };
    await transaction.savedFilter.create({ data: { userId: caller.userId, list, name, query } });
    return { ok: true, replaced: false };
  });
}

/** Renames one of the caller's filters. Another person's filter does not exist for them. */
export function renameFilter(
  database: Database,
  caller: Caller,
  input: { readonly filterId: string; readonly name: string },
): Promise<OperationResult<object>> {
  return inTransaction(database, async (transaction) => {
    const own = { id: input.filterId, userId: caller.userId };
    const found = await transaction.savedFilter.findFirst({ where: own, select: { list: true } });
    if (!found) return { ok: false, error: notFound };
    const filters = await lockFilters(transaction, caller, found.list);
    const taken = filters.some(
      (each) => each.id !== input.filterId && sameNameKey(each.name) === sameNameKey(input.name),
    );
    if (taken)
      return { ok: false, error: { code: "Conflict", message: "Another filter of yours has this name." } };
    const { count } = await transaction.savedFilter.updateMany({ where: own, data: { name: input.name } });
    return count === 1 ? { ok: true } : { ok: false, error: notFound };
  });
}

/** Deletes one of the caller's filters. */
export async function deleteFilter(
  database: Database,
  caller: Caller,
  filterId: string,
): Promise<OperationResult<object>> {
  const { count } = await database.client.savedFilter.deleteMany({
    where: { id: filterId, userId: caller.userId },
  });
  return count === 1 ? { ok: true } : { ok: false, error: notFound };
}

/** The caller's filters of a list. The caller's own row is locked, so that two windows cannot use one name twice. */
async function lockFilters(transaction: Transaction, caller: Caller, list: string) {
  await transaction.$queryRaw`SELECT FROM principals WHERE id = ${caller.userId}::uuid FOR NO KEY UPDATE`;
  return transaction.savedFilter.findMany({
    where: { userId: caller.userId, list },
    select: { id: true, name: true },
    take: mostSavedFilters,
  });
}
