"use server";

import { z } from "zod";
import { errorMessage } from "@/lib/domain/gate/operation-error";
import { decideRequestsOperation } from "@/lib/operations/requests/decide-request-in";
import { decideRequests, maximumDecisions } from "@/lib/operations/requests/decide-requests";
import type { DecidedRequest } from "@/lib/operations/requests/load-request";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { provedAction } from "@/lib/web/actions/form-action";
import { chosenIds, optionalText, unseen } from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";
import { outcomeOfSeveral } from "@/lib/web/refusal-outcome";

const shape = z.object({
  decision: unseen(z.enum(["Approve", "Deny"]), sentences.unreadable),
  requestIds: unseen(chosenIds(sentences.chooseRequest, maximumDecisions, "requests")),
  justification: optionalText,
});

/** The challenge that describes the decision about to be made. */
export const prepareDecision = challengeAction({
  shape,
  operation: ({ decision, requestIds }) => decideRequestsOperation(decision, requestIds),
});

function itemOf({ status, reasons }: DecidedRequest): { ok: boolean; message: string } {
  switch (status) {
    case "Denied":
      return { ok: true, message: "The request is denied." };
    case "PendingApproval":
      return { ok: true, message: "Approved. It waits for the next approval." };
    case "PendingProvisioning":
      return { ok: true, message: "Approved. The role starts once the member enters a new code." };
    case "ScheduleCreated":
      return { ok: true, message: "Approved. The role starts at the requested time." };
    case "Failed":
      return { ok: false, message: `Approved, but the role could not be granted: ${reasons.join(" ")}` };
    default:
      return { ok: true, message: "Approved. The role is active now." };
  }
}

/** Approves or denies one or several requests with one justification and, if required, one code. */
export const decide = provedAction({
  shape,
  run: ({ caller, database, proofId }, fields) => decideRequests(database, caller, { ...fields, proofId }),
  answer(results, { proofId }) {
    const items = results.map((result) =>
      result.ok ? itemOf(result) : { ok: false, message: errorMessage(result.error) },
    );
    const [only] = items.length === 1 ? items : [];
    const outcome = outcomeOfSeveral(
      results.map((result, index) =>
        result.ok ? { ok: true as const, message: items[index]?.message ?? "" } : result,
      ),
      {
        done: (count) => only?.message ?? `${count} of ${items.length} requests are decided.`,
        nothing: only?.message ?? "None of the requests was decided.",
      },
      proofId,
    );
    return outcome.ok ? { ...outcome, items } : outcome;
  },
});
