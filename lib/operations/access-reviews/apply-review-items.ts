import { mayUntilCommit } from "@/lib/authority/rights-until-commit";
import { maximumReviewItems, nextReviewState } from "@/lib/domain/access-reviews/access-review";
import type { ReviewDecision } from "@/lib/domain/access-reviews/review-item";
import { errorMessage } from "@/lib/domain/gate/operation-error";
import { principalRecord } from "@/lib/domain/people/principal-identity";
import { action } from "@/lib/domain/roles/permissions";
import { askAboutMemberships, askAdministrators } from "@/lib/operations/access-reviews/hold-access-review";
import { loadReview, reviewEntry } from "@/lib/operations/access-reviews/load-access-review";
import { removeReviewedMember } from "@/lib/operations/access-reviews/remove-reviewed-member";
import { removeAssignmentIn } from "@/lib/operations/assignments/remove-assignment-in";
import { Refusal } from "@/lib/operations/gate/refusal";
import { lockMembers } from "@/lib/operations/people/end-memberships";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/** The results of a review's items, counted. `held`: the rest waits for another administrator. */
export interface AppliedReview {
  readonly held: boolean;
  readonly kept: number;
  readonly removed: number;
  readonly failed: number;
  readonly alreadyGone: number;
  readonly waiting: number;
}

/**
 * Removes what a review being applied denies, one item per transaction, by the same function and rules
 * as a removal by an administrator. Each item is recorded as removed, failed with the reason, or
 * already gone. Several callers may run it at once. One may stop after `most` items. If the actor may
 * not remove an item, everything left waits for another administrator.
 */
export async function applyReviewItems(
  database: Database,
  actor: Actor,
  reviewId: string,
  automatically: boolean,
  most: number = maximumReviewItems,
): Promise<AppliedReview> {
  let step: "done" | "none" | "held" = "done";
  for (let done = 0; step === "done" && done < most; done += 1) {
    step = await inTransaction(database, (transaction) =>
      applyNextItem(transaction, actor, reviewId, automatically),
    );
  }
  const barred = step === "held";
  return inTransaction(database, (transaction) =>
    applyItem(transaction, actor, reviewId, automatically, barred),
  );
}

