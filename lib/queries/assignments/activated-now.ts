import { allAccess } from "@/lib/domain/assignments/access-filter";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { identityColumn } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";
import { firstOfAccess } from "@/lib/queries/assignments/access";
import { inEffect } from "@/lib/queries/assignments/access-conditions";
import type { AccessRow } from "@/lib/queries/assignments/access-search";
import { readableAt } from "@/lib/queries/assignments/readable-access";

const everywhere = { resourceId: null, below: true } as const;
const activated = {
  ...allAccess,
  ...everywhere,
  state: "Activated",
  order: { by: "end", descending: false },
} as const;

/** A role that somebody has activated. */
export type ActivatedNow = Pick<
  AccessRow,
  "id" | "member" | "roleName" | "resourceId" | "resourceName" | "endsAt"
>;

/** The first roles that are activated now and that the caller may read. Those that end first come first. */
export function firstActivated(
  database: Database,
  caller: Caller,
  most: number,
): Promise<readonly ActivatedNow[]> {
  return readOnce(database, async (transaction) => {
    const readable = await readableAt(transaction, caller, everywhere);
    if (!readable) return [];
    // A caller who may read everything gets the first rows of an index, which needs no plan for the
    // values.
    if (readable.reach === "everything")
      return transaction.$queryRaw<ActivatedNow[]>`
        SELECT ${planOnce} x.id, ${identityColumn("p")} AS member, d.role_name AS "roleName", r.id AS "resourceId",
          r.display_name AS "resourceName", x.ends_at AS "endsAt"
        FROM (SELECT * FROM assignments x WHERE x.assignment_type = 'Activated' AND x.ends_at > postern_now()
          AND ${inEffect} ORDER BY x.ends_at, x.id LIMIT ${Prisma.raw(String(Math.trunc(most)))}) x
        JOIN principals p ON p.id = x.principal_id JOIN role_definitions d ON d.id = x.role_definition_id
        JOIN resources r ON r.id = x.resource_id ORDER BY x.ends_at, x.id`;
    return firstOfAccess(database, caller, activated, most);
  });
}
