import type { AuditCursor } from "@/lib/domain/audit-cursor";
import { action } from "@/lib/domain/permissions";
import { statusAt } from "@/lib/domain/request-state";
import type { AuditKind } from "@/lib/platform/audit-log";
import { pathsAllowing } from "@/lib/platform/authority";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { isStranded } from "@/lib/platform/decision-authority";
import type { AuditEvent } from "@/lib/platform/generated/client";
import { Prisma } from "@/lib/platform/generated/client";
import { databaseNow, readOnce } from "@/lib/platform/transaction";
import { atOrBelow } from "@/lib/queries/readable-access";

/** What to show of the log; every part is optional. */
export interface AuditFilter {
  readonly from: Date | null;
  readonly to: Date | null;
  /** Only what happened this lately, by the database's clock. */
  readonly lastHours: number | null;
  readonly actor: string;
  readonly target: string;
  readonly roleDefinitionId: string | null;
  /** Part of the role's name, as it was at the time. */
  readonly roleName: string;
  /** A resource, with everything below it when `below`. */
  readonly resourceId: string | null;
  /** The same by its scope, in full and without regard to case. */
  readonly scope: string;
  readonly below: boolean;
  readonly kind: AuditKind | null;
  readonly outcome: "Success" | "Failure" | null;
  /** Only what the caller did, or what was done to them. */
  readonly own: boolean;
}

export const wholeLog: AuditFilter = {
  from: null,
  to: null,
  lastHours: null,
  actor: "",
  target: "",
  roleDefinitionId: null,
  roleName: "",
  resourceId: null,
  scope: "",
  below: false,
  kind: null,
  outcome: null,
  own: false,
};

export const auditPageSize = 50;

/** Part of the log, and where the next part begins; null at its end. */
export interface AuditPage {
  readonly events: readonly AuditEvent[];
  readonly next: AuditCursor | null;
}

/** So many of the newest events are looked at for those that a reader of a part may read, before all of theirs are. */
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
    const asked = await conditions(transaction, caller, filter);
    if (asked === null) return { events: [], next: null };
    if (after) {
      const { occurredAtMicroseconds, sequence } = after;
      asked.inOrder.push(Prisma.sql`(occurred_at, sequence) <
        (timestamptz 'epoch' + ${occurredAtMicroseconds}::bigint * interval '1 microsecond', ${sequence}::bigint)`);
    }
    const paths = await readablePaths(transaction, caller);
    const page = (from: Prisma.Sql, readable: Prisma.Sql) => transaction.$queryRaw<
      (AuditCursor & { id: string })[]
    >`
      SELECT id, sequence, (extract(epoch FROM occurred_at) * 1000000)::bigint AS "occurredAtMicroseconds"
      FROM ${from} WHERE ${Prisma.join([...asked.byRow, readable], " AND ")}
      ORDER BY occurred_at DESC, sequence DESC LIMIT ${limit + 1}`;
    const inOrder = Prisma.sql`SELECT * FROM audit_events WHERE ${Prisma.join(asked.inOrder, " AND ")}`;
    let rows: (AuditCursor & { id: string })[] = [];
    for (const number of paths === "everything" ? [] : first) {
      rows = await page(
        Prisma.sql`(${inOrder} ORDER BY occurred_at DESC, sequence DESC LIMIT ${number}) newest`,
        readableRow(caller, paths),
      );
      if (rows.length > limit) break;
    }
    if (rows.length <= limit) rows = await page(Prisma.sql`(${inOrder}) all_of_it`, readable(caller, paths));
    const shown = rows.slice(0, limit);
    const events = await transaction.auditEvent.findMany({
      where: { id: { in: shown.map((row) => row.id) } },
      orderBy: [{ occurredAt: "desc" }, { sequence: "desc" }],
      take: limit,
    });
    return { events, next: rows.length > limit ? (shown.at(-1) ?? null) : null };
  });
}

