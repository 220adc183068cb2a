import type { ResourceFacts } from "@/lib/authority/authority";
import { recheckBeforeOwnRoleChange } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { action, writesAuthorization } from "@/lib/domain/roles/permissions";
import { type RoleDefinitionFields, widens } from "@/lib/domain/roles/role-definition";
import { grantAccess } from "@/lib/operations/gate/grant-access";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { refuseNarrowingBreakGlass } from "@/lib/operations/gate/refuse-break-glass";
import { guardRoleSettings } from "@/lib/operations/roles/guard-role-settings";
import {
  addedScopes,
  definitionForLog,
  isMoreTimeAsked,
  lockRoleDefinition,
  normalDefinition,
  type RoleUse,
  refuseFaults,
  refuseMoreThanHeld,
  requireAtScopes,
  usesInWords,
  usesOfRole,
} from "@/lib/operations/roles/role-definitions";
import { keepScopes, standingScopes } from "@/lib/operations/roles/standing-scopes";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface UpdateRoleDefinitionInput {
  readonly roleDefinitionId: string;
  /** The version that the administrator was shown. */
  readonly expectedVersion: number;
  readonly definition: RoleDefinitionFields;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** The operation that an administrator's proof for widening a custom role is bound to. */
export function updateRoleDefinitionOperation(
  input: Pick<UpdateRoleDefinitionInput, "roleDefinitionId" | "expectedVersion" | "definition">,
): ProtectedOperation {
  const { roleDefinitionId, expectedVersion, definition } = input;
  return { kind: "UpdateRoleDefinition", roleDefinitionId, expectedVersion, definition };
}

/**
 * Edits a custom role. It requires the permission to write role definitions at every assignable scope,
 * before and after. The editor must hold what it adds. An edit that widens the role or adds a scope
 * gives its holders more, and the editor may be one of them. So it also requires what assigning the
 * role to them would: the permission at each resource where it is held, and the proof and reason that
 * the role settings require there. A scope where the role is held must stay assignable. Nothing is
 * taken from a role that a break-glass account holds.
 */
export function updateRoleDefinition(
  database: Database,
  caller: Caller,
  input: UpdateRoleDefinitionInput,
): Promise<OperationResult<{ version: number }>> {
  const definition = normalDefinition(input.definition);
  const asked = { ...definition, permissions: [definition.permission] };
  const attempt = {
    kind: "RoleDefinitionUpdated" as const,
    caller,
    justification: input.justification,
    details: { after: definitionForLog(asked) },
  };
  return runOperation(database, attempt, async (transaction) => {
    const before = await lockRoleDefinition(transaction, caller, input.roleDefinitionId, attempt);
    const entry = { ...attempt, role: before };
    const scopes = await requireAtScopes(
      transaction,
      caller,
      action.writeRoleDefinitions,
      [...(await standingScopes(transaction, before.assignableScopes)), ...definition.assignableScopes],
      entry,
    );
    if (before.version !== input.expectedVersion) {
      const message =
        "Somebody else changed this role while you were editing. Reload the page to edit the newer version.";
      throw new Refusal({ code: "StaleEdit", message }, entry);
    }
    const wanted = new Set(definition.assignableScopes.map((scope) => scope.toLowerCase()));
    const assignable = scopes.filter((resource) => wanted.has(resource.scope.toLowerCase()));
    const had = new Set(before.assignableScopes.map((scope) => scope.toLowerCase()));
    const old = scopes.filter((resource) => had.has(resource.scope.toLowerCase()));
    const writes = writesAuthorization([definition.permission]);
    const uses = (await usesOfRole(transaction, before.id)).map((use) => ({
      ...use,
      writesAuthorization: use.writesAuthorization || writes,
    }));
    const outside = uses.filter((use) => !assignable.some((resource) => contains(resource, use)));
    await refuseFaults(transaction, definition, before, entry, stillUsed(assignable, outside));
    const last = { permissions: before.permissions, assignable: old };
    await keepScopes(transaction, assignable);
    await refuseMoreThanHeld(transaction, caller, [definition.permission], assignable, last, entry);
    const widened =
      widens(before.permissions, [definition.permission]) || addedScopes(assignable, old).length > 0;
    if (widens([definition.permission], before.permissions))
      await refuseNarrowingBreakGlass(transaction, before.id, entry);
    const inUse = uses.length > 0 || (await isMoreTimeAsked(transaction, before.id));
    const operation = updateRoleDefinitionOperation(input);
    const given = widened
      ? await grantAccess(
          transaction,
          caller,
          uses,
          { ...input, operation, from: [], to: [], stepUp: inUse ? ["WidensRoleInUse"] : [] },
          entry,
        )
      : null;
    await guardRoleSettings(transaction, caller, before, {
      roleName: definition.roleName,
      permissions: [definition.permission],
    });
    await recheckBeforeOwnRoleChange(transaction, caller.userId, before.id);
    const saved = await transaction.roleDefinition.update({
      where: { id: before.id },
      data: {
        roleName: definition.roleName,
        description: definition.description,
        permissions: [{ ...definition.permission }],
        assignableScopes: assignable.map((resource) => resource.scope),
        version: { increment: 1 },
        updatedAt: await databaseNow(transaction),
      },
      select: { version: true },
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      role: { id: before.id, roleName: definition.roleName },
      resource: assignable[0],
      proof: given?.proof ?? null,
      details: {
        before: definitionForLog(before),
        after: definitionForLog({ ...asked, assignableScopes: assignable.map(({ scope }) => scope) }),
        widened,
        holders: uses.length,
      },
    });
    return saved;
  });
}

/** Why scopes cannot be removed from a role: it is in use there. Removing all of them is a separate fault. */
function stillUsed(assignable: readonly ResourceFacts[], outside: readonly RoleUse[]) {
  if (assignable.length === 0 || outside.length === 0) return [];
  const message = `It is in use outside these scopes: ${usesInWords(outside)}. Remove that first, or keep the scope.`;
  return [{ field: "assignableScopes", message }];
}

function contains(resource: ResourceFacts, use: RoleUse): boolean {
  return use.path === resource.path || use.path.startsWith(`${resource.path}.`);
}
