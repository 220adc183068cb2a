import { mostDirectories } from "@/lib/domain/directories/directory";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { displayNameField } from "@/lib/domain/people/principal";
import { addDays } from "@/lib/domain/time/schedule";
import { type NewToken, requireDirectoryManager } from "@/lib/operations/directories/manage-directories";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { nameKeys } from "@/lib/platform/sql/name-keys";
import { databaseNow } from "@/lib/platform/transaction";

export interface CreateDirectoryInput {
  readonly name: string;
  readonly token: NewToken;
  readonly proofId: string | null;
}

/** The operation that an administrator's proof for it is bound to. */
export function createDirectoryOperation(input: {
  readonly name: string;
  readonly token: Pick<NewToken, "days">;
}): ProtectedOperation {
  return { kind: "CreateDirectory", name: input.name, days: input.token.days };
}

/**
 * Creates a directory, which provisions people and groups with its token. Anyone who has the token
 * controls the people whom the directory owns, so this always requires a step-up.
 */
export function createDirectory(
  database: Database,
  caller: Caller,
  input: CreateDirectoryInput,
): Promise<OperationResult<{ directoryId: string }>> {
  const attempt = {
    kind: "DirectoryCreated" as const,
    caller,
    details: { directoryName: input.name.slice(0, 300), days: input.token.days },
  };
  return runOperation(database, attempt, async (transaction) => {
    const entry = await requireDirectoryManager(transaction, caller, attempt);
    const refuse = (message: string) =>
      new Refusal({ code: "InvalidInput", faults: [{ field: "name", message }] }, entry);
    const read = displayNameField.safeParse(input.name);
    if (!read.success) throw refuse(read.error.issues[0]?.message ?? "Give a name.");
    // Two that are created at the same time meet here.
    await transaction.$queryRaw`SELECT id FROM directories WHERE ended_at IS NULL ORDER BY id FOR NO KEY UPDATE`;
    const [others] = await transaction.$queryRaw<{ count: number; same: number }[]>`
      SELECT count(*)::int AS count, count(*) FILTER (WHERE name_key(name) = ANY (${nameKeys([read.data])}))::int AS same
      FROM directories WHERE ended_at IS NULL`;
    if ((others?.same ?? 0) > 0) throw refuse("There is already a directory with this name.");
    if ((others?.count ?? 0) >= mostDirectories)
      throw refuse(`There may be at most ${mostDirectories} directories. Remove one first.`);
    const proof = await requireStepUp(
      transaction,
      caller,
      input.proofId,
      createDirectoryOperation(input),
      entry,
    );
    const now = await databaseNow(transaction);
    const tokenExpiresAt = addDays(now, input.token.days);
    const { id: directoryId } = await transaction.directory.create({
      data: {
        ...{ name: read.data, createdById: caller.userId, tokenHash: input.token.tokenHash },
        ...{ tokenMadeAt: now, tokenMadeById: caller.userId, tokenExpiresAt },
      },
      select: { id: true },
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      proof,
      details: { directoryId, directoryName: read.data, expiresAt: tokenExpiresAt.toISOString() },
    });
    return { directoryId };
  });
}
