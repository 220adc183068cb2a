import { type SpentProof, spendProof } from "@/lib/authority/spend-proof";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/** Whether an operation is proved, and by which proof. */
export interface Proving {
  readonly proved: boolean;
  readonly proof: SpentProof | null;
}

/** For an operation that requires no proof. */
export const notAsked: Proving = { proved: false, proof: null };

/** Asks for the proof of an operation. A verb calls it only if a proof is required. */
export type Prove = (operation: ProtectedOperation) => Promise<Proving>;

/** Spends the proof that was made for exactly this operation. */
export function proveBy(transaction: Transaction, caller: Caller, proofId: string | null): Prove {
  return async (operation) => {
    const proof = await spendProof(transaction, caller, proofId, operation);
    return { proved: proof !== null, proof };
  };
}
