import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { openDirectory } from "@/lib/operations/directories/manage-directories";
import { runOperation } from "@/lib/operations/gate/refusal";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * Removes a directory. Its token stops working at once. Its people and groups stay as they are, and are
 * managed by hand again. The directory stays in the log.
 */
export function endDirectory(
  database: Database,
  caller: Caller,
  input: { readonly directoryId: string },
): Promise<OperationResult<{ directoryId: string }>> {
  const { directoryId } = input;
  const attempt = { kind: "DirectoryEnded" as const, caller, details: { directoryId } };
  return runOperation(database, attempt, async (transaction) => {
    const { entry } = await openDirectory(transaction, caller, attempt, directoryId);
    await transaction.directory.update({
      where: { id: directoryId },
      data: {
        ...{ tokenHash: null, tokenMadeAt: null, tokenExpiresAt: null },
        endedAt: await databaseNow(transaction),
      },
    });
    await transaction.directoryDrift.deleteMany({ where: { directoryId } });
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return { directoryId };
  });
}
