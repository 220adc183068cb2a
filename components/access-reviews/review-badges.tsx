import type { ReviewState } from "@/lib/domain/access-reviews/access-review";
import {
  decisionWords,
  outcomeWords,
  type ReviewOutcome,
  reviewStateWords,
} from "@/lib/domain/access-reviews/access-review-words";
import type { ReviewDecision } from "@/lib/domain/access-reviews/review-item";

const stateLooks: Readonly<Record<ReviewState, string>> = {
  NotStarted: "",
  InProgress: "badge-warning",
  Completed: "badge-warning",
  Applying: "badge-warning",
  Applied: "badge-success",
  Stopped: "",
};

/** The state of a review. A review that was stopped and then applied shows both. */
export function StateBadge({ state, stopped }: { state: ReviewState; stopped: boolean }) {
  return (
    <span className={`badge ${stateLooks[state]}`}>
      {reviewStateWords[state]}
      {stopped && state !== "Stopped" ? ", stopped early" : ""}
    </span>
  );
}

const decisionLooks: Readonly<Record<ReviewDecision, readonly [string, string]>> = {
  Approve: ["badge-success", "✓"],
  Deny: ["badge-danger", "✕"],
  DontKnow: ["badge-warning", "?"],
};

export function DecisionBadge({ decision }: { decision: ReviewDecision | null }) {
  if (decision === null) return <span className="badge">No answer</span>;
  const [look, sign] = decisionLooks[decision];
  return (
    <span className={`badge ${look}`}>
      <span aria-hidden>{sign}</span> {decisionWords[decision]}
    </span>
  );
}

const outcomeLooks: Readonly<Record<ReviewOutcome, readonly [string, string]>> = {
  Kept: ["badge-success", "✓"],
  Removed: ["badge-danger", "✕"],
  Failed: ["badge-warning", "!"],
  AlreadyGone: ["", "–"],
};

export function OutcomeBadge({ outcome }: { outcome: ReviewOutcome | null }) {
  if (outcome === null) return <span className="text-muted">Waiting</span>;
  const [look, sign] = outcomeLooks[outcome];
  return (
    <span className={`badge ${look}`}>
      <span aria-hidden>{sign}</span> {outcomeWords[outcome]}
    </span>
  );
}
