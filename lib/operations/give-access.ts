import type { RuleFailure } from "@/lib/domain/operation-error";
import { directAssignmentFailures } from "@/lib/domain/policy-rules";
import type { ProtectedOperation } from "@/lib/domain/protected-operation";
import { type ApproverSay, type RoleAccess, requireAuthorityOver } from "@/lib/operations/access-of";
import { lockDirectPolicies } from "@/lib/operations/lock-direct-policies";
import { Refusal } from "@/lib/operations/refusal";
import { type SpentProof, spendProof } from "@/lib/operations/spend-proof";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/**
 * Lets a change through that gives somebody access which stands already, such as joining a group: it takes what
 * assigning that access directly would take. The permission at each scope, and, for every role held actively, the
 * proof and the reason that its role settings there require on direct assignment (design section 2, rules 1, 4 and
 * 8). A say over others' requests takes a proof as well, as naming a new approver does. Returns the proof, which this transaction has spent; null when none is required.
 */
export async function giveAccess(
  transaction: Transaction,
  caller: Caller,
  access: readonly (RoleAccess | ApproverSay)[],
  given: {
    readonly operation: ProtectedOperation;
    readonly proofId: string | null;
    readonly justification: string | null;
  },
  entry: Omit<AuditEntry, "outcome">,
): Promise<SpentProof | null> {
  await requireAuthorityOver(transaction, caller, access, entry);
  const active = access.filter((each) => each.assignmentType === "Active");
  const policies = await lockDirectPolicies(transaction, active);
  const requiresMfa =
    policies.some((policy) => policy.assignmentRequiresMfa) ||
    access.some((each) => each.assignmentType === "Approver");
  const proof = requiresMfa ? await spendProof(transaction, caller, given.proofId, given.operation) : null;
  const failures: RuleFailure[] = directAssignmentFailures(
    {
      assignmentRequiresMfa: requiresMfa,
      assignmentRequiresJustification: policies.some((policy) => policy.assignmentRequiresJustification),
    },
    { justification: given.justification, proved: proof !== null },
  );
  if (failures.length > 0) {
    throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);
  }
  return proof;
}
