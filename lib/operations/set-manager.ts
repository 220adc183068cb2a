import type { OperationResult } from "@/lib/domain/operation-error";
import { action } from "@/lib/domain/permissions";
import { notFound, Refusal, runOperation } from "@/lib/operations/refusal";
import { requirePermission } from "@/lib/operations/require-permission";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/**
 * Says who a user's manager is, or that there is none. A manager may be asked to review the user's access anywhere, so
 * it takes the right to assign at the root.
 */
export function setManager(
  database: Database,
  caller: Caller,
  input: { readonly userId: string; readonly managerId: string | null },
): Promise<OperationResult<{ userId: string }>> {
  const attempt = { kind: "ManagerChanged" as const, caller, details: { ...input } };
  return runOperation(database, attempt, async (transaction) => {
    const root = await transaction.resource.findFirstOrThrow({ where: { parentId: null } });
    await requirePermission(transaction, caller, action.writeAssignment, root, attempt);
    await transaction.$queryRaw`SELECT id FROM principals WHERE id = ${input.userId}::uuid FOR NO KEY UPDATE`;
    const user = await transaction.principal.findUnique({
      where: { id: input.userId, type: "User" },
      select: { id: true, displayName: true, manager: { select: { id: true, displayName: true } } },
    });
    if (!user) throw new Refusal(notFound, attempt);
    const entry = { ...attempt, target: user };
    const manager =
      input.managerId === null
        ? null
        : await transaction.principal.findUnique({
            where: { id: input.managerId, type: "User", disabledAt: null },
            select: { id: true, displayName: true },
          });
    if (input.managerId !== null && (!manager || manager.id === user.id)) {
      const message = "Choose another user, who is not disabled, as the manager.";
      throw new Refusal({ code: "InvalidAccessReview", faults: [{ field: "managerId", message }] }, entry);
    }
    if (manager?.id === user.manager?.id) return { userId: user.id };
    await transaction.principal.update({
      where: { id: user.id },
      data: { managerId: manager?.id ?? null },
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      details: { before: user.manager?.displayName ?? null, after: manager?.displayName ?? null },
    });
    return { userId: user.id };
  });
}
