import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { action } from "@/lib/domain/roles/permissions";
import type { RoleDefinitionFields } from "@/lib/domain/roles/role-definition";
import { runOperation } from "@/lib/operations/gate/refusal";
import {
  definitionForLog,
  normalDefinition,
  refuseFaults,
  refuseMoreThanHeld,
  requireAtScopes,
} from "@/lib/operations/roles/role-definitions";
import { keepScopes } from "@/lib/operations/roles/standing-scopes";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/**
 * Creates a custom role. It requires the permission to write role definitions at every assignable
 * scope. The author must hold everything that the role allows, at each of these scopes.
 */
export function createRoleDefinition(
  database: Database,
  caller: Caller,
  asked: RoleDefinitionFields,
): Promise<OperationResult<{ roleDefinitionId: string }>> {
  const fields = normalDefinition(asked);
  const attempt = {
    kind: "RoleDefinitionCreated" as const,
    caller,
    details: { after: definitionForLog({ ...fields, permissions: [fields.permission] }) },
  };
  return runOperation(database, attempt, async (transaction) => {
    const scopes = await requireAtScopes(
      transaction,
      caller,
      action.writeRoleDefinitions,
      fields.assignableScopes,
      attempt,
    );
    await refuseFaults(transaction, fields, null, attempt);
    await keepScopes(transaction, scopes);
    const none = { permissions: [], assignable: [] };
    await refuseMoreThanHeld(transaction, caller, [fields.permission], scopes, none, attempt);
    const role = await transaction.roleDefinition.create({
      data: {
        roleName: fields.roleName,
        description: fields.description,
        roleType: "CustomRole",
        permissions: [{ ...fields.permission }],
        assignableScopes: scopes.map((resource) => resource.scope),
      },
      select: { id: true, roleName: true },
    });
    await recordAuditEvent(transaction, { ...attempt, outcome: "Success", role, resource: scopes[0] });
    return { roleDefinitionId: role.id };
  });
}
