"use server";

import { revalidatePath } from "next/cache";
import { chooseShortcuts } from "@/lib/operations/preferences/choose-shortcuts";
import { application } from "@/lib/platform/application";
import { fieldsOf, isForm, notAForm } from "@/lib/web/form-fields";
import { type FormOutcome, refused, signedOutOutcome } from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";

/** Turns the caller's single-key shortcuts on or off. */
export async function saveShortcuts(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  if (!isForm(form)) return refused(notAForm);
  await chooseShortcuts(application().database, caller, "shortcuts" in fieldsOf(form));
  revalidatePath("/", "layout");
  return { ok: true, message: "Your choice is saved." };
}
