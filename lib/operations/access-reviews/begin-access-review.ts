import { maximumReviewItems } from "@/lib/domain/access-reviews/access-review";
import { recommendationFor, unusedDays } from "@/lib/domain/access-reviews/review-item";
import { addDays } from "@/lib/domain/time/schedule";
import { type LoadedReview, reviewEntry } from "@/lib/operations/access-reviews/load-access-review";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

interface AccessRow {
  readonly access: "Eligible" | "Active";
  readonly id: string;
  readonly principalId: string;
  /** The group that holds the access, if the row is one member of it. */
  readonly groupId: string | null;
  readonly principalType: "User" | "Group" | "ServicePrincipal";
  readonly disabled: boolean;
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly managerId: string | null;
}

/**
 * Begins a locked review: records what is under review now, with its last use and recommendation, and
 * starts its time. Above the limit of items it begins nothing and answers `TooMany`. Activations are
 * not reviewed, since they end within a day, with their eligibility.
 */
export async function beginAccessReview(
  transaction: Transaction,
  review: LoadedReview,
  actor: Actor | null,
  now: Date,
): Promise<{ began: true; items: number } | { began: false; because: "TooMany" }> {
  const rows = await accessUnderReview(transaction, review, now);
  if (rows.length > maximumReviewItems) return { began: false, because: "TooMany" };
  await transaction.accessReviewItem.createMany({
    data: rows.map((row, position) => ({
      reviewId: review.id,
      position,
      principalId: row.principalId,
      groupId: row.groupId,
      roleDefinitionId: row.roleDefinitionId,
      resourceId: row.resourceId,
      ...(row.access === "Eligible" ? { eligibilityId: row.id } : { assignmentId: row.id }),
      accessStartsAt: row.startsAt,
      accessEndsAt: row.endsAt,
      lastUsedAt: row.lastUsedAt,
      managerId: row.managerId,
      ...recommendationFor(row, now, review.inactiveDays ?? unusedDays),
    })),
  });
  const endsAt = addDays(now, review.durationDays);
  await transaction.accessReview.update({
    where: { id: review.id },
    data: { state: "InProgress", begunAt: now, endsAt, startHeldAt: null },
  });
  const entry = reviewEntry("AccessReviewStarted", review, actor);
  await recordAuditEvent(transaction, {
    ...entry,
    outcome: "Success",
    details: {
      ...entry.details,
      items: rows.length,
      endsAt: endsAt.toISOString(),
      reviewers: review.reviewers,
      reviewerIds: [...review.reviewerIds],
    },
  });
  return { began: true, items: rows.length };
}

/**
 * The eligibilities and direct assignments that the review covers now, in the order of names. A review
 * of unused access leaves out what is younger than its period. Access of a group is one item, or one
 * item for each enabled user and service principal who has it through groups of any depth. A group
 * without any such member is still one item, so that its access is reviewed.
 */
