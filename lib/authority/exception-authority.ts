import { action } from "@/lib/domain/roles/permissions";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * The exceptions from conflict rules that wait and that a user may decide at this moment, as a subquery of `exception_id`:
 * those of rules at or below a resource where they may edit role settings. Never one that they asked for, nor one for them or
 * a group they are in (docs/rules.md, rule 7), nor one that has reached its end (rule 5). The verbs check the same.
 */
export function exceptionsDecidableBy(userId: string, limit: number): Prisma.Sql {
  return Prisma.sql`
    SELECT x.id AS exception_id FROM conflict_exceptions x
    JOIN conflict_rules c ON c.id = x.rule_id JOIN resources s ON s.id = c.resource_id
    WHERE x.state = 'Waiting' AND x.ends_at > postern_now() AND x.asked_by_id <> ${userId}::uuid
      AND path_ids(s.path) && (SELECT array(
        SELECT held.resource_id FROM active_assignments(${userId}::uuid, postern_now()) held
        JOIN role_definitions d ON d.id = held.role_definition_id
        WHERE permissions_allow(d.permissions, ${action.writeRoleSettings})))
      AND x.principal_id NOT IN (SELECT principal_and_groups(${userId}::uuid))
    ORDER BY x.asked_at, x.id LIMIT ${limit}`;
}
