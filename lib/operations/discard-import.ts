import type { OperationResult } from "@/lib/domain/operation-error";
import { requirePrincipalManager } from "@/lib/operations/manage-principals";
import { notFound, Refusal, runOperation } from "@/lib/operations/refusal";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/** Ends an import that is not finished: what it applied stays, the rest never will be. */
export function discardImport(
  database: Database,
  caller: Caller,
  importId: string,
): Promise<OperationResult<{ importId: string }>> {
  const attempt = { kind: "ImportDiscarded" as const, caller, details: { importId } };
  return runOperation(database, attempt, async (transaction) => {
    await requirePrincipalManager(transaction, caller, attempt);
    const { count } = await transaction.import.updateMany({
      where: { id: importId, status: { in: ["Staged", "Applying"] } },
      data: { status: "Discarded", finishedAt: await databaseNow(transaction) },
    });
    if (count === 0) throw new Refusal(notFound, attempt);
    await recordAuditEvent(transaction, { ...attempt, outcome: "Success" });
    return { importId };
  });
}
