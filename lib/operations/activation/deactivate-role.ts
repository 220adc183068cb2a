import type { OperationResult } from "@/lib/domain/gate/operation-error";
import {
  type DeactivatedRole,
  deactivateRoleIn,
  deactivationAttempt,
} from "@/lib/operations/activation/deactivate-role-in";
import { runOperation } from "@/lib/operations/gate/refusal";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/**
 * Deactivates a role that the caller activated (`SelfDeactivate`), or cancels an activation that has
 * not begun. Allowed at any time: ARM's minimum of five minutes does not apply to people in the portal.
 */
export function deactivateRole(
  database: Database,
  caller: Caller,
  input: { readonly assignmentId: string },
): Promise<OperationResult<DeactivatedRole>> {
  return runOperation(database, deactivationAttempt(caller, input.assignmentId), (transaction) =>
    deactivateRoleIn(transaction, caller, input.assignmentId),
  );
}
