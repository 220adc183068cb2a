import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { type ConfirmingIssuers, hasSecondFactor } from "@/lib/platform/sql/factors-in-force";
import { readOnce } from "@/lib/platform/transaction";
import { inEffect } from "@/lib/queries/assignments/access-conditions";

/** Whom role settings that accept only phishing-resistant factors would concern. */
export interface EligiblePeople {
  readonly all: number;
  /** Those of them who have no such factor. */
  readonly lacking: number;
}

/**
 * How many people are eligible for a role at a resource itself, directly or through groups, and how many of them have no
 * phishing-resistant factor. For whoever may edit the role settings, which the caller of this has asked.
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
