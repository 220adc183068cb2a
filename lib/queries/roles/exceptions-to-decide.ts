import { exceptionsDecidableBy } from "@/lib/authority/exception-authority";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { FoundWaiting } from "@/lib/domain/requests/waiting";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { identityColumn } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";

/** An exception from a conflict rule that waits for a second administrator. */
export interface ExceptionToDecide {
  readonly id: string;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly principal: PrincipalIdentity;
  readonly askedBy: PrincipalIdentity;
  readonly justification: string;
  readonly endsAt: Date;
}

/**
 * The exceptions that the caller may decide, longest waiting first. At most `most`, and one more to
 * show that there are more. `found` is what was just found to wait for them.
 */
export function exceptionsToDecide(
  database: Database,
  caller: Caller,
  most: number,
  found?: FoundWaiting,
): Promise<readonly ExceptionToDecide[]> {
  if (found && found.userId !== caller.userId) throw new Error("what was found waits for somebody else");
  const may = found
    ? Prisma.sql`unnest(${found.exceptions.slice(0, most + 1)}::uuid[]) AS may (exception_id)`
    : Prisma.sql`(${exceptionsDecidableBy(caller.userId, most + 1)}) may`;
  return readOnce(
    database,
    (transaction) => transaction.$queryRaw<ExceptionToDecide[]>`
      SELECT ${planOnce} x.id, c.id AS "ruleId", c.name AS "ruleName", s.id AS "resourceId", s.display_name AS "resourceName",
        ${identityColumn("p")} AS principal, ${identityColumn("a")} AS "askedBy", x.justification, x.ends_at AS "endsAt"
      FROM ${may} JOIN conflict_exceptions x ON x.id = may.exception_id
      JOIN conflict_rules c ON c.id = x.rule_id JOIN resources s ON s.id = c.resource_id
      JOIN principals p ON p.id = x.principal_id JOIN principals a ON a.id = x.asked_by_id
      ORDER BY x.asked_at, x.id`,
  );
}
