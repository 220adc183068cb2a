import {
  type FoundAnew,
  foundBy,
  knownAlert,
  newestThenLongestUnseen,
  type SeenAt,
  settings,
  threshold,
} from "@/lib/authority/alerts/alert-finding";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

interface OwnerRow extends SeenAt {
  readonly resourceId: string;
  readonly count: number;
  readonly names: string[];
  readonly assigned: number;
  readonly threshold: number;
  readonly percent: number;
}

/** Access in effect, written so that the indexes of ends are used. */
const inEffect = Prisma.sql`starts_at <= postern_now() AND coalesce(ends_at, 'infinity') > postern_now()`;
const ownerAssignments = Prisma.sql`SELECT resource_id, principal_id FROM assignments
  WHERE role_definition_id = ${ownerRoleId}::uuid AND assignment_type = 'Assigned' AND ${inEffect}`;

/**
 * The enabled principals with Owner at a resource, assigned or eligible, or only those assigned
 * permanently, where there are too many: in number, and as a percentage of everybody who is assigned or
 * eligible for any role at that resource. A group counts as one. Counting stops at a hundred times the
 * Owners, since no percentage can be reached beyond that.
 */
export async function owners(
  transaction: Transaction,
  kind: "TooManyOwners" | "TooManyPermanentOwners",
  atOnce: number,
  tree: Prisma.Sql,
): Promise<FoundAnew> {
  const held =
    kind === "TooManyPermanentOwners"
      ? Prisma.sql`${ownerAssignments} AND ends_at IS NULL`
      : Prisma.sql`${ownerAssignments} UNION SELECT resource_id, principal_id FROM eligibilities
          WHERE role_definition_id = ${ownerRoleId}::uuid AND ${inEffect}`;
  const everybody = Prisma.sql`(SELECT count(*)::int FROM (
    SELECT FROM (
      SELECT a.principal_id FROM assignments a
      WHERE a.resource_id = x.resource_id AND a.assignment_type = 'Assigned' AND ${inEffect}
      UNION SELECT e.principal_id FROM eligibilities e WHERE e.resource_id = x.resource_id AND ${inEffect}) has
    JOIN principals p ON p.id = has.principal_id AND p.disabled_at IS NULL LIMIT 100 * x.count + 1) counted)`;
  const rows = await transaction.$queryRaw<OwnerRow[]>`
    WITH owner AS MATERIALIZED (
      SELECT h.resource_id, h.principal_id FROM (${held}) h
      JOIN principals p ON p.id = h.principal_id AND p.disabled_at IS NULL
    ), page AS MATERIALIZED (
      SELECT x.resource_id, x.count, known.seen_at, ${threshold(kind)} AS threshold, coalesce(s.percent, 0) AS percent
      FROM (SELECT resource_id, count(*)::int AS count FROM owner GROUP BY resource_id) x
      JOIN ${tree} r ON r.id = x.resource_id ${settings(kind)} ${knownAlert(kind, Prisma.sql`'owners'`)}
      WHERE coalesce(s.enabled, true) AND x.count >= ${threshold(kind)}
        AND CASE WHEN coalesce(s.percent, 0) > 0 THEN 100 * x.count >= s.percent * ${everybody} ELSE true END
      ORDER BY ${newestThenLongestUnseen}, r.id LIMIT ${atOnce}
    )
    SELECT x.resource_id AS "resourceId", x.count, x.seen_at AS "seenAt", x.threshold, x.percent,
      ${everybody} AS assigned, named.names
    FROM page x JOIN (
      SELECT o.resource_id, (array_agg(
        p.display_name || ' (' || coalesce(p.email, p.type || ' ' || coalesce(p.external_id, p.id::text)) || ')'
        ORDER BY lower(p.display_name), p.id))[1:20] AS names
      FROM owner o JOIN principals p ON p.id = o.principal_id WHERE o.resource_id IN (SELECT resource_id FROM page)
      GROUP BY o.resource_id) named ON named.resource_id = x.resource_id
    ORDER BY x.seen_at NULLS FIRST, x.resource_id`;
  return foundBy(kind, rows, atOnce, ({ resourceId, count, names, assigned, threshold, percent }) => ({
    resourceId,
    subject: "owners",
    roleDefinitionId: ownerRoleId,
    details: { count, names, assigned, threshold, percent },
  }));
}
