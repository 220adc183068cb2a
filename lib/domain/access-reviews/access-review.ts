import { type Action, action } from "@/lib/domain/roles/permissions";
import { knownWord } from "@/lib/domain/text/known-word";
import { nameFault, normalisedName, textFault } from "@/lib/domain/text/names";
import { addDays, latestStart } from "@/lib/domain/time/schedule";

/** The stored state of a review. `reviewStateAt` gives its state at a moment. */
export const reviewStates = [
  "NotStarted",
  "InProgress",
  "Completed",
  "Applying",
  "Applied",
  "Stopped",
] as const;
export type ReviewState = (typeof reviewStates)[number];

/**
 * What changes the state of a review. `start` and `end` happen with time, `stop` is an administrator's,
 * `apply` can be either. `hold` takes back an application that its administrator may no longer finish.
 * `finish` follows the last item.
 */
export type ReviewStep = "start" | "end" | "stop" | "apply" | "hold" | "finish";

const steps: Readonly<Record<ReviewState, Partial<Record<ReviewStep, ReviewState>>>> = {
  NotStarted: { start: "InProgress", stop: "Stopped" },
  InProgress: { end: "Completed", stop: "Stopped" },
  Completed: { apply: "Applying" },
  Stopped: { apply: "Applying" },
  Applying: { hold: "Completed", finish: "Applied" },
  // A failed application can be tried again.
  Applied: { apply: "Applying" },
};

/**
 * The state after a step; null if the state does not allow it. This is the only place that defines the
 * states of a review.
 */
export function nextReviewState(state: ReviewState, step: ReviewStep): ReviewState | null {
  return steps[state][step] ?? null;
}

/** The state at a moment. A review is over at its end, whether or not that has been recorded (docs/rules.md, rule 5). */
export function reviewStateAt(review: { state: ReviewState; endsAt: Date }, now: Date): ReviewState {
  return review.state === "InProgress" && review.endsAt <= now ? "Completed" : review.state;
}

export const reviewCovers = ["Eligible", "Active", "Both"] as const;
export type ReviewCovers = (typeof reviewCovers)[number];
export const reviewerKinds = ["Members", "Selected", "Managers"] as const;
export type ReviewerKind = (typeof reviewerKinds)[number];
export const reviewRecurrences = [
  "None",
  "Weekly",
  "Monthly",
  "Quarterly",
  "SemiAnnually",
  "Yearly",
] as const;
export type ReviewRecurrence = (typeof reviewRecurrences)[number];
export const seriesEnds = ["Never", "AfterTimes", "OnDate"] as const;
/** What ends a series. */
export type SeriesEnd =
  | { readonly kind: "Never" }
  /** The first occurrence counts, and so does a missed one. */
  | { readonly kind: "AfterTimes"; readonly times: number }
  /** No occurrence starts after it. */
  | { readonly kind: "OnDate"; readonly date: Date };
export const withoutAnswers = ["Keep", "Remove", "Recommendation"] as const;
export type WithoutAnswer = (typeof withoutAnswers)[number];

/** How many eligibilities and assignments one review may ask about. */
export const maximumReviewItems = 2_000;
/** Why a review of more items does not start, and what to do instead. */
export function tooManyItems({ eachMember }: Pick<ReviewPlan, "eachMember">): string {
  const otherwise = eachMember ? ", or review groups as one" : "";
  return `This would be more than ${maximumReviewItems.toLocaleString("en")} items. Choose fewer roles or a smaller scope${otherwise}.`;
}
export const maximumNamedReviewers = 20;
export const maximumInformed = 20;
export const maximumReviewRoles = 50;
export const maximumSeriesTimes = 100;
export const maximumInactiveDays = 365;
export const longestReviewDescription = 2_000;
/** How long after a manual reminder nobody can remind the reviewers by hand again. */
export const minutesBetweenReminders = 60;

/** How long a review may last, in days. It must be less than until its next one. */
export const maximumReviewDays: Readonly<Record<ReviewRecurrence, number>> = {
  None: 180,
  Weekly: 6,
  Monthly: 27,
  Quarterly: 80,
  SemiAnnually: 170,
  Yearly: 180,
};

/** The permissions to start, stop and apply a review at its resource: those to remove what it covers. */
export function permissionsToReview(covers: ReviewCovers): readonly Action[] {
  switch (covers) {
    case "Eligible":
      return [action.writeEligibility];
    case "Active":
      return [action.writeAssignment];
    case "Both":
      return [action.writeEligibility, action.writeAssignment];
  }
}

/** An administrator's choices for a review. */
export interface ReviewPlan {
  readonly name: string;
  /** What the reviewers should know; null for nothing. */
  readonly description: string | null;
  /** Whether it covers everything below the resource as well. */
  readonly includeBelow: boolean;
  /** Empty: every role. */
  readonly roleDefinitionIds: readonly string[];
  readonly covers: ReviewCovers;
  /** Only access that nobody used for this many days; null for all. */
  readonly inactiveDays: number | null;
  /** Access held by a group is asked about member by member, not once for the group. */
  readonly eachMember: boolean;
  readonly reviewers: ReviewerKind;
  /** The named reviewers, or those who decide if no member or manager can. */
  readonly reviewerIds: readonly string[];
  /**
   * People who are notified of the end besides the administrator, if they may read assignments there
   * then.
   */
  readonly informedIds: readonly string[];
  /** Null: at once. */
  readonly startsAt: Date | null;
  readonly durationDays: number;
  readonly recurrence: ReviewRecurrence;
  /** Ignored for a review that does not recur. */
  readonly seriesEnd: SeriesEnd;
  readonly withoutAnswer: WithoutAnswer;
  readonly applyAutomatically: boolean;
  readonly justificationRequired: boolean;
}

