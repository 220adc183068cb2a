import {
  type FoundAnew,
  foundBy,
  knownAlert,
  newestThenLongestUnseen,
  type SeenAt,
  settings,
} from "@/lib/authority/alerts/alert-finding";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** The condition of `audit_events_outlasting_idx` on an event `e`. It must match the index word for word. */
const outlasting = Prisma.sql`(e.outcome = 'Success' AND e.details @> '{"stepUp": ["OutlastsAuthority"]}'::jsonb)`;

/** What has not ended, whether or not it has begun. */
const stands = Prisma.sql`(x.ends_at IS NULL OR (x.ends_at > postern_now() AND x.ends_at > x.starts_at))`;

/** Events that grant access, or more of it. After any of them, its actor is responsible for the access since. */
const grantsAccess = (event: Prisma.Sql) =>
  Prisma.sql`(${event}.outcome = 'Success' AND ${event}.kind IN (
    'ActiveAssignmentAdded', 'ActiveAssignmentUpdated', 'ActiveAssignmentExtended', 'ActiveAssignmentRenewed',
    'EligibleAssignmentAdded', 'EligibleAssignmentUpdated', 'EligibleAssignmentExtended', 'EligibleAssignmentRenewed'))`;

interface Given extends SeenAt {
  readonly assignmentType: "Eligible" | "Active" | null;
  readonly subject: string;
  readonly resourceId: string;
  readonly principalId: string;
  readonly roleDefinitionId: string | null;
  readonly assignmentId: string | null;
  readonly eligibilityId: string | null;
  readonly groupId: string | null;
  readonly groupName: string | null;
  readonly giver: string;
}

/**
 * Access in effect that outlasts the authority of the person who granted it last: by an assignment, an
 * extension, or by adding somebody to a group. The events record this (`details.stepUp`), since rights
 * at that time cannot be read later.
 */
export async function outlastsGiver(
  transaction: Transaction,
  atOnce: number,
  tree: Prisma.Sql,
): Promise<FoundAnew> {
  const kind = "OutlastsGiver";
  const access = (type: "Eligible" | "Active") => {
    const [table, column] =
      type === "Active"
        ? [Prisma.sql`assignments`, Prisma.sql`assignment_id`]
        : [Prisma.sql`eligibilities`, Prisma.sql`eligibility_id`];
    return Prisma.sql`
      SELECT ${type} AS "assignmentType", x.id::text AS subject, x.resource_id AS "resourceId",
        x.principal_id AS "principalId", x.role_definition_id AS "roleDefinitionId", e.${column} AS id,
        NULL::uuid AS "groupId", NULL AS "groupName", e.actor_name || coalesce(' (' || e.actor_email || ')', '') AS giver
      FROM audit_events e JOIN ${table} x ON x.id = e.${column}
      WHERE ${outlasting} AND e.kind::text LIKE ${`${type}Assignment%`} AND ${stands}
        AND NOT EXISTS (SELECT FROM audit_events later
          WHERE later.${column} = e.${column} AND later.sequence > e.sequence AND ${grantsAccess(Prisma.sql`later`)})`;
  };
  const rows = await transaction.$queryRaw<Given[]>`
    SELECT f."assignmentType", f.subject, f."resourceId", f."principalId", f."roleDefinitionId",
      CASE f."assignmentType" WHEN 'Active' THEN f.id END AS "assignmentId",
      CASE f."assignmentType" WHEN 'Eligible' THEN f.id END AS "eligibilityId",
      f."groupId", f."groupName", coalesce(f.giver, 'Somebody') AS giver, known.seen_at AS "seenAt"
    FROM (
      ${access("Active")} UNION ALL ${access("Eligible")} UNION ALL
      SELECT NULL, m.group_id || ' ' || m.member_id, root.id, m.member_id, NULL, NULL, m.group_id, g.display_name,
        e.actor_name
      FROM audit_events e JOIN resources root ON root.parent_id IS NULL
      JOIN group_members m ON m.member_id = e.target_id AND m.group_id::text = e.details ->> 'groupId'
        AND m.added_at <= e.occurred_at
      JOIN principals g ON g.id = m.group_id
      WHERE ${outlasting} AND e.kind = 'GroupMemberAdded' AND NOT EXISTS (
          SELECT FROM audit_events later WHERE later.target_id = e.target_id AND later.sequence > e.sequence
            AND later.kind = 'GroupMemberAdded' AND later.outcome = 'Success'
            AND later.details ->> 'groupId' = e.details ->> 'groupId')
        AND EXISTS (
          SELECT FROM principals_and_groups_above(ARRAY[m.group_id]) AS above (id) WHERE EXISTS (
            SELECT FROM assignments x WHERE x.principal_id = above.id AND ${stands}
            UNION ALL SELECT FROM eligibilities x WHERE x.principal_id = above.id AND ${stands}))
    ) f
    JOIN ${tree} r ON r.id = f."resourceId" ${settings(kind)} ${knownAlert(kind, Prisma.sql`f.subject`)}
    WHERE coalesce(s.enabled, true)
    ORDER BY ${newestThenLongestUnseen}, f.subject LIMIT ${atOnce}`;
  return foundBy(kind, rows, atOnce, ({ assignmentType, groupId, groupName, giver, seenAt: _, ...rest }) => ({
    ...rest,
    details: {
      giver,
      ...(assignmentType === null ? {} : { assignmentType }),
      ...(groupId === null || groupName === null ? {} : { groupId, groupName }),
    },
  }));
}
