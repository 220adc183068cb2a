"use server";

import { revalidatePath } from "next/cache";
import { fieldsOf, isForm, notAForm } from "@/lib/domain/form-fields";
import { type FormOutcome, refused, signedOutOutcome } from "@/lib/domain/form-outcome";
import { mutableCategoryNames } from "@/lib/domain/notifications/notice";
import { currentCaller } from "@/lib/identity/request";
import { chooseMail } from "@/lib/operations/preferences/choose-mail";
import { application } from "@/lib/platform/application";

/** Keeps which mail the caller wants: a check box each, and what cannot be switched off is not asked about. */
export async function saveMailChoice(_before: FormOutcome | null, form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  if (!isForm(form)) return refused(notAForm);
  const fields = fieldsOf(form);
  const muted = mutableCategoryNames.filter((name) => fields[name] !== "on");
  await chooseMail(application().database, caller, muted);
  revalidatePath("/account/notifications");
  return { ok: true, message: "Your choice is saved." };
}
