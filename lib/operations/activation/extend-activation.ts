import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import {
  type ActivationExtension,
  type ExtendedActivation,
  extendActivationIn,
  extensionAttempt,
} from "@/lib/operations/activation/extend-activation-in";
import { proveBy } from "@/lib/operations/gate/prove";
import { runOperation } from "@/lib/operations/gate/refusal";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface ExtendActivationInput extends ActivationExtension {
  readonly proofId: string | null;
}

/** The operation that the proof is bound to: this activation, from the end that was shown to the new one. */
export function extendActivationOperation(
  input: Pick<ActivationExtension, "assignmentId" | "expectedEnd" | "endsAt">,
): ProtectedOperation {
  return {
    kind: "ExtendActivation",
    assignmentId: input.assignmentId,
    expectedEnd: input.expectedEnd.toISOString(),
    endsAt: input.endsAt.toISOString(),
  };
}

/**
 * Extends a role that the caller activated and holds now (`SelfExtend`). The rules of an activation
 * apply: the settings in force at the commit, the eligibility, and a reason, ticket, proof or approval
 * where the settings require one. While the request waits for approval the activation keeps its end.
 */
export function extendActivation(
  database: Database,
  caller: Caller,
  input: ExtendActivationInput,
): Promise<OperationResult<ExtendedActivation>> {
  return runOperation(database, extensionAttempt(caller, input), (transaction) =>
    extendActivationIn(
      transaction,
      caller,
      input,
      proveBy(transaction, caller, input.proofId),
      extendActivationOperation(input),
    ),
  );
}
