import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { normalSegment } from "@/lib/domain/resources/own-type";
import { isolated } from "@/lib/domain/text/visible-text";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { openTypes } from "@/lib/operations/resources/types";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/** Removes a type that no resource has. */
export function removeResourceType(
  database: Database,
  caller: Caller,
  input: { readonly segment: string },
): Promise<OperationResult<{ displayName: string }>> {
  const segment = normalSegment(input.segment);
  const attempt = {
    kind: "ResourceTypeRemoved" as const,
    caller,
    details: { resourceType: segment.slice(0, 200) },
  };
  return runOperation(database, attempt, async (transaction) => {
    const opened = await openTypes(transaction, caller, attempt);
    const type = opened.types.find((each) => each.segment === segment);
    if (!type) throw new Refusal(notFound, opened.entry);
    const { displayName } = type;
    const entry = { ...opened.entry, details: { resourceType: segment, name: displayName } };
    const used = await transaction.resource.findMany({
      where: { resourceType: segment },
      select: { displayName: true },
      orderBy: { id: "asc" },
      take: 2,
    });
    const [first] = used;
    if (first) {
      const which = `${isolated(first.displayName)}${used.length > 1 ? " and others have" : " has"}`;
      const message = `The type ${isolated(displayName)} is in use: ${which} it. A type can be removed once no resource has it.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    await transaction.ownResourceType.deleteMany({ where: { segment } });
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return { displayName };
  });
}
