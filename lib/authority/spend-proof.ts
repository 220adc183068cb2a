import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import type { StepUpMethod } from "@/lib/domain/gate/step-up-method";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { operationDigest } from "@/lib/platform/operation-digest";

/** A proof that this transaction has spent. */
export interface SpentProof {
  readonly id: string;
  readonly method: StepUpMethod;
}

/**
 * Spends a proof for exactly this operation of this caller in this session, in the caller's transaction
 * (docs/rules.md, rule 2). If the transaction rolls back, the proof is unspent again. Null if there is
 * no such proof, or if it is spent, expired, or made for another person, session or operation. Only
 * this function calls the database's `spend_step_up_proof` (docs/decisions/database-logins.md).
 */
export async function spendProof(
  transaction: Transaction,
  caller: Caller,
  proofId: string | null,
  operation: ProtectedOperation,
): Promise<SpentProof | null> {
  if (proofId === null) return null;
  const [spent] = await transaction.$queryRaw<SpentProof[]>`
    SELECT proof_id AS id, proof_method AS method
    FROM spend_step_up_proof(${proofId}::uuid, ${caller.userId}::uuid, ${caller.sessionId}::uuid,
      ${operationDigest(operation)})`;
  return spent ?? null;
}