export interface ReviewFault {
  readonly field:
    | "name"
    | "description"
    | "inactiveDays"
    | "endsAt"
    | "roleDefinitionIds"
    | "reviewerIds"
    | "informedIds"
    | "startsAt"
    | "durationDays"
    | "seriesTimes"
    | "seriesUntil"
    | "reason";
  readonly message: string;
}

/** Every fault of a plan that can be found without the database. */
export function reviewPlanFaults(plan: ReviewPlan, now: Date): ReviewFault[] {
  const faults: ReviewFault[] = [];
  knownWord(plan.seriesEnd.kind, seriesEnds);
  const name = normalisedName(plan.name);
  const length = "Give the review a name of at most 100 characters.";
  const wrongName = name.length === 0 || name.length > 100 ? length : nameFault(plan.name);
  if (wrongName !== null) faults.push({ field: "name", message: wrongName });
  if (plan.roleDefinitionIds.length > maximumReviewRoles) {
    faults.push({
      field: "roleDefinitionIds",
      message: `Choose at most ${maximumReviewRoles} roles, or all of them.`,
    });
  }
  faults.push(...descriptionFaults(plan), ...reviewerFaults(plan), ...informedFaults(plan));
  const days = plan.inactiveDays;
  if (days !== null && (!Number.isInteger(days) || days < 1 || days > maximumInactiveDays)) {
    faults.push({ field: "inactiveDays", message: `Enter 1 to ${maximumInactiveDays} whole days.` });
  }
  if (plan.startsAt !== null && plan.startsAt > latestStart(now)) {
    faults.push({ field: "startsAt", message: "Choose a start within the next year." });
  }
  const most = maximumReviewDays[plan.recurrence];
  if (!Number.isInteger(plan.durationDays) || plan.durationDays < 1 || plan.durationDays > most) {
    const why = plan.recurrence === "None" ? "" : ", so that it ends before the next one starts";
    faults.push({ field: "durationDays", message: `Choose 1 to ${most} whole days${why}.` });
  }
  if (plan.recurrence !== "None") faults.push(...seriesEndFaults(plan, now));
  return faults;
}

/** What is wrong with a description. */
export function descriptionFaults({ description }: Pick<ReviewPlan, "description">): ReviewFault[] {
  if (description === null) return [];
  const message =
    description.trim() === "" || description.length > longestReviewDescription
      ? `Write at most ${longestReviewDescription.toLocaleString("en")} characters.`
      : textFault(description);
  return message === null ? [] : [{ field: "description", message }];
}

/** What is wrong with the number of named reviewers. */
export function reviewerFaults(plan: Pick<ReviewPlan, "reviewers" | "reviewerIds">): ReviewFault[] {
  const { length } = plan.reviewerIds;
  if (plan.reviewers === "Selected" && length === 0)
    return [{ field: "reviewerIds", message: "Choose at least one reviewer." }];
  if (length <= maximumNamedReviewers) return [];
  const message = `Choose at most ${maximumNamedReviewers} reviewers; a group counts as one.`;
  return [{ field: "reviewerIds", message }];
}

/** What is wrong with the number of people who are notified of the end. */
export function informedFaults({ informedIds }: Pick<ReviewPlan, "informedIds">): ReviewFault[] {
  if (informedIds.length <= maximumInformed) return [];
  return [{ field: "informedIds", message: `Choose at most ${maximumInformed} people.` }];
}

/** What is wrong with a new end of a running review. It must lie in the future, within the longest time from its start. */
export function newEndFaults(
  review: { readonly begunAt: Date; readonly recurrence: ReviewRecurrence },
  endsAt: Date,
  now: Date,
): ReviewFault[] {
  if (endsAt <= now) return [{ field: "endsAt", message: "Choose an end in the future." }];
  const most = maximumReviewDays[review.recurrence];
  if (endsAt <= addDays(review.begunAt, most)) return [];
  return [{ field: "endsAt", message: `Choose an end within ${most} days of the start.` }];
}

function seriesEndFaults({ seriesEnd, startsAt }: ReviewPlan, now: Date): ReviewFault[] {
  switch (seriesEnd.kind) {
    case "Never":
      return [];
    case "AfterTimes": {
      const { times } = seriesEnd;
      if (Number.isInteger(times) && times >= 2 && times <= maximumSeriesTimes) return [];
      const message = `Enter 2 to ${maximumSeriesTimes} times. For a single review choose no recurrence.`;
      return [{ field: "seriesTimes", message }];
    }
    case "OnDate": {
      const first = startsAt !== null && startsAt > now ? startsAt : now;
      if (seriesEnd.date > first) return [];
      return [{ field: "seriesUntil", message: "Choose a date after the first review's start." }];
    }
  }
}
