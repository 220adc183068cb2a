import { type SpentProof, spendProof } from "@/lib/authority/spend-proof";
import { directAssignmentFailures } from "@/lib/domain/policy-rules";
import { isSay, type Power } from "@/lib/domain/power";
import type { ProtectedOperation } from "@/lib/domain/protected-operation";
import type { RoleSettings } from "@/lib/domain/role-settings";
import { requireAuthorityOver } from "@/lib/operations/access-of";
import { type DirectPolicy, lockDirectPolicies } from "@/lib/operations/lock-direct-policies";
import { Refusal } from "@/lib/operations/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Actor, Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/** What giving access takes besides the permission. */
export type GivingTakes = Pick<RoleSettings, "assignmentRequiresMfa" | "assignmentRequiresJustification">;

/**
 * What it takes to give somebody access that stands already, once the caller has the authority for it: the permission
 * at each scope (refused without), and then what the role settings of every role held actively require on direct
 * assignment, locked against edits (design section 2, rules 1, 4 and 8). A say over others' access takes a
 * proof as well, as naming a new approver does.
 */
export async function givingTakes(
  transaction: Transaction,
  caller: Actor,
  access: readonly Power[],
  entry: Omit<AuditEntry, "outcome">,
): Promise<GivingTakes> {
  await requireAuthorityOver(transaction, caller, access, entry);
  const active = access.flatMap((each) => (each.assignmentType === "Active" ? [each] : []));
  return takesBy(access, await lockDirectPolicies(transaction, active));
}

/** The same, by the settings of the roles among it that are held actively. */
export function takesBy(access: readonly Power[], policies: readonly DirectPolicy[]): GivingTakes {
  return {
    assignmentRequiresMfa: policies.some((policy) => policy.assignmentRequiresMfa) || access.some(isSay),
    assignmentRequiresJustification: policies.some((policy) => policy.assignmentRequiresJustification),
  };
}

/**
 * Lets a change through that gives somebody access which stands already, such as joining a group: it takes what
 * assigning that access directly would take (`givingTakes`). Returns the proof, which this transaction has spent; null
 * when none is required.
 */
export async function giveAccess(
  transaction: Transaction,
  caller: Caller,
  access: readonly Power[],
  given: {
    readonly operation: ProtectedOperation;
    readonly proofId: string | null;
    readonly justification: string | null;
  },
  entry: Omit<AuditEntry, "outcome">,
): Promise<SpentProof | null> {
  const takes = await givingTakes(transaction, caller, access, entry);
  const proof = takes.assignmentRequiresMfa
    ? await spendProof(transaction, caller, given.proofId, given.operation)
    : null;
  const failures = directAssignmentFailures(takes, {
    justification: given.justification,
    proved: proof !== null,
  });
  if (failures.length > 0) {
    throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);
  }
  return proof;
}
