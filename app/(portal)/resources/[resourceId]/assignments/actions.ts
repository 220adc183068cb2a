"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { fieldErrorsOf, optionalMoment, optionalText, stepUpFields } from "@/lib/domain/form-fields";
import {
  type FormOutcome,
  outcomeOf,
  type PreparedChallenge,
  refused,
  signedOutOutcome,
} from "@/lib/domain/form-outcome";
import type { ProtectedOperation } from "@/lib/domain/protected-operation";
import { currentCaller } from "@/lib/identity/request";
import { prepareChallenge, proofOf } from "@/lib/identity/step-up-request";
import { extendAssignment, extendAssignmentOperation } from "@/lib/operations/extend-assignment";
import { renewAssignment, renewAssignmentOperation } from "@/lib/operations/renew-assignment";
import { updateAssignment, updateAssignmentOperation } from "@/lib/operations/update-assignment";
import { application } from "@/lib/platform/application";

const changeShape = z
  .object({
    change: z.enum(["Update", "Extend", "Renew"]),
    assignmentType: z.enum(["Eligible", "Active"]),
    id: z.uuid(),
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
  .transform(({ permanently, endsAt, startsAt, ...rest }) => ({
    ...rest,
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
  const parsed = changeShape.safeParse(Object.fromEntries(form));
  if (!caller || !parsed.success) return { ok: false, message: "Check the fields above." };
  return prepareChallenge(caller, operationOf(parsed.data));
}

const verbs = {
  Update: { run: updateAssignment, done: "The assignment is updated." },
  Extend: { run: extendAssignment, done: "The assignment is extended." },
  Renew: { run: renewAssignment, done: "The assignment is renewed." },
} as const;

/** Updates, extends or renews an eligible or active assignment. */
export async function changeAssignment(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = changeShape.safeParse(Object.fromEntries(form));
  if (!parsed.success)
    return refused("Check the fields marked above.", { fieldErrors: fieldErrorsOf(parsed.error) });
  const { change, code, challengeId, proofId, ...input } = parsed.data;
  const proof = await proofOf(caller, { code, challengeId, proofId });
  if (!proof.ok) return proof.outcome;
  const { run, done } = verbs[change];
  const result = await run(application().database, caller, { ...input, proofId: proof.proofId });
  if (!result.ok) return outcomeOf(result.error, proof.proofId);
  revalidatePath("/", "layout");
  return { ok: true, message: done };
}
