import { spendProof } from "@/lib/authority/spend-proof";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { runOperation } from "@/lib/operations/gate/refusal";
import type { OneDecisionInput } from "@/lib/operations/requests/approve-request";
import {
  type DecidedRequest,
  decideRequest,
  decisionAttempt,
  decisionOperation,
} from "@/lib/operations/requests/decide-request";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/** Denies one waiting request: one denial, at any stage, ends it. */
export function denyRequest(
  database: Database,
  caller: Caller,
  input: OneDecisionInput,
): Promise<OperationResult<DecidedRequest>> {
  const decision = { ...input, decision: "Deny" as const };
  return runOperation(database, decisionAttempt(caller, decision), (transaction) =>
    decideRequest(transaction, caller, decision, () =>
      spendProof(transaction, caller, input.proofId, decisionOperation("Deny", [input.requestId])),
    ),
  );
}
