import { knownTo, roleKnownAt, visibleResource } from "@/lib/authority/authority";
import { extendsActivation, waitsForCode } from "@/lib/authority/request-basis";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import { changedLately, membersInWords } from "@/lib/identity/descriptions/members-in-words";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { identitiesOf, identityColumn } from "@/lib/platform/principal-identity";

type Operation<Kind extends ProtectedOperation["kind"]> = Extract<ProtectedOperation, { kind: Kind }>;

/** A change of an eligibility or assignment. Further details come before its new end. */
export async function describeChange(
  transaction: Transaction,
  caller: Caller,
  verb: "Change" | "Extend" | "Renew",
  { assignmentId, endsAt }: Pick<Operation<"ExtendAssignment">, "assignmentId" | "endsAt">,
  details: OperationDescription["details"],
): Promise<OperationDescription | null> {
  const query = {
    where: { id: assignmentId },
    select: { resourceId: true, principalId: true, roleDefinition: { select: { roleName: true } } },
  } as const;
  const active = await transaction.assignment.findUnique(query);
  const assignment = active ?? (await transaction.eligibility.findUnique(query));
  const resource = assignment && (await visibleResource(transaction, caller.userId, assignment.resourceId));
  const [member] = assignment ? await identitiesOf(transaction, [assignment.principalId]) : [];
  if (!assignment || !member || !resource) return null;
  return {
    title: `${verb} the ${active ? "" : "eligible "}assignment of ${isolated(assignment.roleDefinition.roleName)} to ${principalText(member)}`,
    details: [
      ...changedLately([member]),
      { label: "Scope", value: resource.scope },
      ...details,
      { label: "End", value: endsAt ?? "Permanent" },
    ],
  };
}

/** An approval that leaves a member with an active assignment. */
export async function describeApproval(
  transaction: Transaction,
  caller: Caller,
  operation: Operation<"ApproveExtension">,
): Promise<OperationDescription | null> {
  const request = await transaction.request.findUnique({
    where: { id: operation.requestId },
    select: {
      resourceId: true,
      principalId: true,
      roleDefinition: { select: { roleName: true } },
    },
  });
  const resource = request && (await visibleResource(transaction, caller.userId, request.resourceId));
  const [member] = request ? await identitiesOf(transaction, [request.principalId]) : [];
  if (!request || !member || !resource) return null;
  return {
    title: `Extend ${isolated(request.roleDefinition.roleName)} of ${principalText(member)} as an active assignment`,
    details: [
      ...changedLately([member]),
      { label: "Scope", value: resource.scope },
      { label: "Start", value: operation.startsAt ?? "Now" },
      { label: "End", value: operation.endsAt ?? "Permanent" },
    ],
  };
}

/** A running activation of the caller's own that is to end later. */
export async function describeActivationExtension(
  transaction: Transaction,
  caller: Caller,
  operation: Operation<"ExtendActivation">,
): Promise<OperationDescription | null> {
  const [row] = await transaction.$queryRaw<{ roleName: string; resourceName: string; scope: string }[]>`
    SELECT d.role_name AS "roleName", r.display_name AS "resourceName", r.scope
    FROM active_assignments(${caller.userId}::uuid, postern_now()) a
    JOIN role_definitions d ON d.id = a.role_definition_id JOIN resources r ON r.id = a.resource_id
    WHERE a.id = ${operation.assignmentId}::uuid AND a.assignment_type = 'Activated'`;
  if (!row) return null;
  return {
    title: `Extend ${isolated(row.roleName)} on ${isolated(row.resourceName)}`,
    details: [
      { label: "New end", value: operation.endsAt },
      { label: "Instead of", value: operation.expectedEnd },
      { label: "Scope", value: row.scope },
    ],
  };
}

/** An approved activation of the caller's own, or an approved extension of one, that waits for their code. */
export async function describeProvisioning(
  transaction: Transaction,
  caller: Caller,
  { requestId }: Operation<"ProvisionRequest">,
): Promise<OperationDescription | null> {
  const [row] = await transaction.$queryRaw<
    {
      roleName: string;
      resourceName: string;
      scope: string;
      minutes: number;
      startsAt: Date | null;
      newEnd: Date | null;
    }[]
  >`
    SELECT d.role_name AS "roleName", r.display_name AS "resourceName", r.scope, q.duration_minutes AS minutes,
      CASE WHEN q.starts_at > postern_now() THEN q.starts_at END AS "startsAt",
      CASE WHEN ${extendsActivation("q")} THEN q.ends_at END AS "newEnd"
    FROM requests q JOIN role_definitions d ON d.id = q.role_definition_id JOIN resources r ON r.id = q.resource_id
    WHERE q.id = ${requestId}::uuid AND q.principal_id = ${caller.userId}::uuid AND ${waitsForCode("q")}`;
  if (!row) return null;
  if (row.newEnd !== null)
    return {
      title: `Extend ${isolated(row.roleName)} on ${isolated(row.resourceName)}, as approved`,
      details: [
        { label: "New end", value: row.newEnd.toISOString() },
        { label: "Scope", value: row.scope },
      ],
    };
  return {
    title: `Activate ${isolated(row.roleName)} on ${isolated(row.resourceName)}, as approved`,
    details: [
      { label: "Scope", value: row.scope },
      { label: "Duration", value: `${row.minutes / 60} h${row.startsAt ? "" : ", from now"}` },
      ...(row.startsAt ? [{ label: "Start", value: row.startsAt.toISOString() }] : []),
    ],
  };
}

