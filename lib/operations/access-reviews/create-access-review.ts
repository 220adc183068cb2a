import { roleKnownAt } from "@/lib/authority/authority";
import {
  permissionsToReview,
  type ReviewFault,
  type ReviewPlan,
  reviewPlanFaults,
  tooManyItems,
} from "@/lib/domain/access-reviews/access-review";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { normalisedName } from "@/lib/domain/text/names";
import { addDays } from "@/lib/domain/time/schedule";
import { beginAccessReview } from "@/lib/operations/access-reviews/begin-access-review";
import { loadReview, reviewEntry } from "@/lib/operations/access-reviews/load-access-review";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface CreateAccessReviewInput extends ReviewPlan {
  readonly resourceId: string;
}

/**
 * Starts an access review, or plans one that `advanceAccessReviews` starts at its time. It requires the rights to
 * remove what it covers. A review that starts at once is refused if it covers nothing or too much.
 */
export function createAccessReview(
  database: Database,
  caller: Caller,
  input: CreateAccessReviewInput,
): Promise<OperationResult<{ reviewId: string; state: "NotStarted" | "InProgress" }>> {
  const attempt = {
    kind: input.startsAt === null ? ("AccessReviewStarted" as const) : ("AccessReviewPlanned" as const),
    caller,
    details: { requestedName: input.name },
  };
  return runOperation(database, attempt, async (transaction) => {
    const resource = await transaction.resource.findUnique({ where: { id: input.resourceId } });
    if (!resource) throw new Refusal(notFound, attempt);
    const entry = { ...attempt, resource };
    for (const permission of permissionsToReview(input.covers)) {
      await requirePermission(transaction, caller, permission, resource, entry);
    }
    const now = await databaseNow(transaction);
    const faults = [...reviewPlanFaults(input, now), ...(await unknownNames(transaction, input))];
    if (faults.length > 0) throw new Refusal({ code: "InvalidAccessReview", faults }, entry);

    const startsAt = input.startsAt !== null && input.startsAt > now ? input.startsAt : now;
    const reviewId = await insertReview(transaction, caller.userId, input, startsAt);
    const review = await loadReview(transaction, reviewId, "change");
    if (!review) throw new Error("a review that was made is gone");
    if (startsAt > now) {
      const planned = reviewEntry("AccessReviewPlanned", review, caller);
      await recordAuditEvent(transaction, {
        ...planned,
        outcome: "Success",
        details: { ...planned.details, startsAt: startsAt.toISOString() },
      });
      return { reviewId, state: "NotStarted" as const };
    }
    const begun = await beginAccessReview(transaction, review, caller, now);
    if (!begun.began || begun.items === 0) {
      const message = begun.began
        ? input.inactiveDays === null
          ? "There is nothing to review. There are no assignments of these roles at this scope."
          : "There is nothing to review. Every assignment of these roles was used, or was made, within these days."
        : tooManyItems(input);
      throw new Refusal(
        { code: "InvalidAccessReview", faults: [{ field: "roleDefinitionIds", message }] },
        entry,
      );
    }
    return { reviewId, state: "InProgress" as const };
  });
}

async function insertReview(
  transaction: Transaction,
  createdById: string,
  input: CreateAccessReviewInput,
  startsAt: Date,
): Promise<string> {
  const [made] = await transaction.$queryRaw<{ id: string }[]>`SELECT postern_uuidv7() AS id`;
  if (!made) throw new Error("the database made no id");
  const reviewId = made.id;
  await transaction.accessReview.create({
    data: {
      id: reviewId,
      seriesId: reviewId,
      seriesStartsAt: startsAt,
      name: normalisedName(input.name),
      resourceId: input.resourceId,
      includeBelow: input.includeBelow,
      covers: input.covers,
      description: input.description?.normalize("NFC").trim() ?? null,
      inactiveDays: input.inactiveDays,
      eachMember: input.eachMember,
      reviewers: input.reviewers,
      durationDays: input.durationDays,
      recurrence: input.recurrence,
      ...seriesColumns(input),
      withoutAnswer: input.withoutAnswer,
      applyAutomatically: input.applyAutomatically,
      justificationRequired: input.justificationRequired,
      state: "NotStarted",
      startsAt,
      endsAt: addDays(startsAt, input.durationDays),
      createdById,
    },
  });
  await transaction.accessReviewRole.createMany({
    data: [...new Set(input.roleDefinitionIds)].map((roleDefinitionId) => ({ reviewId, roleDefinitionId })),
  });
  await transaction.accessReviewNamedReviewer.createMany({
    data: [...new Set(input.reviewerIds)].map((principalId) => ({ reviewId, principalId })),
  });
  await transaction.accessReviewInformed.createMany({
    data: [...new Set(input.informedIds)].map((principalId) => ({ reviewId, principalId })),
  });
  return reviewId;
}

function seriesColumns({ recurrence, seriesEnd }: ReviewPlan) {
  if (recurrence === "None" || seriesEnd.kind === "Never") return {};
  return seriesEnd.kind === "AfterTimes" ? { seriesTimes: seriesEnd.times } : { seriesUntil: seriesEnd.date };
}

/** Named reviewers who do not exist or could not answer. */
export async function unknownReviewers(
  transaction: Transaction,
  reviewerIds: readonly string[],
): Promise<ReviewFault[]> {
  const ids = [...new Set(reviewerIds)];
  const known = await transaction.principal.count({
    where: { id: { in: ids }, disabledAt: null, type: { in: ["User", "Group"] } },
  });
  if (known === ids.length) return [];
  const message =
    "One of the reviewers does not exist, is disabled, or is not a user or group. Choose again.";
  return [{ field: "reviewerIds", message }];
}

/** People to notify of the end who do not exist or could not read the result. */
export async function unknownInformed(
  transaction: Transaction,
  informedIds: readonly string[],
): Promise<ReviewFault[]> {
  const ids = [...new Set(informedIds)];
  const known = await transaction.principal.count({
    where: { id: { in: ids }, disabledAt: null, type: "User" },
  });
  if (known === ids.length) return [];
  const message =
    "One of the people to notify does not exist, is disabled, or is not a person. Choose again.";
  return [{ field: "informedIds", message }];
}

/** Roles that do not exist, and reviewers who do not exist or could not answer. */
async function unknownNames(
  transaction: Transaction,
  input: CreateAccessReviewInput,
): Promise<ReviewFault[]> {
  const roleIds = [...new Set(input.roleDefinitionIds)];
  const roles = await transaction.$queryRaw<object[]>`
    SELECT FROM role_definitions d WHERE d.id = ANY (${roleIds}::uuid[]) AND ${roleKnownAt("d", input.resourceId)}`;
  const faults: ReviewFault[] = [];
  if (roles.length !== roleIds.length) {
    faults.push({ field: "roleDefinitionIds", message: "One of the roles does not exist. Choose again." });
  }
  return [
    ...faults,
    ...(await unknownReviewers(transaction, input.reviewerIds)),
    ...(await unknownInformed(transaction, input.informedIds)),
  ];
}
