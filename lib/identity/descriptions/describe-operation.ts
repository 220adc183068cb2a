import { may, rootResource, visibleResource } from "@/lib/authority/authority";
import { mayHandleImport } from "@/lib/authority/import-authority";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { action } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";
import { minutesInWords } from "@/lib/domain/time/schedule";
import { describeAlertSettings } from "@/lib/identity/descriptions/describe-alert-settings";
import { describeBreakGlass } from "@/lib/identity/descriptions/describe-break-glass";
import {
  describeActivationExtension,
  describeApproval,
  describeApprovals,
  describeAssignments,
  describeChange,
  describeExtensionsAndRenewals,
  describeProvisioning,
  rolesAt,
} from "@/lib/identity/descriptions/describe-change";
import { describeConflictException } from "@/lib/identity/descriptions/describe-conflict-exception";
import { describeConflictRule } from "@/lib/identity/descriptions/describe-conflict-rule";
import { describeDecisions } from "@/lib/identity/descriptions/describe-decisions";
import { describeDirectory } from "@/lib/identity/descriptions/describe-directory";
import { describeImportSchedule } from "@/lib/identity/descriptions/describe-import-schedule";
import { describeMadeEligible } from "@/lib/identity/descriptions/describe-made-eligible";
import { describeMove } from "@/lib/identity/descriptions/describe-move";
import { describeOrganisation } from "@/lib/identity/descriptions/describe-organisation";
import {
  describeIdentifiers,
  describeIdentityLink,
  describeManager,
  describeNewMembers,
  describePerson,
} from "@/lib/identity/descriptions/describe-person";
import { describeRestoration, describeRetirement } from "@/lib/identity/descriptions/describe-retirement";
import {
  describeRoleDefinition,
  describeRoleSettings,
  describeSettingsOfRoles,
} from "@/lib/identity/descriptions/describe-role";
import { describeSignInRules } from "@/lib/identity/descriptions/describe-sign-in-rules";
import { membersInWords } from "@/lib/identity/descriptions/members-in-words";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { identitiesOf } from "@/lib/platform/principal-identity";

