import { privilegesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import { openPrincipal } from "@/lib/operations/people/manage-principals";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/**
 * Sets or clears a user's manager. A manager is asked whether the user keeps their access. So it
 * requires authority over all privileges of the user, besides the right to manage people.
 */
export function setManager(
  database: Database,
  caller: Caller,
  input: { readonly userId: string; readonly managerId: string | null },
): Promise<OperationResult<{ userId: string }>> {
  const attempt = { kind: "ManagerChanged" as const, caller, details: { ...input } };
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
    await transaction.principal.update({
      where: { id: user.id },
      data: { managerId: manager?.id ?? null },
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      details: { before: before.manager?.displayName ?? null, after: manager?.displayName ?? null },
    });
    return { userId: user.id };
  });
}
