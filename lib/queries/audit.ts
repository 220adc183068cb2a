import type { AuditCursor } from "@/lib/domain/audit-cursor";
import { statusAt } from "@/lib/domain/request-state";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { isStranded } from "@/lib/platform/decision-authority";
import type { AuditEvent } from "@/lib/platform/generated/client";
import { Prisma } from "@/lib/platform/generated/client";
import { databaseNow, readOnce } from "@/lib/platform/transaction";
import {
  type AuditFilter,
  auditConditions,
  readable,
  readablePaths,
  readableRow,
} from "@/lib/queries/audit-conditions";

export const auditPageSize = 50;

/** Part of the log, and where the next part begins; null at its end. */
export interface AuditPage {
  readonly events: readonly AuditEvent[];
  readonly next: AuditCursor | null;
}

/**
 * So many of the newest events are looked at for those that a reader of a part may read, before all of theirs are; the
 * second number only where no name is asked for, which an index finds.
 */
const lookedAtFirst: readonly number[] = [1_000, 20_000];

/**
 * A page of the log, newest first, of what the caller may read: their own events always; a resource's where they hold
 * the right to read the log at it or above; what belongs to no resource (sign-ins, factors) with that right at the
 * root. `first` is how many of the newest are looked at, again and again, before the rare ones are looked for.
 */
export function listAuditEvents(
  database: Database,
  caller: Caller,
  filter: AuditFilter,
  after: AuditCursor | null,
  limit = auditPageSize,
  first = lookedAtFirst,
): Promise<AuditPage> {
  return readOnce(database, async (transaction) => {
    const asked = await auditConditions(transaction, caller, filter);
    if (asked === null) return { events: [], next: null };
    if (after) {
      const { occurredAtMicroseconds, sequence } = after;
      asked.inOrder.push(Prisma.sql`(occurred_at, sequence) <
        (timestamptz 'epoch' + ${occurredAtMicroseconds}::bigint * interval '1 microsecond', ${sequence}::bigint)`);
    }
    // One's own events may always be read.
    const paths = filter.own ? "everything" : await readablePaths(transaction, caller);
    const named = filter.actor || filter.target || filter.roleName;
    const page = (from: Prisma.Sql, readable: Prisma.Sql) => transaction.$queryRaw<
      (AuditCursor & { id: string })[]
    >`
      SELECT id, sequence, (extract(epoch FROM occurred_at) * 1000000)::bigint AS "occurredAtMicroseconds"
      FROM ${from} WHERE ${Prisma.join([...asked.byRow, readable], " AND ")}
      ORDER BY occurred_at DESC, sequence DESC LIMIT ${limit + 1}`;
    const inOrder = Prisma.sql`SELECT * FROM audit_events WHERE ${Prisma.join(asked.inOrder, " AND ")}`;
    let rows: (AuditCursor & { id: string })[] = [];
    for (const number of paths === "everything" ? [] : first.slice(0, named ? 1 : undefined)) {
      rows = await page(
        Prisma.sql`(${inOrder} ORDER BY occurred_at DESC, sequence DESC LIMIT ${number}) newest`,
        readableRow(caller, paths),
      );
      if (rows.length > limit) break;
    }
    // Whoever is found by name is asked for one by one; the indexes on paths and people find what is not.
    const rest = named ? readableRow(caller, paths) : readable(caller, paths);
    if (rows.length <= limit) rows = await page(Prisma.sql`(${inOrder}) all_of_it`, rest);
    const shown = rows.slice(0, limit);
    const events = await transaction.auditEvent.findMany({
      where: { id: { in: shown.map((row) => row.id) } },
      orderBy: [{ occurredAt: "desc" }, { sequence: "desc" }],
      take: limit,
    });
    return { events, next: rows.length > limit ? (shown.at(-1) ?? null) : null };
  });
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * One event that the caller may read, with its request and with at most fifty others of the same story that they may
 * read as well: of the same assignment, request or proof, and what became of the eligibility it rests on.
 */
export function findAuditEvent(database: Database, caller: Caller, id: string) {
  if (!uuid.test(id)) return Promise.resolve(null);
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
          stranded: await isStranded(transaction, request.id),
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
  readonly actorName: string | null;
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
    SELECT id, kind, outcome::text, occurred_at AS "occurredAt", actor_name AS "actorName" FROM audit_events
    WHERE id <> ${event.id}::uuid AND (${Prisma.join(same, " OR ")}) AND ${mayRead}
    ORDER BY occurred_at, sequence LIMIT 50`;
}
