import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import type { ExtendAssignmentInput } from "@/lib/operations/assignments/extend-assignment";
import { extendOrRenewAssignmentIn } from "@/lib/operations/assignments/extend-or-renew-assignment";
import { proveBy } from "@/lib/operations/gate/prove";
import { runOperation } from "@/lib/operations/gate/refusal";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface RenewAssignmentInput extends Omit<ExtendAssignmentInput, "expectedEnd"> {
  /** Null: at once. */
  readonly startsAt: Date | null;
}

/** The operation that an administrator's proof for a renewal is bound to. */
export function renewAssignmentOperation(
  input: Pick<RenewAssignmentInput, "id" | "startsAt" | "endsAt">,
): ProtectedOperation {
  return {
    kind: "RenewAssignment",
    assignmentId: input.id,
    startsAt: input.startsAt?.toISOString() ?? null,
    endsAt: input.endsAt?.toISOString() ?? null,
  };
}

/** The log entry of a renewal that is refused. */
export function renewalAttempt(caller: Caller, input: Omit<RenewAssignmentInput, "proofId">) {
  const active = input.assignmentType === "Active";
  return {
    kind: active ? ("ActiveAssignmentRenewed" as const) : ("EligibleAssignmentRenewed" as const),
    caller,
    ...(active ? { assignmentId: input.id } : { eligibilityId: input.id }),
    justification: input.justification,
    details: {
      requestedStart: input.startsAt?.toISOString() ?? null,
      requestedEnd: input.endsAt?.toISOString() ?? null,
    },
  };
}

/**
 * Renews an eligibility or direct assignment that expired (`AdminRenew`), as a new one that starts now or later. The
 * request links the two. A removed one has not expired and is not renewed. A direct assignment spends the
 * administrator's proof if the settings require MFA for it (docs/rules.md, rule 1).
 */
export function renewAssignment(
  database: Database,
  caller: Caller,
  input: RenewAssignmentInput,
): Promise<OperationResult<{ requestId: string; id: string }>> {
  const attempt = renewalAttempt(caller, input);
  return runOperation(database, attempt, async (transaction) => {
    const prove = proveBy(transaction, caller, input.proofId);
    const operation = renewAssignmentOperation(input);
    const proposal = { ...input, expected: null };
    const done = await extendOrRenewAssignmentIn(
      transaction,
      caller,
      "Renewed",
      proposal,
      prove,
      operation,
      attempt,
    );
    return { requestId: done.requestId, id: done.resultingAssignmentId ?? done.resultingEligibilityId ?? "" };
  });
}
