"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { itemsOf, outcomeOfBatch } from "@/components/assignments/batch-outcome";
import type { ChangeOutcome } from "@/components/assignments/change-assignment";
import { momentInWords } from "@/components/ui/moment";
import { momentShape } from "@/lib/domain/activation/date-in-address";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import {
  type Change,
  changeAssignments,
  changeOperation,
  previewChange,
  type RowChange,
} from "@/lib/operations/assignments/change-assignments";
import { extendAssignment, extendAssignmentOperation } from "@/lib/operations/assignments/extend-assignment";
import { renewAssignment, renewAssignmentOperation } from "@/lib/operations/assignments/renew-assignment";
import { updateAssignment, updateAssignmentOperation } from "@/lib/operations/assignments/update-assignment";
import { maximumRows, type RowResult } from "@/lib/operations/gate/run-batch";
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
import { staleInWords } from "./stale-in-words";

const rowsShape = jsonOf(
  z
    .array(
      z.object({
        assignmentType: z.enum(["Eligible", "Active"]),
        id: z.uuid(),
        expectedEnd: momentShape.nullish().transform((moment) => moment ?? null),
      }),
      "Choose assignments.",
    )
    .min(1, "Choose at least one assignment.")
    .max(maximumRows, `Choose at most ${maximumRows} assignments.`),
);
const manyShape = z
  .discriminatedUnion("change", [
    z.object({
      change: z.literal("Extend"),
      rows: rowsShape,
      endsAt: optionalMoment.pipe(z.date("Choose an end.")),
      justification: optionalText,
      ...stepUpFields,
    }),
    z.object({
      change: z.literal("Renew"),
      rows: rowsShape,
      startsAt: optionalMoment,
      endsAt: optionalMoment.pipe(z.date("Choose an end.")),
      justification: optionalText,
      ...stepUpFields,
    }),
    z.object({ change: z.literal("Remove"), rows: rowsShape, justification: optionalText, ...stepUpFields }),
  ])
  .transform((parsed) => ({
    input: { rows: parsed.rows, change: changeOf(parsed), justification: parsed.justification },
    stepUp: { code: parsed.code, challengeId: parsed.challengeId, proofId: parsed.proofId },
  }));

function changeOf(
  parsed:
    | { readonly change: "Extend"; readonly endsAt: Date }
    | { readonly change: "Renew"; readonly startsAt: Date | null; readonly endsAt: Date }
    | { readonly change: "Remove" },
): Change {
  switch (parsed.change) {
    case "Extend":
      return { change: parsed.change, endsAt: parsed.endsAt };
    case "Renew":
      return { change: parsed.change, startsAt: parsed.startsAt, endsAt: parsed.endsAt };
    case "Remove":
      return { change: parsed.change };
  }
}

/** The challenge that names every assignment to be extended or renewed. */
export async function prepareMany(form: FormData): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = manyShape.safeParse(fieldsOf(form));
  if (!caller || !parsed.success) return { ok: false, message: "Check the fields above." };
  const { rows, change } = parsed.data.input;
  const operation = changeOperation(rows, change);
  return operation
    ? prepareChallenge(caller, operation)
    : { ok: false, message: "A removal asks for no code." };
}

/** What would happen to each of many assignments. */
export async function previewMany(form: FormData): Promise<PreviewOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = manyShape.safeParse(fieldsOf(form));
  if (!parsed.success)
    return refused("Check the fields marked above.", { fieldErrors: fieldErrorsOf(parsed.error) });
  const preview = await previewChange(application().database, caller, parsed.data.input);
  const rows = parsed.data.input.rows.map((row, index) => ({
    ...row,
    expectedEnd: endBefore(preview.results[index]),
  }));
  return {
    ok: true,
    needsCode: preview.needsCode,
    items: await itemsOf(preview.results, wordsBefore),
    fields: { rows: JSON.stringify(rows) },
  };
}

/** Extends, renews or removes many assignments; the outcome says what became of each. */
export async function changeMany(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = manyShape.safeParse(fieldsOf(form));
  if (!parsed.success)
    return refused("Check the fields marked above.", { fieldErrors: fieldErrorsOf(parsed.error) });
  const { input, stepUp } = parsed.data;
  const proof = await proofOf(caller, stepUp);
  if (!proof.ok) return proof.outcome;
  const results = await changeAssignments(application().database, caller, {
    ...input,
    proofId: proof.proofId,
  });
  const verb = { Extend: "extended", Renew: "renewed", Remove: "removed" }[input.change.change];
  const told = await Promise.all(results.map(staleInWords));
  const outcome = await outcomeOfBatch(told, wordsAfter, proof.proofId, {
    done: (count) => `${count} of ${results.length} assignments are ${verb}.`,
    nothing: `No assignment was ${verb}.`,
  });
  if (outcome.ok) revalidatePath("/", "layout");
  return outcome;
}

