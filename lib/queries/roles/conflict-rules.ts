import { may, permissionsAtEach, visibleResource } from "@/lib/authority/authority";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { conflictLimits } from "@/lib/domain/roles/conflict-rule";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { identityColumn } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";

export interface NamedRole {
  readonly id: string;
  readonly roleName: string;
}

export interface ConflictRuleView {
  readonly id: string;
  readonly name: string;
  readonly reason: string;
  readonly version: number;
  readonly updatedAt: Date;
  readonly updatedBy: string | null;
  readonly resource: { readonly id: string; readonly displayName: string; readonly path: string };
  readonly firstRoles: readonly NamedRole[];
  readonly secondRoles: readonly NamedRole[];
}

/** The position of a rule, as seen from a resource. */
export type RulePlace = "Here" | "Above" | "Below";

export interface ListedConflictRule extends ConflictRuleView {
  readonly place: RulePlace;
  /** Whether the caller may read the rules of its resource. */
  readonly mayOpen: boolean;
  readonly mayEdit: boolean;
}

type Row = Omit<ConflictRuleView, "resource"> & {
  readonly resourceId: string;
  readonly resourceName: string;
  readonly path: string;
};

/** The rules that concern a resource: its own, then those above it, then those below. */
async function rulesMeeting(
  client: Transaction,
  path: string,
  ruleId: string | null,
): Promise<ConflictRuleView[]> {
  const rows = await client.$queryRaw<Row[]>`
    SELECT k.id, k.name, k.reason, k.version, k.updated_at AS "updatedAt", by.display_name AS "updatedBy",
      at.id AS "resourceId", at.display_name AS "resourceName", at.path,
      coalesce(json_agg(json_build_object('id', d.id, 'roleName', d.role_name) ORDER BY lower(d.role_name))
        FILTER (WHERE c.side = 'First'), '[]') AS "firstRoles",
      coalesce(json_agg(json_build_object('id', d.id, 'roleName', d.role_name) ORDER BY lower(d.role_name))
        FILTER (WHERE c.side = 'Second'), '[]') AS "secondRoles"
    FROM conflict_rules k JOIN resources at ON at.id = k.resource_id
    JOIN conflict_rule_roles c ON c.rule_id = k.id JOIN role_definitions d ON d.id = c.role_definition_id
    LEFT JOIN principals by ON by.id = k.updated_by_id
    WHERE on_one_path(at.path, ${path}) AND (${ruleId}::uuid IS NULL OR k.id = ${ruleId}::uuid)
    GROUP BY k.id, by.display_name, at.id
    ORDER BY at.path = ${path} DESC, length(at.path) > length(${path}), at.path, lower(k.name), k.id
    LIMIT ${conflictLimits.inAll}`;
  return rows.map(({ resourceId, resourceName, path: at, ...rule }) => ({
    ...rule,
    resource: { id: resourceId, displayName: resourceName, path: at },
  }));
}

/** The rules about conflicting roles that concern a resource. Null if the caller may not read role settings there. */
export function listConflictRules(
  database: Database,
  caller: Caller,
  resourceId: string,
): Promise<ListedConflictRule[] | null> {
  return readOnce(database, async (client) => {
    const resource = await visibleResource(client, caller.userId, resourceId);
    if (!resource || !(await may(client, caller.userId, action.readRoleSettings, resource.id))) return null;
    const rules = await rulesMeeting(client, resource.path, null);
    const places = [...new Set(rules.map((rule) => rule.resource.id))];
    const held = await permissionsAtEach(client, caller.userId, places);
    return rules.map((rule) => {
      const permissions = held.get(rule.resource.id) ?? [];
      return {
        ...rule,
        place:
          rule.resource.id === resource.id
            ? "Here"
            : resource.path.startsWith(rule.resource.path)
              ? "Above"
              : "Below",
        mayOpen: anyAllows(permissions, action.readRoleSettings),
        mayEdit: anyAllows(permissions, action.writeRoleSettings),
      };
    });
  });
}

/** Somebody who holds a role of each set at the same time. */
export interface HeldTogether {
  readonly person: PrincipalIdentity;
  readonly first: HeldRole;
  readonly second: HeldRole;
  /** Until when an exception allows both, in ISO 8601. Null if there is none, or if the rule is not saved yet. */
  readonly exceptedUntil: string | null;
}

