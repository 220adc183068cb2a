import type {
  ReviewCovers,
  ReviewerKind,
  ReviewRecurrence,
  ReviewState,
  SeriesEnd,
  WithoutAnswer,
} from "@/lib/domain/access-reviews/access-review";
import type { ReviewDecision } from "@/lib/domain/access-reviews/review-item";

export const reviewStateWords: Readonly<Record<ReviewState, string>> = {
  NotStarted: "Not started",
  InProgress: "In progress",
  Completed: "Completed, to be applied",
  Applying: "Applying",
  Applied: "Applied",
  Stopped: "Stopped",
};

export const coversWords: Readonly<Record<ReviewCovers, string>> = {
  Eligible: "Eligible assignments",
  Active: "Active assignments",
  Both: "Eligible and active assignments",
};

/** How access held by groups is reviewed, by the name of the choice. */
export const groupReviewWords = {
  AsOne: "The group as one",
  EachMember: "Each member individually",
} as const;
export const groupReviews = ["AsOne", "EachMember"] as const;

export const reviewerWords: Readonly<Record<ReviewerKind, string>> = {
  Members: "The members themselves",
  Selected: "Selected people",
  Managers: "Managers",
};

export const informedLabel = "Also notify at the end (optional)";
export const informedHint =
  "They are notified of its end and its result, if they may then read assignments here.";

export const recurrenceWords: Readonly<Record<ReviewRecurrence, string>> = {
  None: "Once",
  Weekly: "Weekly",
  Monthly: "Monthly",
  Quarterly: "Quarterly",
  SemiAnnually: "Every six months",
  Yearly: "Yearly",
};

export const seriesEndWords: Readonly<Record<SeriesEnd["kind"], string>> = {
  Never: "Never",
  AfterTimes: "After a number of times",
  OnDate: "On a date",
};

export const withoutAnswerWords: Readonly<Record<WithoutAnswer, string>> = {
  Keep: "Keep the access",
  Remove: "Remove the access",
  Recommendation: "Take the recommendation",
};

export const decisionWords: Readonly<Record<ReviewDecision, string>> = {
  Approve: "Approved",
  Deny: "Denied",
  DontKnow: "Don't know",
};

export const reviewOutcomes = ["Kept", "Removed", "Failed", "AlreadyGone"] as const;
export type ReviewOutcome = (typeof reviewOutcomes)[number];

export const outcomeWords: Readonly<Record<ReviewOutcome, string>> = {
  Kept: "Kept",
  Removed: "Removed",
  Failed: "Failed",
  AlreadyGone: "Already gone",
};
