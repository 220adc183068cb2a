import type { ResourceFacts } from "@/lib/authority/authority";
import { permissionsToReview } from "@/lib/domain/access-reviews/access-review";
import type { AuditKind } from "@/lib/domain/audit/audit-kinds";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Actor, Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { type AccessReview, Prisma } from "@/lib/platform/generated/client";

interface Around {
  readonly resource: ResourceFacts;
  /** Empty: every role. */
  readonly roleDefinitionIds: readonly string[];
  readonly reviewerIds: readonly string[];
  /** Who is notified of the end. */
  readonly informedIds: readonly string[];
  readonly createdBy: { readonly id: string; readonly displayName: string };
  /** The person in whose name it starts, recurs and applies: the one who took it over, otherwise its creator. */
  readonly administrator: { readonly id: string; readonly displayName: string };
  readonly appliedBy: { readonly id: string; readonly displayName: string } | null;
}

/** A review with everything that its operations need, read under the lock. */
export type LoadedReview = AccessReview & Around;

/**
 * Locks a review and reads it: with `change` to move it on, with `use` to depend on its state. `claim` is `change`,
 * but skips a review that somebody else is moving on. Null if the review is unknown or skipped.
 */
export async function loadReview(
  transaction: Transaction,
  reviewId: string,
  mode: "change" | "claim" | "use",
): Promise<LoadedReview | null> {
  const lock = {
    change: Prisma.sql`FOR UPDATE OF v`,
    claim: Prisma.sql`FOR UPDATE OF v SKIP LOCKED`,
    use: Prisma.sql`FOR SHARE OF v`,
  }[mode];
  const [around] = await transaction.$queryRaw<Around[]>`
    SELECT
      json_build_object('id', r.id, 'parentId', r.parent_id, 'scope', r.scope, 'path', r.path,
        'displayName', r.display_name, 'resourceType', r.resource_type) AS resource,
      ARRAY (SELECT role_definition_id FROM access_review_roles WHERE review_id = v.id) AS "roleDefinitionIds",
      ARRAY (SELECT principal_id FROM access_review_named_reviewers WHERE review_id = v.id) AS "reviewerIds",
      ARRAY (SELECT principal_id FROM access_review_informed WHERE review_id = v.id) AS "informedIds",
      json_build_object('id', c.id, 'displayName', c.display_name) AS "createdBy",
      CASE WHEN t.id IS NOT NULL THEN json_build_object('id', t.id, 'displayName', t.display_name)
        ELSE json_build_object('id', c.id, 'displayName', c.display_name) END AS administrator,
      CASE WHEN a.id IS NOT NULL THEN json_build_object('id', a.id, 'displayName', a.display_name) END AS "appliedBy"
    FROM access_reviews v
    JOIN resources r ON r.id = v.resource_id
    JOIN principals c ON c.id = v.created_by_id
    LEFT JOIN principals t ON t.id = v.taken_over_by_id
    LEFT JOIN principals a ON a.id = v.applied_by_id
    WHERE v.id = ${reviewId}::uuid ${lock}`;
  if (!around) return null;
  // Read after the lock, so that nothing is from before the wait.
  const review = await transaction.accessReview.findUniqueOrThrow({ where: { id: reviewId } });
  return { ...review, ...around };
}

/** What every event of a review says. It has no actor if time alone caused it. */
export function reviewEntry(kind: AuditKind, review: LoadedReview, actor: Actor | null) {
  return {
    kind,
    ...(actor ? { caller: actor } : {}),
    resource: review.resource,
    details: {
      accessReviewId: review.id,
      accessReviewName: review.name,
      createdById: review.createdBy.id,
      ...(review.takenOverById ? { administratorId: review.takenOverById } : {}),
    },
  } satisfies Omit<AuditEntry, "outcome">;
}

/** Locks a review for a change and requires the permissions that starting it requires. */
export async function openReview(
  transaction: Transaction,
  caller: Caller,
  reviewId: string,
  attempt: Omit<AuditEntry, "outcome">,
): Promise<{ review: LoadedReview; entry: Omit<AuditEntry, "outcome"> }> {
  const review = await loadReview(transaction, reviewId, "change");
  if (!review) throw new Refusal(notFound, attempt);
  const entry = { ...attempt, ...reviewEntry(attempt.kind, review, caller) };
  for (const permission of permissionsToReview(review.covers)) {
    await requirePermission(transaction, caller, permission, review.resource, entry);
  }
  return { review, entry };
}
