import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { lockImport } from "@/lib/operations/imports/load-import";
import { requirePrincipalManager } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * Discards the rest of an unfinished import. What it applied stays. To a caller who may not handle it
 * the import does not exist (`mayHandleImport`).
 */
export function discardImport(
  database: Database,
  caller: Caller,
  importId: string,
): Promise<OperationResult<{ importId: string }>> {
  const attempt = { kind: "ImportDiscarded" as const, caller, details: { importId } };
  return runOperation(database, attempt, async (transaction) => {
    await requirePrincipalManager(transaction, caller, attempt);
    const found = await lockImport(transaction, caller, importId, attempt);
    const entry = { ...attempt, details: { importId, fileName: found.fileName, import: found.kind } };
    if (found.status === "Applied" || found.status === "Discarded") {
      throw new Refusal({ code: "Conflict", message: "This import has already finished." }, entry);
    }
    await transaction.import.update({
      where: { id: importId },
      data: { status: "Discarded", finishedAt: await databaseNow(transaction) },
    });
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return { importId };
  });
}
