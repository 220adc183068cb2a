import { action } from "@/lib/domain/permissions";
import type { ProtectedOperation } from "@/lib/domain/protected-operation";
import {
  describeApproval,
  describeApprovals,
  describeChange,
  describeGifts,
  describeProlongations,
} from "@/lib/identity/describe-change";
import { may, rootResource, visibleResource } from "@/lib/platform/authority";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { decidableBy } from "@/lib/platform/decision-authority";

/** An operation in words, as shown where the code is typed. Times are ISO 8601 in UTC, for the page to localise. */
export interface OperationDescription {
  readonly title: string;
  readonly details: readonly { readonly label: string; readonly value: string }[];
}

/** Describes what a code would confirm; null when the caller may not know of what it names. */
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
        title: `Activate ${row.roleName} on ${row.resourceName}`,
        details: [
          { label: "Scope", value: row.scope },
          { label: "Duration", value: `${operation.durationMinutes / 60} h` },
          { label: "Start", value: operation.startsAt ?? "Now" },
        ],
      };
    }
    case "ActivateRoles": {
      const rows = await transaction.$queryRaw<{ subject: string; durationMinutes: number }[]>`
        SELECT d.role_name || ' on ' || r.display_name AS subject, asked.minutes AS "durationMinutes"
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
          ...rows.map((row) => ({ label: row.subject, value: `${row.durationMinutes / 60} h` })),
          { label: "Start", value: operation.items[0]?.startsAt ?? "Now" },
        ],
      };
    }
    case "AssignRole": {
      const names = await subject(transaction, caller, operation.roleDefinitionId, operation.resourceId);
      const members = await transaction.principal.findMany({
        where: { id: { in: [...operation.principalIds] } },
        select: { displayName: true },
        orderBy: { displayName: "asc" },
        take: 50,
      });
      if (!names || members.length === 0) return null;
      return {
        title: `Assign ${names.roleName} on ${names.resource.displayName}`,
        details: [
          { label: "Members", value: members.map((member) => member.displayName).join(", ") },
          { label: "Scope", value: names.resource.scope },
          { label: "Start", value: operation.startsAt ?? "Now" },
          { label: "End", value: operation.endsAt ?? "Permanent" },
        ],
      };
    }
    case "UpdateAssignment":
      return describeChange(transaction, caller, "Change", operation, [
        { label: "Present end", value: operation.expected.endsAt ?? "Permanent" },
      ]);
    case "ExtendAssignment":
      return describeChange(transaction, caller, "Extend", operation, [
        { label: "Present end", value: operation.expectedEnd ?? "Permanent" },
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
      return describeProlongations(transaction, caller, "Extend", operation);
    case "RenewAssignments":
      return describeProlongations(transaction, caller, "Renew", operation, operation);
    case "AssignRoles":
      return describeGifts(transaction, caller, operation);
    case "UpdateRoleSettings": {
      const names = await subject(transaction, caller, operation.roleDefinitionId, operation.resourceId);
      if (!names) return null;
      return {
        title: `Weaken the role settings of ${names.roleName} on ${names.resource.displayName}`,
        details: [{ label: "Scope", value: names.resource.scope }],
      };
    }
    case "ApplyImport": {
      const root = await rootResource(transaction);
      const mayImport = await may(transaction, caller.userId, action.writePrincipals, root.id);
      const found = await transaction.import.findUnique({
        where: { id: operation.importId, digest: operation.digest },
        select: { fileName: true, _count: { select: { rows: { where: { state: "NeedsProof" } } } } },
      });
      if (!found || !mayImport) return null;
      return {
        title: `Give the access that ${found.fileName} brings`,
        details: [{ label: "Rows that require this", value: String(found._count.rows) }],
      };
    }
    case "UpdateRoleDefinition": {
      const role = await transaction.roleDefinition.findUnique({
        where: { id: operation.roleDefinitionId, deletedAt: null },
        select: { roleName: true },
      });
      if (!role) return null;
      return {
        title: `Widen what ${role.roleName} allows everybody who holds it`,
        details: [{ label: "Actions", value: operation.definition.permission.actions.join(", ") || "None" }],
      };
    }
    case "AddGroupMembers": {
      const names = await principals(transaction, caller, [operation.groupId, ...operation.memberIds]);
      const group = names.find((each) => each.id === operation.groupId);
      if (!group || names.length < 2) return null;
      const members = names.filter((each) => each !== group).map((each) => each.displayName);
      return {
        title: `Add to ${group.displayName}, and give its access to the new members`,
        details: [{ label: "Members", value: members.join(", ") }],
      };
    }
    case "EnablePrincipal":
    case "IssueSignIn":
    case "ResetAuthenticator": {
      const [principal] = await principals(transaction, caller, [operation.principalId]);
      if (!principal) return null;
      const name = principal.displayName;
      const titles = {
        EnablePrincipal: `Enable ${name}, and give back the access`,
        IssueSignIn: `Issue a new sign-in to ${name}`,
        ResetAuthenticator: `Reset the authenticator app of ${name}`,
      };
      return { title: titles[operation.kind], details: [] };
    }
    case "DecideRequests": {
      const decidable = await decidableBy(transaction, caller.userId);
      const requests = await transaction.$queryRaw<
        { member: string; role: string; resource: string; provedAt: Date | null }[]
      >`
        SELECT p.display_name AS member, d.role_name AS role, s.display_name AS resource,
          proof.spent_at AS "provedAt"
        FROM requests q JOIN principals p ON p.id = q.principal_id
        LEFT JOIN step_up_proofs proof ON proof.id = q.proof_id
        JOIN role_definitions d ON d.id = q.role_definition_id JOIN resources s ON s.id = q.resource_id
        WHERE q.id = ANY (${[...operation.requestIds]}::uuid[])
          AND q.id IN (SELECT may.request_id FROM (${decidable}) may)
        ORDER BY q.id LIMIT 50`;
      const [first] = requests;
      if (!first) return null;
      return {
        title:
          requests.length === 1
            ? `${operation.decision} ${first.role} on ${first.resource} for ${first.member}`
            : `${operation.decision} ${requests.length} requests`,
        details:
          requests.length === 1
            ? first.provedAt
              ? [{ label: "Their identity verified", value: first.provedAt.toISOString() }]
              : []
            : requests.map(({ member, role, resource }) => ({
                label: member,
                value: `${role} on ${resource}`,
              })),
      };
    }
    case "UpdateOrganisation":
      return {
        title: "Change the allowed mail domains",
        details: [{ label: "Domains", value: operation.allowedMailDomains.join(", ") || "None" }],
      };
    case "ReplaceAuthenticator":
      return { title: "Replace your authenticator app", details: [] };
    case "RemoveAuthenticator":
      return { title: "Remove your authenticator app", details: [] };
    case "ReplaceRecoveryCodes":
      return { title: "Make new recovery codes", details: [] };
  }
}

async function subject(
  transaction: Transaction,
  caller: Caller,
  roleDefinitionId: string,
  resourceId: string,
) {
  const resource = await visibleResource(transaction, caller.userId, resourceId);
  const role = await transaction.roleDefinition.findUnique({
    where: { id: roleDefinitionId },
    select: { roleName: true },
  });
  return resource && role && { resource, roleName: role.roleName };
}

async function principals(transaction: Transaction, caller: Caller, ids: readonly string[]) {
  const root = await rootResource(transaction);
  if (!(await may(transaction, caller.userId, action.writePrincipals, root.id))) return [];
  return transaction.principal.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, displayName: true },
    orderBy: [{ displayName: "asc" }, { id: "asc" }],
    take: 51,
  });
}
