import { rootResource, visibleResource } from "@/lib/authority/authority";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { readResourceName } from "@/lib/domain/resources/named-resource";
import { deepestLevel, suggestedPathName } from "@/lib/domain/resources/own-path";
import { mostTypes } from "@/lib/domain/resources/own-type";
import { isRetiredScope } from "@/lib/domain/resources/retire";
import { liesAnywhereByType, scopeBelow } from "@/lib/domain/resources/scope-below";
import { action } from "@/lib/domain/roles/permissions";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { lockTree, refuseTakenScope, refuseTwin, resourceInTree } from "@/lib/operations/resources/tree";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface AddResourceInput {
  readonly parentId: string;
  readonly resourceType: string;
  readonly displayName: string;
  /** The name in the path; null to derive it from the display name. */
  readonly pathName: string | null;
}

/**
 * Adds a resource below another one (docs/resources.md). Everything held above begins to apply to it.
 * Nobody gains access to anything that existed before.
 */
export function addResource(
  database: Database,
  caller: Caller,
  input: AddResourceInput,
): Promise<OperationResult<{ resourceId: string; scope: string }>> {
  const attempt = {
    kind: "ResourceCreated" as const,
    caller,
    details: { resourceType: input.resourceType.slice(0, 200), name: input.displayName.slice(0, 200) },
  };
  return runOperation(database, attempt, async (transaction) => {
    const seen = await visibleResource(transaction, caller.userId, input.parentId);
    if (!seen) throw new Refusal(notFound, attempt);
    const entry = { ...attempt, resource: seen };
    await requirePermission(transaction, caller, action.writeResources, seen, entry);
    // A path is unique in the whole organisation, so a caller must not occupy the path of something
    // that is imported later.
    if (liesAnywhereByType(input.resourceType))
      await requirePermission(
        transaction,
        caller,
        action.writeResources,
        await rootResource(transaction),
        entry,
      );
    await lockTree(transaction);
    const parent = await resourceInTree(transaction, seen.id);
    // The resource above may have been retired meanwhile.
    if (!parent || isRetiredScope(parent.scope)) throw new Refusal(notFound, attempt);
    const types = await transaction.ownResourceType.findMany({
      select: { segment: true },
      take: mostTypes,
    });
    const read = readResourceName(input.displayName);
    const pathName =
      input.pathName?.normalize("NFC").trim() || suggestedPathName(read.ok ? read.name : input.displayName);
    const segments = types.map(({ segment }) => segment);
    const placed = scopeBelow(parent.scope, input.resourceType, pathName, segments);
    const faults = [
      ...(read.ok ? [] : [{ field: "displayName", message: read.message }]),
      ...(placed.ok ? [] : [{ field: placed.field, message: placed.message }]),
    ];
    if (!read.ok || !placed.ok) throw new Refusal({ code: "InvalidInput", faults }, entry);
    if (parent.path.split(".").length >= deepestLevel) {
      const message = `Resources lie at most ${deepestLevel} levels deep. Add it further up.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const { scope, resourceType } = placed;
    await refuseTakenScope(transaction, scope, "pathName", entry);
    await refuseTwin(transaction, parent.id, { displayName: read.name, resourceType }, null, entry);
    const resource = await transaction.resource.create({
      data: { parentId: parent.id, scope, displayName: read.name, resourceType },
    });
    await recordAuditEvent(transaction, {
      ...{ kind: "ResourceCreated", outcome: "Success", caller, resource },
      details: { resourceType, parent: parent.scope },
    });
    return { resourceId: resource.id, scope };
  });
}
