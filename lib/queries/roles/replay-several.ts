import { roleKnownAt } from "@/lib/authority/authority";
import { type PolicyColumns, policyColumns, settingsOfPolicy } from "@/lib/authority/policy-settings";
import type { ReplayEffect } from "@/lib/domain/gate/settings-replay";
import { replayEffects } from "@/lib/domain/gate/settings-replay";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { namedApprovers } from "@/lib/domain/roles/approval-settings";
import { mostRolesAtOnce } from "@/lib/domain/roles/role-change";
import {
  changedSettings,
  defaultSettingsOf,
  type RoleSettings,
  weakenedSettings,
} from "@/lib/domain/roles/role-settings";
import { roleSettingsFaults } from "@/lib/domain/roles/role-settings-faults";
import { isUuid } from "@/lib/domain/text/uuid";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { readOnce } from "@/lib/platform/transaction";
import { namedPrincipals } from "@/lib/queries/people/named-principals";
import { replayLimits } from "@/lib/queries/roles/past-requests";
import { replaySettings, type SettingsReplay } from "@/lib/queries/roles/replay-settings";
import { resourceToEdit } from "@/lib/queries/roles/role-to-edit";
import type { SharedStart } from "@/lib/queries/roles/settings-to-take";

/** How many roles are replayed together. They share the number of requests that one replay may judge. */
export const rolesReplayedAtMost = mostRolesAtOnce;

/** The settings that are changed, in the same way for every chosen role. */
export type SettingsChange = Partial<RoleSettings>;

interface RoleThere {
  readonly id: string;
  readonly roleName: string;
  readonly version: number;
  readonly settings: RoleSettings;
  /** The built-in default for this role. */
  readonly byDefault: RoleSettings;
}

/** What a change would have done to the requests for one of several roles. */
export interface RoleReplayed {
  readonly id: string;
  readonly roleName: string;
  readonly version: number;
  /** The role's settings as they are. */
  readonly present: RoleSettings;
  /** The role's settings with the change. */
  readonly settings: RoleSettings;
  /** What the change weakens, as far as a page can know. Saving judges it again. */
  readonly weakened: readonly (keyof RoleSettings)[];
  /** Why the role cannot have the change; null if it can. "Unchanged" has it already. */
  readonly fault: "Unchanged" | string | null;
  readonly replay: SettingsReplay | null;
}

export interface SeveralReplayed {
  readonly roles: readonly RoleReplayed[];
  readonly requests: number;
  readonly differing: number;
  /** Whether all requests of the last ninety days were replayed, for every role. */
  readonly whole: boolean;
  readonly figures: readonly { readonly effect: ReplayEffect; readonly requests: number }[];
  /** The approvers whom the change adds or removes, if they can be named. */
  readonly approvers: readonly NamedPrincipal[];
}

/**
 * Replays the requests of the last ninety days for several roles of a resource and adds up the figures.
 * Each role is judged under its own settings with the same change (`replaySettings`), on top of the
 * settings that they start from, if any. For callers who may edit role settings there; null for anybody
 * else. Roles that are unknown there are left out. Writes nothing.
 */
export async function replaySeveral(
  database: Database,
  caller: Caller,
  asked: {
    readonly resourceId: string;
    readonly roleDefinitionIds: readonly string[];
    /** The settings that all of them start from, instead of their own. */
    readonly start?: SharedStart | null;
    readonly change: SettingsChange;
  },
): Promise<SeveralReplayed | null> {
  const { resourceId, change, start = null } = asked;
  const ids = [...new Set(asked.roleDefinitionIds.filter(isUuid))].slice(0, rolesReplayedAtMost);
  if (!isUuid(resourceId)) return null;
  const found = await readOnce(database, async (transaction) => {
    const editable = await resourceToEdit(transaction, caller, resourceId);
    if (!editable) return null;
    const { resource } = editable;
    const rows = await rolesThere(transaction, resource.id, ids);
    const wanted = rows.map(({ settings: present, byDefault, ...role }) => {
      const from = start === null ? present : start === "Default" ? byDefault : start;
      return { ...role, present, settings: { ...from, ...change } };
    });
    return { rows: wanted, ...(await knownOf(transaction, wanted)) };
  });
  if (!found) return null;
  const { rows: there, approvers, facts } = found;
  const share = Math.max(1, there.length);
  const limits = {
    ...replayLimits,
    requests: Math.floor(replayLimits.requests / share),
    candidates: Math.floor(replayLimits.candidates / share),
  };
  const roles: RoleReplayed[] = [];
  // One after the other, since several at once would take several connections for one page.
  for (const role of there) {
    const { present, settings } = role;
    const about = { roleDefinitionId: role.id, resourceId, settings };
    const fault =
      changedSettings(present, settings).length === 0
        ? "Unchanged"
        : (roleSettingsFaults(settings)[0]?.message ?? null);
    const replay = fault === null ? await replaySettings(database, caller, about, null, limits) : null;
    roles.push({ ...role, weakened: weakenedSettings(present, settings, facts), fault, replay });
  }
  return { roles, approvers, ...summed(roles.flatMap(({ replay }) => replay ?? [])) };
}

