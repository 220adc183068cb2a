import {
  type FoundOfKind,
  foundBy,
  knownAlert,
  newestThenLongestUnseen,
  type SeenAt,
} from "@/lib/authority/alerts/alert-finding";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

interface OpenReview extends SeenAt {
  readonly requestId: string;
  readonly resourceId: string;
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly assignmentId: string;
  readonly reason: string;
}

/**
 * Emergency activations whose review is open, one finding each until the review is closed. This alert
 * cannot be switched off.
 */
export async function unreviewedBreakGlass(transaction: Transaction, atOnce: number): Promise<FoundOfKind> {
  const kind = "BreakGlass";
  const rows = await transaction.$queryRaw<OpenReview[]>`
    SELECT v.request_id AS "requestId", v.resource_id AS "resourceId", v.member_id AS "principalId",
      v.role_definition_id AS "roleDefinitionId", v.assignment_id AS "assignmentId", left(v.reason, 500) AS reason,
      known.seen_at AS "seenAt"
    FROM break_glass_reviews v JOIN resources r ON r.id = v.resource_id
    ${knownAlert(kind, Prisma.sql`v.request_id`)}
    WHERE v.closed_at IS NULL
    ORDER BY ${newestThenLongestUnseen}, v.request_id LIMIT ${atOnce}`;
  return foundBy(kind, rows, atOnce, ({ requestId, reason, seenAt: _, ...rest }) => ({
    ...rest,
    subject: requestId,
    details: { requestId, reason },
  }));
}
