import type { OperationResult } from "@/lib/domain/gate/operation-error";
import {
  type ActivatedRole,
  activateRoleIn,
  activationAttempt,
  type RoleActivation,
} from "@/lib/operations/activation/activate-role-in";
import { proveBy } from "@/lib/operations/gate/prove";
import { runOperation } from "@/lib/operations/gate/refusal";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface ActivateRoleInput extends RoleActivation {
  readonly proofId: string | null;
}

export type ActivateRoleResult = OperationResult<ActivatedRole>;

/**
 * Activates a role by an eligibility (`SelfActivate`): the member's own, or one of a group they are in. Every rule in
 * docs/rules.md applies: the stricter settings of the eligibility's and the chosen scope, a report of every failed
 * rule, exactly one success among simultaneous attempts, and a proof that is spent together with the assignment.
 */
export function activateRole(
  database: Database,
  caller: Caller,
  input: ActivateRoleInput,
): Promise<ActivateRoleResult> {
  return runOperation(database, activationAttempt(caller, input), (transaction) =>
    activateRoleIn(
      transaction,
      caller,
      { ...input, last: true },
      proveBy(transaction, caller, input.proofId),
      {
        kind: "ActivateRole",
        eligibilityId: input.eligibilityId,
        resourceId: input.resourceId,
        startsAt: input.startsAt?.toISOString() ?? null,
        durationMinutes: input.durationMinutes,
      },
    ),
  );
}
