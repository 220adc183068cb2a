"use server";

import { z } from "zod";
import { isTimesLanguage } from "@/lib/domain/time/reader-times";
import { isTimeZone } from "@/lib/domain/time/time-zone";
import { presentZone } from "@/lib/domain/time/zone-names";
import { chooseTimes } from "@/lib/operations/preferences/choose-times";
import { formAction, withState } from "@/lib/web/actions/form-action";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** Saves the zone and the language in which the caller sees times. */
export const saveTimes = withState(
  formAction({
    shape: z.object({
      zone: z
        .string()
        .refine((name) => name === "" || isTimeZone(name), "Choose a time zone from the list.")
        .transform((name) => presentZone(name) || null),
      language: z
        .string()
        .transform((name) => (isTimesLanguage(name) ? name : null))
        .refine((name) => name !== null, "Choose a language from the list."),
    }),
    run: ({ database, caller }, chosen) => chooseTimes(database, caller, chosen),
    answer: (): FormOutcome => ({ ok: true, message: "Your choice is saved." }),
  }),
);