/** Approvals of several requests to extend or renew, each with the requested end. */
export async function describeApprovals(
  transaction: Transaction,
  caller: Caller,
  operation: Operation<"ApproveExtensions">,
): Promise<OperationDescription | null> {
  const ids = operation.requests.map((each) => each.id);
  const found = await transaction.$queryRaw<
    { member: PrincipalIdentity; role: string; resource: string; endsAt: Date | null }[]
  >`
    SELECT ${identityColumn("p")} AS member, d.role_name AS role, r.display_name AS resource, q.ends_at AS "endsAt"
    FROM requests q JOIN principals p ON p.id = q.principal_id
    JOIN role_definitions d ON d.id = q.role_definition_id JOIN resources r ON r.id = q.resource_id
    WHERE q.id = ANY (${ids}::uuid[]) AND ${knownTo("r", caller.userId)}
    ORDER BY q.id LIMIT 100`;
  if (found.length === 0 || found.length < ids.length) return null;
  return {
    title: `Approve ${found.length} ${found.length === 1 ? "request" : "requests"} to extend or renew`,
    details: [
      ...changedLately(found.map(({ member }) => member)),
      ...found.map(({ member, role, resource, endsAt }) => ({
        label: `${isolated(role)} of ${principalText(member)} on ${isolated(resource)}`,
        value: endsAt?.toISOString() ?? "Permanent",
      })),
    ],
  };
}

/** Many assignments extended to one end or renewed for one time, each with its member, role and scope. */
export async function describeExtensionsAndRenewals(
  transaction: Transaction,
  caller: Caller,
  verb: "Extend" | "Renew",
  { rows, endsAt }: Pick<Operation<"RenewAssignments">, "rows" | "endsAt">,
  start?: { readonly startsAt: string | null },
): Promise<OperationDescription | null> {
  const ids = rows.map((row) => row.id);
  const select = {
    resourceId: true,
    principalId: true,
    roleDefinition: { select: { roleName: true } },
    resource: { select: { displayName: true } },
  } as const;
  const query = { where: { id: { in: ids } }, select, orderBy: { id: "asc" }, take: 100 } as const;
  const found = [
    ...(await transaction.eligibility.findMany(query)),
    ...(await transaction.assignment.findMany(query)),
  ];
  // A batch comes from one resource's list, so this takes one look-up, or a few.
  for (const resourceId of new Set(found.map((each) => each.resourceId)))
    if ((await visibleResource(transaction, caller.userId, resourceId)) === null) return null;
  if (found.length === 0 || found.length !== rows.length) return null;
  const members = await identitiesOf(
    transaction,
    found.map((each) => each.principalId),
  );
  const names = found.map(({ principalId, roleDefinition, resource }) => {
    const member = members.find((each) => each.id === principalId);
    const name = member ? principalText(member) : principalId;
    return `${isolated(roleDefinition.roleName)} of ${name} on ${isolated(resource.displayName)}`;
  });
  return {
    title: `${verb} ${found.length} ${found.length === 1 ? "assignment" : "assignments"}`,
    details: [
      ...changedLately(members),
      { label: "Assignments", value: names.join("\n") },
      ...(start ? [{ label: "Start", value: start.startsAt ?? "Now" }] : []),
      { label: "End", value: endsAt ?? "Permanent" },
    ],
  };
}

/** Several roles assigned to several members at one resource. */
export async function describeAssignments(
  transaction: Transaction,
  caller: Caller,
  operation: Operation<"AssignRoles">,
): Promise<OperationDescription | null> {
  const resource = await visibleResource(transaction, caller.userId, operation.resourceId);
  const roles = await rolesAt(transaction, operation.roleDefinitionIds, operation.resourceId);
  const members = await identitiesOf(transaction, operation.principalIds);
  const [role] = roles;
  const [member] = members;
  if (!resource || !role || !member) return null;
  return {
    title: titleOfAssignments(
      operation.assignmentType,
      roles.length === 1 ? isolated(role.roleName) : `${roles.length} roles`,
      members.length === 1 ? principalText(member) : `${members.length} members`,
    ),
    details: [
      { label: "Roles", value: roles.map((each) => isolated(each.roleName)).join("\n") },
      membersInWords(members),
      { label: "Scope", value: resource.scope },
      { label: "Start", value: operation.startsAt ?? "Now" },
      { label: "End", value: operation.endsAt ?? "Permanent" },
    ],
  };
}

function titleOfAssignments(assignmentType: "Eligible" | "Active", roles: string, members: string): string {
  return assignmentType === "Active"
    ? `Assign ${roles} to ${members}`
    : `Make ${members} eligible for ${roles}`;
}

/** The names of those roles that can be assigned at, above or below a resource. */
export function rolesAt(
  transaction: Transaction,
  roleDefinitionIds: readonly string[],
  resourceId: string,
): Promise<{ roleName: string }[]> {
  return transaction.$queryRaw`
    SELECT d.role_name AS "roleName" FROM role_definitions d
    WHERE d.id = ANY (${[...roleDefinitionIds]}::uuid[]) AND ${roleKnownAt("d", resourceId)}
    ORDER BY d.role_name LIMIT 100`;
}
