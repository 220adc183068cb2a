"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { requestRenewal } from "@/lib/operations/assignments/request-renewal";
import { application } from "@/lib/platform/application";
import { fieldErrorsOf, fieldsOf, optionalMoment, optionalText } from "@/lib/web/form-fields";
import { type FormOutcome, outcomeOf, refused, signedOutOutcome } from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";

const proposal = z.object({
  offer: z.enum(["Extend", "Renew"]),
  assignmentType: z.enum(["Eligible", "Active"]),
  id: z.uuid(),
  endsAt: optionalMoment.refine((end) => end !== null, "Choose until when you need it."),
  justification: optionalText,
});

/** Asks the administrators to extend or renew what the caller has or had. */
export async function askForMoreTime(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = proposal.safeParse(fieldsOf(form));
  if (!parsed.success) {
    const { endsAt, ...fieldErrors } = fieldErrorsOf(parsed.error);
    return refused("Check the fields marked above.", {
      fieldErrors: endsAt ? { ...fieldErrors, endsAtLocal: endsAt } : fieldErrors,
    });
  }
  const { offer, endsAt, ...rest } = parsed.data;
  if (endsAt === null) return refused("Choose until when you need it.");
  const input = { ...rest, endsAt };
  const { database } = application();
  const result =
    offer === "Extend"
      ? await requestExtension(database, caller, input)
      : await requestRenewal(database, caller, input);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return { ok: true, message: "Your request waits for an administrator." };
}
