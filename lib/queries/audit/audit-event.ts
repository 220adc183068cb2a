import { orphanedSince } from "@/lib/authority/request-basis";
import { statusAt } from "@/lib/domain/requests/request-state";
import { isUuid } from "@/lib/domain/text/uuid";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import type { AuditEvent } from "@/lib/platform/generated/client";
import { Prisma } from "@/lib/platform/generated/client";
import { databaseNow, readOnce } from "@/lib/platform/transaction";
import { withApprovers } from "@/lib/queries/audit/approvers";
import { type AuditConditions, readable, readablePaths } from "@/lib/queries/audit/audit-conditions";
import {
  type AuditCursor,
  type AuditPosition,
  findPlaces,
  placeLimits,
} from "@/lib/queries/audit/audit-places";
import { shownHistories } from "@/lib/queries/audit/person-history";

/**
 * One event that the caller may read, with its request, the nearest newer and older events, and at most
 * fifty others of the same story: of the same assignment, request or proof, and later events of the
 * eligibility behind it. The caller may read all of these.
 */
export function findAuditEvent(database: Database, caller: Caller, id: string) {
  if (!isUuid(id)) return Promise.resolve(null);
  return readOnce(database, async (transaction) => {
    const paths = await readablePaths(transaction, caller);
    const mayRead = readable(caller, paths);
    const [found] = await transaction.$queryRaw<(AuditCursor & { id: string })[]>`
      SELECT id, sequence, (extract(epoch FROM occurred_at) * 1000000)::bigint AS "occurredAtMicroseconds"
      FROM audit_events WHERE id = ${id}::uuid AND ${mayRead}`;
    if (!found) return null;
    const event = await transaction.auditEvent.findUniqueOrThrow({
      where: { id: found.id },
      include: {
        request: {
          select: {
            id: true,
            requestType: true,
            durationMinutes: true,
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
    const beside = async (towards: AuditPosition["towards"]) => {
      const [place] = await findPlaces(
        transaction,
        { ...everyEvent, position: { from: found, towards }, own: caller, paths, limit: 1 },
        placeLimits,
      );
      return place?.id ?? null;
    };
    const [logged] = await withApprovers(transaction, [event]);
    return {
      event,
      approvers: logged?.approvers ?? [],
      historiesOf: await shownHistories(transaction, caller, [event.actorId, event.targetId]),
      requestStatus,
      newer: await beside("newer"),
      older: await beside("older"),
      linked: await sameStory(transaction, event, mayRead),
    };
  });
}

const everyEvent: AuditConditions = {
  inOrder: [Prisma.sql`TRUE`],
  byRow: [Prisma.sql`TRUE`],
  named: [],
  kinds: [],
  personId: null,
};

async function sameStory(
  transaction: Transaction,
  event: AuditEvent,
  mayRead: Prisma.Sql,
): Promise<AuditEvent[]> {
  const same: Prisma.Sql[] = [];
  if (event.assignmentId) same.push(Prisma.sql`assignment_id = ${event.assignmentId}::uuid`);
  if (event.requestId) same.push(Prisma.sql`request_id = ${event.requestId}::uuid`);
  if (event.proofId) same.push(Prisma.sql`proof_id = ${event.proofId}::uuid`);
  if (event.eligibilityId) {
    const tellsOfOne = event.assignmentId ? Prisma.sql`AND kind LIKE 'Eligible%'` : Prisma.empty;
    same.push(Prisma.sql`(eligibility_id = ${event.eligibilityId}::uuid ${tellsOfOne})`);
  }
  if (same.length === 0) return [];
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM audit_events
    WHERE id <> ${event.id}::uuid AND (${Prisma.join(same, " OR ")}) AND ${mayRead}
    ORDER BY occurred_at, sequence LIMIT 50`;
  return transaction.auditEvent.findMany({
    where: { id: { in: rows.map(({ id }) => id) } },
    orderBy: [{ occurredAt: "asc" }, { sequence: "asc" }],
    take: rows.length,
  });
}
