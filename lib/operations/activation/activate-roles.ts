import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import {
  type ActivatedRole,
  activateRoleIn,
  activationAttempt,
  type RoleActivation,
} from "@/lib/operations/activation/activate-role-in";
import { type Batch, type RowResult, runBatch } from "@/lib/operations/gate/run-batch";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

type RoleToActivate = Pick<RoleActivation, "eligibilityId" | "resourceId" | "durationMinutes">;

export interface ActivateRolesInput {
  /** At most `maximumRows` of run-batch.ts. */
  readonly items: readonly RoleToActivate[];
  /** Of all of them; null: at once. */
  readonly startsAt: Date | null;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
  readonly proofId: string | null;
}

/** The operation that one code confirms: every eligibility, scope, start and duration. */
export function activateRolesOperation(
  input: Pick<ActivateRolesInput, "items" | "startsAt">,
): ProtectedOperation {
  const startsAt = input.startsAt?.toISOString() ?? null;
  return {
    kind: "ActivateRoles",
    items: input.items.map(({ eligibilityId, resourceId, durationMinutes }) => ({
      eligibilityId,
      resourceId,
      startsAt,
      durationMinutes,
    })),
  };
}

function batchOf(
  caller: Caller,
  { items, startsAt, justification, ticketNumber, ticketSystem }: ActivateRolesInput,
): Batch<RoleToActivate, ActivatedRole> {
  const operation = activateRolesOperation({ items, startsAt });
  const activation = (item: RoleToActivate) => ({
    ...item,
    startsAt,
    justification,
    ticketNumber,
    ticketSystem,
  });
  return {
    rows: items,
    // By eligibility: every activation locks its row.
    order: ({ eligibilityId, resourceId }) => `${eligibilityId} ${resourceId}`,
    attempt: (item) => activationAttempt(caller, activation(item)),
    work: (transaction, item, prove) =>
      activateRoleIn(transaction, caller, activation(item), prove, operation),
  };
}

/**
 * Activates several roles with one reason and one proof. Each is judged by its own settings and succeeds or fails on
 * its own. Answers in the order of `input.items`.
 */
export function activateRoles(
  database: Database,
  caller: Caller,
  input: ActivateRolesInput,
): Promise<readonly RowResult<ActivatedRole>[]> {
  return runBatch(database, caller, input.proofId, batchOf(caller, input));
}
