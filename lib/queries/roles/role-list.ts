import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { identityColumn } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";
import { bestFirst, everyWord } from "@/lib/queries/name-rank";

export const rolesPageSize = 50;

type SettingAtAGlance =
  | "activationMaximumMinutes"
  | "activationRequiresMfa"
  | "activationPhishingResistant"
  | "approvalRequired"
  | "provisioningRequiresMfa"
  | "assignmentRequiresMfa"
  | "assignmentPhishingResistant";

export interface RolesFilter {
  readonly search: string;
  /** Only roles that somebody holds or is eligible for there now, or whose settings were edited there. */
  readonly used: boolean;
  /** The `key` of the last role of the previous page. */
  readonly after: string;
}

export interface RoleRow {
  readonly id: string;
  readonly roleName: string;
  readonly roleType: string;
  readonly eligible: number;
  readonly active: number;
  /** Whether its settings were edited there, and if so, when and by whom. */
  readonly changed: boolean;
  readonly updatedAt: Date | null;
  readonly updatedBy: PrincipalIdentity | null;
  readonly settings: Partial<Pick<RoleSettings, SettingAtAGlance>>;
}

export interface RolesPage {
  readonly rows: readonly RoleRow[];
  readonly next: string | null;
  readonly total: number;
}

/**
 * The roles that can be assigned at a resource, fifty a page, with how many are eligible and active there. Sorted by
 * name; for a search the best match first (see nameRank), with what is in use or edited there before the rest.
 */
export function listRoles(database: Database, resourceId: string, filter: RolesFilter): Promise<RolesPage> {
  const { search, after } = filter;
  const now = (table: "eligibilities" | "assignments") => Prisma.sql`FROM ${Prisma.raw(table)} x
    WHERE x.resource_id = ${resourceId}::uuid AND x.role_definition_id = d.id AND x.starts_at <= postern_now()
      AND (x.ends_at IS NULL OR x.ends_at > postern_now())`;
  const used = Prisma.sql`(p.version > 0 OR EXISTS (SELECT ${now("eligibilities")})
    OR EXISTS (SELECT ${now("assignments")})) IS TRUE`;
  const key = Prisma.sql`${bestFirst(Prisma.sql`d.role_name`, search, used)} || lower(d.role_name) || d.id`;
  const settingsThere = Prisma.sql`
    LEFT JOIN role_management_policies p ON p.role_definition_id = d.id AND p.resource_id = ${resourceId}::uuid`;
  // Without a condition on them the planner leaves the settings out here, and they are read only for
  // one page.
  const listed = Prisma.sql`role_definitions d ${settingsThere}
    WHERE d.deleted_at IS NULL AND ${everyWord(Prisma.sql`d.role_name`, search)}
      AND ('/' = ANY (d.assignable_scopes) OR EXISTS (
        SELECT FROM resources here JOIN resources above ON above.id = ANY (path_ids(here.path))
        JOIN unnest(d.assignable_scopes) AS assignable (scope) ON lower(assignable.scope) = lower(above.scope)
        WHERE here.id = ${resourceId}::uuid))
      AND ${filter.used ? used : Prisma.sql`TRUE`}`;
  // Without a search the values are keys, and the roles are read as a whole whatever the keys are.
  const planned = search.trim() === "" ? planOnce : Prisma.empty;
  return readOnce(database, async (transaction) => {
    const found = await transaction.$queryRaw<(RoleRow & { readonly key: string })[]>`
      ${planned} SELECT d.id, d.role_name AS "roleName", d.role_type::text AS "roleType", d.key,
        (SELECT count(*)::int ${now("eligibilities")}) AS eligible,
        (SELECT count(*)::int ${now("assignments")}) AS active,
        coalesce(p.version > 0, false) AS changed, p.updated_at AS "updatedAt",
        CASE WHEN u.id IS NOT NULL THEN ${identityColumn("u")} END AS "updatedBy",
        CASE WHEN p.id IS NULL THEN json_build_object('assignmentRequiresMfa', d.writes_authorization)
          ELSE json_build_object(
            'activationMaximumMinutes', p.activation_maximum_minutes,
            'activationRequiresMfa', p.activation_requires_mfa,
            'activationPhishingResistant', p.activation_phishing_resistant,
            'approvalRequired', p.approval_required,
            'provisioningRequiresMfa', p.provisioning_requires_mfa,
            'assignmentRequiresMfa', p.assignment_requires_mfa,
            'assignmentPhishingResistant', p.assignment_phishing_resistant) END AS settings
      FROM (SELECT d.id, d.role_name, d.role_type, d.writes_authorization, ${key} AS key
        FROM ${listed} AND ${key} > ${after} ORDER BY ${key} LIMIT ${Prisma.raw(String(rolesPageSize + 1))}) d
      ${settingsThere} LEFT JOIN principals u ON u.id = p.updated_by_id ORDER BY d.key`;
    const [counted] = await transaction.$queryRaw<
      { total: number }[]
    >`${planned} SELECT count(*)::int AS total FROM ${listed}`;
    const rows = found.slice(0, rolesPageSize);
    const next = found.length > rolesPageSize ? (rows.at(-1)?.key ?? null) : null;
    return { rows, next, total: counted?.total ?? 0 };
  });
}