/** Describes what a code would confirm. Null if the caller may not know of something that it names. */
export async function describeOperation(
  transaction: Transaction,
  caller: Caller,
  operation: ProtectedOperation,
): Promise<OperationDescription | null> {
  switch (operation.kind) {
    case "ActivateRole": {
      const [row] = await transaction.$queryRaw<{ roleName: string; resourceName: string; scope: string }[]>`
        SELECT d.role_name AS "roleName", r.display_name AS "resourceName", r.scope
        FROM current_eligibilities(${caller.userId}::uuid, postern_now()) e
        JOIN role_definitions d ON d.id = e.role_definition_id
        JOIN resources r ON r.id = ${operation.resourceId}::uuid AND e.resource_id = ANY (path_ids(r.path))
        WHERE e.id = ${operation.eligibilityId}::uuid`;
      if (!row) return null;
      return {
        title: `Activate ${isolated(row.roleName)} on ${isolated(row.resourceName)}`,
        details: [
          { label: "Duration", value: minutesInWords(operation.durationMinutes) },
          { label: "Start", value: operation.startsAt ?? "Now" },
          { label: "Scope", value: row.scope },
        ],
      };
    }
    case "ActivateRoles": {
      const rows = await transaction.$queryRaw<{ role: string; resource: string; durationMinutes: number }[]>`
        SELECT d.role_name AS role, r.display_name AS resource, asked.minutes AS "durationMinutes"
        FROM unnest(${operation.items.map((item) => item.eligibilityId)}::uuid[],
          ${operation.items.map((item) => item.resourceId)}::uuid[],
          ${operation.items.map((item) => item.durationMinutes)}::float8[])
          WITH ORDINALITY AS asked (eligibility_id, resource_id, minutes, position)
        JOIN current_eligibilities(${caller.userId}::uuid, postern_now()) e ON e.id = asked.eligibility_id
        JOIN role_definitions d ON d.id = e.role_definition_id
        JOIN resources r ON r.id = asked.resource_id AND e.resource_id = ANY (path_ids(r.path))
        ORDER BY asked.position`;
      if (rows.length === 0 || rows.length < operation.items.length) return null;
      return {
        title: `Activate ${rows.length} ${rows.length === 1 ? "role" : "roles"}`,
        details: [
          ...rows.map((row) => ({
            label: `${isolated(row.role)} on ${isolated(row.resource)}`,
            value: minutesInWords(row.durationMinutes),
          })),
          { label: "Start", value: operation.items[0]?.startsAt ?? "Now" },
        ],
      };
    }
    case "ExtendActivation":
      return describeActivationExtension(transaction, caller, operation);
    case "AssignRole": {
      const names = await subject(transaction, caller, operation.roleDefinitionId, operation.resourceId);
      const members = await identitiesOf(transaction, operation.principalIds);
      if (!names || members.length === 0) return null;
      return {
        title: `${operation.assignmentType === "Active" ? "Assign" : "Make eligible for"} ${isolated(names.roleName)} on ${isolated(names.resource.displayName)}`,
        details: [
          membersInWords(members),
          { label: "Scope", value: names.resource.scope },
          { label: "Start", value: operation.startsAt ?? "Now" },
          { label: "End", value: operation.endsAt ?? "Permanent" },
        ],
      };
    }
    case "UpdateAssignment":
      return describeChange(transaction, caller, "Change", operation, [
        { label: "Current end", value: operation.expected.endsAt ?? "Permanent" },
      ]);
    case "ExtendAssignment":
      return describeChange(transaction, caller, "Extend", operation, [
        { label: "Current end", value: operation.expectedEnd ?? "Permanent" },
      ]);
    case "RenewAssignment":
      return describeChange(transaction, caller, "Renew", operation, [
        { label: "Start", value: operation.startsAt ?? "Now" },
      ]);
    case "ApproveExtension":
      return describeApproval(transaction, caller, operation);
    case "ApproveExtensions":
      return describeApprovals(transaction, caller, operation);
    case "ExtendAssignments":
      return describeExtensionsAndRenewals(transaction, caller, "Extend", operation);
    case "RenewAssignments":
      return describeExtensionsAndRenewals(transaction, caller, "Renew", operation, operation);
    case "MakeEligible":
      return describeMadeEligible(transaction, caller, operation);
    case "AssignRoles":
      return describeAssignments(transaction, caller, operation);
    case "UpdateRoleSettings": {
      const names = await subject(transaction, caller, operation.roleDefinitionId, operation.resourceId);
      if (!names) return null;
      return describeRoleSettings(transaction, names, operation);
    }
    case "UpdateSettingsOfRoles":
      return describeSettingsOfRoles(transaction, caller, operation);
    case "ApplyImport": {
      const root = await rootResource(transaction);
      const mayImport =
        (await may(transaction, caller.userId, action.writePrincipals, root.id)) &&
        (await mayHandleImport(transaction, caller.userId, operation.importId));
      const found = await transaction.import.findUnique({
        where: { id: operation.importId, digest: operation.digest },
        select: { fileName: true, _count: { select: { rows: { where: { state: "NeedsProof" } } } } },
      });
      if (!found || !mayImport) return null;
      return {
        title: `Assign the access in ${isolated(found.fileName)}`,
        details: [{ label: "Rows that require this", value: String(found._count.rows) }],
      };
    }
    case "SaveImportSchedule":
      return describeImportSchedule(transaction, caller, operation);
    case "MoveResource":
      return describeMove(transaction, caller, operation);
    case "RetireResource":
      return describeRetirement(transaction, caller, operation);
    case "UndoRetirement":
      return describeRestoration(transaction, caller, operation);
    case "UpdateRoleDefinition":
      return describeRoleDefinition(transaction, operation);
    case "UpdateConflictRule":
    case "RemoveConflictRule":
      return describeConflictRule(transaction, operation);
    case "ApproveConflictException":
      return describeConflictException(transaction, operation.exceptionId);
    case "AddGroupMembers":
      return describeNewMembers(transaction, caller, operation);
    case "EnablePrincipal":
    case "IssueSignIn":
    case "IssueFactorPass":
    case "ResetAuthenticator":
    case "ConfirmFactorReset":
    case "NameBreakGlassAccount":
    case "RemoveBreakGlassAccount":
      return describePerson(transaction, caller, operation);
    case "ChangeIdentifiers":
      return describeIdentifiers(transaction, caller, operation);
    case "DecideRequests":
      return describeDecisions(transaction, caller, operation);
    case "ProvisionRequest":
      return describeProvisioning(transaction, caller, operation);
    case "BreakGlass":
      return describeBreakGlass(transaction, caller, operation);
    case "UpdateOrganisation":
      return describeOrganisation(transaction, operation);
    case "UpdateSignInRules":
      return describeSignInRules(transaction, operation);
    case "CreateDirectory":
    case "ReplaceDirectoryToken":
    case "HandOverPrincipal":
      return describeDirectory(transaction, caller, operation);
    case "UpdateAlertSettings":
      return describeAlertSettings(transaction, caller, operation);
    case "ReplaceAuthenticator":
      return { title: "Replace your authenticator app", details: [] };
    case "RemoveAuthenticator":
      return { title: "Remove your authenticator app", details: [] };
    case "ReplaceRecoveryCodes":
      return { title: "Make new recovery codes", details: [] };
    case "SetManager":
      return describeManager(transaction, caller, operation);
    case "LinkIdentity":
    case "UnlinkIdentity":
      return describeIdentityLink(transaction, caller, operation);
    case "ManageSessions":
      return { title: "See and end your sessions", details: [] };
    case "RegisterPasskey":
      return { title: "Add a passkey", details: [] };
    case "RemovePasskey": {
      const passkey = await transaction.passkey.findFirst({
        where: { id: operation.passkeyId, userId: caller.userId, removedAt: null },
        select: { name: true },
      });
      return passkey && { title: `Remove the passkey ${isolated(passkey.name)}`, details: [] };
    }
  }
}

async function subject(
  transaction: Transaction,
  caller: Caller,
  roleDefinitionId: string,
  resourceId: string,
) {
  const resource = await visibleResource(transaction, caller.userId, resourceId);
  const [role] = await rolesAt(transaction, [roleDefinitionId], resourceId);
  return resource && role && { resource, roleName: role.roleName };
}
