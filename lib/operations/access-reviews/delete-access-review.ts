import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { openReview } from "@/lib/operations/access-reviews/load-access-review";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

/**
 * Deletes a planned review. No review of its series may have begun, so nobody was asked and nobody
 * answered. It requires the rights that starting it requires. The log keeps the deletion.
 */
export function deleteAccessReview(
  database: Database,
  caller: Caller,
  input: { readonly reviewId: string },
): Promise<OperationResult<{ deleted: true }>> {
  const attempt = {
    kind: "AccessReviewDeleted" as const,
    caller,
    details: { accessReviewId: input.reviewId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { review, entry } = await openReview(transaction, caller, input.reviewId, attempt);
    const [row] = await transaction.$queryRaw<{ deleted: boolean }[]>`
      SELECT delete_planned_review(${review.id}::uuid) AS deleted`;
    if (!row?.deleted) {
      const message = "Only a planned review that never began can be deleted. Stop it, or end its series.";
      throw new Refusal({ code: "AccessReviewState", message }, entry);
    }
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      details: { ...entry.details, startsAt: review.startsAt.toISOString() },
    });
    return { deleted: true as const };
  });
}
