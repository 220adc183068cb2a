import { approvedOtherStage, openIds } from "@/lib/authority/stage-approvals";
import type { SentenceEvent } from "@/lib/domain/audit/event-sentence";
import type { Database } from "@/lib/platform/database";
import { readOnce } from "@/lib/platform/transaction";

/** A step of a request: an event of the log, without the address or device of its actor. */
export interface RequestStep extends SentenceEvent {
  readonly id: string;
  readonly occurredAt: Date;
  readonly justification: string | null;
}

/** The steps of a request that a page shows. */
const mostSteps = 100;

/**
 * What happened to a request, oldest first, according to the log: who asked, each decision, reminder and escalation,
 * and its end. Refused attempts are left out. Only for readers that check who may see the request.
 */
export function requestStory(database: Database, requestId: string): Promise<RequestStep[]> {
  return readOnce(database, async (transaction) => {
    const events = await transaction.auditEvent.findMany({
      where: { requestId, OR: [{ outcome: "Success" }, { kind: "RequestFailed" }] },
      select: {
        ...{ id: true, kind: true, outcome: true, occurredAt: true, justification: true, details: true },
        ...{ actorId: true, actorName: true, actorEmail: true, roleName: true, resourceName: true },
        ...{ targetId: true, targetName: true, targetEmail: true, targetExternalId: true },
      },
      orderBy: [{ occurredAt: "asc" }, { sequence: "asc" }],
      take: mostSteps,
    });
    return events.map((event) => ({ ...event, ipAddress: null }));
  });
}

/**
 * How many approvals the open stage of a request needs and has, and whether so few people can approve
 * that administrators may.
 */
export interface OpenStageNow {
  readonly needed: number;
  readonly given: number;
  readonly administratorsToo: boolean;
}

/** The open stage of a request that waits for approvers; null for any other. */
export function openStageNow(database: Database, requestId: string): Promise<OpenStageNow | null> {
  return readOnce(database, async (transaction) => {
    const [row] = await transaction.$queryRaw<OpenStageNow[]>`
      SELECT a.approvals_needed AS needed, cardinality(a.given_by) AS given,
        (SELECT count(*) FROM users_in(${openIds("a")}) AS able (id)
          WHERE able.id <> q.requestor_id AND able.id NOT IN (SELECT users_in(ARRAY[q.principal_id]))
            AND able.id NOT IN ${approvedOtherStage("a")}) < a.approvals_needed AS "administratorsToo"
      FROM request_approvals a JOIN requests q ON q.id = a.request_id
      WHERE a.request_id = ${requestId}::uuid AND a.closed_at IS NULL AND q.status = 'PendingApproval'`;
    return row ?? null;
  });
}