/** Who approves before and after, where that changes, and which weakenings a page can know. */
async function knownOf(
  transaction: Transaction,
  roles: readonly { readonly present: RoleSettings; readonly settings: RoleSettings }[],
) {
  const changing = roles.filter(({ present, settings }) =>
    changedSettings(present, settings).includes("approvalStages"),
  );
  const stages = changing.flatMap(({ present, settings }) => [present, settings]);
  const approvers = await namedPrincipals(
    transaction,
    namedApprovers(stages.flatMap(({ approvalStages }) => approvalStages)),
  );
  const disabled = new Set(approvers.flatMap(({ id, disabled: gone }) => (gone ? [id] : [])));
  const { allowedMailDomains } = await transaction.installation.findUniqueOrThrow({
    where: { id: 1 },
    select: { allowedMailDomains: true },
  });
  const deciders = {
    able: (of: readonly string[]) => new Set(of.filter((id) => !disabled.has(id))),
    mayAsk: new Set<string>(),
  };
  return { approvers, facts: { deciders, otherLevels: [], allowedMailDomains } };
}

function summed(replays: readonly SettingsReplay[]): Omit<SeveralReplayed, "roles" | "approvers"> {
  const sum = (of: (replay: SettingsReplay) => number) => replays.reduce((all, each) => all + of(each), 0);
  return {
    requests: sum(({ activations, assignments }) => activations + assignments),
    differing: sum(({ differing }) => differing),
    whole: replays.every(({ whole }) => whole),
    figures: replayEffects.flatMap((effect) => {
      const requests = sum(
        ({ figures }) => figures.find((figure) => figure.effect === effect)?.requests ?? 0,
      );
      return requests > 0 ? [{ effect, requests }] : [];
    }),
  };
}

/** The roles with their settings at a resource, by name. */
async function rolesThere(
  transaction: Transaction,
  resourceId: string,
  ids: readonly string[],
): Promise<RoleThere[]> {
  const rows = await transaction.$queryRaw<
    { id: string; roleName: string; version: number | null; writesAuthorization: boolean }[]
  >`
    SELECT d.id, d.role_name AS "roleName", p.version, d.writes_authorization AS "writesAuthorization"
    FROM role_definitions d
    LEFT JOIN role_management_policies p ON p.role_definition_id = d.id AND p.resource_id = ${resourceId}::uuid
    WHERE d.id = ANY (${[...ids]}::uuid[]) AND d.deleted_at IS NULL AND ${roleKnownAt("d", resourceId)}
    ORDER BY lower(d.role_name), d.id`;
  const stored = await transaction.$queryRaw<(PolicyColumns & { roleDefinitionId: string })[]>`
    SELECT role_definition_id AS "roleDefinitionId", ${policyColumns} FROM role_management_policies
    WHERE resource_id = ${resourceId}::uuid AND role_definition_id = ANY (${[...ids]}::uuid[])`;
  const policyOf = new Map(stored.map(({ roleDefinitionId, ...columns }) => [roleDefinitionId, columns]));
  return rows.map(({ writesAuthorization, version, ...role }) => {
    const columns = policyOf.get(role.id);
    const byDefault = defaultSettingsOf({ writesAuthorization });
    return {
      ...role,
      version: version ?? 0,
      settings: columns ? settingsOfPolicy(columns) : byDefault,
      byDefault,
    };
  });
}
