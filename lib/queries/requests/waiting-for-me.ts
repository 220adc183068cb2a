import { closableBy } from "@/lib/authority/break-glass-authority";
import { decidableBy } from "@/lib/authority/decision-authority";
import { exceptionsDecidableBy } from "@/lib/authority/exception-authority";
import { extensionsDecidableBy } from "@/lib/authority/extension-authority";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";

/** Counts stop here. */
export const countedAtMost = 99;

/** How much waits for somebody's decision: requests to activate, and to extend or renew; emergencies; exceptions. */
export interface WaitingForMe {
  /** Each is counted up to `countedAtMost` and one more. */
  readonly activations: number;
  readonly extensions: number;
  /** Emergency activations whose review they may close. */
  readonly emergencies: number;
  /** Exceptions from conflict rules. */
  readonly exceptions: number;
}

/**
 * How much waits for the caller's decision. Whatever says what waits for somebody (the pane, Home, the page of
 * approvals, the list of pending requests) reads `decidableBy`,
 * `extensionsDecidableBy`, `closableBy` and `exceptionsDecidableBy`, so that all say the same.
 */
export function countWaitingForMe(database: Database, caller: Caller): Promise<WaitingForMe> {
  return readOnce(database, async (client) => {
    const page = { after: null, limit: countedAtMost + 1 };
    const activations = await decidableBy(client, caller.userId, page);
    const [row] = await client.$queryRaw<WaitingForMe[]>`
      SELECT ${planOnce} (SELECT count(*)::int FROM (${activations}) counted) AS activations,
        (SELECT count(*)::int FROM (${extensionsDecidableBy(caller.userId, page)}) counted) AS extensions,
        (SELECT count(*)::int FROM (${closableBy(caller.userId, null)} LIMIT ${countedAtMost + 1}) counted) AS emergencies,
        (SELECT count(*)::int FROM (${exceptionsDecidableBy(caller.userId, countedAtMost + 1)}) counted) AS exceptions`;
    return row ?? { activations: 0, extensions: 0, emergencies: 0, exceptions: 0 };
  });
}

/** A count, in words: "99+" beyond what is counted, and nothing for none. */
export function countInWords(waiting: WaitingForMe): string {
  const count = waiting.activations + waiting.extensions + waiting.emergencies + waiting.exceptions;
  return count > countedAtMost ? `${countedAtMost}+` : count > 0 ? String(count) : "";
}

/** Those of the requests that the caller may decide now. */
export async function decidableAmong(
  transaction: Transaction,
  caller: Caller,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const page = {
    after: null,
    limit: ids.length,
    among: Prisma.sql`SELECT unnest(${[...ids]}::uuid[])`,
  };
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT request_id AS id FROM (${await decidableBy(transaction, caller.userId, page)}) activations
    UNION ALL SELECT request_id FROM (${extensionsDecidableBy(caller.userId, page)}) extensions`;
  return new Set(rows.map((row) => row.id));
}
