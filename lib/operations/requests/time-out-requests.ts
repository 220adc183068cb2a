import { orphanedBeforeTimeOut, waitsForDecision } from "@/lib/authority/request-basis";
import { statusAfter } from "@/lib/domain/requests/request-state";
import { sweep } from "@/lib/operations/gate/sweep";
import { awaitedCodeDetails, requestEventFacts } from "@/lib/operations/requests/close-request";
import { lockDueRequests } from "@/lib/operations/requests/due-requests";
import type { LoadedRequest } from "@/lib/operations/requests/load-request";
import { type AuditEntry, recordAuditEvents } from "@/lib/platform/audit-log";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

type Named = Required<Pick<AuditEntry, "role" | "resource">>;

/** The log entry of a request that nobody decided in time. */
export function timedOutEntry(
  request: LoadedRequest,
  role: Named["role"],
  resource: Named["resource"],
): AuditEntry {
  return {
    ...requestEventFacts(request),
    kind: "RequestTimedOut",
    outcome: "Success",
    role,
    resource,
    details: {
      ...(request.approval ? { timedOutAt: request.approval.expiresAt.toISOString() } : {}),
      ...awaitedCodeDetails(request.status),
    },
  };
}

/**
 * Records what time has done to waiting requests. Those that nobody decided, or whose member entered no
 * code, become `TimedOut` as of that moment. Those that escalated are logged once, so that the
 * escalation approvers are notified. Readers already had the same answer (docs/rules.md, rule 5).
 * Requests that a verb has locked are left for the next run. Returns how many events were written.
 */
export async function timeOutRequests(database: Database): Promise<number> {
  return (await sweep(database, timeOutBatch)) + (await sweep(database, escalateBatch));
}

async function timeOutBatch(transaction: Transaction): Promise<number> {
  const due = await lockDueRequests(transaction, "expires_at", Prisma.sql`NOT ${orphanedBeforeTimeOut("q")}`);
  if (due.length === 0) return 0;
  const ids = due.map((each) => each.about.requestId);
  const ends = due.map((each) => statusAfter(each.status, "TimeOut"));
  await transaction.$executeRaw`
    UPDATE requests q SET status = ended.status::request_status, completed_at = a.expires_at
    FROM request_approvals a JOIN unnest(${ids}::uuid[], ${ends}::text[]) AS ended (id, status) ON ended.id = a.request_id
    WHERE q.id = ended.id`;
  await transaction.$executeRaw`
    UPDATE request_approvals SET closed_at = expires_at WHERE request_id = ANY (${ids}::uuid[])`;
  await recordAuditEvents(
    transaction,
    due.map(({ about, at, status }) => ({
      ...about,
      kind: "RequestTimedOut",
      outcome: "Success",
      details: { timedOutAt: at.toISOString(), ...awaitedCodeDetails(status) },
    })),
  );
  return due.length;
}

async function escalateBatch(transaction: Transaction): Promise<number> {
  const notYetNotified = Prisma.sql`a.escalation_told_at IS NULL AND ${waitsForDecision("q")}`;
  const due = await lockDueRequests(transaction, "escalates_at", notYetNotified);
  if (due.length === 0) return 0;
  await transaction.$executeRaw`
    UPDATE request_approvals SET escalation_told_at = postern_now()
    WHERE request_id = ANY (${due.map((each) => each.about.requestId)}::uuid[])`;
  await recordAuditEvents(
    transaction,
    due.map(({ about, at, escalationIds }) => ({
      ...about,
      kind: "RequestEscalated",
      outcome: "Success",
      details: { escalatedAt: at.toISOString(), approverIds: escalationIds },
    })),
  );
  return due.length;
}
