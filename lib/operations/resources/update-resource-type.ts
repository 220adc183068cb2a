import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { normalSegment } from "@/lib/domain/resources/own-type";
import { normalisedName } from "@/lib/domain/text/names";
import { isolated } from "@/lib/domain/text/visible-text";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { openTypes, refuseTypeName, type TypeFields } from "@/lib/operations/resources/types";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/** Changes the name and the icon of a type. Its resources show them at once. */
export function updateResourceType(
  database: Database,
  caller: Caller,
  input: TypeFields & { readonly segment: string; readonly expectedVersion: number },
): Promise<OperationResult<{ displayName: string }>> {
  const segment = normalSegment(input.segment);
  const displayName = normalisedName(input.displayName);
  const details = { resourceType: segment.slice(0, 200), name: displayName.slice(0, 200) };
  const attempt = { kind: "ResourceTypeUpdated" as const, caller, details };
  return runOperation(database, attempt, async (transaction) => {
    const { entry, types } = await openTypes(transaction, caller, attempt);
    const before = types.find((type) => type.segment === segment);
    if (!before) throw new Refusal(notFound, entry);
    if (before.version !== input.expectedVersion) {
      const message = `Somebody else changed the type ${isolated(before.displayName)} in the meantime. Reload the page.`;
      throw new Refusal({ code: "StaleEdit", message }, entry);
    }
    const others = types.filter((type) => type.segment !== segment);
    refuseTypeName(input.displayName, others, entry);
    const after = { displayName, icon: input.icon };
    const was = { displayName: before.displayName, icon: before.icon };
    if (was.displayName === after.displayName && was.icon === after.icon) return { displayName };
    await transaction.ownResourceType.updateMany({
      where: { segment },
      data: { ...after, version: before.version + 1 },
    });
    await recordAuditEvent(transaction, {
      ...{ ...entry, outcome: "Success" },
      details: { resourceType: segment, name: displayName, before: was, after },
    });
    return { displayName };
  });
}
