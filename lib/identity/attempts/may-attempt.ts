import { may, rootResource } from "@/lib/authority/authority";
import { permissionToAssign } from "@/lib/domain/gate/privileges";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { type Action, action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/**
 * Whether the caller has the right that an operation requires, so that its challenge may describe it.
 * Ids are attacker's input: without the right, something hidden is answered as unknown. What is the
 * caller's own, or waits for their decision, is checked where it is described. The operation itself
 * checks again.
 */
export async function mayAttempt(
  transaction: Transaction,
  caller: Caller,
  operation: ProtectedOperation,
): Promise<boolean> {
  const at = (permission: Action, resourceId: string) =>
    may(transaction, caller.userId, permission, resourceId);
  switch (operation.kind) {
    case "ActivateRole":
    case "ActivateRoles":
    case "ExtendActivation":
    case "DecideRequests":
    case "ProvisionRequest":
    case "BreakGlass":
    case "ReplaceAuthenticator":
    case "RemoveAuthenticator":
    case "ReplaceRecoveryCodes":
    case "RegisterPasskey":
    case "RemovePasskey":
    case "ManageSessions":
      return true;
    case "AssignRole":
    case "AssignRoles":
      return at(permissionToAssign(operation.assignmentType), operation.resourceId);
    case "UpdateRoleSettings":
    case "UpdateSettingsOfRoles":
      return at(action.writeRoleSettings, operation.resourceId);
    case "MoveResource":
      return (await at(action.writeResources, operation.fromId)) && at(action.writeResources, operation.toId);
    case "RetireResource": {
      const found = await transaction.resource.findUnique({
        where: { id: operation.resourceId },
        select: { parentId: true },
      });
      return found?.parentId ? at(action.writeResources, found.parentId) : false;
    }
    case "UndoRetirement": {
      const found = await transaction.retirement.findUnique({
        where: { id: operation.retirementId },
        select: { parentId: true },
      });
      return found !== null && at(action.writeResources, found.parentId);
    }
    case "UpdateAlertSettings":
      return at(action.writeAlerts, operation.resourceId);
    case "UpdateConflictRule":
    case "RemoveConflictRule": {
      const rule = await transaction.conflictRule.findUnique({
        where: { id: operation.ruleId },
        select: { resourceId: true },
      });
      return rule !== null && at(action.writeRoleSettings, rule.resourceId);
    }
    case "ApproveConflictException": {
      const exception = await transaction.conflictException.findUnique({
        where: { id: operation.exceptionId },
        select: { rule: { select: { resourceId: true } } },
      });
      return exception !== null && at(action.writeRoleSettings, exception.rule.resourceId);
    }
    case "CreateDirectory":
    case "ReplaceDirectoryToken":
    case "HandOverPrincipal":
    case "UpdateOrganisation":
    case "UpdateSignInRules":
      return at(action.writeRoleSettings, (await rootResource(transaction)).id);
    case "UpdateAssignment":
    case "ExtendAssignment":
    case "RenewAssignment":
      return mayChange(
        transaction,
        at,
        // The id is from either table, since extending one's own eligibility requires a code too.
        (["Eligible", "Active"] as const).map((assignmentType) => ({
          assignmentType,
          id: operation.assignmentId,
        })),
      );
    case "ExtendAssignments":
    case "RenewAssignments":
      return mayChange(transaction, at, operation.rows);
    case "MakeEligible":
      return mayMakeEligible(
        transaction,
        at,
        operation.rows.map(({ id }) => id),
      );
    case "ApproveExtension":
      return mayApprove(transaction, at, [operation.requestId]);
    case "ApproveExtensions":
      return mayApprove(
        transaction,
        at,
        operation.requests.map((request) => request.id),
      );
    case "UpdateRoleDefinition":
      return mayWriteRole(transaction, at, operation.roleDefinitionId);
    case "LinkIdentity":
    case "UnlinkIdentity":
      return (
        operation.principalId === caller.userId ||
        at(action.writePrincipals, (await rootResource(transaction)).id)
      );
    case "NameBreakGlassAccount":
    case "RemoveBreakGlassAccount": {
      const root = await rootResource(transaction);
      return (await at(action.writeRoleSettings, root.id)) && at(action.writePrincipals, root.id);
    }
    case "ApplyImport":
    case "SaveImportSchedule":
    case "AddGroupMembers":
    case "ChangeIdentifiers":
    case "SetManager":
    case "EnablePrincipal":
    case "IssueSignIn":
    case "IssueFactorPass":
    case "ResetAuthenticator":
    case "ConfirmFactorReset":
      return at(action.writePrincipals, (await rootResource(transaction)).id);
  }
}

type Right = (permission: Action, resourceId: string) => Promise<boolean>;

/** Whether the caller has a right at each of these resources. False for an empty list. */
async function everywhere(right: Right, places: readonly (readonly [Action, string])[]): Promise<boolean> {
  const distinct = new Map(places.map((place) => [place.join(" "), place]));
  for (const [permission, resourceId] of distinct.values())
    if (!(await right(permission, resourceId))) return false;
  return distinct.size > 0;
}

async function mayChange(
  transaction: Transaction,
  right: Right,
  rows: readonly { readonly assignmentType: "Eligible" | "Active"; readonly id: string }[],
): Promise<boolean> {
  const idsOf = (type: "Eligible" | "Active") =>
    rows.filter((row) => row.assignmentType === type).map((row) => row.id);
  const select = { select: { resourceId: true }, take: rows.length } as const;
  const eligible = await transaction.eligibility.findMany({
    where: { id: { in: idsOf("Eligible") } },
    ...select,
  });
  const active = await transaction.assignment.findMany({ where: { id: { in: idsOf("Active") } }, ...select });
  return everywhere(right, [
    ...eligible.map(({ resourceId }) => [permissionToAssign("Eligible"), resourceId] as const),
    ...active.map(({ resourceId }) => [permissionToAssign("Active"), resourceId] as const),
  ]);
}

/** Both the permission to remove and the one to make eligible, at the resource of each assignment. */
async function mayMakeEligible(
  transaction: Transaction,
  right: Right,
  ids: readonly string[],
): Promise<boolean> {
  const assignments = await transaction.assignment.findMany({
    where: { id: { in: [...ids] } },
    select: { resourceId: true },
    take: ids.length,
  });
  return everywhere(
    right,
    assignments.flatMap(({ resourceId }) =>
      (["Active", "Eligible"] as const).map((type) => [permissionToAssign(type), resourceId] as const),
    ),
  );
}

async function mayApprove(
  transaction: Transaction,
  right: Right,
  requestIds: readonly string[],
): Promise<boolean> {
  const requests = await transaction.request.findMany({
    where: { id: { in: [...requestIds] } },
    select: { resourceId: true },
    take: requestIds.length,
  });
  return everywhere(
    right,
    requests.map(({ resourceId }) => [permissionToAssign("Active"), resourceId] as const),
  );
}

/** Editing a custom role requires the right at all its scopes. Knowing of it requires it at one. */
async function mayWriteRole(transaction: Transaction, right: Right, roleId: string): Promise<boolean> {
  const places = await transaction.$queryRaw<{ id: string }[]>`
    SELECT r.id FROM role_definitions d JOIN resources r
      ON lower(r.scope) IN (SELECT lower(each) FROM unnest(d.assignable_scopes) AS each)
    WHERE d.id = ${roleId}::uuid AND d.deleted_at IS NULL LIMIT 100`;
  for (const { id } of places) if (await right(action.writeRoleDefinitions, id)) return true;
  return false;
}
