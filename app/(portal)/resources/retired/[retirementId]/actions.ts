"use server";

import { z } from "zod";
import { undoRetirement, undoRetirementOperation } from "@/lib/operations/resources/undo-retirement";
import { restorationRefused } from "@/lib/queries/resources/retire-preview";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { provedAction } from "@/lib/web/actions/form-action";
import { knownId, optionalText, unseen } from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";

const shape = z.object({
  retirementId: knownId("retired resource"),
  preview: unseen(z.string().regex(/^[0-9a-f]{64}$/), sentences.unreadable),
  justification: optionalText,
});

/** The challenge that describes what is restored. */
export const prepareRestoration = challengeAction({
  shape,
  operation: undoRetirementOperation,
  refuses: ({ caller, database }, fields) => restorationRefused(database, caller, fields),
});

/** Restores a retired resource as it was shown, which requires a code. */
export const restore = provedAction({
  shape,
  run: ({ caller, database, proofId }, fields) => undoRetirement(database, caller, { ...fields, proofId }),
  done: ({ resourceId, closed }) => ({
    ok: true,
    message: closed === 0 ? "It is restored." : `It is restored. ${closed} of its assignments stay closed.`,
    next: `/resources/${resourceId}`,
  }),
});
