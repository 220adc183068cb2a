"use server";

import { z } from "zod";
import { cancelRequest } from "@/lib/operations/requests/cancel-request";
import { provisionRequest, provisionRequestOperation } from "@/lib/operations/requests/provision-request";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { formAction, provedAction } from "@/lib/web/actions/form-action";
import { knownId, optionalText } from "@/lib/web/form-fields";

const requestId = knownId("request");

/** Cancels a request that still waits: the caller's own, or one at a scope where they may assign roles. */
export const cancel = formAction({
  shape: z.object({ requestId, justification: optionalText }),
  run: ({ caller, database }, fields) => cancelRequest(database, caller, fields),
  done: () => "The request is canceled.",
});

const approved = z.object({ requestId });

/** The challenge that describes the approved activation about to start. */
export const prepareProvisioning = challengeAction({
  shape: approved,
  operation: (fields) => provisionRequestOperation(fields.requestId),
});

/** Starts what was approved for the caller, with the code typed in the same dialog. */
export const provision = provedAction({
  shape: approved,
  run: ({ caller, database, proofId }, fields) => provisionRequest(database, caller, { ...fields, proofId }),
  done: ({ status }) =>
    status === "Provisioned" ? "The role is active now." : "The activation is scheduled.",
});
