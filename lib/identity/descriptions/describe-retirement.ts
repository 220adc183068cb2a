import { permissionsAtEach, visibleResource } from "@/lib/authority/authority";
import { judgeRestoration } from "@/lib/authority/judge-restoration";
import { findRetirement } from "@/lib/authority/restore-facts";
import { readRetirement } from "@/lib/authority/retire-facts";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { undoDays } from "@/lib/domain/resources/retire";
import { isolated } from "@/lib/domain/text/visible-text";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/** Retiring a resource: how many resources are retired with it, and how much access ends. Null if this is outdated. */
export async function describeRetirement(
  transaction: Transaction,
  caller: Caller,
  operation: Extract<ProtectedOperation, { readonly kind: "RetireResource" }>,
): Promise<OperationDescription | null> {
  const resource = await visibleResource(transaction, caller.userId, operation.resourceId);
  if (!resource || resource.parentId === null) return null;
  const facts = await readRetirement(transaction, resource);
  if (facts.preview !== operation.preview) return null;
  const count = (...kinds: readonly string[]) =>
    String(facts.ended.filter(({ kind }) => kinds.includes(kind)).length);
  return {
    title: `Retire ${isolated(resource.displayName)}`,
    details: [
      { label: "Path", value: resource.scope },
      { label: "Resources", value: String(facts.resources) },
      { label: "Assignments and eligibilities that end", value: count("Active", "Eligible") },
      { label: "Activations and requests that end", value: count("Activation", "Request") },
      { label: "Can be undone for", value: `${undoDays} days` },
    ],
  };
}

/** Undoing a retirement: where the resource returns to, and how much access is given again. Null if this is outdated. */
export async function describeRestoration(
  transaction: Transaction,
  caller: Caller,
  operation: Extract<ProtectedOperation, { readonly kind: "UndoRetirement" }>,
): Promise<OperationDescription | null> {
  const retirement = await findRetirement(transaction, operation.retirementId);
  const parent = retirement && (await visibleResource(transaction, caller.userId, retirement.parentId));
  if (!retirement || !parent) return null;
  const held = await permissionsAtEach(transaction, caller.userId, [parent.id]);
  const now = await databaseNow(transaction);
  const judged = await judgeRestoration(transaction, retirement, parent, held.get(parent.id) ?? [], now);
  if ("code" in judged || judged.preview !== operation.preview) return null;
  const given = judged.rows.filter(({ staysClosed }) => staysClosed === null).length;
  return {
    title: `Restore ${isolated(retirement.displayName)} below ${isolated(parent.displayName)}`,
    details: [
      { label: "Resources", value: String(retirement.resources) },
      { label: "Access that is restored", value: String(given) },
      { label: "Access that stays closed", value: String(judged.rows.length - given) },
    ],
  };
}
