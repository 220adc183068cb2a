import { roleKnownAt, visibleResource } from "@/lib/authority/authority";
import { type PolicyColumns, policyColumns, settingsOfPolicy } from "@/lib/authority/policy-settings";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { principalText } from "@/lib/domain/people/principal-identity";
import { namedApprovers } from "@/lib/domain/roles/approval-settings";
import { mostRolesAtOnce } from "@/lib/domain/roles/role-change";
import { type PermissionPart, permissionParts } from "@/lib/domain/roles/role-definition";
import { notificationGroups, roleSettingSections } from "@/lib/domain/roles/role-setting-rows";
import { defaultRoleSettings, defaultSettingsOf, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { identitiesOf } from "@/lib/platform/principal-identity";

type Operation<Kind extends ProtectedOperation["kind"]> = Extract<ProtectedOperation, { kind: Kind }>;

/** Each on a line of its own, the first twenty. */
function lines(items: readonly string[]): string {
  const more = items.length - 20;
  return [...items.slice(0, 20), ...(more > 0 ? [`and ${more} more`] : [])].join("\n") || "None";
}

/** A custom role as it will be: everything that it allows and excludes, and where it may be assigned. */
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

/** Every setting that an edit changes, in words: its label, and from what to what. */
function changesInWords(old: RoleSettings, settings: RoleSettings, people: ReadonlyMap<string, string>) {
  const nameOf = (id: string) => people.get(id) ?? "somebody unknown";
  const [before, after] = [rowsOf(old, nameOf), rowsOf(settings, nameOf)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((label) => {
    const [was, becomes] = [before.get(label), after.get(label)];
    return was === becomes ? [] : [{ label, value: `${was ?? "–"} → ${becomes ?? "–"}` }];
  });
}

/** The names of everyone named in some settings. */
async function approversIn(
  transaction: Transaction,
  settings: readonly RoleSettings[],
): Promise<ReadonlyMap<string, string>> {
  const ids = namedApprovers(settings.flatMap(({ approvalStages }) => approvalStages));
  const people = await identitiesOf(transaction, ids);
  return new Map(people.map((each) => [each.id, principalText(each)]));
}

/** An edit of role settings: every setting that it changes, from what to what. */
export async function describeRoleSettings(
  transaction: Transaction,
  names: { readonly roleName: string; readonly resource: { displayName: string; scope: string } },
  { roleDefinitionId, resourceId, settings }: Operation<"UpdateRoleSettings">,
): Promise<OperationDescription> {
  const [found] = await settingsThere(transaction, [roleDefinitionId], resourceId);
  const old = found?.settings ?? defaultRoleSettings;
  const people = await approversIn(transaction, [old, settings]);
  return {
    title: `Weaken the role settings of ${isolated(names.roleName)} on ${isolated(names.resource.displayName)}`,
    details: [{ label: "Scope", value: names.resource.scope }, ...changesInWords(old, settings, people)],
  };
}

/** An edit of several roles' settings: for every role, each setting that changes, from what to what. */
export async function describeSettingsOfRoles(
  transaction: Transaction,
  caller: Caller,
  { resourceId, roles }: Operation<"UpdateSettingsOfRoles">,
): Promise<OperationDescription | null> {
  const resource = await visibleResource(transaction, caller.userId, resourceId);
  if (!resource || roles.length === 0 || roles.length > mostRolesAtOnce) return null;
  const changesOf = new Map(roles.map((each) => [each.roleDefinitionId, each.changes]));
  const found = (await settingsThere(transaction, [...changesOf.keys()], resource.id)).map((role) => ({
    ...role,
    after: { ...role.settings, ...changesOf.get(role.id) },
  }));
  if (found.length < changesOf.size) return null;
  const people = await approversIn(
    transaction,
    found.flatMap(({ settings, after }) => [settings, after]),
  );
  return {
    title: `Change the role settings of ${found.length} ${found.length === 1 ? "role" : "roles"} on ${isolated(resource.displayName)}`,
    details: [
      { label: "Scope", value: resource.scope },
      ...found.map(({ roleName, settings, after }) => ({
        label: isolated(roleName),
        value:
          changesInWords(settings, after, people)
            .map(({ label, value }) => `${label}: ${value}`)
            .join("\n") || "No change",
      })),
    ],
  };
}

/** Roles that are known at a resource with their settings there, by name. */
async function settingsThere(
  transaction: Transaction,
  roleDefinitionIds: readonly string[],
  resourceId: string,
): Promise<{ id: string; roleName: string; settings: RoleSettings }[]> {
  const roles = await transaction.$queryRaw<{ id: string; roleName: string; writesAuthorization: boolean }[]>`
    SELECT d.id, d.role_name AS "roleName", d.writes_authorization AS "writesAuthorization"
    FROM role_definitions d
    WHERE d.id = ANY (${[...roleDefinitionIds]}::uuid[]) AND d.deleted_at IS NULL AND ${roleKnownAt("d", resourceId)}
    ORDER BY lower(d.role_name), d.id`;
  const stored = await transaction.$queryRaw<(PolicyColumns & { roleDefinitionId: string })[]>`
    SELECT role_definition_id AS "roleDefinitionId", ${policyColumns} FROM role_management_policies
    WHERE resource_id = ${resourceId}::uuid AND role_definition_id = ANY (${[...roleDefinitionIds]}::uuid[])`;
  const storedOf = new Map(stored.map((row) => [row.roleDefinitionId, row]));
  return roles.map(({ id, roleName, writesAuthorization }) => {
    const row = storedOf.get(id);
    return {
      id,
      roleName,
      settings: row ? settingsOfPolicy(row) : defaultSettingsOf({ writesAuthorization }),
    };
  });
}
