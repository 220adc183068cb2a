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

/** What of some settings is weaker afterwards. */
export interface Weakening {
  readonly before: RoleSettings;
  readonly after: RoleSettings;
  readonly weakened: readonly (keyof RoleSettings)[];
}

/** A role that is easier to get above the new place of a resource, or at it, than where it lies now. */
export interface WeakerSettings {
  readonly roleDefinitionId: string;
  readonly roleName: string;
  /** Each setting stands in the first of them that weakens it. */
  readonly weakenings: readonly Weakening[];
}

/** The levels above a resource on both paths, from the root, and on one of them alone. */
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

/** Settings that judge a direct or eligible assignment, and who is notified. The others judge an activation. */
const ofAssignments: ReadonlySet<keyof RoleSettings> = new Set<keyof RoleSettings>([
  "eligibleMaximumDays",
  "activeMaximumDays",
  "assignmentRequiresMfa",
  "assignmentPhishingResistant",
  "assignmentRequiresJustification",
  "notifications",
]);

/** The roles that a move makes easier to get, by name. Where nobody edited a level on one of the paths alone, nothing differs. */
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
 * Settings weaken in three ways (docs/rules.md, rule 4). Who is eligible at a level above the new place alone has the role after
 * its own settings, and has it at the resource too: they are compared with each level of the old place. Who is eligible above
 * both passes the levels between. Who is assigned there is judged by the parent and what was edited above it.
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
