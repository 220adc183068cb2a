import { type SpentProof, spendProof } from "@/lib/authority/spend-proof";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import type { StepUpMethod } from "@/lib/domain/gate/step-up-method";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/** How an operation is proved: by which factor and which proof. A preview treats every proof as given, and has none. */
export interface Proving {
  readonly provedBy: StepUpMethod | null;
  readonly proof: SpentProof | null;
}

/** For an operation that requires no proof. */
export const notAsked: Proving = { provedBy: null, proof: null };

/**
 * Asks for the proof of an operation. A verb calls it only if a proof is required. The verb passes
 * whether only a phishing-resistant one would do, and judges the answer itself.
 */
export type Prove = (operation: ProtectedOperation, resistantOnly: boolean) => Promise<Proving>;

/** Spends the proof that was made for exactly this operation. */
export function proveBy(transaction: Transaction, caller: Caller, proofId: string | null): Prove {
  return async (operation) => {
    const proof = await spendProof(transaction, caller, proofId, operation);
    return { provedBy: proof?.method ?? null, proof };
  };
}
