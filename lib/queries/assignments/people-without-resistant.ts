import { inEffect as heldNow, rolesHeldAt } from "@/lib/authority/roles-held-at";
import { action } from "@/lib/domain/roles/permissions";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { type ConfirmingIssuers, hasSecondFactor } from "@/lib/platform/sql/factors-in-force";
import { readOnce } from "@/lib/platform/transaction";
import { inEffect } from "@/lib/queries/assignments/access-conditions";

/** How many people would be affected by role settings that accept only phishing-resistant factors. */
export interface EligiblePeople {
  readonly all: number;
  /** Those of them who have no such factor. */
  readonly lacking: number;
}

/**
 * How many people are eligible for a role at exactly this resource, directly or through groups, and how
 * many of them have no phishing-resistant factor. For callers who may edit the role settings; the
 * calling function has checked that.
 */
export function peopleWithoutResistant(
  database: Database,
  { resourceId, roleDefinitionId }: { readonly resourceId: string; readonly roleDefinitionId: string },
  issuers: ConfirmingIssuers,
): Promise<EligiblePeople> {
  return readOnce(database, async (transaction) => {
    const [row] = await transaction.$queryRaw<EligiblePeople[]>`
      SELECT count(*)::int AS all,
        (count(*) FILTER (WHERE NOT ${hasSecondFactor(Prisma.sql`u.id`, issuers, "PhishingResistant")}))::int AS lacking
      FROM users_in(array(SELECT x.principal_id FROM eligibilities x
        WHERE x.resource_id = ${resourceId}::uuid AND x.role_definition_id = ${roleDefinitionId}::uuid
          AND ${inEffect})) AS u (id)`;
    return row ?? { all: 0, lacking: 0 };
  });
}

/** Who would be affected by role settings that accept only phishing-resistant factors on direct assignment. */
export interface AssigningPeople extends EligiblePeople {
  /** Some of those without, by name. */
  readonly names: readonly string[];
}

const mostNamed = 5;

/**
 * How many people may assign roles at a resource, by a role that they hold there or above or could
 * activate, and how many of them have no phishing-resistant factor. For callers who may edit the role
 * settings; the calling function has checked that.
 */
export function assigningWithoutResistant(
  database: Database,
  resourceId: string,
  issuers: ConfirmingIssuers,
): Promise<AssigningPeople> {
  return readOnce(database, async (transaction) => {
    const active = await withRoles(transaction, Prisma.sql`assignments`, resourceId);
    const eligible = await withRoles(transaction, Prisma.sql`eligibilities`, resourceId);
    const [row] = await transaction.$queryRaw<AssigningPeople[]>`
      WITH lacking AS (
        SELECT u.id, NOT ${hasSecondFactor(Prisma.sql`u.id`, issuers, "PhishingResistant")} AS lacks
        FROM users_in(array(${active} UNION ${eligible})) AS u (id))
      SELECT count(*)::int AS all, (count(*) FILTER (WHERE lacks))::int AS lacking,
        array(SELECT p.display_name FROM lacking l JOIN principals p ON p.id = l.id
          WHERE l.lacks ORDER BY lower(p.display_name), p.id LIMIT ${mostNamed}) AS names
      FROM lacking`;
    return row ?? { all: 0, lacking: 0, names: [] };
  });
}

/** The principals who have a role at a resource or above that allows to assign. */
async function withRoles(
  transaction: Transaction,
  held: Prisma.Sql,
  resourceId: string,
): Promise<Prisma.Sql> {
  const roles = await rolesHeldAt(transaction, held, resourceId, (allows) => allows(action.writeAssignment));
  return Prisma.sql`SELECT a.principal_id FROM resources h JOIN ${held} a ON a.resource_id = ANY (path_ids(h.path))
    WHERE h.id = ${resourceId}::uuid AND a.role_definition_id = ANY (${roles}::uuid[]) AND ${heldNow}`;
}
