import { createHash } from "node:crypto";
import type { ResourceFacts } from "@/lib/authority/authority";
import { retiredPrefix } from "@/lib/domain/resources/retire";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** A retirement that has not been undone. */
export interface Retirement {
  readonly id: string;
  readonly number: number;
  readonly resourceId: string;
  readonly displayName: string;
  readonly resourceType: string;
  /** The scope it had before it was retired, and that of the resource above it at that time. */
  readonly scope: string;
  readonly parentId: string;
  readonly parentScope: string;
  readonly path: string;
  readonly resources: number;
  readonly retiredAt: Date;
  /** It was retired too long ago to be restored. */
  readonly past: boolean;
}

/** An eligibility or direct assignment that the retirement ended and that would still run, with what judges it. */
export interface ClosedAccess {
  readonly id: string;
  readonly type: "Eligible" | "Active";
  readonly principalId: string;
  readonly principalName: string;
  readonly disabled: boolean;
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly roleVersion: number;
  readonly writesAuthorization: boolean;
  readonly deleted: boolean;
  readonly resourceId: string;
  readonly resourceName: string;
  /** The scope and the chain of ids that the resource will have. */
  readonly scope: string;
  readonly path: string;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  /** An access review has denied it. */
  readonly denied: boolean;
  readonly assignable: boolean;
  readonly eligibleMaximumDays: number | null;
  readonly activeMaximumDays: number | null;
  readonly assignmentRequiresMfa: boolean;
  readonly assignmentPhishingResistant: boolean;
  readonly assignmentRequiresJustification: boolean;
}

/** A retirement that can still be undone, or could have been. Null if the id is unknown. */
export async function findRetirement(transaction: Transaction, id: string): Promise<Retirement | null> {
  const [row] = await transaction.$queryRaw<Retirement[]>`
    SELECT t.id, t.number, t.resource_id AS "resourceId", r.display_name AS "displayName",
      r.resource_type AS "resourceType", t.scope, t.parent_id AS "parentId", t.parent_scope AS "parentScope", t.path,
      t.resources, t.retired_at AS "retiredAt", t.retired_at + interval '30 days' <= postern_now() AS past
    FROM retirements t JOIN resources r ON r.id = t.resource_id WHERE t.id = ${id}::uuid AND t.undone_at IS NULL`;
  return row ?? null;
}

/**
 * The scope that a retired resource `r` gets back. Where it began with the scope of the resource above,
 * it begins with that resource's present scope.
 */
export function scopeAgain(
  { number, parentScope }: Pick<Retirement, "number" | "parentScope">,
  parent: Pick<ResourceFacts, "scope">,
): Prisma.Sql {
  const former = Prisma.sql`substr(r.scope, ${retiredPrefix(number).length + 1}::int)`;
  return Prisma.sql`CASE WHEN ${parentScope} <> '/' AND starts_with(lower(${former}), lower(${parentScope}) || '/')
    THEN ${parent.scope} || substr(${former}, length(${parentScope}::text) + 1) ELSE ${former} END`;
}

/**
 * The chain of ids that a retired resource `r` gets below its former place. While retired, its own
 * chain begins with 32 zeros and a dot.
 */
const pathAgain = (parent: Pick<ResourceFacts, "path">) =>
  Prisma.sql`(${parent.path}::text || substr(r.path, 33))`;

/** What a retirement closed and what would not have ended since, as the settings and roles of its place judge it now. */
export function closedAccess(
  transaction: Transaction,
  retirement: Retirement,
  parent: ResourceFacts,
): Promise<ClosedAccess[]> {
  return transaction.$queryRaw<ClosedAccess[]>`
    WITH retired AS MATERIALIZED (
      SELECT r.id, r.display_name, ${scopeAgain(retirement, parent)} AS scope, ${pathAgain(parent)} AS path
      FROM resources r WHERE r.retirement_id = ${retirement.id}::uuid)
    SELECT k.id, CASE WHEN k.eligibility_id IS NULL THEN 'Active' ELSE 'Eligible' END AS type,
      p.id AS "principalId", p.display_name AS "principalName", p.disabled_at IS NOT NULL AS disabled,
      d.id AS "roleDefinitionId", d.role_name AS "roleName", d.version AS "roleVersion",
      d.writes_authorization AS "writesAuthorization", d.deleted_at IS NOT NULL AS deleted,
      r.id AS "resourceId", r.display_name AS "resourceName", r.scope, r.path,
      coalesce(e.starts_at, a.starts_at) AS "startsAt", k.planned_end AS "endsAt",
      EXISTS (SELECT FROM access_review_items i
        WHERE (i.eligibility_id = k.eligibility_id OR i.assignment_id = k.assignment_id) AND i.decision = 'Deny') AS denied,
      '/' = ANY (d.assignable_scopes) OR EXISTS (
        SELECT FROM unnest(d.assignable_scopes) AS each
        WHERE lower(each) IN (
          SELECT lower(u.scope) FROM resources u WHERE u.id = ANY (path_ids(${parent.path}))
          UNION ALL SELECT lower(u.scope) FROM retired u WHERE u.id = ANY (path_ids(r.path)))) AS assignable,
      s.eligible AS "eligibleMaximumDays", s.active AS "activeMaximumDays", s.mfa AS "assignmentRequiresMfa",
      s.resistant AS "assignmentPhishingResistant", s.reason AS "assignmentRequiresJustification"
    FROM retired_access k
    LEFT JOIN eligibilities e ON e.id = k.eligibility_id LEFT JOIN assignments a ON a.id = k.assignment_id
    JOIN principals p ON p.id = coalesce(e.principal_id, a.principal_id)
    JOIN role_definitions d ON d.id = coalesce(e.role_definition_id, a.role_definition_id)
    JOIN retired r ON r.id = coalesce(e.resource_id, a.resource_id)
    CROSS JOIN LATERAL (
      -- As direct_settings does, for the levels that will be above it.
      SELECT min(l.eligible) AS eligible, min(l.active) AS active, bool_or(l.mfa) AS mfa, bool_or(l.resistant) AS resistant,
        bool_or(l.reason) AS reason
      FROM (
        SELECT o.eligible_maximum_days AS eligible, o.active_maximum_days AS active, o.assignment_requires_mfa AS mfa,
          o.assignment_requires_mfa AND o.assignment_phishing_resistant AS resistant,
          o.assignment_requires_justification AS reason
        FROM role_management_policies o
        WHERE o.role_definition_id = d.id AND o.resource_id = ANY (path_ids(r.path)) AND (o.resource_id = r.id OR o.version > 0)
        UNION ALL
        SELECT 365, 180, d.writes_authorization, FALSE, TRUE
        WHERE NOT EXISTS (SELECT FROM role_management_policies o WHERE o.role_definition_id = d.id AND o.resource_id = r.id)) l
    ) s
    WHERE k.retirement_id = ${retirement.id}::uuid AND (k.planned_end IS NULL OR k.planned_end > postern_now())
    ORDER BY 2, lower(d.role_name), k.id`;
}

/** The same facts give the same text. It proves that what was shown is what is done. */
export function restorationDigest(
  retirement: Retirement,
  parent: ResourceFacts,
  rows: readonly { readonly access: ClosedAccess; readonly staysClosed: string | null }[],
): string {
  const shown = [
    [retirement.id, retirement.path, parent.id, parent.scope, parent.path],
    rows.map(({ access, staysClosed }) => [
      access.id,
      access.scope,
      access.roleVersion,
      access.endsAt,
      staysClosed,
    ]),
  ];
  return createHash("sha256").update(JSON.stringify(shown)).digest("hex");
}
