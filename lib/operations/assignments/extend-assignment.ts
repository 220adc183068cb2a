import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { extendOrRenewAssignmentIn } from "@/lib/operations/assignments/extend-or-renew-assignment";
import { proveBy } from "@/lib/operations/gate/prove";
import { runOperation } from "@/lib/operations/gate/refusal";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface ExtendAssignmentInput {
  readonly assignmentType: "Eligible" | "Active";
  /** The eligibility's or the direct assignment's id. */
  readonly id: string;
  /** The end that the administrator was shown. Refused if it has changed. */
  readonly expectedEnd: Date | null;
  /** Later than the present end; null: permanently. */
  readonly endsAt: Date | null;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** The operation that an administrator's proof for an extension is bound to. */
export function extendAssignmentOperation(
  input: Pick<ExtendAssignmentInput, "id" | "expectedEnd" | "endsAt">,
): ProtectedOperation {
  return {
    kind: "ExtendAssignment",
    assignmentId: input.id,
    expectedEnd: input.expectedEnd?.toISOString() ?? null,
    endsAt: input.endsAt?.toISOString() ?? null,
  };
}

/** The log entry of an extension that is refused. */
export function extensionAttempt(
  caller: Caller,
  input: Pick<ExtendAssignmentInput, "assignmentType" | "id" | "endsAt" | "justification">,
) {
  const active = input.assignmentType === "Active";
  return {
    kind: active ? ("ActiveAssignmentExtended" as const) : ("EligibleAssignmentExtended" as const),
    caller,
    ...(active ? { assignmentId: input.id } : { eligibilityId: input.id }),
    justification: input.justification,
    details: { requestedEnd: input.endsAt?.toISOString() ?? null },
  };
}

/**
 * Extends an eligibility or direct assignment that has not ended (`AdminExtend`), without a request by
 * the member. For a direct assignment it spends the administrator's proof if the settings require MFA
 * (docs/rules.md, rule 1). A waiting request of the member for more time is canceled.
 */
export function extendAssignment(
  database: Database,
  caller: Caller,
  input: ExtendAssignmentInput,
): Promise<OperationResult<{ requestId: string }>> {
  const attempt = extensionAttempt(caller, input);
  return runOperation(database, attempt, async (transaction) => {
    const proposal = { ...input, expected: { endsAt: input.expectedEnd }, startsAt: null };
    const prove = proveBy(transaction, caller, input.proofId);
    const operation = extendAssignmentOperation(input);
    const done = await extendOrRenewAssignmentIn(
      transaction,
      caller,
      "Extended",
      proposal,
      prove,
      operation,
      attempt,
    );
    return { requestId: done.requestId };
  });
}
