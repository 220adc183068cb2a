"use server";

import { z } from "zod";
import { requestExtension } from "@/lib/operations/assignments/request-extension";
import { requestRenewal } from "@/lib/operations/assignments/request-renewal";
import { formAction } from "@/lib/web/actions/form-action";
import { assignmentType, knownId, optionalMoment, optionalText, unseen } from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";

/** Asks the administrators to extend or renew what the caller has or had. */
export const askForMoreTime = formAction({
  shape: z.object({
    offer: unseen(z.enum(["Extend", "Renew"]), sentences.unreadable),
    assignmentType,
    id: knownId("assignment"),
    endsAt: optionalMoment.pipe(z.date("Choose the date until which you need it.")),
    justification: optionalText,
  }),
  run: ({ caller, database }, { offer, ...fields }) =>
    offer === "Extend"
      ? requestExtension(database, caller, fields)
      : requestRenewal(database, caller, fields),
  done: () => "Your request waits for an administrator.",
});
