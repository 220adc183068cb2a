import { type RequestEvent, type RequestStatus, statusAfter } from "@/lib/domain/requests/request-state";
import type { LoadedRequest } from "@/lib/operations/requests/load-request";
import type { Transaction } from "@/lib/platform/database";

/** Ends a waiting request and its approval. The request is locked already. */
export async function closeRequest(
  transaction: Transaction,
  request: LoadedRequest,
  event: Extract<RequestEvent, "Deny" | "Cancel" | "TimeOut" | "Fail">,
  end: { readonly completedAt: Date; readonly failureReasons?: readonly string[] },
): Promise<void> {
  await transaction.request.update({
    where: { id: request.id },
    data: {
      status: statusAfter(request.status, event),
      completedAt: end.completedAt,
      failureReasons: [...(end.failureReasons ?? [])],
    },
  });
  if (request.approval) {
    await transaction.requestApproval.update({
      where: { requestId: request.id },
      data: { closedAt: end.completedAt },
    });
  }
}

/** Further details of an event: the request was approved and waited for its member's code. */
export function awaitedCodeDetails(status: RequestStatus): { readonly awaitedCode?: true } {
  return status === "PendingProvisioning" ? { awaitedCode: true } : {};
}

/** What every event of a request says. */
export function requestEventFacts(request: LoadedRequest) {
  return {
    requestId: request.id,
    eligibilityId: request.eligibilityId,
    assignmentId: request.assignmentId,
    target: { id: request.principalId, displayName: request.principalName },
    ticketNumber: request.ticketNumber,
    ticketSystem: request.ticketSystem,
  };
}
