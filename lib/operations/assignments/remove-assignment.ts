import type { OperationResult } from "@/lib/domain/gate/operation-error";
import {
  type AssignmentRemoval,
  removalAttempt,
  removeAssignmentIn,
} from "@/lib/operations/assignments/remove-assignment-in";
import { runOperation } from "@/lib/operations/gate/refusal";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export type RemoveAssignmentInput = Omit<AssignmentRemoval, "details">;

/**
 * Removes an eligibility, with every activation of it, or an active assignment of either type (`AdminRemove`), at
 * once. The last permanent active Owner at the root cannot be removed (docs/rules.md, rule 11).
 */
export function removeAssignment(
  database: Database,
  caller: Caller,
  { assignmentType, id, justification }: RemoveAssignmentInput,
): Promise<OperationResult<{ requestId: string }>> {
  const input = { assignmentType, id, justification };
  return runOperation(database, removalAttempt(caller, input), (transaction) =>
    removeAssignmentIn(transaction, caller, input),
  );
}
