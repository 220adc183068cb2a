import type { PermissionsAt } from "@/lib/authority/authority";
import { reachOf } from "@/lib/authority/reach-of";
import { type ExceptionToAsk, mostExceptionsToAsk } from "@/lib/domain/roles/conflict-exception";
import type { RoleConflict } from "@/lib/domain/roles/conflict-rule";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * The waiting exceptions from conflict rules that a user may decide at this moment, as a subquery of
 * `exception_id`: those of rules at or below a resource where they may edit role settings. Left out are
 * exceptions that they asked for, those for them or a group they are in (docs/rules.md, rule 7), and
 * those that have reached their end (rule 5). The verbs check the same. `known`: who the user is and
 * where they may edit role settings, if the same request has just read it.
 */
export function exceptionsDecidableBy(
  userId: string,
  limit: number,
  known?: { readonly reached: readonly string[]; readonly resourceIds: readonly string[] },
): Prisma.Sql {
  const places = known
    ? Prisma.sql`${[...known.resourceIds]}::uuid[]`
    : Prisma.sql`(SELECT array(
        SELECT held.resource_id FROM active_assignments(${userId}::uuid, postern_now()) held
        JOIN role_definitions d ON d.id = held.role_definition_id
        WHERE permissions_allow(d.permissions, ${action.writeRoleSettings})))::uuid[]`;
  return Prisma.sql`
    SELECT x.id AS exception_id FROM conflict_exceptions x
    JOIN conflict_rules c ON c.id = x.rule_id JOIN resources s ON s.id = c.resource_id
    WHERE x.state = 'Waiting' AND x.ends_at > postern_now() AND x.asked_by_id <> ${userId}::uuid
      AND path_ids(s.path) && ${places} AND x.principal_id <> ALL (${reachOf(userId, known?.reached)})
    ORDER BY x.asked_at, x.id LIMIT ${limit}`;
}

/** The rules of these conflicts from which the caller may request an exception. Nobody may request one for themselves. */
export async function exceptionsToAsk(
  transaction: Transaction,
  callerId: string,
  conflicts: readonly RoleConflict[],
  personal: readonly string[],
  permissionsAt: PermissionsAt,
): Promise<ExceptionToAsk[]> {
  const asked = new Map(
    conflicts
      .filter(({ personId }) => personId !== callerId)
      .map(({ ruleId, personId }) => [ruleId, personal.includes(personId) ? personId : null]),
  );
  const rules = await transaction.conflictRule.findMany({
    where: { id: { in: [...asked.keys()] } },
    select: { id: true, name: true, resourceId: true },
    orderBy: { name: "asc" },
    take: mostExceptionsToAsk,
  });
  const places = [...new Set(rules.map(({ resourceId }) => resourceId))];
  const held = await permissionsAt(places);
  return rules
    .filter(({ resourceId }) => anyAllows(held.get(resourceId) ?? [], action.writeRoleSettings))
    .map(({ id, name, resourceId }) => ({
      ...{ ruleId: id, ruleName: name, resourceId },
      principalId: asked.get(id) ?? null,
    }));
}
