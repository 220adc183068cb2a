"use server";

import { revalidatePath } from "next/cache";
import { mutableCategoryNames } from "@/lib/domain/notifications/notice";
import { chooseMail } from "@/lib/operations/preferences/choose-mail";
import { application } from "@/lib/platform/application";
import { fieldsOf, isForm, notAForm } from "@/lib/web/form-fields";
import { type FormOutcome, refused, signedOutOutcome } from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";

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
