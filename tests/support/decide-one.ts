import { type DecideRequestsInput, decideRequests } from "@/lib/operations/requests/decide-requests";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface OneDecision extends Pick<DecideRequestsInput, "justification" | "proofId"> {
  readonly requestId: string;
}

function decideOne(decision: "Approve" | "Deny") {
  return async (database: Database, caller: Caller, { requestId, justification, proofId }: OneDecision) => {
    const input = { requestIds: [requestId], decision, justification, proofId };
    const [result] = await decideRequests(database, caller, input);
    if (!result) throw new Error("a decision was not answered");
    return result;
  };
}

/** Approves one request as the product does: in a batch of one. */
export const approveRequest = decideOne("Approve");
/** Denies one request in the same way. */
export const denyRequest = decideOne("Deny");
