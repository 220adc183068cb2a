"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { reviewDecisions } from "@/lib/domain/access-reviews/review-item";
import type { OperationError } from "@/lib/domain/gate/operation-error";
import { momentShape } from "@/lib/domain/time/date-in-address";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { maximumDecisions } from "@/lib/operations/access-reviews/review-decision";
import {
  takeRecommendations,
  undoRecommendations,
} from "@/lib/operations/access-reviews/take-recommendations";
import { formAction } from "@/lib/web/actions/form-action";
import { knownId, optionalText, unseen } from "@/lib/web/form-fields";
import { type FormOutcome, refused } from "@/lib/web/form-outcome";
import { atMost, sentences } from "@/lib/web/form-sentences";
import { outcomeOf } from "@/lib/web/refusal-outcome";

/** The decisions that the page showed: the id and the moment of each item. Unreadable ones count as not seen. */
function seenDecisions(shown: readonly string[]): Map<string, Date> {
  const parts = shown.map((each) => {
    const [id = "", at] = each.split(" ");
    return [id, momentShape.safeParse(at).data] as const;
  });
  return new Map(parts.flatMap(([id, at]) => (at ? [[id, at]] : [])));
}

const reviewId = knownId("review");
const itemIds = unseen(
  z
    .array(z.uuid(sentences.unreadable))
    .min(1, "Tick at least one.")
    .max(maximumDecisions, atMost(maximumDecisions, "of these")),
);

/** A refusal. The page shows what another reviewer has decided in the meantime. */
function refusal(error: OperationError): FormOutcome {
  if (error.code === "Conflict") revalidatePath("/", "layout");
  return error.code === "NotFound"
    ? refused("You are no longer asked about one of these. Load the page again.")
    : outcomeOf(error, null);
}

/** Decides on the ticked items of a review. */
export const decide = formAction({
  shape: z.object({
    ...{ reviewId, itemIds },
    decision: unseen(z.enum(reviewDecisions), sentences.unreadable),
    reason: optionalText,
    seen: unseen(z.array(z.string().max(100)).max(200).transform(seenDecisions), sentences.unreadable),
  }),
  lists: ["itemIds", "seen"],
  run: ({ database, caller }, fields) => decideAccessReview(database, caller, fields),
  answer(result) {
    if (!result.ok) return refusal(result.error);
    const message = result.decided === 1 ? "Your decision is kept." : `${result.decided} decisions are kept.`;
    return { ok: true, message };
  },
});

/** Decides the ticked items that nobody has answered as recommended. */
export const takeRecommended = formAction({
  shape: z.object({ reviewId, itemIds, reason: optionalText }),
  lists: ["itemIds"],
  run: ({ database, caller }, fields) => takeRecommendations(database, caller, fields),
  answer(result) {
    if (!result.ok) return refusal(result.error);
    const { approved, denied, kept } = result;
    const rest = kept === 0 ? "" : ` ${kept} answered already: unchanged.`;
    return { ok: true, message: `${approved} approved, ${denied} denied.${rest}` };
  },
});

/** Undoes what one such action decided, unless somebody has changed it since. */
export const undoRecommended = formAction({
  shape: z.object({ reviewId, actionId: knownId("review") }),
  run: ({ database, caller }, fields) => undoRecommendations(database, caller, fields),
  answer(result) {
    if (!result.ok)
      return result.error.code === "NotFound"
        ? refused("There is nothing left to undo. Load the page again.")
        : refusal(result.error);
    const { restored } = result;
    return { ok: true, message: `${restored} ${restored === 1 ? "is" : "are"} without an answer again.` };
  },
});
