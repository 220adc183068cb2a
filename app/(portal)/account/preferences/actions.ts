"use server";

import { revalidatePath } from "next/cache";
import { type FormOutcome, signedOutOutcome } from "@/lib/domain/form-outcome";
import { currentCaller } from "@/lib/identity/request";
import { chooseShortcuts } from "@/lib/operations/choose-shortcuts";
import { application } from "@/lib/platform/application";

/** Turns the caller's single-key shortcuts on or off. */
export async function saveShortcuts(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  await chooseShortcuts(application().database, caller, form.get("shortcuts") !== null);
  revalidatePath("/", "layout");
  return { ok: true, message: "Your choice is saved." };
}
