import { isolated } from "@/lib/domain/text/visible-text";
import type { LoadedReview } from "@/lib/operations/access-reviews/load-access-review";
import { Refusal } from "@/lib/operations/gate/refusal";
import { removeMemberIn } from "@/lib/operations/people/remove-group-member";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import type { Prisma } from "@/lib/platform/generated/client";

/** A denied item about one member of a group, whom the caller has locked. */
interface MemberItem {
  readonly id: string;
  readonly principalId: string;
  readonly groupId: string;
  readonly eligibilityId: string | null;
  readonly assignmentId: string | null;
}

const gone = { outcome: "AlreadyGone" as const };

/**
 * Removes a member from the group through which a review denied them access, by the same checks as a removal by hand.
 * Only the membership that was reviewed ends, not one that began after the review did. Throws a `Refusal` in three
 * cases: the removal would not take the access away, because they also have it through another group; another
 * decision of the review keeps something they have through the same group; or the actor may not remove them.
 */
export async function removeReviewedMember(
  transaction: Transaction,
  actor: Actor,
  review: LoadedReview,
  item: MemberItem,
  removal: { readonly justification: string; readonly details: Prisma.InputJsonObject },
) {
  const found = await membershipNow(transaction, item);
  if (!found.holds || (found.addedAt === null && found.between.length === 0)) return gone;
  const { group, member } = found;
  const attempt = {
    kind: "GroupMemberRemoved" as const,
    caller: actor,
    target: member,
    justification: removal.justification,
    details: { ...removal.details, groupId: group.id, groupName: group.displayName },
  };
  const refuse = (message: string) => new Refusal({ code: "Conflict", message }, attempt);
  if (found.between.length > 0) {
    const names = found.between.map(isolated).join(", ");
    const message = `They belong to ${isolated(group.displayName)} through ${names}. Decide there whether they stay, then apply the results again.`;
    throw refuse(message);
  }
  if (found.addedAt === null || review.begunAt === null || found.addedAt > review.begunAt) {
    return { ...gone, outcomeMessage: "They left the group and joined it again after the review began." };
  }
  if (found.approved !== null) {
    const message = `Removing them from ${isolated(group.displayName)} would also take ${isolated(found.approved)}, which this review approved.`;
    throw refuse(message);
  }
  await removeMemberIn(transaction, actor, { groupId: group.id, memberId: member.id, ...removal });
  await alsoRemoved(transaction, review.id, item);
  return { outcome: "Removed" as const };
}

interface MembershipNow {
  readonly group: { readonly id: string; readonly displayName: string };
  readonly member: { readonly id: string; readonly displayName: string };
  /** Whether the group still has the access. */
  readonly holds: boolean;
  /** When they joined the group directly; null if they are not direct members. */
  readonly addedAt: Date | null;
  /** Their other groups through which they are in it as well, at most three. */
  readonly between: readonly string[];
  /** What the review approved of their access through the same group. */
  readonly approved: string | null;
}

async function membershipNow(transaction: Transaction, item: MemberItem): Promise<MembershipNow> {
  const [found] = await transaction.$queryRaw<MembershipNow[]>`
    SELECT json_build_object('id', g.id, 'displayName', g.display_name) AS "group",
      json_build_object('id', p.id, 'displayName', p.display_name) AS member,
      EXISTS (SELECT FROM eligibilities e
        WHERE e.id = ${item.eligibilityId}::uuid AND (e.ends_at IS NULL OR e.ends_at > postern_now())
        UNION ALL
        SELECT FROM assignments a
        WHERE a.id = ${item.assignmentId}::uuid AND (a.ends_at IS NULL OR a.ends_at > postern_now())) AS holds,
      (SELECT m.added_at FROM group_members m WHERE m.group_id = g.id AND m.member_id = p.id) AS "addedAt",
      ARRAY (SELECT b.display_name FROM group_members m JOIN principals b ON b.id = m.group_id
        WHERE m.member_id = p.id AND m.group_id <> g.id
          AND g.id IN (SELECT principal_and_groups(m.group_id)) ORDER BY lower(b.display_name), b.id LIMIT 3) AS between,
      (SELECT d.role_name || ' on ' || r.display_name FROM access_review_items i
        JOIN access_review_items o ON o.review_id = i.review_id AND o.principal_id = i.principal_id
          AND o.group_id = i.group_id AND o.decision = 'Approve'
        JOIN role_definitions d ON d.id = o.role_definition_id
        JOIN resources r ON r.id = o.resource_id
        WHERE i.id = ${item.id}::uuid ORDER BY o.position LIMIT 1) AS approved
    FROM principals g, principals p WHERE g.id = ${item.groupId}::uuid AND p.id = ${item.principalId}::uuid`;
  if (!found) throw new Error("a principal under review is gone");
  return found;
}

/** Access that was kept without an approval and that ended with the membership is not shown as kept. */
async function alsoRemoved(transaction: Transaction, reviewId: string, item: MemberItem): Promise<void> {
  await transaction.accessReviewItem.updateMany({
    where: { reviewId, principalId: item.principalId, groupId: item.groupId, outcome: "Kept" },
    data: {
      outcome: "Removed",
      outcomeMessage: "It ended with the membership, because other access through the group was denied.",
    },
  });
}
