import { visibleResource } from "@/lib/authority/authority";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { readResourceName } from "@/lib/domain/resources/named-resource";
import { action } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { lockTree, refuseTwin, resourceInTree } from "@/lib/operations/resources/tree";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface RenameResourceInput {
  readonly resourceId: string;
  /** The name that the form showed. */
  readonly expectedName: string;
  readonly displayName: string;
}

/**
 * Changes the name that people see. The path stays: other systems, role definitions and files identify
 * the resource by it. The root's name is the organisation's, and changes with it.
 */
export function renameResource(
  database: Database,
  caller: Caller,
  input: RenameResourceInput,
): Promise<OperationResult<{ displayName: string }>> {
  const attempt = {
    kind: "ResourceUpdated" as const,
    caller,
    details: { name: input.displayName.slice(0, 200) },
  };
  return runOperation(database, attempt, async (transaction) => {
    const seen = await visibleResource(transaction, caller.userId, input.resourceId);
    if (!seen) throw new Refusal(notFound, attempt);
    const entry = { ...attempt, resource: seen };
    await requirePermission(transaction, caller, action.writeResources, seen, entry);
    if (seen.parentId === null) {
      const message = "This resource has the organisation's name. Change it under Organisation.";
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    await lockTree(transaction);
    const resource = await resourceInTree(transaction, seen.id);
    if (!resource || resource.parentId === null) throw new Refusal(notFound, attempt);
    const read = readResourceName(input.displayName);
    if (!read.ok) {
      const faults = [{ field: "displayName", message: read.message }];
      throw new Refusal({ code: "InvalidInput", faults }, entry);
    }
    if (resource.displayName !== input.expectedName) {
      const message = `Somebody else renamed it to ${isolated(resource.displayName)}. Reload the page.`;
      throw new Refusal({ code: "StaleEdit", message }, entry);
    }
    if (read.name === resource.displayName) return { displayName: read.name };
    const named = { displayName: read.name, resourceType: resource.resourceType };
    await refuseTwin(transaction, resource.parentId, named, resource.id, entry);
    await transaction.resource.update({ where: { id: resource.id }, data: { displayName: read.name } });
    await recordAuditEvent(transaction, {
      ...{ kind: "ResourceUpdated", outcome: "Success", caller },
      resource: { ...resource, displayName: read.name },
      details: { before: { displayName: resource.displayName }, after: { displayName: read.name } },
    });
    return { displayName: read.name };
  });
}
