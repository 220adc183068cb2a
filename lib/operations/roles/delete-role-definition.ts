import { waitsForCode, waitsForDecision } from "@/lib/authority/request-basis";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { action } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import {
  lockRoleDefinition,
  requireAtScopes,
  usesInWords,
  usesOfRole,
} from "@/lib/operations/roles/role-definitions";
import { standingScopes } from "@/lib/operations/roles/standing-scopes";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * Deletes a custom role that nobody has, may activate, or has requested. It requires the permission to
 * delete role definitions at every assignable scope. History keeps its name.
 */
export function deleteRoleDefinition(
  database: Database,
  caller: Caller,
  input: { readonly roleDefinitionId: string; readonly justification: string | null },
): Promise<OperationResult<{ roleName: string }>> {
  const attempt = {
    kind: "RoleDefinitionDeleted" as const,
    caller,
    justification: input.justification,
    details: { roleDefinitionId: input.roleDefinitionId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const role = await lockRoleDefinition(transaction, caller, input.roleDefinitionId, attempt);
    const entry = { ...attempt, role };
    const scopes = await requireAtScopes(
      transaction,
      caller,
      action.deleteRoleDefinitions,
      await standingScopes(transaction, role.assignableScopes),
      entry,
    );
    const uses = await usesOfRole(transaction, role.id);
    if (uses.length > 0) {
      const message = `${isolated(role.roleName)} is in use: ${usesInWords(uses)}. Remove that first.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const waiting = await countWaiting(transaction, role.id);
    if (waiting > 0) {
      const message = `${isolated(role.roleName)} is named by ${waiting === 1 ? "a waiting request" : `${waiting} waiting requests`}. Decide or cancel first.`;
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    await transaction.roleDefinition.update({
      where: { id: role.id },
      data: { deletedAt: await databaseNow(transaction), version: { increment: 1 } },
    });
    await recordAuditEvent(transaction, { ...entry, outcome: "Success", resource: scopes[0] });
    return { roleName: role.roleName };
  });
}

/** How many requests for a role wait now. Those that have ended by time or revocation do not count. */
async function countWaiting(transaction: Transaction, roleDefinitionId: string): Promise<number> {
  const [row] = await transaction.$queryRaw<{ waiting: number }[]>`
    SELECT count(*)::int AS waiting FROM requests q
    WHERE q.role_definition_id = ${roleDefinitionId}::uuid AND (${waitsForDecision("q")} OR ${waitsForCode("q")})`;
  return row?.waiting ?? 0;
}
