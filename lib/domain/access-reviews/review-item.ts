import type { WithoutAnswer } from "@/lib/domain/access-reviews/access-review";
import { addDays } from "@/lib/domain/time/schedule";

export const reviewDecisions = ["Approve", "Deny", "DontKnow"] as const;
export type ReviewDecision = (typeof reviewDecisions)[number];

/** Access that was not used for this many days is recommended for removal. */
export const unusedDays = 30;

export const recommendationReasons = ["Disabled", "Used", "New", "Unknown", "Unused"] as const;
export type RecommendationReason = (typeof recommendationReasons)[number];

export interface Recommendation {
  readonly recommendation: "Approve" | "Deny";
  readonly recommendationReason: RecommendationReason;
}

/** What is known of an eligibility or assignment when its review begins. */
export interface AccessUse {
  readonly access: "Eligible" | "Active";
  readonly principalType: "User" | "Group" | "ServicePrincipal";
  readonly disabled: boolean;
  readonly startsAt: Date;
  /** The last activation of an eligibility; for an active assignment the last sign-in, for a group of any member. */
  readonly lastUsedAt: Date | null;
}

/**
 * Recommends by last use. Removal is recommended if nobody used the access for thirty days (or for the days of a review
 * of unused access), unless it is younger than
 * that or belongs to a service principal, whose active use Postern does not see. Removal is also recommended for
 * access of a disabled account.
 */
export function recommendationFor(use: AccessUse, now: Date, days = unusedDays): Recommendation {
  const since = addDays(now, -days);
  if (use.disabled) return { recommendation: "Deny", recommendationReason: "Disabled" };
  if (use.lastUsedAt !== null && use.lastUsedAt > since) {
    return { recommendation: "Approve", recommendationReason: "Used" };
  }
  if (use.startsAt > since) return { recommendation: "Approve", recommendationReason: "New" };
  if (use.access === "Active" && use.principalType === "ServicePrincipal") {
    return { recommendation: "Approve", recommendationReason: "Unknown" };
  }
  return { recommendation: "Deny", recommendationReason: "Unused" };
}

/** The reason for a recommendation, for the reviewer. */
export function recommendationWords(
  reason: RecommendationReason,
  access: "Eligible" | "Active",
  unusedDays: number,
): string {
  switch (reason) {
    case "Disabled":
      return "The account is disabled";
    case "Used":
      return access === "Eligible"
        ? `Activated within ${unusedDays} days`
        : `Signed in within ${unusedDays} days`;
    case "New":
      return `Granted less than ${unusedDays} days ago`;
    case "Unknown":
      return "No use is recorded for a service principal";
    case "Unused":
      return access === "Eligible"
        ? `Not activated for ${unusedDays} days`
        : `No sign-in for ${unusedDays} days`;
  }
}

/**
 * What applying a review does to an item. If nobody answered, the review's rule decides. If the review was stopped
 * early, access without an answer stays, since nobody had the promised time. **Don't know** keeps it as well.
 */
export function verdictOf(
  item: { decision: ReviewDecision | null; recommendation: "Approve" | "Deny" },
  review: { withoutAnswer: WithoutAnswer; stopped: boolean },
): "Keep" | "Remove" {
  switch (item.decision) {
    case "Approve":
    case "DontKnow":
      return "Keep";
    case "Deny":
      return "Remove";
    case null:
      if (review.stopped || review.withoutAnswer === "Keep") return "Keep";
      if (review.withoutAnswer === "Remove") return "Remove";
      return item.recommendation === "Deny" ? "Remove" : "Keep";
  }
}
