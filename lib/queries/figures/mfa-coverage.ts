import type { MfaCoverage } from "@/lib/domain/figures/access-figures";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import type { ConfirmingIssuers } from "@/lib/platform/sql/factors-in-force";
import { readOnce } from "@/lib/platform/transaction";
import { type Place, readableAt } from "@/lib/queries/assignments/readable-access";
import {
  holders,
  isLarge,
  mayProve,
  peopleOfLarge,
  provesBySecondFactor,
  requiresMfa,
  settings,
  usedIn,
} from "@/lib/queries/figures/coverage-conditions";

/**
 * How many people could prove a second factor, among what the caller may read in a place. Null if there
 * is nothing to read.
 */
export function mfaCoverage(
  database: Database,
  caller: Caller,
  place: Place,
  issuers: ConfirmingIssuers,
): Promise<MfaCoverage | null> {
  return readOnce(database, async (transaction) => {
    const readable = await readableAt(transaction, caller, place);
    if (!readable) return null;
    const used = await usedIn(transaction, readable);
    const { groups, people } = isLarge(readable)
      ? peopleOfLarge(readable, issuers)
      : {
          groups: holders(readable),
          people: Prisma.sql`(SELECT ${provesBySecondFactor(issuers)} AS proves FROM principals u
            WHERE ${mayProve} AND u.id IN (SELECT id FROM holders))`,
        };
    const [coverage] = await transaction.$queryRaw<MfaCoverage[]>`
      ${readable.reach === "many" ? Prisma.empty : planOnce} WITH RECURSIVE ${groups}, ${used}
      SELECT people.*, settings.* FROM (
        SELECT count(*)::int AS people, (count(*) FILTER (WHERE u.proves))::int AS "peopleWithFactor"
        FROM ${people} u) people
      CROSS JOIN (
        SELECT count(*)::int AS settings, (count(*) FILTER (WHERE ${requiresMfa}))::int AS "settingsWithMfa"
        FROM ${settings}) settings`;
    if (!coverage) throw new Error("nothing was counted");
    return coverage;
  });
}
