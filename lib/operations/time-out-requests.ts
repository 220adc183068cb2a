import { statusAfter } from "@/lib/domain/request-state";
import { aboutRequest } from "@/lib/operations/close-request";
import type { LoadedRequest } from "@/lib/operations/load-request";
import { type AuditEntry, recordAuditEvents } from "@/lib/platform/audit-log";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { inTransaction } from "@/lib/platform/transaction";

const batch = 200;

type Named = Required<Pick<AuditEntry, "role" | "resource">>;

/** What the log tells of a request that nobody decided in time. */
export function timedOutEntry(
  request: LoadedRequest,
  role: Named["role"],
  resource: Named["resource"],
): AuditEntry {
  return {
    ...aboutRequest(request),
    kind: "RequestTimedOut",
    outcome: "Success",
    role,
    resource,
    details: request.approval ? { timedOutAt: request.approval.expiresAt.toISOString() } : {},
  };
}

interface DueRow {
  readonly requestId: string;
  readonly eligibilityId: string | null;
  readonly at: Date;
  readonly escalationIds: string[];
  readonly target: { readonly id: string; readonly displayName: string };
  readonly role: Named["role"];
  readonly resource: Named["resource"];
}

/**
 * Writes down what time has done to waiting requests: those that nobody decided are `TimedOut`, at the moment they
 * were; of those that escalated the log tells, once, so that the escalation approvers hear of it. Whoever asked had
 * that answer already (design section 2, rule 5). What a verb has locked is left for the next run. Answers how many
 * events were written.
 */
export async function timeOutRequests(database: Database): Promise<number> {
  let recorded = 0;
  for (const work of [timeOutBatch, escalateBatch]) {
    for (;;) {
      const written = await inTransaction(database, work);
      recorded += written;
      if (written < batch) break;
    }
  }
  return recorded;
}

async function timeOutBatch(transaction: Transaction): Promise<number> {
  const due = await lockDue(transaction, Prisma.sql`a.expires_at`, Prisma.sql`TRUE`);
  if (due.length === 0) return 0;
  const ids = due.map((each) => each.requestId);
  const status = statusAfter("PendingApproval", "TimeOut");
  await transaction.$executeRaw`
    UPDATE requests q SET status = ${status}::request_status, completed_at = a.expires_at
    FROM request_approvals a WHERE a.request_id = q.id AND q.id = ANY (${ids}::uuid[])`;
  await transaction.$executeRaw`
    UPDATE request_approvals SET closed_at = expires_at WHERE request_id = ANY (${ids}::uuid[])`;
  await recordAuditEvents(
    transaction,
    due.map(({ at, escalationIds: _, ...rest }) => ({
      ...rest,
      kind: "RequestTimedOut",
      outcome: "Success",
      details: { timedOutAt: at.toISOString() },
    })),
  );
  return due.length;
}

async function escalateBatch(transaction: Transaction): Promise<number> {
  const due = await lockDue(
    transaction,
    Prisma.sql`a.escalates_at`,
    Prisma.sql`a.escalation_told_at IS NULL AND a.expires_at > postern_now()`,
  );
  if (due.length === 0) return 0;
  await transaction.$executeRaw`
    UPDATE request_approvals SET escalation_told_at = postern_now()
    WHERE request_id = ANY (${due.map((each) => each.requestId)}::uuid[])`;
  await recordAuditEvents(
    transaction,
    due.map(({ at, escalationIds, ...rest }) => ({
      ...rest,
      kind: "RequestEscalated",
      outcome: "Success",
      details: { escalatedAt: at.toISOString(), approverIds: escalationIds },
    })),
  );
  return due.length;
}

/** Locks the waiting requests for which the moment in `column` has come. */
function lockDue(transaction: Transaction, column: Prisma.Sql, condition: Prisma.Sql): Promise<DueRow[]> {
  return transaction.$queryRaw<DueRow[]>`
    SELECT q.id AS "requestId", q.eligibility_id AS "eligibilityId", ${column} AS at,
      a.escalation_ids AS "escalationIds",
      json_build_object('id', p.id, 'displayName', p.display_name) AS target,
      json_build_object('id', d.id, 'roleName', d.role_name) AS role,
      json_build_object('id', r.id, 'displayName', r.display_name, 'scope', r.scope, 'path', r.path) AS resource
    FROM request_approvals a JOIN requests q ON q.id = a.request_id
    JOIN principals p ON p.id = q.principal_id JOIN role_definitions d ON d.id = q.role_definition_id
    JOIN resources r ON r.id = q.resource_id
    WHERE a.closed_at IS NULL AND ${column} <= postern_now() AND ${condition} AND q.status = 'PendingApproval'
    ORDER BY ${column}, q.id LIMIT ${batch} FOR UPDATE OF q, a SKIP LOCKED`;
}