async function applyNextItem(
  transaction: Transaction,
  actor: Actor,
  reviewId: string,
  automatically: boolean,
): Promise<"done" | "none" | "held"> {
  // The member who is removed from a group is locked before the review
  // (docs/decisions/locking-order.md).
  const member = await memberToRemove(transaction, reviewId);
  if (member !== null) await lockMembers(transaction, [member]);
  const review = await loadReview(transaction, reviewId, "use");
  if (review?.state !== "Applying") return "none";
  const [claimed] = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM access_review_items WHERE review_id = ${reviewId}::uuid AND outcome IS NULL
      AND (NOT decided_late OR ${review.lateDecisionsAcceptedAt !== null})
      AND (group_id IS NULL OR principal_id = ${member}::uuid)
    ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED`;
  // Another caller has handled that member meanwhile. There may be others.
  if (!claimed) return member === null ? "none" : "done";
  const item = await transaction.accessReviewItem.findUniqueOrThrow({
    where: { id: claimed.id },
    select: {
      id: true,
      principalId: true,
      groupId: true,
      eligibilityId: true,
      assignmentId: true,
      resourceId: true,
      reason: true,
      decision: true,
      decidedLate: true,
      decidedBy: { select: { id: true, displayName: true, email: true } },
    },
  });
  const permission = item.eligibilityId ? action.writeEligibility : action.writeAssignment;
  if (!(await mayUntilCommit(transaction, actor.userId, permission, item.resourceId))) return "held";

  const { details } = reviewEntry("AccessReviewApplied", review, actor);
  const { decidedBy } = item;
  const removal = {
    justification: removalReason(review.name, { ...item, decidedBy }),
    details: {
      ...details,
      automatically,
      decidedById: decidedBy?.id ?? null,
      ...(decidedBy ? { decidedBy: principalRecord(decidedBy) } : {}),
      ...(item.decidedLate ? { decidedLate: true } : {}),
    },
  };
  const { groupId } = item;
  const outcome = await orRecordFailure(transaction, async () => {
    if (groupId !== null)
      return removeReviewedMember(transaction, actor, review, { ...item, groupId }, removal);
    const { requestId } = await removeAssignmentIn(transaction, actor, {
      assignmentType: item.eligibilityId ? "Eligible" : "Active",
      id: item.eligibilityId ?? item.assignmentId ?? "",
      ...removal,
    });
    return { outcome: "Removed" as const, requestId };
  });
  await transaction.accessReviewItem.update({
    where: { id: claimed.id },
    data: { ...outcome, outcomeAt: await databaseNow(transaction) },
  });
  return "done";
}

/** The member whom the next item asks to remove from a group; null where it is about somebody's own access. */
async function memberToRemove(transaction: Transaction, reviewId: string): Promise<string | null> {
  const [next] = await transaction.$queryRaw<{ memberId: string | null }[]>`
    SELECT CASE WHEN i.group_id IS NOT NULL THEN i.principal_id END AS "memberId"
    FROM access_review_items i JOIN access_reviews v ON v.id = i.review_id
    WHERE i.review_id = ${reviewId}::uuid AND i.outcome IS NULL
      AND (NOT i.decided_late OR v.late_decisions_accepted_at IS NOT NULL)
    ORDER BY i.position LIMIT 1`;
  return next?.memberId ?? null;
}

/** Why access is removed: who decided it and why. The removal itself is in another person's name. */
function removalReason(
  reviewName: string,
  item: {
    readonly decision: ReviewDecision | null;
    readonly decidedBy: { readonly displayName: string; readonly email: string | null } | null;
    readonly reason: string | null;
  },
): string {
  const about = `Access review “${reviewName}”`;
  if (item.decision === null || item.decidedBy === null) return `${about}: nobody answered`;
  return `${about}, denied by ${principalRecord(item.decidedBy)}${item.reason ? `: ${item.reason}` : ""}`;
}

/** A refusal undoes only the removal. It commits together with the item's result and the log entry. */
async function orRecordFailure<Result>(transaction: Transaction, remove: () => Promise<Result>) {
  await transaction.$executeRaw`SAVEPOINT removal`;
  try {
    return await remove();
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    await transaction.$executeRaw`ROLLBACK TO SAVEPOINT removal`;
    const { error, entry } = thrown;
    if (error.code === "RoleAssignmentDoesNotExist") return { outcome: "AlreadyGone" as const };
    if (entry) {
      await recordAuditEvent(transaction, {
        ...entry,
        outcome: "Failure",
        details: { ...entry.details, error: error.code },
      });
    }
    return { outcome: "Failed" as const, outcomeMessage: errorMessage(error) };
  }
}

/**
 * Finishes the review when nothing waits, or holds it for another administrator. This happens once, by
 * whichever caller comes first.
 */
async function applyItem(
  transaction: Transaction,
  actor: Actor,
  reviewId: string,
  automatically: boolean,
  barred: boolean,
): Promise<AppliedReview> {
  const review = await loadReview(transaction, reviewId, "change");
  if (!review) throw new Error("a review that was being applied is gone");
  const rows = await transaction.$queryRaw<{ outcome: string; count: number; late: number }[]>`
    SELECT coalesce(outcome::text, 'Waiting') AS outcome, count(*)::int,
      count(*) FILTER (WHERE decided_late)::int AS late
    FROM access_review_items WHERE review_id = ${reviewId}::uuid GROUP BY outcome`;
  const count = (outcome: string) => rows.find((row) => row.outcome === outcome)?.count ?? 0;
  const late =
    review.lateDecisionsAcceptedAt === null ? (rows.find((row) => row.outcome === "Waiting")?.late ?? 0) : 0;
  const held = barred || (late > 0 && late === count("Waiting"));
  const result = {
    held,
    kept: count("Kept"),
    removed: count("Removed"),
    failed: count("Failed"),
    alreadyGone: count("AlreadyGone"),
    waiting: count("Waiting"),
  };
  const state = nextReviewState(review.state, held ? "hold" : "finish");
  if (state === null || (!held && result.waiting > 0)) return result;
  const now = await databaseNow(transaction);
  await transaction.accessReview.update({
    where: { id: reviewId },
    data: { state, ...(held ? { applyHeldAt: now } : { appliedAt: now }) },
  });
  const entry = reviewEntry("AccessReviewApplied", review, actor);
  await recordAuditEvent(transaction, {
    ...entry,
    outcome: held ? "Failure" : "Success",
    details: {
      ...entry.details,
      ...result,
      automatically,
      ...(held ? { error: barred ? "AuthorizationFailed" : "LateDecisions" } : {}),
    },
  });
  if (!held && result.failed > 0) await askAboutMemberships(transaction, review);
  if (held && automatically) {
    await askAdministrators(transaction, review, barred ? "AuthorizationFailed" : "LateDecisions");
  }
  return result;
}
