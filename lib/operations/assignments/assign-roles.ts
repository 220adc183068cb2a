import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import type { Schedule } from "@/lib/domain/time/schedule";
import {
  type AssignRoleInput,
  assignmentAttempt,
  assignRoleIn,
} from "@/lib/operations/assignments/assign-role";
import {
  type Batch,
  type BatchPreview,
  previewBatch,
  type RowResult,
  runBatch,
} from "@/lib/operations/gate/run-batch";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface AssignRolesInput extends Omit<AssignRoleInput, "roleDefinitionId" | "proofId"> {
  /** Every member gets each of these roles. Together at most `maximumRows` of run-batch.ts. */
  readonly roleDefinitionIds: readonly string[];
}

export interface RowToAssign {
  readonly roleDefinitionId: string;
  readonly principalId: string;
}

/** The rows of a bulk assignment, in the order of its results: role by role, member by member. */
export function rowsToAssign(
  input: Pick<AssignRolesInput, "roleDefinitionIds" | "principalIds">,
): RowToAssign[] {
  const principalIds = [...new Set(input.principalIds)];
  return [...new Set(input.roleDefinitionIds)].flatMap((roleDefinitionId) =>
    principalIds.map((principalId) => ({ roleDefinitionId, principalId })),
  );
}

/** The operation that one code confirms: the type, every role, every member, the scope and the times. */
export function assignRolesOperation(input: Omit<AssignRolesInput, "justification">): ProtectedOperation {
  return {
    kind: "AssignRoles",
    assignmentType: input.assignmentType,
    roleDefinitionIds: [...new Set(input.roleDefinitionIds)],
    resourceId: input.resourceId,
    principalIds: [...new Set(input.principalIds)],
    startsAt: input.startsAt?.toISOString() ?? null,
    endsAt: input.endsAt?.toISOString() ?? null,
  };
}

function batchOf(caller: Caller, input: AssignRolesInput): Batch<RowToAssign, { schedule: Schedule }> {
  const operation = assignRolesOperation(input);
  const { roleDefinitionIds: _, principalIds: _all, ...common } = input;
  const assignment = ({ roleDefinitionId, principalId }: RowToAssign) => ({
    ...common,
    roleDefinitionId,
    principalIds: [principalId],
  });
  return {
    rows: rowsToAssign(input),
    // By role, since the role's policy is locked first.
    order: (row) => `${row.roleDefinitionId} ${row.principalId}`,
    attempt: (row) => assignmentAttempt(caller, assignment(row)),
    work: async (transaction, row, prove) => {
      const { schedule } = await assignRoleIn(transaction, caller, assignment(row), prove, operation);
      return { schedule };
    },
  };
}

/**
 * Gives several roles to several members at one resource, with one reason and, if settings require MFA
 * on direct assignment, one proof for everything. Each role of each member succeeds or fails on its
 * own, in the order of `rowsToAssign`.
 */
export function assignRoles(
  database: Database,
  caller: Caller,
  input: AssignRolesInput & { readonly proofId: string | null },
): Promise<readonly RowResult<{ schedule: Schedule }>[]> {
  const { proofId, ...rest } = input;
  return runBatch(database, caller, proofId, batchOf(caller, rest));
}

/** What `assignRoles` would do now, by the same rules; nothing is written. */
export function previewAssignRoles(
  database: Database,
  caller: Caller,
  input: AssignRolesInput,
): Promise<BatchPreview<{ schedule: Schedule }>> {
  return previewBatch(database, batchOf(caller, input));
}
