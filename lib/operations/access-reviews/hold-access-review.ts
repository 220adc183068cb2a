import { mayUntilCommit } from "@/lib/authority/rights-until-commit";
import { permissionsToReview } from "@/lib/domain/access-reviews/access-review";
import { type LoadedReview, reviewEntry } from "@/lib/operations/access-reviews/load-access-review";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";

/** Why a review waits for an administrator. */
export type HeldReview = "Start" | "LateDecisions" | "AuthorizationFailed" | "Memberships";

/** Whether the administrator of a review could start it now. A disabled one has no rights. */
export async function administratorMayReview(
  transaction: Transaction,
  review: Pick<LoadedReview, "administrator" | "covers" | "resource">,
): Promise<boolean> {
  for (const permission of permissionsToReview(review.covers))
    if (!(await mayUntilCommit(transaction, review.administrator.id, permission, review.resource.id)))
      return false;
  return true;
}

/** Asks the administrators of the resource to take care of a locked review: the event notifies them. */
export async function askAdministrators(
  transaction: Transaction,
  review: LoadedReview,
  held: HeldReview,
): Promise<void> {
  const entry = reviewEntry("AccessReviewHeld", review, null);
  await recordAuditEvent(transaction, {
    ...entry,
    outcome: "Success",
    details: {
      ...entry.details,
      held,
      covers: review.covers,
      administratorName: review.administrator.displayName,
    },
  });
}

/** Notifies those who can manage its groups about the members whom an applied review could not remove. */
export async function askAboutMemberships(transaction: Transaction, review: LoadedReview): Promise<void> {
  const failed = await transaction.accessReviewItem.count({
    where: { reviewId: review.id, outcome: "Failed", groupId: { not: null } },
  });
  if (failed > 0) await askAdministrators(transaction, review, "Memberships");
}