interface HeldRole {
  readonly roleId: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  /** The group that holds it; null for the person's own. */
  readonly through: string | null;
  /** In ISO 8601. */
  readonly startsAt: string;
  readonly endsAt: string | null;
}

/** How many pairs of access are shown. */
export const mostHeldTogether = 50;

function heldTogether(
  client: Transaction,
  path: string,
  ruleId: string | null,
  firstRoleIds: readonly string[],
  secondRoleIds: readonly string[],
): Promise<HeldTogether[]> {
  return client.$queryRaw<HeldTogether[]>`
    WITH t AS MATERIALIZED (
      SELECT * FROM roles_held_together(${path}, ${[...firstRoleIds]}::uuid[], ${[...secondRoleIds]}::uuid[], ${mostHeldTogether + 1}))
    SELECT ${identityColumn("p")} AS person, to_json(x.until) AS "exceptedUntil",
      json_build_object('roleId', d.id, 'roleName', d.role_name, 'resourceId', r.id, 'resourceName', r.display_name,
        'through', CASE WHEN a.principal_id <> p.id THEN h.display_name END, 'startsAt', a.starts_at, 'endsAt', a.ends_at) AS first,
      json_build_object('roleId', e.id, 'roleName', e.role_name, 'resourceId', s.id, 'resourceName', s.display_name,
        'through', CASE WHEN b.principal_id <> p.id THEN i.display_name END, 'startsAt', b.starts_at, 'endsAt', b.ends_at) AS second
    FROM t LEFT JOIN conflict_exceptions_in_force(ARRAY[${ruleId}::uuid], ARRAY(SELECT DISTINCT person_id FROM t)) x
      ON x.person_id = t.person_id
    JOIN principals p ON p.id = t.person_id
    JOIN assignments a ON a.id = t.first_assignment JOIN principals h ON h.id = a.principal_id
    JOIN role_definitions d ON d.id = a.role_definition_id JOIN resources r ON r.id = a.resource_id
    JOIN assignments b ON b.id = t.second_assignment JOIN principals i ON i.id = b.principal_id
    JOIN role_definitions e ON e.id = b.role_definition_id JOIN resources s ON s.id = b.resource_id
    ORDER BY lower(p.display_name), p.id, a.id, b.id`;
}

export interface OpenedConflictRule {
  readonly rule: ConflictRuleView;
  /** Counting stops at one more than `mostHeldTogether`. Null if the caller may not read assignments there. */
  readonly heldTogether: readonly HeldTogether[] | null;
}

/** A rule of a resource, and who holds both; null if there is none or the caller may not read role settings there. */
export function readConflictRule(
  database: Database,
  caller: Caller,
  resourceId: string,
  ruleId: string,
): Promise<OpenedConflictRule | null> {
  return readOnce(database, async (client) => {
    const resource = await visibleResource(client, caller.userId, resourceId);
    if (!resource || !(await may(client, caller.userId, action.readRoleSettings, resource.id))) return null;
    const [rule] = await rulesMeeting(client, resource.path, ruleId);
    if (rule?.resource.id !== resource.id) return null;
    const ids = (roles: readonly NamedRole[]) => roles.map(({ id }) => id);
    return {
      rule,
      heldTogether: (await may(client, caller.userId, action.readAssignments, resource.id))
        ? await heldTogether(client, resource.path, rule.id, ids(rule.firstRoles), ids(rule.secondRoles))
        : null,
    };
  });
}

/**
 * Who holds a role of each set now, before a rule is saved. Null if the caller may not make rules
 * there, or may not read assignments.
 */
export function whoHoldsBoth(
  database: Database,
  caller: Caller,
  resourceId: string,
  sets: { readonly firstRoleIds: readonly string[]; readonly secondRoleIds: readonly string[] },
): Promise<readonly HeldTogether[] | null> {
  return readOnce(database, async (client) => {
    const resource = await visibleResource(client, caller.userId, resourceId);
    if (!resource) return null;
    for (const permission of [action.writeRoleSettings, action.readAssignments])
      if (!(await may(client, caller.userId, permission, resource.id))) return null;
    return heldTogether(client, resource.path, null, sets.firstRoleIds, sets.secondRoleIds);
  });
}
