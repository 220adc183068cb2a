import { randomUUID } from "node:crypto";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { reviewEntry } from "@/lib/operations/access-reviews/load-access-review";
import {
  clearAnswers,
  openItems,
  requireReason,
  subjectOf,
  throughGroup,
  writeDecisions,
} from "@/lib/operations/access-reviews/review-decision";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/** What taking recommendations did. */
export interface TakenRecommendations {
  readonly approved: number;
  readonly denied: number;
  /** How many were answered already and keep their answer. */
  readonly kept: number;
  /** Identifies the action, so that all of it can be undone. */
  readonly actionId: string;
}

/**
 * Decides the items that nobody has answered as recommended. Items that anybody has answered by the
 * commit keep their answer. Refused if all are answered.
 */
export function takeRecommendations(
  database: Database,
  caller: Caller,
  input: { readonly reviewId: string; readonly itemIds: readonly string[]; readonly reason: string | null },
): Promise<OperationResult<TakenRecommendations>> {
  const ids = [...new Set(input.itemIds)];
  const { reason } = input;
  const attempt = {
    kind: "AccessReviewDecided" as const,
    caller,
    justification: reason,
    details: { accessReviewId: input.reviewId, decision: "Recommendation", itemIds: ids },
  };
  return runOperation(database, attempt, async (transaction) => {
    const opened = await openItems(transaction, caller, attempt, input.reviewId, ids);
    const { review, items } = opened;
    const entry = { ...attempt, resource: review.resource };
    requireReason(review, reason, entry);
    const given = items.flatMap((item) =>
      item.decision === null ? [{ item, decision: item.recommendation }] : [],
    );
    if (given.length === 0) {
      const message = "All of these are already answered. Nothing was changed.";
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const actionId = randomUUID();
    await writeDecisions(transaction, caller, opened, given, { reason, recommendedIn: actionId });
    const approved = given.filter(({ decision }) => decision === "Approve").length;
    return {
      actionId,
      approved,
      denied: given.length - approved,
      kept: items.length - given.length,
    };
  });
}

/**
 * Undoes the recommendations that the caller took in one action: items that nobody has changed since are unanswered
 * again. Refused after the end of the review, and for somebody who is no longer the reviewer of these items.
 */
export function undoRecommendations(
  database: Database,
  caller: Caller,
  input: { readonly reviewId: string; readonly actionId: string },
): Promise<OperationResult<{ restored: number }>> {
  const attempt = {
    kind: "AccessReviewDecisionUndone" as const,
    caller,
    details: { accessReviewId: input.reviewId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const taken = await transaction.accessReviewItem.findMany({
      where: { reviewId: input.reviewId, recommendedIn: input.actionId, decidedById: caller.userId },
      select: { id: true },
    });
    if (taken.length === 0) throw new Refusal(notFound, attempt);
    const ids = taken.map((item) => item.id);
    const { review, items } = await openItems(transaction, caller, attempt, input.reviewId, ids);
    // Somebody may have decided between the two reads.
    const unchanged = items.filter((item) => item.recommendedIn === input.actionId);
    if (unchanged.length === 0) {
      const message = "All of these were answered again in the meantime. Nothing was changed.";
      throw new Refusal({ code: "Conflict", message }, { ...attempt, resource: review.resource });
    }
    await clearAnswers(transaction, unchanged);
    const { details } = reviewEntry("AccessReviewDecisionUndone", review, caller);
    await recordAuditEvents(
      transaction,
      unchanged.map((item) => ({
        ...attempt,
        ...subjectOf(item),
        outcome: "Success" as const,
        details: { ...details, ...throughGroup(item.group), before: item.decision },
      })),
    );
    return { restored: unchanged.length };
  });
}
