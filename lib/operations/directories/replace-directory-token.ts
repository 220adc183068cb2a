import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { addDays } from "@/lib/domain/time/schedule";
import { type NewToken, openDirectory } from "@/lib/operations/directories/manage-directories";
import { runOperation } from "@/lib/operations/gate/refusal";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface ReplaceDirectoryTokenInput {
  readonly directoryId: string;
  readonly token: NewToken;
  readonly proofId: string | null;
}

/** The operation that an administrator's proof for it is bound to. */
export function replaceDirectoryTokenOperation(input: {
  readonly directoryId: string;
  readonly token: Pick<NewToken, "days">;
}): ProtectedOperation {
  return { kind: "ReplaceDirectoryToken", directoryId: input.directoryId, days: input.token.days };
}

/** Replaces a directory's token. The previous one stops working at once. It always requires a step-up. */
export function replaceDirectoryToken(
  database: Database,
  caller: Caller,
  input: ReplaceDirectoryTokenInput,
): Promise<OperationResult<{ directoryId: string }>> {
  const { directoryId, token } = input;
  const attempt = {
    kind: "DirectoryTokenReplaced" as const,
    caller,
    details: { directoryId, days: token.days },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { entry } = await openDirectory(transaction, caller, attempt, directoryId);
    const operation = replaceDirectoryTokenOperation(input);
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    const now = await databaseNow(transaction);
    const tokenExpiresAt = addDays(now, token.days);
    await transaction.directory.update({
      where: { id: directoryId },
      data: { tokenHash: token.tokenHash, tokenMadeAt: now, tokenMadeById: caller.userId, tokenExpiresAt },
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      proof,
      details: { ...entry.details, expiresAt: tokenExpiresAt.toISOString() },
    });
    return { directoryId };
  });
}
