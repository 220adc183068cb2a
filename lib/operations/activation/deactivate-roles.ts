import {
  type DeactivatedRole,
  deactivateRoleIn,
  deactivationAttempt,
} from "@/lib/operations/activation/deactivate-role-in";
import { type RowResult, runBatch } from "@/lib/operations/gate/run-batch";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/**
 * Deactivates several roles that the caller activated, each as `deactivateRole` would. Each has its own request and
 * event, and is refused on its own. It ends exactly the activations in the input, so one that began meanwhile stays
 * active. Answers in the order of `input.assignmentIds`, at most `maximumRows` of run-batch.ts.
 */
export function deactivateRoles(
  database: Database,
  caller: Caller,
  input: { readonly assignmentIds: readonly string[] },
): Promise<readonly RowResult<DeactivatedRole>[]> {
  return runBatch(database, caller, null, {
    rows: input.assignmentIds.map((assignmentId) => ({ assignmentId })),
    order: ({ assignmentId }) => assignmentId,
    attempt: ({ assignmentId }) => deactivationAttempt(caller, assignmentId),
    work: (transaction, { assignmentId }) => deactivateRoleIn(transaction, caller, assignmentId),
  });
}
