import type { AuditKind } from "@/lib/domain/audit/audit-kinds";
import { statusAfter } from "@/lib/domain/requests/request-state";
import type { AuditEntry } from "@/lib/platform/audit-log";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

const waiting = {
  status: "PendingApproval" as const,
  requestType: { in: ["SelfExtend" as const, "SelfRenew" as const] },
  // A request with a duration extends an activation, and its approvers decide.
  durationMinutes: null,
};

/** The eligibility or assignment of a request to extend or renew. */
export function subjectOf(access: { readonly id: string; readonly assignmentType: string | null }) {
  return access.assignmentType === null ? { eligibilityId: access.id } : { assignmentId: access.id };
}

/** Whether a request to extend or renew this eligibility or assignment waits for a decision. */
export async function isRequestWaiting(
  transaction: Transaction,
  access: { readonly id: string; readonly assignmentType: string | null },
): Promise<boolean> {
  return (await transaction.request.count({ where: { ...waiting, ...subjectOf(access) } })) > 0;
}

/**
 * Cancels waiting requests to extend or renew an eligibility or assignment that an administrator has changed, since
 * the change settles them. The access is locked already; requests come after it in the order of locks.
 */
export async function cancelWaitingRequests(
  transaction: Transaction,
  actor: Actor,
  access: { readonly id: string; readonly assignmentType: string | null },
  entry: Pick<AuditEntry, "target" | "role" | "resource">,
  now: Date,
): Promise<void> {
  const canceled = await transaction.request.updateManyAndReturn({
    where: { ...waiting, ...subjectOf(access) },
    data: { status: statusAfter("PendingApproval", "Cancel"), completedAt: now, decidedById: actor.userId },
    select: { id: true, requestType: true },
  });
  const kinds: Record<string, AuditKind> = { SelfExtend: "ExtensionCanceled", SelfRenew: "RenewalCanceled" };
  await recordAuditEvents(
    transaction,
    canceled.map((request) => ({
      ...entry,
      kind: kinds[request.requestType] ?? "ExtensionCanceled",
      outcome: "Success" as const,
      caller: actor,
      requestId: request.id,
      ...subjectOf(access),
      details: { reason: "An administrator changed the assignment in the meantime" },
    })),
  );
}

/**
 * Cancels the requests of access that was to begin later and was removed or replaced. The access is
 * locked already.
 */
export async function cancelScheduledRequests(
  transaction: Transaction,
  access: { readonly id: string; readonly assignmentType: string | null },
  now: Date,
): Promise<void> {
  await transaction.request.updateMany({
    where: { ...madeOf(access), status: "ScheduleCreated", startsAt: { gt: now } },
    data: { status: statusAfter("ScheduleCreated", "Cancel"), completedAt: now },
  });
}

/** Moves the start of the requests of access that begins later, so that their status matches. */
export async function moveScheduledRequests(
  transaction: Transaction,
  access: { readonly id: string; readonly assignmentType: string | null },
  startsAt: Date,
  now: Date,
): Promise<void> {
  await transaction.request.updateMany({
    where: { ...madeOf(access), status: "ScheduleCreated", startsAt: { gt: now } },
    data: { startsAt },
  });
}

/** The requests of a row: those about it, and those that resulted in it. */
function madeOf({ id, assignmentType }: { readonly id: string; readonly assignmentType: string | null }) {
  const none = { resultingEligibilityId: null, resultingAssignmentId: null };
  return assignmentType === null
    ? { OR: [{ eligibilityId: id, ...none }, { resultingEligibilityId: id }] }
    : { OR: [{ assignmentId: id, ...none }, { resultingAssignmentId: id }] };
}
