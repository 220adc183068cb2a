import { visibleResource } from "@/lib/authority/authority";
import { readMove } from "@/lib/authority/move-facts";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { movedScope } from "@/lib/domain/resources/move";
import { isolated } from "@/lib/domain/text/visible-text";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/** A move of a resource: from where to where, and how much access begins and ceases. Null if this is outdated. */
export async function describeMove(
  transaction: Transaction,
  caller: Caller,
  operation: Extract<ProtectedOperation, { readonly kind: "MoveResource" }>,
): Promise<OperationDescription | null> {
  const seen = (id: string) => visibleResource(transaction, caller.userId, id);
  const resource = await seen(operation.resourceId);
  const [from, to] = [await seen(operation.fromId), await seen(operation.toId)];
  if (!resource || !from || !to || resource.parentId !== from.id) return null;
  const moved = movedScope(resource.scope, to.scope);
  if (!moved.ok) return null;
  const facts = await readMove(transaction, resource, to);
  if (facts.preview !== operation.preview) return null;
  const begins = facts.access.filter(({ gained }) => gained).length;
  return {
    title: `Move ${isolated(resource.displayName)} below ${isolated(to.displayName)}`,
    details: [
      { label: "From", value: isolated(from.displayName) },
      { label: "New path", value: moved.scope },
      { label: "Access that is gained", value: String(begins) },
      { label: "Access that is lost", value: String(facts.access.length - begins) },
      { label: "Activations and requests that end", value: String(facts.ended.length) },
    ],
  };
}
