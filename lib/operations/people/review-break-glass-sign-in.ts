import { rootResource } from "@/lib/authority/authority";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { action } from "@/lib/domain/roles/permissions";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { checksOf } from "@/lib/platform/recheck";

export interface ReviewBreakGlassSignInInput {
  readonly sessionId: string;
  /** What the review found. Required. */
  readonly justification: string | null;
}

/**
 * Closes the review of a sign-in with a break-glass account, with a note. It requires the rights of a
 * root administrator. The account itself cannot close it, nor can somebody who got privileges or a way
 * to sign in from it since.
 */
export function reviewBreakGlassSignIn(
  database: Database,
  caller: Caller,
  input: ReviewBreakGlassSignInInput,
): Promise<OperationResult<object>> {
  const attempt = {
    kind: "BreakGlassSignInReviewed" as const,
    caller,
    justification: input.justification,
    details: { reviewedSessionId: input.sessionId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const root = await rootResource(transaction);
    await requirePermission(transaction, caller, action.writeRoleSettings, root, attempt);
    const [found] = await transaction.$queryRaw<
      { userId: string; displayName: string; usedAt: Date; closed: boolean }[]
    >`
      SELECT i.user_id AS "userId", p.display_name AS "displayName", i.used_at AS "usedAt",
        i.closed_at IS NOT NULL AS closed
      FROM break_glass_sign_ins i JOIN principals p ON p.id = i.user_id
      WHERE i.session_id = ${input.sessionId}::uuid FOR UPDATE OF i`;
    if (!found) throw new Refusal(notFound, attempt);
    const target = { id: found.userId, displayName: found.displayName };
    const entry = { ...attempt, target, resource: root };
    if (found.userId === caller.userId) {
      const message = "Somebody else must review your use of a break-glass account.";
      throw new Refusal({ code: "OwnRequest", message }, entry);
    }
    const free = () => isIndependent(transaction, caller.userId, found);
    if (!(await free())) {
      const message =
        "Your access or your sign-in has come from this account since it was used. Somebody else must review it.";
      throw new Refusal({ code: "OwnRequest", message }, entry);
    }
    checksOf(transaction).repeat.push(free);
    if (found.closed) {
      const message = "Somebody else has closed this review already. Reload the page.";
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const note = input.justification?.trim() ?? "";
    if (note === "") {
      const faults = [{ field: "justification", message: "Say what the review found." }];
      throw new Refusal({ code: "InvalidInput", faults }, entry);
    }
    await transaction.$executeRaw`
      UPDATE break_glass_sign_ins SET note = ${note}, closed_by_id = ${caller.userId}::uuid, closed_at = postern_now()
      WHERE session_id = ${input.sessionId}::uuid`;
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return {};
  });
}

/** Whether somebody has nothing that came from this account since it was used. */
async function isIndependent(
  transaction: Transaction,
  userId: string,
  use: { readonly userId: string; readonly usedAt: Date },
): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ from: boolean }[]>`
    SELECT power_came_from(${userId}::uuid, ${use.userId}::uuid, ${use.usedAt}, false) AS "from"`;
  return row?.from === false;
}
