import { type PolicyColumns, policyColumns, settingsOfPolicy } from "@/lib/authority/policy-settings";
import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { principalText } from "@/lib/domain/people/principal-identity";
import { writesAuthorization } from "@/lib/domain/roles/permissions";
import { type PermissionPart, permissionParts } from "@/lib/domain/roles/role-definition";
import { notificationGroups, roleSettingSections } from "@/lib/domain/roles/role-setting-rows";
import { defaultSettingsOf, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import type { OperationDescription } from "@/lib/identity/operation-description";
import type { Transaction } from "@/lib/platform/database";
import { identitiesOf } from "@/lib/platform/principal-identity";

type Operation<Kind extends ProtectedOperation["kind"]> = Extract<ProtectedOperation, { kind: Kind }>;

/** Each on a line, the first twenty. */
function lines(items: readonly string[]): string {
  const more = items.length - 20;
  return [...items.slice(0, 20), ...(more > 0 ? [`and ${more} more`] : [])].join("\n") || "None";
}

/** A custom role as it will be: all that it allows and leaves out, and where it may be assigned. */
export async function describeRoleDefinition(
  transaction: Transaction,
  { roleDefinitionId, definition }: Operation<"UpdateRoleDefinition">,
): Promise<OperationDescription | null> {
  const role = await transaction.roleDefinition.findUnique({
    where: { id: roleDefinitionId, deletedAt: null },
    select: { roleName: true },
  });
  if (!role) return null;
  const parts = (Object.keys(permissionParts) as PermissionPart[]).filter(
    (part) => part === "actions" || definition.permission[part].length > 0,
  );
  return {
    title: `Allow more to everybody who holds ${isolated(role.roleName)}`,
    details: [
      ...parts.map((part) => ({
        label: permissionParts[part],
        value: lines(definition.permission[part].map(isolated)),
      })),
      { label: "Assignable scopes", value: lines(definition.assignableScopes.map(isolated)) },
    ],
  };
}

/** Role settings in words, by their labels. */
function rowsOf(settings: RoleSettings, nameOf: (id: string) => string): Map<string, string> {
  const rows = roleSettingSections(settings, nameOf).flatMap((section) => section.rows);
  const notifications = notificationGroups(settings).flatMap((group) =>
    group.rows.map((row) => ({ label: `${group.event}: ${row.recipient.toLowerCase()}`, value: row.value })),
  );
  return new Map([...rows, ...notifications].map(({ label, value }) => [label, value]));
}

/** An edit of role settings: every setting that it changes, from what to what. */
export async function describeRoleSettings(
  transaction: Transaction,
  names: { readonly roleName: string; readonly resource: { displayName: string; scope: string } },
  { roleDefinitionId, resourceId, settings }: Operation<"UpdateRoleSettings">,
): Promise<OperationDescription> {
  const [row] = await transaction.$queryRaw<PolicyColumns[]>`
    SELECT ${policyColumns} FROM role_management_policies
    WHERE role_definition_id = ${roleDefinitionId}::uuid AND resource_id = ${resourceId}::uuid`;
  const [role] = await transaction.$queryRaw<{ permissions: StoredPermissions }[]>`
    SELECT permissions FROM role_definitions WHERE id = ${roleDefinitionId}::uuid`;
  const unedited = () =>
    defaultSettingsOf({ writesAuthorization: writesAuthorization(permissionsOf(role?.permissions ?? [])) });
  const old = row ? settingsOfPolicy(row) : unedited();
  const ids = [old, settings].flatMap((each) =>
    each.approvalStages.flatMap((stage) => [...stage.approverIds, ...stage.escalationApproverIds]),
  );
  const people = new Map(
    (await identitiesOf(transaction, ids)).map((each) => [each.id, principalText(each)]),
  );
  const nameOf = (id: string) => people.get(id) ?? "somebody unknown";
  const [before, after] = [rowsOf(old, nameOf), rowsOf(settings, nameOf)];
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
    (label) => before.get(label) !== after.get(label),
  );
  return {
    title: `Weaken the role settings of ${isolated(names.roleName)} on ${isolated(names.resource.displayName)}`,
    details: [
      { label: "Scope", value: names.resource.scope },
      ...changed.map((label) => ({
        label,
        value: `${before.get(label) ?? "–"} → ${after.get(label) ?? "–"}`,
      })),
    ],
  };
}
