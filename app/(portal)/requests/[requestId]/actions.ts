"use server";

import { z } from "zod";
import { breakGlassOutcomes } from "@/lib/domain/requests/break-glass";
import { breakGlass, breakGlassOperation } from "@/lib/operations/requests/break-glass";
import { closeBreakGlass } from "@/lib/operations/requests/close-break-glass";
import { challengeAction } from "@/lib/web/actions/challenge-action";
import { formAction, provedAction } from "@/lib/web/actions/form-action";
import { checkBox, knownId, optionalText, unseen } from "@/lib/web/form-fields";
import { typedHours } from "../../my-roles/activation-shapes";

const emergency = z
  .object({ requestId: knownId("request"), duration: typedHours, justification: optionalText })
  .transform(({ duration, ...rest }) => ({ ...rest, durationMinutes: Math.round(duration * 60) }));

/** The challenge that describes what the member is about to approve for themselves. */
export const prepareEmergency = challengeAction({ shape: emergency, operation: breakGlassOperation });

/** Approves the caller's own waiting request in an emergency, with the code typed in the same dialog. */
export const approveInEmergency = provedAction({
  shape: emergency,
  run: ({ caller, database, proofId }, fields) => breakGlass(database, caller, { ...fields, proofId }),
  done: () => "The role is active now. Approvers and administrators are notified.",
});

/** Closes the review of somebody else's emergency activation. */
export const closeReview = formAction({
  shape: z.object({
    requestId: knownId("request"),
    outcome: unseen(z.enum(breakGlassOutcomes), "Choose whether it was justified."),
    justification: optionalText,
    endActivation: checkBox,
  }),
  run: ({ caller, database }, fields) => closeBreakGlass(database, caller, fields),
  done: ({ ended }) =>
    ended ? "The review is closed, and the activation has ended." : "The review is closed.",
});
