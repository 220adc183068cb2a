import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { entryOf, runDirectoryOperation } from "@/lib/operations/directories/directory-operation";
import { disable } from "@/lib/operations/directories/directory-user";
import { lockOwned } from "@/lib/operations/directories/lock-owned";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { DirectoryCaller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * What a directory's DELETE does: disables the user or group and releases it from the directory.
 * Nothing is deleted, since the log and the history name it, and nobody else may get its address.
 */
export function removeFromDirectory(
  database: Database,
  directory: DirectoryCaller,
  input: {
    readonly id: string;
    readonly type: "User" | "Group";
    readonly expectedVersion: number | null;
  },
): Promise<OperationResult<{ id: string }>> {
  const attempt = entryOf(directory, "PrincipalDisabled");
  return runDirectoryOperation(database, directory, attempt, async (transaction) => {
    const principal = await lockOwned(transaction, directory, input.type, input, attempt);
    if (principal.disabledAt === null) await disable(transaction, directory, principal);
    await transaction.principal.update({
      where: { id: principal.id },
      data: { directoryId: null, directoryNames: Prisma.DbNull, version: { increment: 1 } },
    });
    await transaction.directoryDrift.deleteMany({
      where: {
        OR: [{ principalId: principal.id }, { groupId: principal.id }],
        directoryId: directory.directoryId,
      },
    });
    await recordAuditEvent(transaction, {
      ...entryOf(directory, "PrincipalUpdated"),
      outcome: "Success",
      target: principal,
      details: {
        ...attempt.details,
        before: { directory: directory.displayName },
        after: { directory: null },
      },
    });
    return { id: principal.id };
  });
}
