import type { ReviewPlan } from "@/lib/domain/access-reviews/access-review";
import { addDays } from "@/lib/domain/time/schedule";
import { advanceAccessReviews } from "@/lib/operations/access-reviews/advance-access-reviews";
import { createAccessReview } from "@/lib/operations/access-reviews/create-access-review";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

const plan: Omit<ReviewPlan, "name" | "covers" | "durationDays" | "reviewerIds"> = {
  includeBelow: false,
  description: null,
  informedIds: [],
  inactiveDays: null,
  eachMember: false,
  roleDefinitionIds: [],
  reviewers: "Selected",
  startsAt: null,
  recurrence: "None",
  seriesEnd: { kind: "Never" },
  withoutAnswer: "Keep",
  applyAutomatically: true,
  justificationRequired: true,
};

/**
 * Four reviews for the approver: one of standing access on Contoso Staging, which has ended and was applied; a
 * running one of eligibility on Contoso Production; one of standing access on Platform and below, where members answer for
 * themselves and the approver for groups; and one of whoever may activate on Contoso Sandbox through a group, each member
 * singly. Call the returned function as the clock moves.
 */
export function demoReviews(
  database: Database,
  clock: { readonly now: Date },
  demo: {
    administrator: Caller;
    reviewer: Caller;
    stagingId: string;
    productionId: string;
    platformId: string;
    sandboxId: string;
    begin: Date;
  },
): () => Promise<void> {
  const { administrator, reviewer, begin } = demo;
  const start = async (resourceId: string, name: string, rest: Partial<ReviewPlan>) => {
    const input = { ...plan, covers: "Both" as const, durationDays: 7, ...rest };
    const reviewerIds = [reviewer.userId];
    const made = await createAccessReview(database, administrator, {
      ...input,
      resourceId,
      name,
      reviewerIds,
    });
    if (!made.ok) throw new Error(`a demo review was refused: ${JSON.stringify(made.error)}`);
    return made.reviewId;
  };
  const decide = async (
    reviewId: string,
    places: readonly number[],
    decision: "Approve" | "Deny" | "DontKnow",
    reason: string,
  ) => {
    const items = await database.client.accessReviewItem.findMany({
      where: { reviewId, position: { in: [...places] } },
      select: { id: true },
      take: 50,
    });
    const itemIds = items.map((item) => item.id);
    const given = await decideAccessReview(database, reviewer, {
      reviewId,
      itemIds,
      decision,
      reason,
      seen: new Map(),
    });
    if (!given.ok) throw new Error(`a demo decision was refused: ${JSON.stringify(given.error)}`);
  };

  let ended = "";
  const steps: [number, () => Promise<unknown>][] = [
    [
      38,
      async () => {
        ended = await start(demo.stagingId, "Standing access on Contoso Staging", { covers: "Active" });
      },
    ],
    [41, () => decide(ended, [0, 1], "Approve", "On the staging rota")],
    [42, () => decide(ended, [2], "Deny", "Moved to the web team")],
    [52, () => advanceAccessReviews(database)],
    [
      84,
      async () => {
        const running = await start(demo.productionId, "Who may activate on Contoso Production", {
          covers: "Eligible",
          durationDays: 21,
          recurrence: "Quarterly",
          withoutAnswer: "Recommendation",
          applyAutomatically: false,
        });
        await decide(running, [0], "Approve", "Needs it for releases");
      },
    ],
    [
      86,
      () =>
        start(demo.platformId, "Standing access to the platform", {
          covers: "Active",
          includeBelow: true,
          reviewers: "Members",
          durationDays: 20,
          recurrence: "Monthly",
          seriesEnd: { kind: "AfterTimes", times: 6 },
        }),
    ],
    [
      87,
      async () => {
        const singly = await start(demo.sandboxId, "Each member who may activate on Contoso Sandbox", {
          covers: "Eligible",
          eachMember: true,
          durationDays: 14,
          applyAutomatically: false,
        });
        await decide(singly, [0], "Approve", "Trains the forecast model");
      },
    ],
  ];
  return async () => {
    for (let next = steps[0]; next && clock.now >= addDays(begin, next[0]); next = steps[0]) {
      steps.shift();
      await next[1]();
    }
  };
}