function accessUnderReview(transaction: Transaction, review: LoadedReview, now: Date): Promise<AccessRow[]> {
  const { path } = review.resource;
  const roleIds = [...review.roleDefinitionIds];
  const before = review.inactiveDays === null ? null : addDays(now, -review.inactiveDays);
  // Every group under review is at least one item, so no more groups and members than items are looked at.
  const most = Prisma.sql`CASE WHEN ${before}::timestamptz IS NULL THEN ${maximumReviewItems + 1}::int END`;
  // Without OFFSET, the planner would read all access for some resources, and all memberships for each
  // row. OFFSET keeps what is looked up one by one separate. Only what is reviewed is sorted, so that a
  // review with too many items is found out early.
  const inForce = Prisma.sql`(${roleIds.length === 0} OR role_definition_id = ANY (${roleIds}::uuid[]))
    AND starts_at <= ${now} AND (ends_at IS NULL OR ends_at > ${now})
    AND (${before}::timestamptz IS NULL OR starts_at <= ${before}::timestamptz)`;
  return transaction.$queryRaw<AccessRow[]>`
    WITH RECURSIVE within AS (
      SELECT id, display_name FROM resources
      WHERE path = ${path} OR (${review.includeBelow} AND path > ${`${path}.`} AND path < ${`${path}/`})
    ), chosen AS MATERIALIZED (
      SELECT a.*, p.type, p.disabled_at IS NOT NULL AS disabled, p.manager_id, lower(p.display_name) AS member,
        lower(d.role_name) AS role, lower(w.display_name) AS place
      FROM within w
      CROSS JOIN LATERAL (
        SELECT 'Eligible' AS access, id, principal_id, role_definition_id, resource_id, starts_at, ends_at
        FROM eligibilities
        WHERE ${review.covers !== "Active"} AND resource_id = w.id AND ${inForce}
        UNION ALL
        SELECT 'Active', id, principal_id, role_definition_id, resource_id, starts_at, ends_at
        FROM assignments
        WHERE ${review.covers !== "Eligible"} AND assignment_type = 'Assigned' AND resource_id = w.id AND ${inForce}
        OFFSET 0) a
      JOIN principals p ON p.id = a.principal_id
      JOIN role_definitions d ON d.id = a.role_definition_id
      LIMIT ${most}
    ), below (group_id, id, type) AS (
      SELECT DISTINCT c.principal_id, c.principal_id, c.type FROM chosen c
      WHERE ${review.eachMember} AND c.type = 'Group' AND NOT c.disabled
      UNION
      SELECT b.group_id, p.id, p.type FROM below b
      CROSS JOIN LATERAL (SELECT m.member_id FROM group_members m WHERE m.group_id = b.id OFFSET 0) m
      JOIN principals p ON p.id = m.member_id AND p.disabled_at IS NULL
      WHERE b.type = 'Group'
    ), members AS MATERIALIZED (
      SELECT b.group_id, b.id FROM below b WHERE b.type <> 'Group' LIMIT ${most}
    ), joined AS MATERIALIZED (
      SELECT f.group_id, f.id, min(m.added_at) AS joined_at FROM members f
      JOIN group_members m ON m.member_id = f.id
      JOIN below b ON b.group_id = f.group_id AND b.id = m.group_id
      GROUP BY f.group_id, f.id
    ), reviewed AS (
      SELECT c.access, c.id, c.principal_id, NULL::uuid AS group_id, c.type, c.disabled, c.manager_id,
        c.role_definition_id, c.resource_id, c.starts_at, c.ends_at, c.member, c.role, c.place
      FROM chosen c WHERE NOT EXISTS (SELECT FROM members f WHERE f.group_id = c.principal_id)
      UNION ALL
      SELECT c.access, c.id, p.id, c.principal_id, p.type, false, p.manager_id,
        c.role_definition_id, c.resource_id, greatest(c.starts_at, j.joined_at), c.ends_at, lower(p.display_name),
        c.role, c.place
      FROM chosen c JOIN joined j ON j.group_id = c.principal_id JOIN principals p ON p.id = j.id
      WHERE ${before}::timestamptz IS NULL OR j.joined_at <= ${before}::timestamptz
    ), used AS MATERIALIZED (
      SELECT a.*, u.last_used_at FROM reviewed a
      CROSS JOIN LATERAL (
        SELECT CASE
          WHEN a.access = 'Eligible' THEN (
            SELECT max(x.starts_at) FROM eligibilities e JOIN assignments x ON x.eligibility_id = e.id
            WHERE e.principal_id = coalesce(a.group_id, a.principal_id) AND e.role_definition_id = a.role_definition_id
              AND e.resource_id = a.resource_id AND x.starts_at <= ${now} AND x.ends_at > x.starts_at
              AND (a.group_id IS NULL OR x.principal_id = a.principal_id))
          WHEN a.type = 'Group' THEN (
            WITH RECURSIVE people (id, type) AS (
              SELECT a.principal_id, a.type
              UNION
              SELECT p.id, p.type FROM people g
              CROSS JOIN LATERAL (
                SELECT m.member_id FROM group_members m WHERE g.type = 'Group' AND m.group_id = g.id OFFSET 0) m
              JOIN principals p ON p.id = m.member_id
            )
            SELECT max(s.last_seen_at) FROM people JOIN sessions s ON s.user_id = people.id AND NOT s.awaits_factor)
          ELSE (
            SELECT max(s.last_seen_at) FROM sessions s WHERE s.user_id = a.principal_id AND NOT s.awaits_factor)
          END AS last_used_at OFFSET 0) u
      WHERE ${before}::timestamptz IS NULL OR u.last_used_at IS NULL OR u.last_used_at <= ${before}::timestamptz
      LIMIT ${maximumReviewItems + 1}
    )
    SELECT access, id, principal_id AS "principalId", group_id AS "groupId", type::text AS "principalType", disabled,
      manager_id AS "managerId", role_definition_id AS "roleDefinitionId", resource_id AS "resourceId",
      starts_at AS "startsAt", ends_at AS "endsAt", last_used_at AS "lastUsedAt"
    FROM used ORDER BY member, principal_id, role, place, id`;
}
