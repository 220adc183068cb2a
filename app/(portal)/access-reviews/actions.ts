"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import { reviewDecisions } from "@/lib/domain/access-reviews/review-item";
import { momentShape } from "@/lib/domain/activation/date-in-address";
import { decideAccessReview, maximumDecisions } from "@/lib/operations/access-reviews/decide-access-review";
import { application } from "@/lib/platform/application";
import { allOf, fieldsOf, optionalText } from "@/lib/web/form-fields";
import { type FormOutcome, outcomeOf, refused, signedOutOutcome } from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";

const decision = z.object({
  reviewId: z.uuid(),
  itemIds: z.array(z.uuid()).min(1, "Tick at least one.").max(maximumDecisions),
  decision: z.enum([...reviewDecisions, "Recommendation"]),
  reason: optionalText,
  seen: z.array(z.string().max(100)).max(200).transform(seenDecisions),
});

/** What the page showed as decided, each an item's id and when; what cannot be read was not seen. */
function seenDecisions(told: readonly string[]): Map<string, Date> {
  const parts = told.map((each) => {
    const [id = "", at] = each.split(" ");
    return [id, momentShape.safeParse(at).data] as const;
  });
  return new Map(parts.flatMap(([id, at]) => (at ? [[id, at]] : [])));
}

/** Decides on the ticked items of a review. */
export async function decide(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = decision.safeParse({
    ...fieldsOf(form),
    itemIds: allOf(form, "itemIds"),
    seen: allOf(form, "seen"),
  });
  if (!parsed.success) return refused(parsed.error.issues[0]?.message ?? "Check what you ticked.");
  const result = await decideAccessReview(application().database, caller, parsed.data);
  if (!result.ok) {
    // What another reviewer decided meanwhile is shown at once.
    if (result.error.code === "Conflict") revalidatePath("/", "layout");
    return result.error.code === "NotFound"
      ? refused("You are no longer asked about one of these. Load the page again.")
      : outcomeOf(result.error, null);
  }
  revalidatePath("/", "layout");
  return {
    ok: true,
    message: result.decided === 1 ? "Your decision is kept." : `${result.decided} decisions are kept.`,
  };
}
