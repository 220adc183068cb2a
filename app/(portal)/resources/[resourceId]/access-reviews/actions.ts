"use server";

import { z } from "zod";
import {
  reviewCovers,
  reviewerKinds,
  reviewRecurrences,
  type SeriesEnd,
  seriesEnds,
  withoutAnswers,
} from "@/lib/domain/access-reviews/access-review";
import { applyAccessReview } from "@/lib/operations/access-reviews/apply-access-review";
import { createAccessReview } from "@/lib/operations/access-reviews/create-access-review";
import { endReviewSeries } from "@/lib/operations/access-reviews/end-review-series";
import { stopAccessReview } from "@/lib/operations/access-reviews/stop-access-review";
import { takeOverAccessReview } from "@/lib/operations/access-reviews/take-over-access-review";
import { formAction } from "@/lib/web/actions/form-action";
import { lookup } from "@/lib/web/actions/lookup";
import { checkBox, knownId, optionalMoment, optionalText, searchText } from "@/lib/web/form-fields";
import { refused } from "@/lib/web/form-outcome";
import { mayAssign, usersAndGroupsFor } from "../../principals-for";

const series = z.object({
  seriesEnd: z.enum(seriesEnds).default("Never"),
  seriesTimes: z.coerce.number("Enter a number of times.").optional(),
  seriesUntil: optionalMoment.optional(),
});

/** The end of the series in the form. A missing end is refused like an invalid one. */
function seriesEndOf(asked: z.infer<typeof series>): SeriesEnd {
  switch (asked.seriesEnd) {
    case "Never":
      return { kind: "Never" };
    case "AfterTimes":
      return { kind: "AfterTimes", times: asked.seriesTimes ?? 0 };
    case "OnDate":
      return { kind: "OnDate", date: asked.seriesUntil ?? new Date(0) };
  }
}

/** Starts an access review, or plans it for later. */
export const startReview = formAction({
  shape: series
    .extend({
      resourceId: knownId("resource"),
      name: z
        .string()
        .max(200)
        .transform((text) => text.replaceAll("\0", "").trim()),
      covers: z.enum(reviewCovers),
      includeBelow: checkBox,
      roleDefinitionIds: z.array(z.uuid()).max(200),
      reviewers: z.enum(reviewerKinds),
      reviewerIds: z
        .string()
        .max(4_000)
        .transform((text) => text.split(",").filter(Boolean))
        .pipe(z.array(z.uuid())),
      startsAt: optionalMoment,
      durationDays: z.coerce.number("Enter a number of days."),
      recurrence: z.enum(reviewRecurrences),
      withoutAnswer: z.enum(withoutAnswers),
      applyAutomatically: checkBox,
      justificationRequired: checkBox,
    })
    .transform(({ seriesEnd, seriesTimes, seriesUntil, ...rest }) => ({
      ...rest,
      seriesEnd: seriesEndOf({ seriesEnd, seriesTimes, seriesUntil }),
    })),
  lists: ["roleDefinitionIds"],
  run: ({ caller, database }, fields) => createAccessReview(database, caller, fields),
  done: ({ state }) =>
    state === "InProgress" ? "The access review has started." : "The access review is planned.",
});

const review = z.object({ reviewId: knownId("review") });
const ending = review.extend({ reason: optionalText });

/** Stops a review before its end. */
export const stopReview = formAction({
  shape: ending,
  run: ({ caller, database }, fields) => stopAccessReview(database, caller, fields),
  done: () => "The access review is stopped. Its decisions are kept.",
});

/** Ends the series of a review. The review itself continues to its end. */
export const endSeries = formAction({
  shape: ending,
  run: ({ caller, database }, fields) => endReviewSeries(database, caller, fields),
  done: ({ goesOn }) =>
    goesOn
      ? "The series is ended. The review that runs goes on to its end."
      : "The series is ended. No review of it follows.",
});

/** Makes the caller the administrator of a running review. */
export const takeOverReview = formAction({
  shape: review,
  run: ({ caller, database }, fields) => takeOverAccessReview(database, caller, fields),
  done: ({ started }) =>
    started ? "The access review is yours, and has started." : "The access review is yours.",
});

/** Applies the decisions of a review. */
export const applyReview = formAction({
  shape: review,
  run: ({ caller, database }, fields) => applyAccessReview(database, caller, fields),
  done({ removed, kept, failed, alreadyGone, waiting, held }) {
    const told = [
      `${removed} removed`,
      `${kept} kept`,
      ...(alreadyGone > 0 ? [`${alreadyGone} already gone`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(waiting > 0 ? [`${waiting} to follow in the background`] : []),
    ].join(", ");
    return held
      ? refused(`You lost the right to remove assignments on the way: ${told}.`)
      : `Applied: ${told}.`;
  },
});

/** Users and groups by name. Empty for a caller who may not start a review at the resource. */
export const findReviewers = lookup({
  shapes: z.tuple([z.uuid(), searchText.pipe(z.string().min(1))]),
  none: [],
  find: (by, resourceId, search) => usersAndGroupsFor(by, resourceId, search, mayAssign),
});
