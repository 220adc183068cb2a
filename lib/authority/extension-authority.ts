import { reachOf } from "@/lib/authority/reach-of";
import { asksMoreTime, orphaned } from "@/lib/authority/request-basis";
import { action } from "@/lib/domain/roles/permissions";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * The requests for more time of an eligibility or direct assignment that a user may decide at this moment, as a
 * subquery of `request_id`: those at or below a resource where they may assign such access, eligible or active. Left
 * out are their own, those of a group they are in (docs/rules.md, rule 7), and those that have lost what they rest on
 * (rule 5). The result is in the order of ids. With `page` it is one page, looked for among the requests in `among`.
 * Decisions check the same by `requirePermission`. `known`: who the user is and where they may assign, if the same
 * request has just read it.
 */
export function extensionsDecidableBy(
  userId: string,
  page: { readonly after: string | null; readonly limit: number; readonly among?: Prisma.Sql },
  known?: { readonly reached: readonly string[]; readonly assigning: readonly Assigning[] },
): Prisma.Sql {
  const assigning = known
    ? Prisma.sql`SELECT * FROM unnest(${known.assigning.map((each) => each.resourceId)}::uuid[],
        ${known.assigning.map((each) => each.eligible)}::boolean[], ${known.assigning.map((each) => each.active)}::boolean[])
        AS held (resource_id, eligible, active)`
    : assigningOf(Prisma.sql`active_assignments(${userId}::uuid, postern_now())`);
  // Many requests wait at few resources, so each resource is checked once.
  return Prisma.sql`
    WITH assigning AS MATERIALIZED (${assigning}), places AS MATERIALIZED (
      SELECT c.resource_id, bool_or(assigning.eligible) AS eligible, bool_or(assigning.active) AS active
      FROM (SELECT DISTINCT q.resource_id FROM requests q
        WHERE q.status = 'PendingApproval' AND ${asksMoreTime("q")}
          AND EXISTS (SELECT FROM assigning) OFFSET 0) c
      JOIN resources s ON s.id = c.resource_id CROSS JOIN LATERAL unnest(path_ids(s.path)) AS at (id)
      JOIN assigning ON assigning.resource_id = at.id GROUP BY 1
    )
    SELECT q.id AS request_id FROM requests q
    JOIN places ON places.resource_id = q.resource_id
      AND CASE WHEN q.eligibility_id IS NULL THEN places.active ELSE places.eligible END
    WHERE q.status = 'PendingApproval' AND ${asksMoreTime("q")}
      AND (${page.after}::uuid IS NULL OR q.id > ${page.after}::uuid)
      AND ${page.among ? Prisma.sql`q.id IN (${page.among})` : Prisma.sql`TRUE`}
      AND q.requestor_id <> ${userId}::uuid AND q.principal_id <> ALL (${reachOf(userId, known?.reached)})
      AND NOT ${orphaned("q")}
    ORDER BY q.id LIMIT ${page.limit}`;
}

/** A resource where somebody may assign access: eligible, active or both. */
export interface Assigning {
  readonly resourceId: string;
  readonly eligible: boolean;
  readonly active: boolean;
}

/** The rows of `Assigning`. `active` names rows of `active_assignments` of the user. */
function assigningOf(active: Prisma.Sql): Prisma.Sql {
  const allows = (operation: string) => Prisma.sql`bool_or(permissions_allow(d.permissions, ${operation}))`;
  return Prisma.sql`
    SELECT held.resource_id, ${allows(action.writeEligibility)} AS eligible, ${allows(action.writeAssignment)} AS active
    FROM ${active} held JOIN role_definitions d ON d.id = held.role_definition_id AND d.writes_authorization GROUP BY 1`;
}

/** The same as a list of `Assigning`, a value within a statement. */
export function assigningList(active: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(SELECT coalesce(json_agg(json_build_object(
      'resourceId', s.resource_id, 'eligible', s.eligible, 'active', s.active)), '[]')
    FROM (${assigningOf(active)}) s)`;
}
