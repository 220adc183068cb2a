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
import { groupReviews } from "@/lib/domain/access-reviews/access-review-words";
import { isolated } from "@/lib/domain/text/visible-text";
import { applyAccessReview } from "@/lib/operations/access-reviews/apply-access-review";
import { createAccessReview } from "@/lib/operations/access-reviews/create-access-review";
import { deleteAccessReview } from "@/lib/operations/access-reviews/delete-access-review";
import { endReviewSeries } from "@/lib/operations/access-reviews/end-review-series";
import { remindReviewers } from "@/lib/operations/access-reviews/remind-reviewers";
import { resetAccessReview } from "@/lib/operations/access-reviews/reset-access-review";
import { stopAccessReview } from "@/lib/operations/access-reviews/stop-access-review";
import { takeOverAccessReview } from "@/lib/operations/access-reviews/take-over-access-review";
import { updateAccessReview } from "@/lib/operations/access-reviews/update-access-review";
import { formAction } from "@/lib/web/actions/form-action";
import { lookup } from "@/lib/web/actions/lookup";
import {
  checkBox,
  expectedVersion,
  knownId,
  optionalMoment,
  optionalText,
  searchText,
} from "@/lib/web/form-fields";
import { refused } from "@/lib/web/form-outcome";
import { mayAssign, principalsFor, usersAndGroupsFor } from "../../principals-for";

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

/** Named people, separated by commas. */
const chosenPeople = z
  .string()
  .max(4_000)
  .transform((text) => text.split(",").filter(Boolean))
  .pipe(z.array(z.uuid()));

/** Starts an access review, or plans it for later. */
export const startReview = formAction({
  shape: series
    .extend({
      resourceId: knownId("resource"),
      name: z
        .string()
        .max(200)
        .transform((text) => text.replaceAll("\0", "").trim()),
      description: optionalText,
      covers: z.enum(reviewCovers),
      inactiveDays: z
        .union([z.literal("").transform(() => null), z.coerce.number("Enter a number of days.")])
        .default(null),
      groups: z.enum(groupReviews).default("AsOne"),
      includeBelow: checkBox,
      roleDefinitionIds: z.array(z.uuid()).max(200),
      reviewers: z.enum(reviewerKinds),
      reviewerIds: chosenPeople,
      informedIds: chosenPeople,
      startsAt: optionalMoment,
      durationDays: z.coerce.number("Enter a number of days."),
      recurrence: z.enum(reviewRecurrences),
      withoutAnswer: z.enum(withoutAnswers),
      applyAutomatically: checkBox,
      justificationRequired: checkBox,
    })
    .transform(({ seriesEnd, seriesTimes, seriesUntil, groups, ...rest }) => ({
      ...rest,
      eachMember: groups === "EachMember",
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

/** Changes the reviewers, the end, the description and who is notified of the end. */
export const editReview = formAction({
  shape: review.extend({
    expectedVersion,
    reviewerIds: chosenPeople,
    informedIds: chosenPeople,
    description: optionalText,
    endsAt: optionalMoment,
  }),
  run: ({ caller, database }, fields) => updateAccessReview(database, caller, fields),
  done: ({ changed }) => (changed ? "The access review is changed." : "Nothing was changed."),
});

/** Reminds the reviewers who have not answered everything. */
export const remind = formAction({
  shape: review,
  run: ({ caller, database }, fields) => remindReviewers(database, caller, fields),
  done({ reminded, names }) {
    const others = reminded - names.length;
    const who = names.map(isolated).join(", ");
    return `Reminded: ${who}${others > 0 ? ` and ${others} more` : ""}.`;
  },
});

/** Resets answers: all of a running review, or that of one item. */
export const resetAnswers = formAction({
  shape: ending.extend({ itemId: knownId("item").nullable().default(null) }),
  run: ({ caller, database }, fields) => resetAccessReview(database, caller, fields),
  done({ reset, kept }) {
    const rest = kept > 0 ? ` ${kept} about your own access stay as they are.` : "";
    return `${reset === 1 ? "1 answer is" : `${reset} answers are`} reset.${rest}`;
  },
});

/** Deletes a planned review that never began. */
export const deleteReview = formAction({
  shape: review,
  run: ({ caller, database }, fields) => deleteAccessReview(database, caller, fields),
  done: () => "The planned access review is deleted.",
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
    const counts = [
      `${removed} removed`,
      `${kept} kept`,
      ...(alreadyGone > 0 ? [`${alreadyGone} already gone`] : []),
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(waiting > 0 ? [`${waiting} to follow in the background`] : []),
    ].join(", ");
    return held
      ? refused(`You lost the right to remove assignments on the way: ${counts}.`)
      : `Applied: ${counts}.`;
  },
});

/** Users and groups by name. Empty for a caller who may not start a review at the resource. */
export const findReviewers = lookup({
  shapes: z.tuple([z.uuid(), searchText.pipe(z.string().min(1))]),
  none: [],
  find: (by, resourceId, search) => usersAndGroupsFor(by, resourceId, search, mayAssign),
});

/** People by name, to be notified of the end. Empty for a caller who may not start a review at the resource. */
export const findPeople = lookup({
  shapes: z.tuple([z.uuid(), searchText.pipe(z.string().min(1))]),
  none: [],
  async find(by, resourceId, search) {
    const found = await principalsFor(by, resourceId, search, mayAssign);
    return found.filter(({ type }) => type === "User").map((each) => ({ ...each, disabled: false }));
  },
});
