"use server";

import { z } from "zod";
import { mutableCategoryNames } from "@/lib/domain/notifications/notice";
import { chooseMail } from "@/lib/operations/preferences/choose-mail";
import { formAction, withState } from "@/lib/web/actions/form-action";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** Saves which mail the caller wants. Mail that cannot be switched off has no check box. */
export const saveMailChoice = withState(
  formAction({
    shape: z
      .record(z.string(), z.unknown())
      .transform((fields) => mutableCategoryNames.filter((name) => fields[name] !== "on")),
    run: ({ database, caller }, muted) => chooseMail(database, caller, muted),
    answer: (): FormOutcome => ({ ok: true, message: "Your choice is saved." }),
  }),
);
