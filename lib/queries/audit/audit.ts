import { orphanedSince } from "@/lib/authority/request-basis";
import { statusAt } from "@/lib/domain/requests/request-state";
import { isUuid } from "@/lib/domain/text/uuid";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import type { AuditEvent } from "@/lib/platform/generated/client";
import { Prisma } from "@/lib/platform/generated/client";
import { databaseNow, readOnce } from "@/lib/platform/transaction";
import {
  type AuditConditions,
  type AuditFilter,
  auditConditions,
  readable,
  readablePaths,
  readableRow,
} from "@/lib/queries/audit/audit-conditions";

export const auditPageSize = 50;

/** A place in the log. The log is ordered by time and, within one microsecond, by writing. */
export interface AuditCursor {
  /** Microseconds since 1970-01-01 UTC, as the database stores it. A `Date` is coarser. */
  readonly occurredAtMicroseconds: bigint;
  readonly sequence: bigint;
}

/** A page of the log, and where the next begins; null at the end. */
export interface AuditPage {
  readonly events: readonly AuditEvent[];
  readonly next: AuditCursor | null;
}

/**
 * A reader of a part, and a search by name, look at the `first` newest events before all. At most `byName` events are
 * found by name before they are sorted.
 */
const bounds: { readonly first: readonly number[]; readonly byName: number } = {
  first: [1_000, 20_000],
  byName: 5_000,
};

/**
 * A page of the events that the caller may read, newest first: their own always; a resource's if they may read the
 * log at it or above; events without a resource (sign-ins, factors) if they may read it at the root.
 */
export function listAuditEvents(
  database: Database,
  caller: Caller,
  filter: AuditFilter,
  after: AuditCursor | null,
  limit = auditPageSize,
  limits = bounds,
): Promise<AuditPage> {
  return readOnce(database, async (transaction) => {
    const conditions = await auditConditions(transaction, caller, filter);
    if (conditions === null) return { events: [], next: null };
    const inOrder = after ? [...conditions.inOrder, beyond(after)] : conditions.inOrder;
    // One's own events may always be read.
    const paths = filter.own ? "everything" : await readablePaths(transaction, caller);
    const rows = await findPlaces(transaction, { ...conditions, inOrder, caller, paths, limit }, limits);
    const shown = rows.slice(0, limit);
    const events = await transaction.auditEvent.findMany({
      where: { id: { in: shown.map((row) => row.id) } },
      orderBy: [{ occurredAt: "desc" }, { sequence: "desc" }],
      take: limit,
    });
    return { events, next: rows.length > limit ? (shown.at(-1) ?? null) : null };
  });
}

/** Where somebody may read the log now, as text to compare with an earlier answer. */
export function auditReach(database: Database, caller: Caller): Promise<string> {
  return readOnce(database, async (transaction) => JSON.stringify(await readablePaths(transaction, caller)));
}

type Place = AuditCursor & { readonly id: string };

interface Asked extends AuditConditions {
  readonly caller: Caller;
  readonly paths: "everything" | readonly string[];
  readonly limit: number;
}

/** The ids of the events of a page and one more: among the newest, or by the index that finds rare ones. */
async function findPlaces(
  transaction: Transaction,
  asked: Asked,
  { first, byName }: typeof bounds,
): Promise<Place[]> {
  const { inOrder, named, caller, paths, limit } = asked;
  const events = Prisma.sql`SELECT * FROM audit_events WHERE ${all(inOrder)}`;
  const oneByOne = [...named, readableRow(caller, paths)];
  const windows = named.length === 0 && paths === "everything" ? [] : first;
  for (const number of named.length > 0 ? windows.slice(0, 1) : windows) {
    const inTime = Prisma.sql`${events} ORDER BY occurred_at DESC, sequence DESC`;
    const newest = Prisma.sql`(${inTime} LIMIT ${number}) newest`;
    const near = await transaction.$queryRaw<Place[]>(pageOf(asked, newest, oneByOne));
    if (near.length > limit) return near;
    if (named.length > 0) continue;
    const [rest] = await transaction.$queryRaw<{ any: boolean }[]>`
      SELECT EXISTS (${inTime} OFFSET ${number}) AS any`;
    if (!rest?.any) return near;
  }
  const everywhere = Prisma.sql`(${events}) all_of_it`;
  if (named.length === 0)
    return transaction.$queryRaw<Place[]>(pageOf(asked, everywhere, [readable(caller, paths)]));
  // Rare names are found by their index, whatever the statistics say.
  const found = await transaction.$queryRaw<
    ({ readonly whole: boolean } & (Place | { readonly id: null }))[]
  >`
    WITH found AS MATERIALIZED (${events} AND ${all(named)} LIMIT ${byName + 1}),
    counted AS (SELECT count(*) <= ${byName} AS whole FROM found)
    SELECT counted.whole, page.* FROM counted LEFT JOIN LATERAL (
      ${pageOf(asked, Prisma.sql`found`, [Prisma.sql`counted.whole`, readableRow(caller, paths)])}) page ON TRUE
    ORDER BY page."occurredAtMicroseconds" DESC, page.sequence DESC`;
  return found[0]?.whole
    ? found.filter((row) => row.id !== null)
    : transaction.$queryRaw<Place[]>(pageOf(asked, everywhere, oneByOne));
}

