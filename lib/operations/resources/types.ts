import { type ResourceFacts, rootResource } from "@/lib/authority/authority";
import { mostTypes, type TypeIcon, typeNameFault } from "@/lib/domain/resources/own-type";
import { action } from "@/lib/domain/roles/permissions";
import { Refusal } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { lockTree } from "@/lib/operations/resources/tree";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/** What people see of a type. */
export interface TypeFields {
  readonly displayName: string;
  readonly icon: TypeIcon;
}

/**
 * Opens a change of the types. It requires the right to write resources at the root, since a type's name is shown
 * wherever a resource has it. Returns the log entry, and every type as it will be at the commit.
 */
export async function openTypes<Attempt extends Omit<AuditEntry, "outcome">>(
  transaction: Transaction,
  caller: Actor,
  attempt: Attempt,
) {
  const root: ResourceFacts = await rootResource(transaction);
  const entry = { ...attempt, resource: root };
  await requirePermission(transaction, caller, action.writeResources, root, entry);
  await lockTree(transaction);
  const types = await transaction.ownResourceType.findMany({ orderBy: { segment: "asc" }, take: mostTypes });
  return { entry, types };
}

/** Refuses a name that is not allowed, or that another type has. */
export function refuseTypeName(
  displayName: string,
  others: readonly { readonly displayName: string }[],
  entry: Omit<AuditEntry, "outcome">,
): void {
  const message = typeNameFault(
    displayName,
    others.map((other) => other.displayName),
  );
  if (message !== null)
    throw new Refusal({ code: "InvalidInput", faults: [{ field: "displayName", message }] }, entry);
}