/** The end that a preview tells of a row; what is refused has none. */
function endBefore(result: RowResult<RowChange> | undefined): Date | null {
  return result?.ok && result.change !== "Remove" ? result.before.endsAt : null;
}

async function wordsBefore(done: RowChange): Promise<string> {
  switch (done.change) {
    case "Extend":
      return `Ends ${await momentInWords(done.after.endsAt)} instead of ${await momentInWords(done.before.endsAt)}.`;
    case "Renew":
      return `Again from ${await momentInWords(done.after.startsAt)} until ${await momentInWords(done.after.endsAt)}.`;
    case "Remove":
      return `Ends at once${withActivations(done.endedActivations)}.`;
  }
}

async function wordsAfter(done: RowChange): Promise<string> {
  switch (done.change) {
    case "Extend":
      return `Extended until ${await momentInWords(done.after.endsAt)}.`;
    case "Renew":
      return `Renewed until ${await momentInWords(done.after.endsAt)}.`;
    case "Remove":
      return `Removed${withActivations(done.endedActivations)}.`;
  }
}

function withActivations(count: number): string {
  return count === 0
    ? ""
    : `, with ${count === 1 ? "1 activation that rests" : `${count} activations that rest`} on it`;
}

const changeShape = z
  .object({
    change: z.enum(["Update", "Extend", "Renew"]),
    assignmentType: z.enum(["Eligible", "Active"]),
    id: z.uuid(),
    expectedStart: momentShape,
    expectedEnd: optionalMoment,
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
  .transform(({ permanently, endsAt, startsAt, expectedStart, ...rest }) => ({
    ...rest,
    expected: { startsAt: expectedStart, endsAt: rest.expectedEnd },
    startsAt: rest.change === "Renew" ? startsAt : null,
    endsAt: permanently ? null : endsAt,
  }));

function operationOf(input: z.infer<typeof changeShape>): ProtectedOperation {
  switch (input.change) {
    case "Update":
      return updateAssignmentOperation(input);
    case "Extend":
      return extendAssignmentOperation(input);
    case "Renew":
      return renewAssignmentOperation(input);
  }
}

/** The challenge that describes the change of a direct assignment typed so far. */
export async function prepareChange(form: FormData): Promise<PreparedChallenge> {
  const caller = await currentCaller();
  const parsed = changeShape.safeParse(fieldsOf(form));
  if (!caller || !parsed.success) return { ok: false, message: "Check the fields above." };
  return prepareChallenge(caller, operationOf(parsed.data));
}

const verbs = {
  Update: { run: updateAssignment, done: "The assignment is updated." },
  Extend: { run: extendAssignment, done: "The assignment is extended." },
  Renew: { run: renewAssignment, done: "The assignment is renewed." },
} as const;

/** Updates, extends or renews an eligible or active assignment. A stale form is answered with the present times. */
export async function changeAssignment(form: FormData): Promise<ChangeOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = changeShape.safeParse(fieldsOf(form));
  if (!parsed.success)
    return refused("Check the fields marked above.", { fieldErrors: fieldErrorsOf(parsed.error) });
  const { change, code, challengeId, proofId, ...input } = parsed.data;
  const proof = await proofOf(caller, { code, challengeId, proofId });
  if (!proof.ok) return proof.outcome;
  const { run, done } = verbs[change];
  const result = await staleInWords(
    await run(application().database, caller, { ...input, proofId: proof.proofId }),
  );
  if (!result.ok && result.error.code === "StaleAssignment") {
    const { startsAt, endsAt } = result.error.current;
    const newer = { startsAt: startsAt.toISOString(), endsAt: endsAt?.toISOString() ?? "" };
    const rest =
      "Yours is not saved: save it again to put it in the place of theirs, or cancel to leave theirs.";
    return { ...refused(`${result.error.message} ${rest}`), newer };
  }
  if (!result.ok) return outcomeOf(result.error, proof.proofId);
  revalidatePath("/", "layout");
  return { ok: true, message: done };
}
