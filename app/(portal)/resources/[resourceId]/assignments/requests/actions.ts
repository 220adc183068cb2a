"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import {
  fieldErrorsOf,
  fieldsOf,
  optionalMoment,
  optionalText,
  stepUpFields,
} from "@/lib/domain/form-fields";
import {
  type FormOutcome,
  outcomeOf,
  type PreparedChallenge,
  refused,
  signedOutOutcome,
} from "@/lib/domain/form-outcome";
import { currentCaller } from "@/lib/identity/request";
import { prepareChallenge, proofOf } from "@/lib/identity/step-up-request";
import { approveExtensionOperation, decideExtension } from "@/lib/operations/decide-extension";
import { application } from "@/lib/platform/application";

const approval = z
  .object({
    requestId: z.uuid(),
    decision: z.literal("Approve"),
    assignmentType: z.enum(["Eligible", "Active"]),
    startsAt: optionalMoment,
    endsAt: optionalMoment,
    permanently: z.literal("on").optional(),
    justification: optionalText,
    ...stepUpFields,
  })
  .refine((value) => value.permanently || value.endsAt !== null, {
    path: ["endsAt"],
    message: "Choose an end, or Permanently.",
  })
  .transform(({ permanently, endsAt, ...rest }) => ({ ...rest, endsAt: permanently ? null : endsAt }));
const denial = z.object({
  requestId: z.uuid(),
  decision: z.literal("Deny"),
  justification: optionalText,
});

/** The challenge for an approval that leaves the member with an active assignment. */
export async function prepareDecision(form: FormData): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = approval.safeParse(fieldsOf(form));
  if (!caller || !parsed.success) return { ok: false, message: "Check the fields above." };
  return prepareChallenge(caller, approveExtensionOperation(parsed.data));
}

/** Approves or denies a request to extend or renew. */
export async function decide(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const fields = fieldsOf(form);
  const parsed = fields.decision === "Deny" ? denial.safeParse(fields) : approval.safeParse(fields);
  if (!parsed.success)
    return refused("Check the fields marked above.", { fieldErrors: fieldErrorsOf(parsed.error) });
  const { data } = parsed;
  const proof =
    data.decision === "Approve" ? await proofOf(caller, data) : { ok: true as const, proofId: null };
  if (!proof.ok) return proof.outcome;
  const result = await decideExtension(application().database, caller, {
    requestId: data.requestId,
    decision: data,
    justification: data.justification,
    proofId: proof.proofId,
  });
  if (!result.ok) return outcomeOf(result.error, proof.proofId);
  revalidatePath("/", "layout");
  return {
    ok: true,
    message: data.decision === "Approve" ? "The request is approved." : "The request is denied.",
  };
}
