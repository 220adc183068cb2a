import { mayUntilCommit, reachesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { exceptionReasonFaults } from "@/lib/domain/roles/conflict-exception";
import { action } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import {
  endExceptions,
  exceptionsOf,
  lockException,
  openException,
  refuseOwnException,
} from "@/lib/operations/roles/conflict-exceptions";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface ApproveConflictExceptionInput {
  readonly exceptionId: string;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** The operation that a proof for an approval is bound to. */
export function approveConflictExceptionOperation(
  input: Pick<ApproveConflictExceptionInput, "exceptionId">,
): ProtectedOperation {
  return { kind: "ApproveConflictException", exceptionId: input.exceptionId };
}

/**
 * Approves an exception: from the commit until its end, the principal it names may hold both roles. It requires the
 * permission to edit role settings at the rule's resource, and always spends a proof. The person who asked for it,
 * gets it or is in the group that gets it cannot approve it (docs/rules.md, rule 7). The person who asked must still
 * be an administrator. An earlier exception of the same principal ends.
 */
export function approveConflictException(
  database: Database,
  caller: Caller,
  input: ApproveConflictExceptionInput,
): Promise<OperationResult<{ name: string; endsAt: Date }>> {
  const justification = input.justification?.trim() || null;
  const attempt = {
    kind: "ConflictExceptionApproved" as const,
    caller,
    justification,
    details: { exceptionId: input.exceptionId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { exception, entry } = await openException(transaction, caller, input.exceptionId, attempt);
    const { target, resource, askedById } = exception;
    const own = await reachesUntilCommit(transaction, caller.userId, target.id);
    refuseOwnException(caller, exception, own, entry);
    const askerMay = await mayUntilCommit(transaction, askedById, action.writeRoleSettings, resource.id);
    await lockException(transaction, exception.id, "Waiting", entry);
    if (!askerMay) {
      const message =
        "The requestor of this exception may no longer edit role settings here. Deny it, and have a new one requested.";
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const faults = exceptionReasonFaults(justification);
    if (faults.length > 0) throw new Refusal({ code: "InvalidInput", faults }, entry);
    const operation = approveConflictExceptionOperation(input);
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    await transaction.conflictException.update({
      where: { id: exception.id },
      data: {
        state: "Approved",
        decidedById: caller.userId,
        decidedAt: await databaseNow(transaction),
        decisionReason: justification,
      },
    });
    await recordAuditEvent(transaction, { ...entry, outcome: "Success", proof });
    await endExceptions(transaction, caller, exceptionsOf.replacedBy(exception), "Replaced");
    return { name: isolated(target.displayName), endsAt: exception.endsAt };
  });
}
