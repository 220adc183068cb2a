import type { ResourceFacts } from "@/lib/authority/authority";
import { type PolicyColumns, policyColumns, settingsOfPolicy } from "@/lib/authority/policy-settings";
import { idsOnPath } from "@/lib/domain/resources/resource-path";
import {
  defaultSettingsOf,
  type RoleSettings,
  strictest,
  weakenedSettings,
} from "@/lib/domain/roles/role-settings";
import type { Transaction } from "@/lib/platform/database";

/** Settings that become weaker, before and after. */
export interface Weakening {
  readonly before: RoleSettings;
  readonly after: RoleSettings;
  readonly weakened: readonly (keyof RoleSettings)[];
}

/** A role that is easier to get at the new place of a resource, or above it, than where the resource lies now. */
export interface WeakerSettings {
  readonly roleDefinitionId: string;
  readonly roleName: string;
  /** Each setting is listed in the first of them that weakens it. */
  readonly weakenings: readonly Weakening[];
}

/** The levels above a resource before and after, from the root, and the levels that are on only one of the two paths. */
interface Levels {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly lost: readonly string[];
  readonly gained: readonly string[];
}

interface PolicyRow extends PolicyColumns {
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly writesAuthorization: boolean;
  readonly resourceId: string;
  readonly edited: boolean;
}

/** Settings that judge a direct or eligible assignment, and who is notified. The other settings judge an activation. */
const ofAssignments: ReadonlySet<keyof RoleSettings> = new Set<keyof RoleSettings>([
  "eligibleMaximumDays",
  "activeMaximumDays",
  "assignmentRequiresMfa",
  "assignmentPhishingResistant",
  "assignmentRequiresJustification",
  "notifications",
]);

/**
 * The roles that a move makes easier to get, by name. Only levels that are on one path and were edited
 * make a difference.
 */
export async function weakerSettings(
  transaction: Transaction,
  resource: Pick<ResourceFacts, "path">,
  to: Pick<ResourceFacts, "path">,
  { lost, gained }: Pick<Levels, "lost" | "gained">,
): Promise<WeakerSettings[]> {
  const levels = { before: idsOnPath(resource.path).slice(0, -1), after: idsOnPath(to.path), lost, gained };
  const rows = await transaction.$queryRaw<PolicyRow[]>`
    SELECT d.id AS "roleDefinitionId", d.role_name AS "roleName", d.writes_authorization AS "writesAuthorization",
      p.resource_id AS "resourceId", p.version > 0 AS edited, ${policyColumns}
    FROM role_management_policies p JOIN role_definitions d ON d.id = p.role_definition_id AND d.deleted_at IS NULL
    WHERE p.resource_id = ANY (${[...new Set([...levels.before, ...levels.after])]}::uuid[])
      AND p.role_definition_id IN (
        SELECT edited.role_definition_id FROM role_management_policies edited
        WHERE edited.resource_id = ANY (${[...gained, ...lost]}::uuid[]) AND edited.version > 0)
    ORDER BY lower(d.role_name), d.id`;
  const ofRole = new Map<string, [PolicyRow, ...PolicyRow[]]>();
  for (const row of rows) {
    const before = ofRole.get(row.roleDefinitionId);
    if (before) before.push(row);
    else ofRole.set(row.roleDefinitionId, [row]);
  }
  return [...ofRole.values()].flatMap((policies) => {
    const [{ roleDefinitionId, roleName }] = policies;
    const weakenings = weakeningsOf(policies, levels);
    return weakenings.length > 0 ? [{ roleDefinitionId, roleName, weakenings }] : [];
  });
}

/**
 * Settings weaken in three ways (docs/rules.md, rule 4). A member who is eligible at a level that is only above the
 * new place activates the role under that level's settings, and then has it at the resource too: these settings are
 * compared with every level of the old place. A member who is eligible above both places passes the levels between.
 * An assignment at the resource is judged by its parent and by what was edited above it.
 */
function weakeningsOf(policies: readonly [PolicyRow, ...PolicyRow[]], levels: Levels): Weakening[] {
  const unedited = defaultSettingsOf(policies[0]);
  const stored = new Map(
    policies.map((row) => [row.resourceId, { ...row, settings: settingsOfPolicy(row) }]),
  );
  const at = (id: string) => stored.get(id)?.settings ?? unedited;
  const { before, after, lost, gained } = levels;
  const common = before.filter((id) => after.includes(id)).slice(-1);
  const found: Weakening[] = [];
  const named = new Set<keyof RoleSettings>();
  const compare = (was: RoleSettings, becomes: RoleSettings, names: readonly (keyof RoleSettings)[]) => {
    const weakened = names.filter((name) => !named.has(name));
    for (const name of weakened) named.add(name);
    if (weakened.length > 0) found.push({ before: was, after: becomes, weakened });
  };
  const old = (lost.length > 0 ? lost : common).map(at);
  for (const place of gained.map(at)) {
    const least = old.at(-1) ?? unedited;
    const names = weakenedSettings(least, place).filter(
      (name) => !ofAssignments.has(name) && old.every((each) => weakenedSettings(each, place).includes(name)),
    );
    compare(least, place, names);
  }
  const between = (ids: readonly string[]) => strictest([...common, ...ids].map(at));
  const passing = weakenedSettings(between(lost), between(gained));
  compare(
    between(lost),
    between(gained),
    passing.filter((name) => !ofAssignments.has(name)),
  );
  const direct = (ids: readonly string[]) =>
    strictest(ids.filter((id, level) => level === ids.length - 1 || stored.get(id)?.edited === true).map(at));
  const assigning = weakenedSettings(direct(before), direct(after));
  compare(
    direct(before),
    direct(after),
    assigning.filter((name) => ofAssignments.has(name)),
  );
  return found;
}
