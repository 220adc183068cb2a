import type { ResourceFacts } from "@/lib/authority/authority";
import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import type { RoleSettingsRow } from "@/lib/domain/imports/import-kinds";
import { writesAuthorization } from "@/lib/domain/roles/permissions";
import { defaultSettingsOf } from "@/lib/domain/roles/role-settings";
import { sameNameKey } from "@/lib/domain/text/names";
import { isUuid } from "@/lib/domain/text/uuid";
import { isolated } from "@/lib/domain/text/visible-text";
import { type LockedPolicy, policiesOfPairs } from "@/lib/operations/gate/lock-policy";
import type { ImportContext, ImportItem } from "@/lib/operations/imports/importer";
import { type FoundPrincipal, fitsSeveral, lockPrincipals } from "@/lib/operations/imports/principal-targets";
import { keysOf, knownBy } from "@/lib/operations/people/refuse-taken-names";
import { retiredAmong } from "@/lib/operations/resources/retired-scopes";
import type { Transaction } from "@/lib/platform/database";
import { nameKeys } from "@/lib/platform/sql/name-keys";

/** Whose settings a row is about, at which resource, how they are now, and who is named in them. */
export interface SettingsTarget {
  readonly role: { readonly id: string; readonly roleName: string };
  readonly resource: ResourceFacts;
  readonly policy: LockedPolicy;
  /** The approvers that the row names, or why a name leads to nobody. */
  readonly approver: (name: string) => FoundPrincipal | string;
}

interface FoundRole {
  readonly id: string;
  readonly roleName: string;
  readonly permissions: StoredPermissions;
}

/** What each row names, by its number, or a message about what is unknown. Locked if the import writes. */
export async function loadSettingsTargets(
  { transaction, write }: ImportContext,
  items: readonly ImportItem<RoleSettingsRow>[],
): Promise<Map<number, SettingsTarget | string>> {
  const named = items.flatMap(({ data }) =>
    (data.stages ?? []).flatMap(({ approvers, escalation }) => [...approvers, ...escalation]),
  );
  if (write && named.length > 0) await lockPrincipals(transaction, "shared", named, []);
  const approver = approverOf(named.length > 0 ? await knownBy(transaction, named) : []);
  const roleNames = items.map(({ data }) => data.role);
  const roleIds = roleNames.map(sameNameKey).filter(isUuid);
  const roles = await transaction.$queryRaw<FoundRole[]>`
    SELECT id, role_name AS "roleName", permissions FROM role_definitions
    WHERE deleted_at IS NULL
      AND (id = ANY (${roleIds}::uuid[]) OR name_key(role_name) = ANY (${nameKeys(roleNames)}))
    ORDER BY id FOR KEY SHARE`;
  const resources = await transaction.$queryRaw<ResourceFacts[]>`
    SELECT id, parent_id AS "parentId", scope, path, display_name AS "displayName", resource_type AS "resourceType"
    FROM resources WHERE name_key(scope) = ANY (${nameKeys(items.map(({ data }) => data.scope))})`;
  const roleOf = new Map(
    roles.flatMap((role) => [role.id, sameNameKey(role.roleName)].map((key) => [key, role])),
  );
  const resourceOf = new Map(resources.map((each) => [sameNameKey(each.scope), each]));
  const missing = items.flatMap(({ data }) => (resourceOf.has(sameNameKey(data.scope)) ? [] : [data.scope]));
  const retired = await retiredAmong(transaction, missing);
  const found = items.map(({ number, data }) => ({
    number,
    data,
    role: roleOf.get(sameNameKey(data.role)),
    resource: resourceOf.get(sameNameKey(data.scope)),
  }));
  const pairs = found.flatMap(({ role, resource }) =>
    role && resource ? [{ roleDefinitionId: role.id, resourceId: resource.id }] : [],
  );
  const known = await rolesKnownThere(transaction, pairs);
  const policyOf = await policiesOfPairs(transaction, pairs, { locks: write });
  return new Map(
    found.map(({ number, data, role, resource }): [number, SettingsTarget | string] => {
      if (!resource)
        return [
          number,
          retired(data.scope) ?? `The scope ${data.scope} is not known. Import the resources first.`,
        ];
      if (!role || (isUuid(sameNameKey(data.role)) && role.id !== sameNameKey(data.role)))
        return [
          number,
          `The role ${data.roleDefinitionName ?? data.role} is not known. Import the role definitions first.`,
        ];
      const pair = { roleDefinitionId: role.id, resourceId: resource.id };
      if (!known.has(`${role.id} ${resource.id}`))
        return [number, `${isolated(role.roleName)} cannot be assigned at ${resource.scope}.`];
      const policy = policyOf(pair) ?? {
        id: "",
        version: 0,
        settings: defaultSettingsOf({
          writesAuthorization: writesAuthorization(permissionsOf(role.permissions)),
        }),
      };
      return [number, { role: { id: role.id, roleName: role.roleName }, resource, policy, approver }];
    }),
  );
}

function approverOf(principals: readonly FoundPrincipal[]): SettingsTarget["approver"] {
  const byName = new Map<string, FoundPrincipal[]>();
  for (const each of principals)
    for (const key of new Set(keysOf(each))) byName.set(key, [...(byName.get(key) ?? []), each]);
  return (name) => {
    const fitting = byName.get(sameNameKey(name)) ?? [];
    const [found] = fitting;
    if (fitting.length > 1) return fitsSeveral(name, fitting);
    if (!found) return `The approver ${name} is not known. Import users and groups first.`;
    return found.type === "ServicePrincipal"
      ? `The approver ${isolated(found.displayName)} is a service principal, which decides on nothing.`
      : found;
  };
}

/** Those of the pairs whose role can be assigned at the resource, above it or below it, as on the page of the settings. */
async function rolesKnownThere(
  transaction: Transaction,
  pairs: readonly { readonly roleDefinitionId: string; readonly resourceId: string }[],
): Promise<ReadonlySet<string>> {
  const rows = await transaction.$queryRaw<{ roleId: string; resourceId: string }[]>`
    SELECT asked.role_id AS "roleId", asked.resource_id AS "resourceId"
    FROM unnest(${pairs.map((each) => each.roleDefinitionId)}::uuid[],
      ${pairs.map((each) => each.resourceId)}::uuid[]) AS asked (role_id, resource_id)
    JOIN role_definitions d ON d.id = asked.role_id
    JOIN resources here ON here.id = asked.resource_id
    WHERE '/' = ANY (d.assignable_scopes) OR EXISTS (
      SELECT FROM resources own
      WHERE lower(own.scope) IN (SELECT lower(each) FROM unnest(d.assignable_scopes) AS each)
        AND (own.id = ANY (path_ids(here.path)) OR here.id = ANY (path_ids(own.path))))`;
  return new Set(rows.map(({ roleId, resourceId }) => `${roleId} ${resourceId}`));
}
