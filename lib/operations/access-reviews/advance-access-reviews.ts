import { nextReviewState, tooManyItems } from "@/lib/domain/access-reviews/access-review";
import { startApplying } from "@/lib/operations/access-reviews/apply-access-review";
import { applyReviewItems } from "@/lib/operations/access-reviews/apply-review-items";
import { beginAccessReview } from "@/lib/operations/access-reviews/begin-access-review";
import { endAccessReview } from "@/lib/operations/access-reviews/end-access-review";
import {
  administratorMayReview,
  askAdministrators,
} from "@/lib/operations/access-reviews/hold-access-review";
import {
  type LoadedReview,
  loadReview,
  reviewEntry,
} from "@/lib/operations/access-reviews/load-access-review";
import { markStopped } from "@/lib/operations/access-reviews/stop-access-review";
import type { Actor } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/** How many reviews of each kind one run handles; the next run continues. */
const batch = 50;

/**
 * Moves access reviews on with time: starts those that are due, ends those whose time is over and plans
 * the next of their series, and applies those that apply automatically. Any number of workers may run
 * it, at once and as often as they like: nothing happens twice. Returns how many reviews it moved on.
 */
export async function advanceAccessReviews(
  database: Database,
): Promise<{ started: number; ended: number; applied: number }> {
  const due = Prisma.sql`state = 'NotStarted' AND starts_at <= postern_now()`;
  const fresh = await each(database, Prisma.sql`${due} AND start_held_at IS NULL`, startDue);
  // In any order, so that reviews whose administrators never return do not keep others waiting.
  const held = await each(
    database,
    Prisma.sql`${due} AND start_held_at IS NOT NULL`,
    startDue,
    Prisma.sql`random()`,
  );
  const started = fresh + held;
  const ended = await each(database, Prisma.sql`state = 'InProgress' AND ends_at <= postern_now()`, endDue);
  const applied = await applyDue(database);
  return { started, ended, applied };
}

type Step = (transaction: Transaction, review: LoadedReview, now: Date) => Promise<boolean>;

/**
 * Handles each review that the condition finds, in a transaction of its own, skipping those that another worker has
 * locked.
 */
async function each(
  database: Database,
  due: Prisma.Sql,
  step: Step,
  order = Prisma.sql`starts_at, id`,
): Promise<number> {
  let moved = 0;
  for (const id of await dueReviews(database, due, order)) {
    const done = await inTransaction(database, async (transaction) => {
      const review = await loadReview(transaction, id, "claim");
      return review !== null && (await step(transaction, review, await databaseNow(transaction)));
    });
    if (done) moved += 1;
  }
  return moved;
}

async function dueReviews(
  database: Database,
  due: Prisma.Sql,
  order = Prisma.sql`starts_at, id`,
): Promise<string[]> {
  const rows = await inTransaction(
    database,
    (transaction) => transaction.$queryRaw<{ id: string }[]>`
      SELECT id FROM access_reviews WHERE ${due} ORDER BY ${order} LIMIT ${batch}`,
  );
  return rows.map((row) => row.id);
}

/**
 * Starts a review only if its administrator could start it by hand. Otherwise it waits until they have the right
 * again, or until somebody who has it takes the review over. The administrators are asked once.
 */
async function startDue(transaction: Transaction, review: LoadedReview, now: Date): Promise<boolean> {
  if (nextReviewState(review.state, "start") === null || review.startsAt > now) return false;
  if (!(await administratorMayReview(transaction, review))) {
    if (review.startHeldAt !== null) return false;
    await transaction.accessReview.update({ where: { id: review.id }, data: { startHeldAt: now } });
    await askAdministrators(transaction, review, "Start");
    return false;
  }
  const begun = await beginAccessReview(transaction, review, null, now);
  if (!begun.began) {
    await markStopped(transaction, review, null, tooManyItems(review), now);
  }
  return true;
}

async function endDue(transaction: Transaction, review: LoadedReview, now: Date): Promise<boolean> {
  return (await endAccessReview(transaction, review, now)).state !== review.state;
}

/**
 * Applies the review in its administrator's name, as far as they have the rights now
 * (docs/decisions/access-reviews.md). An interrupted application continues in the name of the person who began it.
 */
async function applyDue(database: Database): Promise<number> {
  const due = Prisma.sql`state = 'Applying'
    OR (state = 'Completed' AND apply_automatically AND apply_held_at IS NULL AND stopped_at IS NULL)`;
  let moved = 0;
  for (const id of await dueReviews(database, due)) {
    const claim = await inTransaction(database, async (transaction) => {
      const review = await loadReview(transaction, id, "claim");
      if (!review) return null;
      if (review.state === "Applying") return review.appliedBy && { actor: actorOf(review.appliedBy) };
      if (review.state !== "Completed" || review.applyHeldAt !== null) return null;
      const actor = actorOf(review.administrator);
      await startApplying(
        transaction,
        review,
        actor,
        reviewEntry("AccessReviewApplied", review, actor),
        true,
      );
      return { actor };
    });
    if (claim) {
      await applyReviewItems(database, claim.actor, id, true);
      moved += 1;
    }
  }
  return moved;
}

function actorOf(person: { id: string; displayName: string }): Actor {
  return { userId: person.id, displayName: person.displayName };
}
