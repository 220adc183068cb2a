import { mustReachUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { isWaiting, statusAfter } from "@/lib/domain/requests/request-state";
import { action } from "@/lib/domain/roles/permissions";
import { loadRoleAtResource } from "@/lib/operations/gate/load-access";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { awaitedCodeDetails, closeRequest, requestEventFacts } from "@/lib/operations/requests/close-request";
import { findRequest, lockRequest } from "@/lib/operations/requests/load-request";
import { statusNow } from "@/lib/operations/requests/open-request";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface CancelRequestInput {
  readonly requestId: string;
  readonly justification: string | null;
}

/**
 * Cancels a request that waits for a decision or for its member's code, or an activation that has not
 * begun. The requestor may cancel their own. Anyone who may assign roles at its resource may cancel
 * anybody's. A scheduled activation ends before it begins.
 */
export function cancelRequest(
  database: Database,
  caller: Caller,
  input: CancelRequestInput,
): Promise<OperationResult<{ requestId: string }>> {
  const attempt = {
    kind: "RequestCanceled" as const,
    caller,
    justification: input.justification,
    details: { canceledRequestId: input.requestId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const found = await findRequest(transaction, input.requestId);
    const subject =
      found && (await loadRoleAtResource(transaction, found.roleDefinitionId, found.resourceId));
    if (!found || !subject) throw new Refusal(notFound, attempt);
    const entry = { ...attempt, ...requestEventFacts(found), ...subject };
    if (found.requestorId !== caller.userId)
      await requirePermission(transaction, caller, action.writeAssignment, subject.resource, entry);
    else mustReachUntilCommit(transaction, caller.userId, [caller.userId]);

    if (found.assignmentId !== null)
      await transaction.$queryRaw`SELECT id FROM assignments WHERE id = ${found.assignmentId}::uuid FOR UPDATE`;
    const request = await lockRequest(transaction, found.id);
    const now = await databaseNow(transaction);
    const status = await statusNow(transaction, request, now);
    const scheduled = status === "ScheduleCreated" && request.requestType === "SelfActivate";
    if (!isWaiting(status) && !scheduled) {
      throw new Refusal(
        {
          code: "RequestNotPending",
          message: "This request is no longer waiting, so it cannot be canceled.",
        },
        entry,
      );
    }
    if (isWaiting(status)) await closeRequest(transaction, request, "Cancel", { completedAt: now });
    else {
      await transaction.request.update({
        where: { id: request.id },
        data: { status: statusAfter(request.status, "Cancel"), completedAt: now },
      });
      await transaction.$executeRaw`
        UPDATE assignments SET ends_at = starts_at, removed_at = ${now}
        WHERE id = ${request.assignmentId}::uuid AND starts_at > ${now}`;
    }
    await recordAuditEvent(transaction, {
      ...entry,
      // Read again, because an approval may have added the assignment while this waited.
      ...requestEventFacts(request),
      outcome: "Success",
      details: {
        byRequestor: request.requestorId === caller.userId,
        wasScheduled: scheduled,
        ...awaitedCodeDetails(status),
      },
    });
    return { requestId: request.id };
  });
}
