import { closableBy } from "@/lib/authority/break-glass-authority";
import {
  type Administration,
  administrationColumns,
  decidableBy,
  decidableWith,
} from "@/lib/authority/decision-authority";
import { exceptionsDecidableBy } from "@/lib/authority/exception-authority";
import { type Assigning, assigningList, extensionsDecidableBy } from "@/lib/authority/extension-authority";
import { asksMoreTime } from "@/lib/authority/request-basis";
import { countedAtMost, type FoundWaiting, type WaitingForMe } from "@/lib/domain/requests/waiting";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";

/** Whether anything can wait for somebody. What certainly does not is not searched for. */
export interface MayWait extends Administration {
  /** A waiting activation names them or a group they are in. */
  readonly named: boolean;
  /** Any activation waits, anywhere. */
  readonly open: boolean;
  /** They themselves and every group they are in. */
  readonly reached: readonly string[];
  /** Where they may assign access; nowhere if nobody waits for more time. */
  readonly assigning: readonly Assigning[];
  /** Any emergency is to be reviewed, and any exception to be decided. */
  readonly emergencies: boolean;
  readonly exceptions: boolean;
}

/** The columns of `MayWait`, from `activeOf` of the user. */
export function mayWaitColumns(): Prisma.Sql {
  const active = Prisma.sql`mine`;
  const open = Prisma.sql`a.closed_at IS NULL AND a.expires_at > postern_now()`;
  return Prisma.sql`${administrationColumns(active)},
    (SELECT ids FROM reached) AS reached,
    EXISTS (SELECT FROM request_approvals a
      WHERE (a.approver_ids || a.escalation_ids) && (SELECT ids FROM reached) AND ${open}) AS named,
    EXISTS (SELECT FROM request_approvals a WHERE ${open}) AS open,
    CASE WHEN EXISTS (SELECT FROM requests q WHERE q.status = 'PendingApproval' AND ${asksMoreTime("q")})
      THEN ${assigningList(active)} ELSE '[]' END AS assigning,
    EXISTS (SELECT FROM break_glass_reviews WHERE closed_at IS NULL) AS emergencies,
    EXISTS (SELECT FROM conflict_exceptions x WHERE x.state = 'Waiting' AND x.ends_at > postern_now()) AS exceptions`;
}

/** What `mayWaitColumns` reads of: the user with their groups, `reached`, and their active assignments, `mine`. */
export function activeOf(userId: string): Prisma.Sql {
  return Prisma.sql`reached AS MATERIALIZED (SELECT array(SELECT principal_and_groups(${userId}::uuid)) AS ids),
    mine AS MATERIALIZED (SELECT * FROM active_assignments(${userId}::uuid, postern_now()))`;
}

/**
 * What waits for the caller's decision. Everything that shows what waits for somebody (the pane, Home,
 * the page of approvals, the list of pending requests) reads `decidableBy`, `extensionsDecidableBy`,
 * `closableBy` and `exceptionsDecidableBy`, so that all show the same. `known` is what a statement of
 * the same request has read already. What certainly does not wait is left out of the statement, since
 * preparing for it takes longer than finding nothing.
 */
export function findWaitingForMe(database: Database, caller: Caller, known?: MayWait): Promise<FoundWaiting> {
  const { userId } = caller;
  return readOnce(database, async (client) => {
    const may = known ?? (await readMayWait(client, userId));
    const administers = may.resourceIds.length > 0;
    const page = { after: null, limit: countedAtMost + 1 };
    const activations =
      may.named || (may.open && administers) ? decidableWith(may, userId, page, may.reached) : null;
    const assigns = may.assigning.some(({ eligible, active }) => eligible || active);
    const extensions = assigns ? extensionsDecidableBy(userId, page, may) : null;
    const exceptions =
      may.exceptions && administers ? exceptionsDecidableBy(userId, countedAtMost + 1, may) : null;
    const emergencies = may.emergencies ? closableBy(userId, null) : null;
    if (!(activations || extensions || exceptions || emergencies)) return { ...nothing, userId };
    const ids = (list: Prisma.Sql | null, column: Prisma.Sql) =>
      list ? Prisma.sql`array(SELECT ${column} FROM (${list}) listed)` : Prisma.sql`'{}'::uuid[]`;
    const decidable = activations
      ? Prisma.sql`WITH decidable AS MATERIALIZED (${activations})`
      : Prisma.sql`WITH decidable (request_id, as_administrator) AS (SELECT NULL::uuid, NULL::boolean LIMIT 0)`;
    const [row] = await client.$queryRaw<
      (Omit<FoundWaiting, "userId" | "counts"> & { emergencies: number })[]
    >`
      ${planOnce} ${decidable}
      SELECT array(SELECT request_id FROM decidable ORDER BY 1) AS activations,
        array(SELECT request_id FROM decidable WHERE as_administrator) AS "asAdministrator",
        ${ids(extensions, Prisma.sql`request_id`)} AS extensions,
        ${emergencies ? Prisma.sql`(SELECT count(*)::int FROM (${emergencies} LIMIT ${countedAtMost + 1}) counted)` : Prisma.sql`0`} AS emergencies,
        ${ids(exceptions, Prisma.sql`exception_id`)} AS exceptions`;
    if (!row) return { ...nothing, userId };
    const { emergencies: toClose, ...found } = row;
    return {
      ...{ ...found, userId },
      counts: {
        activations: found.activations.length,
        extensions: found.extensions.length,
        emergencies: toClose,
        exceptions: found.exceptions.length,
      },
    };
  });
}

const nothing = {
  counts: { activations: 0, extensions: 0, emergencies: 0, exceptions: 0 },
  ...{ activations: [], asAdministrator: [], extensions: [], exceptions: [] },
} as const;

async function readMayWait(client: Transaction, userId: string): Promise<MayWait> {
  const [row] = await client.$queryRaw<MayWait[]>`
    WITH ${activeOf(userId)} SELECT ${planOnce} ${mayWaitColumns()}`;
  if (!row) throw new Error("what may wait was not read");
  return row;
}

/** How much waits for the caller's decision. */
export async function countWaitingForMe(database: Database, caller: Caller): Promise<WaitingForMe> {
  return (await findWaitingForMe(database, caller)).counts;
}

/** A count, in words: "99+" above what is counted, and nothing for zero. */
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
