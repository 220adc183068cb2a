import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { Transaction } from "@/lib/platform/database";

/** How many roles of a group are named; the others are counted. */
export const namedRoles = 20;

/** A role that somebody has as a member of a group. */
export interface GivenRole {
  readonly access: "Eligible" | "Active";
  readonly roleName: string;
  readonly resourceName: string;
}

/** A group whose member is under review, and what else the membership gives. */
export interface ReviewedGroup extends PrincipalIdentity {
  readonly alsoGives: { readonly count: number; readonly roles: readonly GivenRole[] };
}

interface Gives {
  readonly count: number;
  /** Which of the given accesses are among them. */
  readonly reviewed: readonly string[];
  readonly roles: readonly (GivenRole & { readonly id: string })[];
}

/**
 * What being in each of these groups gives now or later, by itself and through the groups above it, by
 * role and place. One more than the number that is named, so that one can be left out.
 */
export async function accessOfGroups(
  transaction: Transaction,
  items: readonly { readonly groupId: string; readonly accessId: string }[],
): Promise<ReadonlyMap<string, Gives>> {
  if (items.length === 0) return new Map();
  const groupIds = [...new Set(items.map(({ groupId }) => groupId))];
  const accessIds = [...new Set(items.map(({ accessId }) => accessId))];
  const rows = await transaction.$queryRaw<({ groupId: string } & Gives)[]>`
    SELECT each.group_id AS "groupId", count(*)::int AS count,
      coalesce(array_agg(each.id) FILTER (WHERE each.id = ANY (${accessIds}::uuid[])), '{}') AS reviewed,
      jsonb_agg(jsonb_build_object('id', each.id, 'access', each.access, 'roleName', each.role_name,
        'resourceName', each.display_name) ORDER BY each.place) FILTER (WHERE each.place <= ${namedRoles + 1}) AS roles
    FROM (
    SELECT g.id AS group_id, x.id, x.access, d.role_name, r.display_name,
      row_number() OVER (PARTITION BY g.id ORDER BY lower(d.role_name), lower(r.display_name), x.id) AS place
    FROM unnest(${groupIds}::uuid[]) AS g (id)
    CROSS JOIN LATERAL principals_and_groups_above(ARRAY[g.id]) AS above (id)
    CROSS JOIN LATERAL (
      SELECT 'Eligible' AS access, e.id, e.role_definition_id, e.resource_id FROM eligibilities e
      WHERE e.principal_id = above.id AND (e.ends_at IS NULL OR (e.ends_at > postern_now() AND e.ends_at > e.starts_at))
      UNION ALL
      SELECT 'Active', a.id, a.role_definition_id, a.resource_id FROM assignments a
      WHERE a.principal_id = above.id AND a.assignment_type = 'Assigned'
        AND (a.ends_at IS NULL OR (a.ends_at > postern_now() AND a.ends_at > a.starts_at))) x
    JOIN role_definitions d ON d.id = x.role_definition_id
    JOIN resources r ON r.id = x.resource_id) each
    GROUP BY each.group_id`;
  return new Map(rows.map(({ groupId, ...gives }) => [groupId, gives]));
}

/** What a group gives besides one eligibility or assignment. */
export function otherAccess(gives: Gives | undefined, accessId: string): ReviewedGroup["alsoGives"] {
  if (!gives) return { count: 0, roles: [] };
  return {
    count: gives.count - (gives.reviewed.includes(accessId) ? 1 : 0),
    roles: gives.roles
      .filter(({ id }) => id !== accessId)
      .slice(0, namedRoles)
      .map(({ id: _, ...role }) => role),
  };
}
