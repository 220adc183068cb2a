"use server";

import { z } from "zod";
import { chooseShortcuts } from "@/lib/operations/preferences/choose-shortcuts";
import { formAction } from "@/lib/web/actions/form-action";
import { checkBox } from "@/lib/web/form-fields";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** Turns the caller's single-key shortcuts on or off. */
export const saveShortcuts = formAction({
  shape: z.object({ shortcuts: checkBox }),
  run: ({ database, caller }, { shortcuts }) => chooseShortcuts(database, caller, shortcuts),
  answer: (): FormOutcome => ({ ok: true, message: "Your choice is saved." }),
});
