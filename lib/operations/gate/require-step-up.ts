import { type SpentProof, spendProof } from "@/lib/authority/spend-proof";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { Refusal } from "@/lib/operations/gate/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/** Spends the caller's proof for an operation that always requires one. Refuses without it. */
export async function requireStepUp(
  transaction: Transaction,
  caller: Caller,
  proofId: string | null,
  operation: ProtectedOperation,
  entry: Omit<AuditEntry, "outcome">,
): Promise<SpentProof> {
  const proof = await spendProof(transaction, caller, proofId, operation);
  if (proof) return proof;
  const message = "Verify your identity with a second factor.";
  throw new Refusal(
    {
      code: "RoleAssignmentRequestPolicyValidationFailed",
      failures: [{ rule: "MfaRule", field: "code", message }],
    },
    entry,
  );
}
