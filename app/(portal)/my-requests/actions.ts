"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { fieldsOf, optionalText } from "@/lib/domain/form-fields";
import { type FormOutcome, outcomeOf, refused, signedOutOutcome } from "@/lib/domain/form-outcome";
import { currentCaller } from "@/lib/identity/request";
import { cancelRequest } from "@/lib/operations/cancel-request";
import { application } from "@/lib/platform/application";

const shape = z.object({ requestId: z.uuid(), justification: optionalText });

/** Cancels a request that still waits: the caller's own, or one at a scope where they may assign roles. */
export async function cancel(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = shape.safeParse(fieldsOf(form));
  if (!parsed.success) return refused("This request is not known.");
  const result = await cancelRequest(application().database, caller, parsed.data);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return { ok: true, message: "The request is canceled." };
}
