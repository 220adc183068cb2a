import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { openDirectory } from "@/lib/operations/directories/manage-directories";
import { runOperation } from "@/lib/operations/gate/refusal";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/**
 * Revokes a directory's token at once. Its people and groups stay its own, and nothing changes them
 * until there is a new token.
 */
export function revokeDirectoryToken(
  database: Database,
  caller: Caller,
  input: { readonly directoryId: string },
): Promise<OperationResult<{ directoryId: string }>> {
  const { directoryId } = input;
  const attempt = { kind: "DirectoryTokenRevoked" as const, caller, details: { directoryId } };
  return runOperation(database, attempt, async (transaction) => {
    const { entry } = await openDirectory(transaction, caller, attempt, directoryId);
    await transaction.directory.update({
      where: { id: directoryId },
      data: { tokenHash: null, tokenMadeAt: null, tokenExpiresAt: null },
    });
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return { directoryId };
  });
}
