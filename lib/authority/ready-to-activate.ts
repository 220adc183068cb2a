import { mostPeopleLookedAt, type Readiness } from "@/lib/domain/assignments/make-eligible";
import { activationTakesResistant } from "@/lib/domain/roles/factors-asked";
import { type RoleSettings, stagesInForce } from "@/lib/domain/roles/role-settings";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { type ConfirmingIssuers, hasSecondFactor } from "@/lib/platform/sql/factors-in-force";

interface Counted extends Pick<Readiness, "group" | "people" | "withoutFactor"> {
  readonly short: boolean;
}

/**
 * Whether a person, or somebody in a group, could activate a role under these settings. `settings` are those of the
 * activation. A member who is an approver does not count as one, since nobody approves their own request.
 */
export async function readyToActivate(
  transaction: Transaction,
  principalId: string,
  settings: RoleSettings,
  issuers: ConfirmingIssuers,
): Promise<Readiness> {
  const stages = stagesInForce(settings).map(({ approverIds, approvalsNeeded }) => ({
    approverIds,
    approvalsNeeded,
  }));
  const phishingResistant = activationTakesResistant(settings);
  const lacking = settings.activationRequiresMfa
    ? Prisma.sql`NOT ${hasSecondFactor(Prisma.sql`u.id`, issuers, phishingResistant ? "PhishingResistant" : "Any")}`
    : Prisma.sql`FALSE`;
  const [found] = await transaction.$queryRaw<Counted[]>`
    WITH people AS MATERIALIZED (
      SELECT u.id FROM users_in(ARRAY[${principalId}::uuid]) AS u (id) LIMIT ${mostPeopleLookedAt}
    ), stages AS (
      SELECT s."approvalsNeeded" AS needed,
        ARRAY(SELECT each::uuid FROM jsonb_array_elements_text(s."approverIds") AS each) AS approvers
      FROM jsonb_to_recordset(${JSON.stringify(stages)}::jsonb) AS s ("approverIds" jsonb, "approvalsNeeded" int))
    SELECT (SELECT type = 'Group' FROM principals WHERE id = ${principalId}::uuid) AS "group",
      (SELECT count(*)::int FROM people) AS people,
      (SELECT count(*)::int FROM people u WHERE ${lacking}) AS "withoutFactor",
      EXISTS (SELECT FROM stages s CROSS JOIN LATERAL (
          SELECT count(*) - count(DISTINCT p.id IS NOT NULL) FILTER (WHERE p.id IS NOT NULL) AS able
          FROM (SELECT a.id FROM users_in(s.approvers) AS a (id) LIMIT ${mostPeopleLookedAt}) a
          LEFT JOIN people p ON p.id = a.id) able
        WHERE able.able < s.needed) AS short`;
  if (!found) throw new Error("nothing was counted");
  const { short, ...counted } = found;
  const approval = stages.length === 0 ? "None" : short ? "Short" : "Required";
  return { ...counted, phishingResistant, approval };
}
