import { type SpentProof, spendProof } from "@/lib/authority/spend-proof";
import { outlastingHolders, reachOf } from "@/lib/authority/step-up-reasons";
import {
  directAssignmentFailures,
  reasonsOfSettings,
  reasonsToHandEligibility,
  type StepUpReason,
} from "@/lib/domain/gate/policy-rules";
import {
  isDecisionRight,
  isJudgedBySettings,
  type Privilege,
  type RoleAccess,
} from "@/lib/domain/gate/privileges";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { type DirectPolicy, lockDirectPolicies } from "@/lib/operations/gate/lock-direct-policies";
import { Refusal } from "@/lib/operations/gate/refusal";
import { refuseConflicts } from "@/lib/operations/gate/refuse-conflicts";
import { requireAuthorityOver } from "@/lib/operations/gate/require-authority";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Actor, Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { checksOf } from "@/lib/platform/recheck";
import type { Joining } from "@/lib/platform/role-conflicts";

/** What granting access requires besides the permission. */
export interface GrantRequirements extends Pick<RoleSettings, "assignmentRequiresJustification"> {
  readonly stepUp: readonly StepUpReason[];
}

/**
 * What granting access that exists already requires: what the role settings of every active role require on direct
 * assignment (docs/rules.md, rules 1 and 4). Eligibility for a role that can write authorisation requires a proof, as
 * giving it does, and so does a decision right over others' access, as naming a new approver does. `policyOf` tells the
 * locked settings of what `isJudgedBySettings`.
 */
export function grantRequirements(
  access: readonly Privilege[],
  policyOf: (role: RoleAccess) => DirectPolicy,
): GrantRequirements {
  const judged = access.filter(isJudgedBySettings);
  const direct = judged.filter((each) => each.assignmentType === "Active").map(policyOf);
  const eligible = judged.filter((each) => each.assignmentType === "Eligible").map(policyOf);
  return {
    stepUp: [
      ...new Set<StepUpReason>([
        ...direct.flatMap(reasonsOfSettings),
        ...eligible.flatMap(reasonsToHandEligibility),
        ...(access.some(isDecisionRight) ? (["RoleSettings"] as const) : []),
      ]),
    ],
    assignmentRequiresJustification: direct.some((policy) => policy.assignmentRequiresJustification),
  };
}

/**
 * Existing access that changes hands: from whom, and to whom. `alwaysStepUp` makes the same demands for
 * a new assignment.
 */
export interface HandOver {
  /** Whose access it is. The access of the groups above them is included. */
  readonly from: readonly string[];
  /** Who gets it. */
  readonly to: readonly string[];
}

/**
 * Why handing this access over requires a proof whatever the role settings say (docs/rules.md, rule 8). If another
 * reason appears before the commit, the transaction is undone and runs again.
 */
async function handOverStepUp(
  transaction: Transaction,
  grantor: Actor,
  access: readonly Privilege[],
  handing: HandOver,
): Promise<StepUpReason[]> {
  if (access.length === 0) return [];
  const found = await reasonsNow(transaction, grantor, handing);
  checksOf(transaction).repeat.push(async () =>
    (await reasonsNow(transaction, grantor, handing)).every((reason) => found.includes(reason)),
  );
  return found;
}

async function reasonsNow(
  transaction: Transaction,
  grantor: Actor,
  { from, to }: HandOver,
): Promise<StepUpReason[]> {
  const own = await reachOf(transaction, [grantor.userId]);
  const toOneself = to.some((id) => own.has(id));
  const holders = [...(await reachOf(transaction, from))];
  const outlasting = await outlastingHolders(transaction, grantor, holders, toOneself ? "Any" : "Active");
  return [
    ...(toOneself ? (["ToOneself"] as const) : []),
    ...(outlasting.size > 0 ? (["OutlastsAuthority"] as const) : []),
  ];
}

/**
 * Allows a change that gives somebody existing access, such as joining a group. The caller needs authority over all
 * of it. It requires what a direct assignment of that access would; those settings are locked against edits. Returns
 * the proof that was spent, or null if none was required, and why one was required.
 */
export async function grantAccess(
  transaction: Transaction,
  caller: Caller,
  access: readonly Privilege[],
  given: HandOver & {
    readonly operation: ProtectedOperation;
    readonly proofId: string | null;
    readonly justification: string | null;
    /** Who joins which group, or is enabled. The access must not conflict with what they hold. */
    readonly joining?: readonly Joining[];
    /** Further reasons of the verb why a proof is required. */
    readonly stepUp?: readonly StepUpReason[];
  },
  entry: Omit<AuditEntry, "outcome">,
): Promise<{ readonly proof: SpentProof | null; readonly stepUp: readonly StepUpReason[] }> {
  await requireAuthorityOver(transaction, caller, access, entry);
  const policies = await lockDirectPolicies(transaction, access.filter(isJudgedBySettings));
  const takes = grantRequirements(access, policies.of);
  if (given.joining) await refuseConflicts(transaction, caller.userId, { joining: given.joining }, entry);
  const always = await handOverStepUp(transaction, caller, access, given);
  const stepUp = [...takes.stepUp, ...(given.stepUp ?? []), ...always];
  const proof =
    stepUp.length > 0 ? await spendProof(transaction, caller, given.proofId, given.operation) : null;
  const failures = directAssignmentFailures(takes, {
    justification: given.justification,
    stepUp,
    provedBy: proof?.method ?? null,
  });
  if (failures.length > 0) {
    throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);
  }
  return { proof, stepUp: [...new Set(stepUp)] };
}
