import { spendProof } from "@/lib/authority/spend-proof";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { runOperation } from "@/lib/operations/gate/refusal";
import {
  type DecidedRequest,
  decideRequest,
  decisionAttempt,
  decisionOperation,
} from "@/lib/operations/requests/decide-request";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface OneDecisionInput {
  readonly requestId: string;
  /** Required. */
  readonly justification: string | null;
  readonly proofId: string | null;
}

/**
 * Approves one waiting request. With the last approval that it needs the activation is written in the same
 * transaction, its duration beginning then (or at the later start asked for); where the settings in force no longer
 * allow it, the request is `Failed` and the answer says why.
 */
export function approveRequest(
  database: Database,
  caller: Caller,
  input: OneDecisionInput,
): Promise<OperationResult<DecidedRequest>> {
  const decision = { ...input, decision: "Approve" as const };
  return runOperation(database, decisionAttempt(caller, decision), (transaction) =>
    decideRequest(transaction, caller, decision, () =>
      spendProof(transaction, caller, input.proofId, decisionOperation("Approve", [input.requestId])),
    ),
  );
}
