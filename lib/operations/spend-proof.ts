import type { ProtectedOperation } from "@/lib/domain/protected-operation";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { operationDigest } from "@/lib/platform/operation-digest";

/** A proof that this transaction has spent. */
export interface SpentProof {
  readonly id: string;
  readonly method: "Totp" | "RecoveryCode";
}

/**
 * Spends a proof for exactly this operation of this caller in this session, in the caller's transaction (design
 * section 2, rule 2): when that rolls back, the proof is unspent again. Null when there is no such proof, or it is
 * spent, expired, another person's, another session's or made for another operation.
 */
export async function spendProof(
  transaction: Transaction,
  caller: Caller,
  proofId: string | null,
  operation: ProtectedOperation,
): Promise<SpentProof | null> {
  if (proofId === null) return null;
  const [spent] = await transaction.$queryRaw<SpentProof[]>`
    UPDATE step_up_proofs SET spent_at = postern_now()
    WHERE id = ${proofId}::uuid AND user_id = ${caller.userId}::uuid AND session_id = ${caller.sessionId}::uuid
      AND operation_digest = ${operationDigest(operation)}
      AND spent_at IS NULL AND expires_at > postern_now()
    RETURNING id, method`;
  return spent ?? null;
}

/** Whether an operation is proved, and by which proof. */
export interface Proving {
  readonly proved: boolean;
  readonly proof: SpentProof | null;
}

/** What stands where the settings do not ask for a second factor. */
export const notAsked: Proving = { proved: false, proof: null };

/** How a verb asks for the proof of what it is about to write, once its settings want one. */
export type Prove = (operation: ProtectedOperation) => Promise<Proving>;

/** Proves an operation by spending the proof that was made for it alone. */
export function proveBy(transaction: Transaction, caller: Caller, proofId: string | null): Prove {
  return async (operation) => {
    const proof = await spendProof(transaction, caller, proofId, operation);
    return { proved: proof !== null, proof };
  };
}
