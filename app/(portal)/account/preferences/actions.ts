"use server";

import { revalidatePath } from "next/cache";
import { fieldsOf, isForm, notAForm } from "@/lib/domain/form-fields";
import { type FormOutcome, refused, signedOutOutcome } from "@/lib/domain/form-outcome";
import { currentCaller } from "@/lib/identity/request";
import { chooseShortcuts } from "@/lib/operations/preferences/choose-shortcuts";
import { application } from "@/lib/platform/application";

/** Turns the caller's single-key shortcuts on or off. */
export async function saveShortcuts(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  if (!isForm(form)) return refused(notAForm);
  await chooseShortcuts(application().database, caller, "shortcuts" in fieldsOf(form));
  revalidatePath("/", "layout");
  return { ok: true, message: "Your choice is saved." };
}
