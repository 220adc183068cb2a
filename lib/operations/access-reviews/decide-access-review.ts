import { breakGlassAccountsAmong } from "@/lib/authority/break-glass-accounts";
import { decisionWords } from "@/lib/domain/access-reviews/access-review-words";
import type { ReviewDecision } from "@/lib/domain/access-reviews/review-item";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { isolated } from "@/lib/domain/text/visible-text";
import {
  openItems,
  type ReviewableItem,
  requireReason,
  writeDecisions,
} from "@/lib/operations/access-reviews/review-decision";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { keptFor } from "@/lib/operations/gate/refuse-break-glass";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";

export interface DecideAccessReviewInput {
  readonly reviewId: string;
  /** At most `maximumDecisions`. */
  readonly itemIds: readonly string[];
  readonly decision: ReviewDecision;
  readonly reason: string | null;
  /** For each item that the reviewer saw as decided, when it was decided. */
  readonly seen: ReadonlyMap<string, Date>;
}

/**
 * Decides items of a review in progress, all or none, for somebody who is their reviewer now. It
 * replaces an earlier decision, which stays in the log. It replaces another reviewer's decision only if
 * this reviewer has seen it. After the end, by the database's clock, nothing is decided. A decision of
 * somebody who became a reviewer after the review began is marked, and is not applied automatically.
 */
export function decideAccessReview(
  database: Database,
  caller: Caller,
  input: DecideAccessReviewInput,
): Promise<OperationResult<{ decided: number }>> {
  const ids = [...new Set(input.itemIds)];
  const { decision, reason } = input;
  const attempt = {
    kind: "AccessReviewDecided" as const,
    caller,
    justification: reason,
    details: { accessReviewId: input.reviewId, decision, itemIds: ids },
  };
  return runOperation(database, attempt, async (transaction) => {
    const opened = await openItems(transaction, caller, attempt, input.reviewId, ids);
    const { review, items } = opened;
    const entry = { ...attempt, resource: review.resource };
    requireReason(review, reason, entry);
    const unseen = items.find((item) => isUnseen(item, caller, input.seen));
    if (unseen) throw new Refusal({ code: "Conflict", message: decidedMeanwhile(unseen) }, entry);
    if (decision === "Deny") await refuseDenial(transaction, items, entry);
    const given = items.map((item) => ({ item, decision }));
    await writeDecisions(transaction, caller, opened, given, { reason, recommendedIn: null });
    return { decided: given.length };
  });
}

/** Refuses to deny access of a break-glass account itself, since nothing would remove it (docs/rules.md, rule 11). */
async function refuseDenial(
  transaction: Transaction,
  items: readonly ReviewableItem[],
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const own = items.filter(({ group }) => group === null).map(({ target }) => target);
  const kept = await breakGlassAccountsAmong(
    transaction,
    own.map(({ id }) => id),
  );
  const account = own.find(({ id }) => kept.has(id));
  if (!account) return;
  throw new Refusal({ code: "Conflict", message: keptFor(account.displayName, "access") }, entry);
}

/** Whether another reviewer has decided since the caller looked. */
function isUnseen(item: ReviewableItem, caller: Caller, seen: ReadonlyMap<string, Date>): boolean {
  if (item.decidedAt === null || item.decidedById === caller.userId) return false;
  return seen.get(item.id)?.getTime() !== item.decidedAt.getTime();
}

function decidedMeanwhile({ decision, decidedBy, target }: ReviewableItem): string {
  const given = decision === null ? "decided" : `decided “${decisionWords[decision]}”`;
  return `${decidedBy ?? "Somebody"} has ${given} on ${isolated(target.displayName)} in the meantime. Look at that decision before you decide.`;
}
