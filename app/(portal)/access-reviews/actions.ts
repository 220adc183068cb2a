"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { reviewDecisions } from "@/lib/domain/access-reviews/review-item";
import { momentShape } from "@/lib/domain/time/date-in-address";
import { decideAccessReview, maximumDecisions } from "@/lib/operations/access-reviews/decide-access-review";
import { formAction } from "@/lib/web/actions/form-action";
import { knownId, optionalText, unseen } from "@/lib/web/form-fields";
import { outcomeOf, refused } from "@/lib/web/form-outcome";
import { atMost, sentences } from "@/lib/web/form-sentences";

/** The decisions that the page showed: the id and the moment of each item. Unreadable ones count as not seen. */
function seenDecisions(told: readonly string[]): Map<string, Date> {
  const parts = told.map((each) => {
    const [id = "", at] = each.split(" ");
    return [id, momentShape.safeParse(at).data] as const;
  });
  return new Map(parts.flatMap(([id, at]) => (at ? [[id, at]] : [])));
}

/** Decides on the ticked items of a review. */
export const decide = formAction({
  shape: z.object({
    reviewId: knownId("review"),
    itemIds: unseen(
      z
        .array(z.uuid(sentences.unreadable))
        .min(1, "Tick at least one.")
        .max(maximumDecisions, atMost(maximumDecisions, "of these")),
    ),
    decision: unseen(z.enum([...reviewDecisions, "Recommendation"]), sentences.unreadable),
    reason: optionalText,
    seen: unseen(z.array(z.string().max(100)).max(200).transform(seenDecisions), sentences.unreadable),
  }),
  lists: ["itemIds", "seen"],
  run: ({ database, caller }, fields) => decideAccessReview(database, caller, fields),
  answer(result) {
    if (result.ok) {
      const message =
        result.decided === 1 ? "Your decision is kept." : `${result.decided} decisions are kept.`;
      return { ok: true, message };
    }
    // The page shows what another reviewer has decided in the meantime.
    if (result.error.code === "Conflict") revalidatePath("/", "layout");
    return result.error.code === "NotFound"
      ? refused("You are no longer asked about one of these. Load the page again.")
      : outcomeOf(result.error, null);
  },
});
