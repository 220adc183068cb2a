"use server";

import { revalidatePath } from "next/cache";
import { z } from "zod";
import {
  reviewCovers,
  reviewerKinds,
  reviewRecurrences,
  type SeriesEnd,
  seriesEnds,
  withoutAnswers,
} from "@/lib/domain/access-reviews/access-review";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { applyAccessReview } from "@/lib/operations/access-reviews/apply-access-review";
import { createAccessReview } from "@/lib/operations/access-reviews/create-access-review";
import { endReviewSeries } from "@/lib/operations/access-reviews/end-review-series";
import { stopAccessReview } from "@/lib/operations/access-reviews/stop-access-review";
import { takeOverAccessReview } from "@/lib/operations/access-reviews/take-over-access-review";
import { application } from "@/lib/platform/application";
import { searchPrincipals } from "@/lib/queries/assignments/role-members";
import { viewResource } from "@/lib/queries/resources/resources";
import { allOf, fieldErrorsOf, fieldsOf, optionalMoment, optionalText } from "@/lib/web/form-fields";
import { type FormOutcome, outcomeOf, refused, signedOutOutcome } from "@/lib/web/form-outcome";
import { currentCaller } from "@/lib/web/request";

const flag = z
  .literal("on")
  .optional()
  .transform((value) => value === "on");

const plan = z.object({
  resourceId: z.uuid(),
  name: z
    .string()
    .max(200)
    .transform((text) => text.replaceAll("\0", "").trim()),
  covers: z.enum(reviewCovers),
  includeBelow: flag,
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
  seriesEnd: z.enum(seriesEnds).default("Never"),
  seriesTimes: z.coerce.number("Enter a number of times.").optional(),
  seriesUntil: optionalMoment.optional(),
  withoutAnswer: z.enum(withoutAnswers),
  applyAutomatically: flag,
  justificationRequired: flag,
});

/** What the form says of the series' end; what is missing is told of as what does not make sense. */
function seriesEndOf(asked: z.infer<typeof plan>): SeriesEnd {
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
export async function startReview(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = plan.safeParse({
    ...fieldsOf(form),
    roleDefinitionIds: allOf(form, "roleDefinitionIds"),
  });
  if (!parsed.success)
    return refused("Check the fields marked above.", { fieldErrors: fieldErrorsOf(parsed.error) });
  const { seriesTimes: _times, seriesUntil: _until, ...asked } = parsed.data;
  const input = { ...asked, seriesEnd: seriesEndOf(parsed.data) };
  const result = await createAccessReview(application().database, caller, input);
  if (!result.ok) {
    const outcome = outcomeOf(result.error, null);
    if (outcome.ok || !outcome.fieldErrors.startsAt) return outcome;
    return {
      ...outcome,
      fieldErrors: { ...outcome.fieldErrors, startsAtLocal: outcome.fieldErrors.startsAt },
    };
  }
  revalidatePath("/", "layout");
  return {
    ok: true,
    message:
      result.state === "InProgress" ? "The access review has started." : "The access review is planned.",
  };
}

const stop = z.object({ reviewId: z.uuid(), reason: optionalText });

/** Stops a review before its end. */
export async function stopReview(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = stop.safeParse(fieldsOf(form));
  if (!parsed.success) return refused("This review is not known.");
  const result = await stopAccessReview(application().database, caller, parsed.data);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return { ok: true, message: "The access review is stopped. Its decisions are kept." };
}

/** Ends the series of a review, which goes on to its own end. */
export async function endSeries(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = stop.safeParse(fieldsOf(form));
  if (!parsed.success) return refused("This review is not known.");
  const result = await endReviewSeries(application().database, caller, parsed.data);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return {
    ok: true,
    message: result.goesOn
      ? "The series is ended. The review that runs goes on to its end."
      : "The series is ended. No review of it follows.",
  };
}

const one = z.object({ reviewId: z.uuid() });

/** Makes the caller the administrator of a review that goes on. */
export async function takeOverReview(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = one.safeParse(fieldsOf(form));
  if (!parsed.success) return refused("This review is not known.");
  const result = await takeOverAccessReview(application().database, caller, parsed.data);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  return {
    ok: true,
    message: result.started ? "The access review is yours, and has started." : "The access review is yours.",
  };
}

/** Applies what a review came to. */
export async function applyReview(form: FormData): Promise<FormOutcome> {
  const caller = await currentCaller();
  if (!caller) return signedOutOutcome;
  const parsed = one.safeParse(fieldsOf(form));
  if (!parsed.success) return refused("This review is not known.");
  const result = await applyAccessReview(application().database, caller, parsed.data);
  if (!result.ok) return outcomeOf(result.error, null);
  revalidatePath("/", "layout");
  const { removed, kept, failed, alreadyGone, waiting, held } = result;
  const told = [
    `${removed} removed`,
    `${kept} kept`,
    ...(alreadyGone > 0 ? [`${alreadyGone} already gone`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(waiting > 0 ? [`${waiting} to follow in the background`] : []),
  ].join(", ");
  return held
    ? refused(`You lost the right to remove assignments on the way: ${told}.`)
    : { ok: true, message: `Applied: ${told}.` };
}

/** Users and groups by name, for somebody who may start a review at the resource; nothing for anybody else. */
export async function findReviewers(resourceId: unknown, search: unknown): Promise<NamedPrincipal[]> {
  const caller = await currentCaller();
  const parsed = z
    .object({ resourceId: z.uuid(), search: z.string().trim().min(1).max(200) })
    .safeParse({ resourceId, search });
  if (!caller || !parsed.success) return [];
  const { database } = application();
  const resource = await viewResource(database, caller, parsed.data.resourceId);
  if (!resource?.may.writeAssignment && !resource?.may.writeEligibility) return [];
  const found = await searchPrincipals(database, parsed.data.search.replaceAll("\0", ""));
  return found
    .filter((each) => each.type !== "ServicePrincipal")
    .map((each) => ({ ...each, disabled: false }));
}
