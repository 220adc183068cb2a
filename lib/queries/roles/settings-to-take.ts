import { roleKnownAt } from "@/lib/authority/authority";
import { type PolicyColumns, policyColumns, settingsOfPolicy } from "@/lib/authority/policy-settings";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { namedApprovers } from "@/lib/domain/roles/approval-settings";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import { defaultSettingsOf, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { isUuid } from "@/lib/domain/text/uuid";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { readOnce } from "@/lib/platform/transaction";
import { namedPrincipals } from "@/lib/queries/people/named-principals";
import { resourceToEdit, roleToEdit } from "@/lib/queries/roles/role-to-edit";

/** How many roles' settings are offered: those that were edited last. */
const offeredAtMost = 100;

/** Settings that an edit can start from. */
export type SettingsSource =
  | { readonly kind: "Default"; readonly key: string }
  /** Of another role at the same resource. */
  | { readonly kind: "Role"; readonly key: string; readonly roleName: string }
  /** Of the same role at a level above. */
  | { readonly kind: "Above"; readonly key: string; readonly resourceName: string };

export interface TakenSettings {
  readonly source: SettingsSource;
  readonly settings: RoleSettings;
  readonly approvers: readonly NamedPrincipal[];
}

/** What an edit can start from, and the requested start; null if that is none of them. */
export interface SettingsToTake {
  readonly sources: readonly SettingsSource[];
  readonly taken: TakenSettings | null;
}

const byDefault = { kind: "Default", key: "default" } as const;

/**
 * The settings that an edit of a role's settings at a resource can start from: the built-in default, what was edited
 * for other roles there, and what was edited for the same role at the levels above. `asked` is the key of one of
 * them, whose settings are read as they are now. For callers who may edit the settings; null for anybody else. Other
 * roles' settings are included only for callers who may read role settings there.
 */
export function settingsToTake(
  database: Database,
  caller: Caller,
  about: { readonly roleDefinitionId: string; readonly resourceId: string },
  asked: string | null,
): Promise<SettingsToTake | null> {
  const { roleDefinitionId, resourceId } = about;
  if (!isUuid(roleDefinitionId) || !isUuid(resourceId)) return Promise.resolve(null);
  return readOnce(database, async (transaction) => {
    const editable = await roleToEdit(transaction, caller, about);
    if (!editable) return null;
    const { held, role } = editable;
    const edited = anyAllows(held, action.readRoleSettings) ? await editedSettings(transaction, about) : [];
    const all = [{ source: byDefault, settings: defaultSettingsOf(role) }, ...edited];
    const found = all.find(({ source }) => source.key === asked);
    const approvers = found
      ? await namedPrincipals(transaction, namedApprovers(found.settings.approvalStages))
      : [];
    return {
      sources: all.map(({ source }) => source),
      taken: found ? { ...found, approvers } : null,
    };
  });
}

/** What a change of several roles' settings can start from, and the requested start. */
export interface SettingsToShare {
  readonly sources: readonly SettingsSource[];
  readonly taken: { readonly source: SettingsSource; readonly settings: SharedStart } | null;
}

/** Settings that several roles start from alike. The built-in default differs for each role. */
export type SharedStart = RoleSettings | "Default";

/**
 * The same for several roles at once: the built-in default, and what was edited for any role there. A
 * level above has different settings for each role, so it is offered only when one role is edited.
 */
export function settingsToShare(
  database: Database,
  caller: Caller,
  resourceId: string,
  asked: string | null,
): Promise<SettingsToShare | null> {
  if (!isUuid(resourceId)) return Promise.resolve(null);
  return readOnce(database, async (transaction) => {
    const editable = await resourceToEdit(transaction, caller, resourceId);
    if (!editable) return null;
    const { resource, held } = editable;
    const about = { resourceId: resource.id, roleDefinitionId: null };
    const edited = anyAllows(held, action.readRoleSettings) ? await editedSettings(transaction, about) : [];
    const all = [{ source: byDefault, settings: "Default" as const }, ...edited];
    const taken = all.find(({ source }) => source.key === asked) ?? null;
    return { sources: all.map(({ source }) => source), taken };
  });
}

/**
 * What was edited for other roles at the resource, by name (without a role: for any), and for this role
 * above, the nearest first.
 */
async function editedSettings(
  transaction: Transaction,
  about: { readonly roleDefinitionId: string | null; readonly resourceId: string },
): Promise<{ source: SettingsSource; settings: RoleSettings }[]> {
  const roles = await transaction.$queryRaw<(PolicyColumns & { key: string; roleName: string })[]>`
    SELECT d.id AS key, d.role_name AS "roleName", ${policyColumns}
    FROM role_management_policies p JOIN role_definitions d ON d.id = p.role_definition_id
      AND d.deleted_at IS NULL AND ${roleKnownAt("d", about.resourceId)}
    WHERE p.id IN (
      SELECT e.id FROM role_management_policies e
      WHERE e.resource_id = ${about.resourceId}::uuid AND e.role_definition_id IS DISTINCT FROM ${about.roleDefinitionId}::uuid
        AND e.version > 0
      ORDER BY e.updated_at DESC, e.id LIMIT ${offeredAtMost})
    ORDER BY lower(d.role_name), d.id`;
  const above = await transaction.$queryRaw<(PolicyColumns & { key: string; resourceName: string })[]>`
    SELECT r.id AS key, r.display_name AS "resourceName", ${policyColumns}
    FROM resources here JOIN resources r ON r.id = ANY (path_ids(here.path)) AND r.id <> here.id
    JOIN role_management_policies p ON p.resource_id = r.id
      AND p.role_definition_id = ${about.roleDefinitionId}::uuid AND p.version > 0
    WHERE here.id = ${about.resourceId}::uuid ORDER BY length(r.path) DESC`;
  return [
    ...roles.map(({ key, roleName, ...columns }) => ({
      source: { kind: "Role", key, roleName } as const,
      settings: settingsOfPolicy(columns),
    })),
    ...above.map(({ key, resourceName, ...columns }) => ({
      source: { kind: "Above", key, resourceName } as const,
      settings: settingsOfPolicy(columns),
    })),
  ];
}
