"use server";

import { z } from "zod";
import { moveResource, moveResourceOperation } from "@/lib/operations/resources/move-resource";
import { moveRefused } from "@/lib/queries/resources/move-preview";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { provedAction } from "@/lib/web/actions/form-action";
import { knownId, optionalText, unseen } from "@/lib/web/form-fields";
import { sentences } from "@/lib/web/form-sentences";

const shape = z.object({
  resourceId: knownId("resource"),
  fromId: knownId("resource"),
  toId: knownId("resource"),
  preview: unseen(z.string().regex(/^[0-9a-f]{64}$/), sentences.unreadable),
  justification: optionalText,
});

/** The challenge that describes a move. */
export const prepareMove = challengeAction({
  shape,
  operation: moveResourceOperation,
  refuses: ({ caller, database }, fields) => moveRefused(database, caller, fields),
});

/** Moves a resource as it was shown, which requires a code. */
export const move = provedAction({
  shape,
  run: ({ caller, database, proofId }, fields) => moveResource(database, caller, { ...fields, proofId }),
  done: ({ scope }, { resourceId }) => ({
    ok: true,
    message: `It is moved. Its path is now ${scope}.`,
    next: `/resources/${resourceId}`,
  }),
});
