import type { WithoutAnswer } from "@/lib/domain/access-reviews/access-review";
import { addDays } from "@/lib/domain/gate/schedule";

export const reviewDecisions = ["Approve", "Deny", "DontKnow"] as const;
export type ReviewDecision = (typeof reviewDecisions)[number];

/** After so long without use, access is recommended for removal. */
export const unusedDays = 30;

export const recommendationReasons = ["Disabled", "Used", "New", "Unknown", "Unused"] as const;
export type RecommendationReason = (typeof recommendationReasons)[number];

export interface Recommendation {
  readonly recommendation: "Approve" | "Deny";
  readonly recommendationReason: RecommendationReason;
}

/** What is known of a piece of access when its review begins. */
export interface AccessUse {
  readonly access: "Eligible" | "Active";
  readonly principalType: "User" | "Group" | "ServicePrincipal";
  readonly disabled: boolean;
  readonly startsAt: Date;
  /** The last activation of what is eligible; the last sign-in, of a group's members too, of what is active. */
  readonly lastUsedAt: Date | null;
}

/**
 * What last use speaks for: removal of what nobody used for thirty days, unless it is younger than that, or belongs to
 * a service principal, whose active use Postern does not see; and removal of what a disabled account holds.
 */
export function recommendationFor(use: AccessUse, now: Date): Recommendation {
  const since = addDays(now, -unusedDays);
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

/** Why something is recommended, in words for the reviewer. */
export function recommendationWords(reason: RecommendationReason, access: "Eligible" | "Active"): string {
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
 * What applying a review does to an item. Without an answer the review's rule decides, except where it was stopped
 * early: then nobody had the time that was promised, and the access stays. **Don't know** keeps it as well.
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
