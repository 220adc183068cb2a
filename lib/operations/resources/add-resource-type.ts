import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { mostTypes, normalSegment, segmentFault } from "@/lib/domain/resources/own-type";
import { normalisedName } from "@/lib/domain/text/names";
import { isolated } from "@/lib/domain/text/visible-text";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { openTypes, refuseTypeName, type TypeFields } from "@/lib/operations/resources/types";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/** Adds a type of resources. Its segment never changes, since it is part of paths. */
export function addResourceType(
  database: Database,
  caller: Caller,
  input: TypeFields & { readonly segment: string },
): Promise<OperationResult<{ segment: string }>> {
  const segment = normalSegment(input.segment);
  const displayName = normalisedName(input.displayName);
  const details = { resourceType: segment.slice(0, 200), name: displayName.slice(0, 200) };
  const attempt = { kind: "ResourceTypeAdded" as const, caller, details };
  return runOperation(database, attempt, async (transaction) => {
    const { entry, types } = await openTypes(transaction, caller, attempt);
    if (types.length >= mostTypes) {
      const message = `There are at most ${mostTypes} types. Remove one that no resource has.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const taken = types.find((type) => type.segment === segment);
    const message = taken
      ? `The type ${isolated(taken.displayName)} has this word in its paths.`
      : segmentFault(segment);
    if (message !== null)
      throw new Refusal({ code: "InvalidInput", faults: [{ field: "segment", message }] }, entry);
    refuseTypeName(input.displayName, types, entry);
    await transaction.ownResourceType.createMany({ data: [{ segment, displayName, icon: input.icon }] });
    await recordAuditEvent(transaction, {
      ...{ ...entry, outcome: "Success" },
      details: { resourceType: segment, name: displayName, icon: input.icon },
    });
    return { segment };
  });
}