function pageOf({ byRow, limit }: Asked, from: Prisma.Sql, conditions: readonly Prisma.Sql[]): Prisma.Sql {
  return Prisma.sql`
    SELECT id, sequence, (extract(epoch FROM occurred_at) * 1000000)::bigint AS "occurredAtMicroseconds"
    FROM ${from} WHERE ${all([...byRow, ...conditions])}
    ORDER BY occurred_at DESC, sequence DESC LIMIT ${limit + 1}`;
}

const all = (conditions: readonly Prisma.Sql[]) => Prisma.join([...conditions], " AND ");

/** After the end of the previous page. */
function beyond({ occurredAtMicroseconds, sequence }: AuditCursor): Prisma.Sql {
  return Prisma.sql`(occurred_at, sequence) <
    (timestamptz 'epoch' + ${occurredAtMicroseconds}::bigint * interval '1 microsecond', ${sequence}::bigint)`;
}

/**
 * One event that the caller may read, with its request and at most fifty others of the same story that they may read:
 * of the same assignment, request or proof, and later events of the eligibility behind it.
 */
export function findAuditEvent(database: Database, caller: Caller, id: string) {
  if (!isUuid(id)) return Promise.resolve(null);
  return readOnce(database, async (transaction) => {
    const mayRead = readable(caller, await readablePaths(transaction, caller));
    const [found] = await transaction.$queryRaw<{ id: string }[]>`
      SELECT id FROM audit_events WHERE id = ${id}::uuid AND ${mayRead}`;
    if (!found) return null;
    const event = await transaction.auditEvent.findUniqueOrThrow({
      where: { id: found.id },
      include: {
        request: {
          select: {
            id: true,
            requestType: true,
            status: true,
            createdAt: true,
            startsAt: true,
            approval: { select: { expiresAt: true } },
          },
        },
      },
    });
    const { request } = event;
    const requestStatus =
      request &&
      statusAt(
        {
          ...request,
          expiresAt: request.approval?.expiresAt ?? null,
          orphanedAt: await orphanedSince(transaction, request.id),
        },
        await databaseNow(transaction),
      );
    return { event, requestStatus, linked: await sameStory(transaction, event, mayRead) };
  });
}

export interface LinkedEvent {
  readonly id: string;
  readonly kind: string;
  readonly outcome: "Success" | "Failure";
  readonly occurredAt: Date;
  readonly actorId: string | null;
  readonly actorName: string | null;
  readonly actorEmail: string | null;
}

async function sameStory(
  transaction: Transaction,
  event: AuditEvent,
  mayRead: Prisma.Sql,
): Promise<LinkedEvent[]> {
  const same: Prisma.Sql[] = [];
  if (event.assignmentId) same.push(Prisma.sql`assignment_id = ${event.assignmentId}::uuid`);
  if (event.requestId) same.push(Prisma.sql`request_id = ${event.requestId}::uuid`);
  if (event.proofId) same.push(Prisma.sql`proof_id = ${event.proofId}::uuid`);
  if (event.eligibilityId) {
    const tellsOfOne = event.assignmentId ? Prisma.sql`AND kind LIKE 'Eligible%'` : Prisma.empty;
    same.push(Prisma.sql`(eligibility_id = ${event.eligibilityId}::uuid ${tellsOfOne})`);
  }
  if (same.length === 0) return [];
  return transaction.$queryRaw<LinkedEvent[]>`
    SELECT id, kind, outcome::text, occurred_at AS "occurredAt", actor_id AS "actorId", actor_name AS "actorName",
      actor_email AS "actorEmail" FROM audit_events
    WHERE id <> ${event.id}::uuid AND (${Prisma.join(same, " OR ")}) AND ${mayRead}
    ORDER BY occurred_at, sequence LIMIT 50`;
}
