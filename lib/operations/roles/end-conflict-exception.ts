import { reachesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { exceptionReasonFaults } from "@/lib/domain/roles/conflict-exception";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { lockException, openException, refuseOwnException } from "@/lib/operations/roles/conflict-exceptions";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/** How an exception ends before its time, and from which state. */
const ways = {
  Deny: { from: "Waiting", to: "Denied", kind: "ConflictExceptionDenied" },
  Withdraw: { from: "Waiting", to: "Withdrawn", kind: "ConflictExceptionWithdrawn" },
  Revoke: { from: "Approved", to: "Revoked", kind: "ConflictExceptionRevoked" },
} as const;
export type EndOfException = keyof typeof ways;

export interface EndConflictExceptionInput {
  readonly exceptionId: string;
  readonly how: EndOfException;
  /** Required for a denial. */
  readonly justification: string | null;
}

/**
 * Denies, withdraws or revokes an exception. From the commit it allows nothing more. It requires the permission to
 * edit role settings at the rule's resource. A denial is by another administrator, as an approval is; the person who
 * asked withdraws; any administrator revokes. Access that is held stays, and the alert about it returns.
 */
export function endConflictException(
  database: Database,
  caller: Caller,
  input: EndConflictExceptionInput,
): Promise<OperationResult<object>> {
  const { from, to, kind } = ways[input.how];
  const justification = input.justification?.trim() || null;
  const attempt = { kind, caller, justification, details: { exceptionId: input.exceptionId } };
  return runOperation(database, attempt, async (transaction) => {
    const { exception, entry } = await openException(transaction, caller, input.exceptionId, attempt);
    if (input.how === "Deny") {
      const own = await reachesUntilCommit(transaction, caller.userId, exception.target.id);
      refuseOwnException(caller, exception, own, entry);
    }
    if (input.how === "Withdraw" && exception.askedById !== caller.userId) {
      const message = "Only its requestor can withdraw an exception. You can deny it.";
      throw new Refusal({ code: "AuthorizationFailed", message }, entry);
    }
    await lockException(transaction, exception.id, from, entry);
    const faults = input.how === "Deny" || justification !== null ? exceptionReasonFaults(justification) : [];
    if (faults.length > 0) throw new Refusal({ code: "InvalidInput", faults }, entry);
    const now = await databaseNow(transaction);
    const by = { id: caller.userId, at: now, reason: justification };
    await transaction.conflictException.update({
      where: { id: exception.id },
      data: {
        state: to,
        ...(input.how === "Deny"
          ? { decidedById: by.id, decidedAt: by.at, decisionReason: by.reason }
          : { endedById: by.id, endReason: by.reason }),
        endedAt: by.at,
      },
    });
    const details = { ...entry.details, wasApproved: from === "Approved" };
    await recordAuditEvent(transaction, { ...entry, outcome: "Success", details });
    return {};
  });
}
