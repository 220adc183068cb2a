"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { errorMessage } from "@/lib/domain/gate/operation-error";
import { decideRequestsOperation } from "@/lib/operations/requests/decide-request-in";
import { decideRequests, maximumDecisions } from "@/lib/operations/requests/decide-requests";
import type { DecidedRequest } from "@/lib/operations/requests/load-request";
import { application } from "@/lib/platform/application";
import { prepareChallenge, proofOf } from "@/lib/web/actions/step-up";
import { fieldErrorsOf, fieldsOf, optionalText, stepUpFields } from "@/lib/web/form-fields";
import {
  type FormOutcome,
  outcomeOfSeveral,
  type PreparedChallenge,
  refused,
  signedOutOutcome,
} from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";

const shape = z.object({
  decision: z.enum(["Approve", "Deny"]),
  requestIds: z
    .string()
    .max(2_000)
    .transform((text) => [...new Set(text.split(",").filter(Boolean))])
    .pipe(
      z
        .array(z.uuid().toLowerCase())
        .min(1, "Choose at least one request.")
        .max(maximumDecisions, `Decide at most ${maximumDecisions} requests at once.`),
    ),
  justification: optionalText,
  ...stepUpFields,
});

/** The challenge that describes the decision about to be made. */
export async function prepareDecision(form: FormData): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = shape.safeParse(fieldsOf(form));
  if (!caller || !parsed.success) return { ok: false, message: "Check the fields above." };
  return prepareChallenge(caller, decideRequestsOperation(parsed.data.decision, parsed.data.requestIds));
}

function itemOf({ status, reasons }: DecidedRequest): { ok: boolean; message: string } {
  switch (status) {
    case "Denied":
      return { ok: true, message: "The request is denied." };
    case "PendingApproval":
      return { ok: true, message: "Approved. It waits for the next approval." };
    case "PendingProvisioning":
      return { ok: true, message: "Approved. The role starts once the member enters a new code." };
    case "ScheduleCreated":
      return { ok: true, message: "Approved. The role starts at the time that was asked for." };
    case "Failed":
      return { ok: false, message: `Approved, but the role could not be given: ${reasons.join(" ")}` };
    default:
      return { ok: true, message: "Approved. The role is active now." };
  }
}

/** Approves or denies one or several requests with one justification and, where one is wanted, one code. */
export async function decide(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = shape.safeParse(fieldsOf(form));
  if (!parsed.success) {
    const fieldErrors = fieldErrorsOf(parsed.error);
    return refused(fieldErrors.requestIds ?? "Check the fields marked above.", { fieldErrors });
  }
  const { code, challengeId, proofId, ...input } = parsed.data;
  const proof = await proofOf(caller, { code, challengeId, proofId });
  if (!proof.ok) return proof.outcome;
  const results = await decideRequests(application().database, caller, { ...input, proofId: proof.proofId });
  const items = results.map((result) =>
    result.ok ? itemOf(result) : { ok: false, message: errorMessage(result.error) },
  );
  const outcome = outcomeOfSeveral(
    results.map((result, index) =>
      result.ok ? { ok: true as const, message: items[index]?.message ?? "" } : result,
    ),
    {
      done: (count) =>
        items.length === 1 ? (items[0]?.message ?? "") : `${count} of ${items.length} requests are decided.`,
      nothing: items.length === 1 ? (items[0]?.message ?? "") : "None of the requests was decided.",
    },
    proof.proofId,
  );
  if (!outcome.ok) return outcome;
  revalidatePath("/", "layout");
  return { ...outcome, items };
}
