import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { openPrincipal } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface SetManagerInput {
  readonly userId: string;
  /** Null: none. */
  readonly managerId: string | null;
  readonly proofId: string | null;
}

/** The operation that an administrator's proof for a manager is bound to; null where none is named, which takes none. */
export function setManagerOperation({
  userId,
  managerId,
}: Omit<SetManagerInput, "proofId">): Extract<ProtectedOperation, { kind: "SetManager" }> | null {
  return managerId === null ? null : { kind: "SetManager", userId, managerId };
}

/**
 * Sets or clears a user's manager. A manager is asked whether the user keeps their access, so it requires authority
 * over all privileges of the user, besides the right to manage people. To name one is to give a decision right over the
 * access of others, now or in a review to come: it always requires a step-up. To have none takes none: the named
 * reviewers are asked.
 */
export function setManager(
  database: Database,
  caller: Caller,
  input: SetManagerInput,
): Promise<OperationResult<{ userId: string }>> {
  const { userId, managerId } = input;
  const attempt = { kind: "ManagerChanged" as const, caller, details: { userId, managerId } };
  return runOperation(database, attempt, async (transaction) => {
    const { principal: user, entry } = await openPrincipal(transaction, caller, attempt, input.userId);
    if (user.type !== "User") throw new Refusal(notFound, attempt);
    await requireAuthorityOver(
      transaction,
      caller,
      await privilegesUntilCommit(transaction, [user.id]),
      entry,
    );
    const before = await transaction.principal.findUniqueOrThrow({
      where: { id: user.id },
      select: { manager: { select: { id: true, displayName: true } } },
    });
    const manager =
      input.managerId === null
        ? null
        : await transaction.principal.findUnique({
            where: { id: input.managerId, type: "User", disabledAt: null },
            select: { id: true, displayName: true },
          });
    if (input.managerId !== null && (!manager || manager.id === user.id)) {
      const message = "Choose another user as the manager, who is not disabled.";
      throw new Refusal({ code: "InvalidInput", faults: [{ field: "managerId", message }] }, entry);
    }
    if (manager?.id === before.manager?.id) return { userId: user.id };
    const operation = setManagerOperation(input);
    const proof = operation
      ? await requireStepUp(transaction, caller, input.proofId, operation, entry)
      : null;
    await transaction.principal.update({
      where: { id: user.id },
      data: { managerId: manager?.id ?? null },
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      proof,
      details: { before: before.manager?.displayName ?? null, after: manager?.displayName ?? null },
    });
    return { userId: user.id };
  });
}
