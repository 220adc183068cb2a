import { type SpentProof, spendProof } from "@/lib/authority/spend-proof";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { alreadyAssigned, Refusal, refusedEntry } from "@/lib/operations/gate/refusal";
import {
  type DecidedRequest,
  decideRequest,
  decisionAttempt,
  decisionOperation,
} from "@/lib/operations/requests/decide-request";
import { type AuditEntry, recordAuditEvents, recordRefusals } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { isExclusionViolation } from "@/lib/platform/database-errors";
import { inTransaction } from "@/lib/platform/transaction";

/** How many requests one call may decide. */
export const maximumDecisions = 25;

export interface DecideRequestsInput {
  readonly requestIds: readonly string[];
  readonly decision: "Approve" | "Deny";
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** What became of one of the requests. */
export interface DecisionOutcome {
  readonly requestId: string;
  readonly result: OperationResult<DecidedRequest>;
}

/**
 * Decides several waiting requests alike, with one justification and one proof, in one transaction. Each succeeds or
 * fails on its own (a savepoint each), refused ones logged beside the others. The proof is spent once, with the first
 * decision that wants it; when no such decision comes about, it stays unspent. Answers in the order asked.
 */
export async function decideRequests(
  database: Database,
  caller: Caller,
  input: DecideRequestsInput,
): Promise<DecisionOutcome[]> {
  try {
    return await inTransaction(database, async (transaction) => {
      const { outcomes, refused } = await decideEach(transaction, caller, input);
      if (refused.length === outcomes.length) throw new NoneDecided(outcomes, refused);
      await recordAuditEvents(
        transaction,
        refused.map((entry) => ({ ...entry, outcome: "Failure" })),
      );
      return outcomes;
    });
  } catch (thrown) {
    if (!(thrown instanceof NoneDecided)) throw thrown;
    await recordRefusals(database, thrown.refused);
    return thrown.outcomes;
  }
}

/** Rolls the transaction back, carrying what to answer and what to log. */
class NoneDecided extends Error {
  constructor(
    readonly outcomes: DecisionOutcome[],
    readonly refused: Omit<AuditEntry, "outcome">[],
  ) {
    super("none of the requests was decided");
  }
}

async function decideEach(transaction: Transaction, caller: Caller, input: DecideRequestsInput) {
  const requestIds = [...new Set(input.requestIds)];
  const operation = decisionOperation(input.decision, requestIds);
  const found = new Map<string, DecisionOutcome["result"]>();
  const refused: Omit<AuditEntry, "outcome">[] = [];
  let proof: SpentProof | null = null;
  // In the order of their ids, whatever was asked: two that decide the same requests never cross.
  for (const requestId of [...requestIds].sort()) {
    const spentBefore: SpentProof | null = proof;
    const one = { ...input, requestId };
    await transaction.$executeRaw`SAVEPOINT one_request`;
    try {
      const decided = await decideRequest(transaction, caller, one, async () => {
        proof ??= await spendProof(transaction, caller, input.proofId, operation);
        return proof;
      });
      await transaction.$executeRaw`RELEASE SAVEPOINT one_request`;
      found.set(requestId, { ok: true, ...decided });
    } catch (thrown) {
      const refusal = isExclusionViolation(thrown) ? new Refusal(alreadyAssigned, null) : thrown;
      if (!(refusal instanceof Refusal)) throw thrown;
      await transaction.$executeRaw`ROLLBACK TO SAVEPOINT one_request`;
      proof = spentBefore;
      refused.push(refusedEntry(refusal, decisionAttempt(caller, one)));
      found.set(requestId, { ok: false, error: refusal.error });
    }
  }
  const outcomes = requestIds.flatMap((requestId) => {
    const result = found.get(requestId);
    return result ? [{ requestId, result }] : [];
  });
  return { outcomes, refused };
}
