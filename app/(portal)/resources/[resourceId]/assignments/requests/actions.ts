"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { itemsOf, outcomeOfBatch } from "@/components/assignments/batch-outcome";
import { momentInWords } from "@/components/ui/moment";
import { momentShape } from "@/lib/domain/activation/date-in-address";
import {
  approveExtensionOperation,
  type DecidedExtension,
  decideExtension,
} from "@/lib/operations/assignments/decide-extension";
import {
  approveExtensionsOperation,
  decideExtensions,
  previewExtensions,
} from "@/lib/operations/assignments/decide-extensions";
import { maximumRows } from "@/lib/operations/gate/run-batch";
import { application } from "@/lib/platform/application";
import { prepareChallenge, proofOf } from "@/lib/web/actions/step-up";
import {
  fieldErrorsOf,
  fieldsOf,
  jsonOf,
  optionalMoment,
  optionalText,
  stepUpFields,
} from "@/lib/web/form-fields";
import {
  type FormOutcome,
  outcomeOf,
  type PreparedChallenge,
  type PreviewOutcome,
  refused,
  signedOutOutcome,
} from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";
import { staleInWords } from "../stale-in-words";

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

const severalShape = z
  .object({
    decision: z.enum(["Approve", "Deny"]),
    rows: jsonOf(
      z
        .array(
          z.object({
            id: z.uuid(),
            expectedEnd: momentShape.nullish().transform((moment) => moment ?? null),
          }),
          "Choose requests.",
        )
        .min(1, "Choose at least one request.")
        .max(maximumRows, `Choose at most ${maximumRows} requests.`),
    ),
    justification: optionalText.pipe(z.string("Give a reason.")),
    ...stepUpFields,
  })
  .transform(({ code, challengeId, proofId, ...input }) => ({
    input,
    stepUp: { code, challengeId, proofId },
  }));

/** The challenge that names every request to be approved. */
export async function prepareSeveral(form: FormData): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = severalShape.safeParse(fieldsOf(form));
  if (!caller || !parsed.success) return { ok: false, message: "Check the fields above." };
  const { decision, rows } = parsed.data.input;
  return decision === "Approve"
    ? prepareChallenge(caller, approveExtensionsOperation(rows))
    : { ok: false, message: "A denial asks for no code." };
}

/** What a decision would do to each of several requests. */
export async function previewSeveral(form: FormData): Promise<PreviewOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = severalShape.safeParse(fieldsOf(form));
  if (!parsed.success)
    return refused("Check the fields marked above.", { fieldErrors: fieldErrorsOf(parsed.error) });
  const { input } = parsed.data;
  const preview = await previewExtensions(application().database, caller, input);
  const rows = input.rows.map((row, index) => {
    const result = preview.results[index];
    return { ...row, expectedEnd: result?.ok ? result.before.endsAt : null };
  });
  return {
    ok: true,
    needsCode: preview.needsCode,
    items: await itemsOf(preview.results, wordsBefore),
    fields: { rows: JSON.stringify(rows) },
  };
}

/** Approves, each as it was asked for, or denies several requests to extend or renew; says what became of each. */
export async function decideSeveral(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = severalShape.safeParse(fieldsOf(form));
  if (!parsed.success)
    return refused("Check the fields marked above.", { fieldErrors: fieldErrorsOf(parsed.error) });
  const { input, stepUp } = parsed.data;
  const proof = await proofOf(caller, stepUp);
  if (!proof.ok) return proof.outcome;
  const results = await decideExtensions(application().database, caller, {
    ...input,
    proofId: proof.proofId,
  });
  const verb = input.decision === "Approve" ? "approved" : "denied";
  const told = await Promise.all(results.map(staleInWords));
  const outcome = await outcomeOfBatch(told, wordsAfter, proof.proofId, {
    done: (count) => `${count} of ${results.length} requests are ${verb}.`,
    nothing: `No request was ${verb}.`,
  });
  if (outcome.ok) revalidatePath("/", "layout");
  return outcome;
}

async function wordsBefore({ before, approved }: DecidedExtension): Promise<string> {
  if (!approved) return "Denied: nothing changes.";
  const end = await momentInWords(approved.after.endsAt);
  return approved.verb === "Extended"
    ? `Ends ${end} instead of ${await momentInWords(before.endsAt)}.`
    : `Again from now until ${end}.`;
}

async function wordsAfter({ approved }: DecidedExtension): Promise<string> {
  return approved ? `${approved.verb} until ${await momentInWords(approved.after.endsAt)}.` : "Denied.";
}
