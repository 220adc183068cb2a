import type { ResourceFacts } from "@/lib/authority/authority";
import { takenScope, twinBeside } from "@/lib/authority/resource-names";
import { Refusal } from "@/lib/operations/gate/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";
import { lockNames } from "@/lib/platform/sql/name-keys";

type Entry = Omit<AuditEntry, "outcome">;

/**
 * Makes the caller the only one who changes the tree or the types of resources. An import takes the
 * same lock. Its holder sees parents, paths, names and types as they will be at the commit.
 */
export async function lockTree(transaction: Transaction): Promise<void> {
  await lockNames(transaction, "resource", ["import"]);
}

/**
 * A resource as it is under `lockTree`; null if it does not exist. Its row needs no lock: nobody else
 * moves or renames it, and the root's row is locked late, for the guard of the last Owner.
 */
export async function resourceInTree(transaction: Transaction, id: string): Promise<ResourceFacts | null> {
  const [row] = await transaction.$queryRaw<ResourceFacts[]>`
    SELECT id, parent_id AS "parentId", scope, path, display_name AS "displayName", resource_type AS "resourceType"
    FROM resources WHERE id = ${id}::uuid`;
  return row ?? null;
}

/** Refuses a path that another resource has, in any case and composition. */
export async function refuseTakenScope(
  transaction: Transaction,
  scope: string,
  field: string,
  entry: Entry,
): Promise<void> {
  const message = await takenScope(transaction, scope, null);
  if (message !== null) throw new Refusal({ code: "InvalidInput", faults: [{ field, message }] }, entry);
}

/** Refuses a name that a resource of the same type beside it has, so that nobody mistakes one for the other. */
export async function refuseTwin(
  transaction: Transaction,
  parentId: string,
  named: { readonly displayName: string; readonly resourceType: string },
  ownId: string | null,
  entry: Entry,
): Promise<void> {
  const message = await twinBeside(transaction, parentId, named, ownId);
  if (message !== null)
    throw new Refusal({ code: "InvalidInput", faults: [{ field: "displayName", message }] }, entry);
}
