"use server";

import { z } from "zod";
import { retireResource, retireResourceOperation } from "@/lib/operations/resources/retire-resource";
import { retirementRefused } from "@/lib/queries/resources/retire-preview";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { provedAction } from "@/lib/web/actions/form-action";
import { knownId, optionalText, unseen } from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";

const shape = z.object({
  resourceId: knownId("resource"),
  preview: unseen(z.string().regex(/^[0-9a-f]{64}$/), sentences.unreadable),
  justification: optionalText,
});

/** The challenge that describes a retirement. */
export const prepareRetirement = challengeAction({
  shape,
  operation: retireResourceOperation,
  refuses: ({ caller, database }, fields) => retirementRefused(database, caller, fields),
});

/** Retires a resource as it was shown, which requires a code. */
export const retire = provedAction({
  shape,
  run: ({ caller, database, proofId }, fields) => retireResource(database, caller, { ...fields, proofId }),
  done: ({ retirementId }) => ({
    ok: true,
    message: "It is retired. Nobody has access to it any more.",
    next: `/resources/retired/${retirementId}`,
  }),
});
