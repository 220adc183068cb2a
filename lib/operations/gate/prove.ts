import { type SpentProof, spendProof } from "@/lib/authority/spend-proof";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

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