/** The paths at or below which somebody may read the log now. With the root it is all of it. */
async function readablePaths(transaction: Transaction, caller: Caller): Promise<"everything" | string[]> {
  const paths = await pathsAllowing(transaction, caller.userId, action.readAudit);
  // A path of one id is the root's: everything lies below it, and what belongs to no resource is read there.
  return paths.some((path) => !path.includes(".")) ? "everything" : paths;
}

/** What may be read, as a condition that the indexes on paths and people answer. */
function readable(caller: Caller, paths: "everything" | readonly string[]): Prisma.Sql {
  if (paths === "everything") return Prisma.sql`TRUE`;
  return Prisma.sql`(${Prisma.join([ownEvents(caller), ...paths.map(within)], " OR ")})`;
}

/** The same, asked of one event after the other. */
function readableRow(caller: Caller, paths: "everything" | readonly string[]): Prisma.Sql {
  if (paths === "everything") return Prisma.sql`TRUE`;
  return Prisma.sql`(${ownEvents(caller)} OR ${atOrBelow(paths, Prisma.sql`resource_path`)})`;
}

/**
 * The filter as conditions: those for which an index has the log in its order, and those asked of one event after the
 * other; null when it names a resource that does not exist.
 */
async function conditions(
  transaction: Transaction,
  caller: Caller,
  filter: AuditFilter,
): Promise<{ inOrder: Prisma.Sql[]; byRow: Prisma.Sql[] } | null> {
  const inOrder = [Prisma.sql`TRUE`];
  const byRow: Prisma.Sql[] = [];
  if (filter.own) byRow.push(ownEvents(caller));
  if (filter.from) inOrder.push(Prisma.sql`occurred_at >= ${filter.from}`);
  if (filter.to) inOrder.push(Prisma.sql`occurred_at < ${filter.to}`);
  if (filter.lastHours !== null)
    inOrder.push(Prisma.sql`occurred_at >= postern_now() - make_interval(hours => ${filter.lastHours})`);
  if (filter.actor) byRow.push(Prisma.sql`actor_name ILIKE ${containing(filter.actor)}`);
  if (filter.target) byRow.push(Prisma.sql`target_name ILIKE ${containing(filter.target)}`);
  if (filter.roleName) byRow.push(Prisma.sql`role_name ILIKE ${containing(filter.roleName)}`);
  if (filter.roleDefinitionId)
    inOrder.push(Prisma.sql`role_definition_id = ${filter.roleDefinitionId}::uuid`);
  if (filter.kind) inOrder.push(Prisma.sql`kind = ${filter.kind}`);
  if (filter.outcome === "Failure") inOrder.push(Prisma.sql`outcome = 'Failure'`);
  if (filter.outcome === "Success") byRow.push(Prisma.sql`outcome = 'Success'`);
  if (filter.resourceId || filter.scope) {
    const [resource] = await transaction.$queryRaw<{ id: string; path: string }[]>`
      SELECT id, path FROM resources WHERE ${
        filter.resourceId
          ? Prisma.sql`id = ${filter.resourceId}::uuid`
          : Prisma.sql`lower(scope) = lower(${filter.scope})`
      }`;
    if (!resource) return null;
    if (filter.below) byRow.push(within(resource.path));
    else inOrder.push(Prisma.sql`resource_id = ${resource.id}::uuid`);
  }
  return { inOrder, byRow };
}

function ownEvents(caller: Caller): Prisma.Sql {
  return Prisma.sql`(actor_id = ${caller.userId}::uuid OR target_id = ${caller.userId}::uuid)`;
}

function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
}

/** At the resource of this path or below it: one range of the index, since `/` follows `.` in the "C" collation. */
function within(path: string): Prisma.Sql {
  return Prisma.sql`(resource_path = ${path} OR (resource_path > ${`${path}.`} AND resource_path < ${`${path}/`}))`;
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
