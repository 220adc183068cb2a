import {
  type FoundOfKind,
  foundBy,
  knownAlert,
  newestThenLongestUnseen,
  type SeenAt,
  settings,
} from "@/lib/authority/alerts/alert-finding";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** How many pairs of access are read for one rule. */
const mostPairs = 50_000;

interface HeldTogether extends SeenAt {
  readonly resourceId: string;
  readonly subject: string;
  readonly principalId: string;
  readonly ruleId: string;
  readonly rule: string;
  readonly firstRole: string;
  readonly firstResource: string;
  readonly secondRole: string;
  readonly secondResource: string;
}

/** People who hold roles together that a rule forbids and no exception allows. One finding for each rule and person. */
export async function conflictingRoles(transaction: Transaction, atOnce: number): Promise<FoundOfKind> {
  const kind = "ConflictingRoles";
  const rows = await transaction.$queryRaw<(HeldTogether & { readonly cut: boolean })[]>`
    WITH held AS MATERIALIZED (
      SELECT k.id AS rule_id, k.name AS rule, k.resource_id, t.*,
        count(*) OVER (PARTITION BY k.id) >= ${mostPairs} AS cut
      FROM conflict_rules k JOIN resources at ON at.id = k.resource_id
      CROSS JOIN LATERAL roles_held_together(at.path,
        ARRAY(SELECT role_definition_id FROM conflict_rule_roles WHERE rule_id = k.id AND side = 'First'),
        ARRAY(SELECT role_definition_id FROM conflict_rule_roles WHERE rule_id = k.id AND side = 'Second'),
        ${mostPairs}::integer) t),
    excepted AS MATERIALIZED (
      SELECT x.rule_id, x.person_id FROM conflict_exceptions_in_force(
        ARRAY(SELECT id FROM conflict_rules), ARRAY(SELECT DISTINCT person_id FROM held)) x),
    one AS (
      SELECT DISTINCT ON (h.rule_id, h.person_id) h.* FROM held h
      WHERE (h.rule_id, h.person_id) NOT IN (SELECT x.rule_id, x.person_id FROM excepted x)
      ORDER BY h.rule_id, h.person_id, h.first_assignment, h.second_assignment)
    SELECT r.id AS "resourceId", o.rule_id || ' ' || o.person_id AS subject, o.person_id AS "principalId",
      o.rule_id AS "ruleId", o.rule, o.cut, d.role_name AS "firstRole", x.display_name AS "firstResource",
      e.role_name AS "secondRole", y.display_name AS "secondResource", known.seen_at AS "seenAt"
    FROM one o JOIN resources r ON r.id = o.resource_id
    JOIN assignments a ON a.id = o.first_assignment JOIN role_definitions d ON d.id = a.role_definition_id
    JOIN resources x ON x.id = a.resource_id
    JOIN assignments b ON b.id = o.second_assignment JOIN role_definitions e ON e.id = b.role_definition_id
    JOIN resources y ON y.id = b.resource_id
    ${settings(kind)} ${knownAlert(kind, Prisma.sql`(o.rule_id || ' ' || o.person_id)`)}
    WHERE coalesce(s.enabled, true)
    ORDER BY ${newestThenLongestUnseen}, o.rule_id, o.person_id LIMIT ${atOnce}`;
  const found = foundBy(kind, rows, atOnce, ({ resourceId, subject, principalId, ...row }) => {
    const { ruleId, rule, firstRole, firstResource, secondRole, secondResource } = row;
    const details = { ruleId, rule, firstRole, firstResource, secondRole, secondResource };
    return { resourceId, subject, principalId, details };
  });
  // If a rule was not read whole, nothing is known about people who were not found.
  return rows.some(({ cut }) => cut) ? { ...found, reach: { seenBefore: null } } : found;
}
