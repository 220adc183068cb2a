import { type Batch, type RowResult, runBatch } from "@/lib/operations/gate/run-batch";
import {
  decideRequestIn,
  decideRequestsOperation,
  decisionAttempt,
} from "@/lib/operations/requests/decide-request-in";
import type { DecidedRequest } from "@/lib/operations/requests/load-request";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/** How many requests one call may decide. */
export const maximumDecisions = 25;

export interface DecideRequestsInput {
  /** At most `maximumDecisions`. */
  readonly requestIds: readonly string[];
  readonly decision: "Approve" | "Deny";
  /** Of all of them. Required. */
  readonly justification: string | null;
  readonly proofId: string | null;
}

function batchOf(
  caller: Caller,
  { requestIds, decision, justification }: DecideRequestsInput,
): Batch<string, DecidedRequest> {
  const rows = [...new Set(requestIds)];
  const operation = decideRequestsOperation(decision, rows);
  return {
    rows,
    order: (requestId) => requestId,
    attempt: (requestId) => decisionAttempt(caller, { requestId, decision, justification }),
    work: (transaction, requestId, prove) =>
      decideRequestIn(transaction, caller, { requestId, decision, justification }, prove, operation),
  };
}

/**
 * Decides several waiting requests alike, with one justification and, if one is required, one proof.
 * Each succeeds or fails on its own. With the last approval that a request needs, the activation is
 * written in the same transaction. Its duration begins then, or at the later start that was requested.
 * If the settings in force no longer allow it, the request is `Failed` and the answer says why. One
 * denial, at any stage, ends a request. Answers in the order of the input, each once.
 */
export function decideRequests(
  database: Database,
  caller: Caller,
  input: DecideRequestsInput,
): Promise<readonly RowResult<DecidedRequest>[]> {
  return runBatch(database, caller, input.proofId, batchOf(caller, input));
}
