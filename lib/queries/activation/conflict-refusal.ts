import type { OperationError } from "@/lib/domain/gate/operation-error";
import { conflictMessage } from "@/lib/domain/roles/conflict-rule";
import type { Schedule } from "@/lib/domain/time/schedule";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { findRoleConflicts, rulesNaming } from "@/lib/platform/role-conflicts";

/** The refusal of time that conflicts with what the caller holds. Reads one index where no rule names its role. */
export async function conflictRefusal(
  transaction: Transaction,
  { userId }: Caller,
  time: { readonly roleDefinitionId: string; readonly resourceId: string; readonly schedule: Schedule },
): Promise<OperationError | null> {
  const rules = await rulesNaming(transaction, [time.roleDefinitionId], false);
  if (rules.length === 0) return null;
  const given = { principalId: userId, ...time };
  const conflicts = await findRoleConflicts(transaction, rules, [given], [], null);
  if (conflicts.length === 0) return null;
  const message = conflictMessage(conflicts, { caller: userId, personal: [userId] });
  return { code: "RoleAssignmentConflict", message, exceptions: [] };
}
