import { approvalsOfOpenStages } from "@/lib/authority/stage-approvals";
import { principalRecord } from "@/lib/domain/people/principal-identity";
import { openStage } from "@/lib/domain/requests/approval";
import type { LoadedRequest, RequestApproval } from "@/lib/operations/requests/load-request";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";

/**
 * Counts an approval. False if it was the last one needed. An earlier approval of the stage counts if
 * its approver may still decide it. A later stage that already has enough approvals, from before an
 * edit of the role settings, is skipped.
 */
export async function advanceApproval(
  transaction: Transaction,
  request: LoadedRequest,
  approval: RequestApproval,
  entry: AuditEntry,
  now: Date,
): Promise<boolean> {
  const { counting, lapsed, givenBy } = await countedApprovals(transaction, request.id);
  if (counting < approval.approvalsNeeded) {
    await transaction.requestApproval.update({ where: { requestId: request.id }, data: { givenBy } });
    const stillNeeded = approval.approvalsNeeded - counting;
    await recordAuditEvent(transaction, {
      ...entry,
      details: { ...entry.details, stillNeeded, ...(lapsed.length > 0 ? { lapsed } : {}) },
    });
    return true;
  }
  for (let next = approval.stage + 1; next < approval.stages.length; next += 1) {
    const open = openStage(approval.stages, next, now, request.activationEndsAt);
    const stage = {
      ...open,
      approverIds: [...open.approverIds],
      escalationIds: [...open.escalationIds],
      escalationToldAt: null,
      remindedAt: null,
    };
    const where = { requestId: request.id };
    await transaction.requestApproval.update({ where, data: { ...stage, givenBy: [] } });
    const kept = await countedApprovals(transaction, request.id);
    if (kept.counting >= open.approvalsNeeded) continue;
    await transaction.requestApproval.update({ where, data: { givenBy: kept.givenBy } });
    const { approverIds, expiresAt } = stage;
    await recordAuditEvent(transaction, {
      ...entry,
      details: { ...entry.details, approverIds, expiresAt: expiresAt.toISOString() },
    });
    return true;
  }
  return false;
}

/** The approvals of a request's open stage: how many count, whose do not, and who approved. */
async function countedApprovals(transaction: Transaction, requestId: string) {
  const given = await approvalsOfOpenStages(transaction, [requestId]);
  return {
    counting: given.filter((each) => each.counts).length,
    lapsed: given.filter((each) => !each.counts).map((each) => principalRecord(each.decider)),
    givenBy: given.map((each) => each.deciderId),
  };
}
