import type { AccessFilter, AccessState } from "@/lib/domain/access-filter";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { readOnce } from "@/lib/platform/transaction";
import { readableAt } from "@/lib/queries/readable-access";

export const accessPageSize = 50;

export interface AccessRow {
  readonly id: string;
  readonly state: AccessState;
  readonly principalName: string;
  readonly principalType: "User" | "Group" | "ServicePrincipal";
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
}

/** Every eligibility and assignment as one relation `x`, its `state` being Eligible or the assignment type. */
export const access = Prisma.sql`(
  SELECT id, 'Eligible' AS state, principal_id, role_definition_id, resource_id, starts_at, ends_at, created_at
  FROM eligibilities
  UNION ALL
  SELECT id, assignment_type::text, principal_id, role_definition_id, resource_id, starts_at, ends_at, created_at
  FROM assignments) x`;

/** In effect now (design section 2, rule 5). */
export const inEffect = Prisma.sql`x.starts_at <= postern_now() AND (x.ends_at IS NULL OR x.ends_at > postern_now())`;

/** The filter, less its place and its search, as conditions on `x`: figures and lists count by the same. */
export function accessConditions(filter: AccessFilter): Prisma.Sql[] {
  const all = [inEffectWhen(filter)];
  if (filter.roleDefinitionId) all.push(Prisma.sql`x.role_definition_id = ${filter.roleDefinitionId}::uuid`);
  if (filter.state === "Active") all.push(Prisma.sql`x.state <> 'Eligible'`);
  else if (filter.state) all.push(Prisma.sql`x.state = ${filter.state}`);
  if (filter.from) all.push(Prisma.sql`x.starts_at >= ${filter.from}::date::timestamp AT TIME ZONE 'UTC'`);
  if (filter.to) all.push(Prisma.sql`x.starts_at < (${filter.to}::date + 1)::timestamp AT TIME ZONE 'UTC'`);
  if (filter.createdWithinDays !== null) {
    all.push(
      Prisma.sql`x.created_at > postern_now() - make_interval(days => ${filter.createdWithinDays}::int)`,
    );
    if (filter.state === null) all.push(Prisma.sql`x.state <> 'Activated'`);
  }
  if (filter.endsWithinDays !== null) {
    all.push(Prisma.sql`x.ends_at > postern_now()
      AND x.ends_at <= postern_now() + make_interval(days => ${filter.endsWithinDays}::int)`);
    if (filter.state === null) all.push(Prisma.sql`x.state <> 'Activated'`);
  }
  if (filter.withoutMfa === "people") all.push(heldWithoutFactor);
  if (filter.withoutMfa === "settings") all.push(eligibleWithoutMfa);
  return all;
}

function inEffectWhen({ when }: AccessFilter): Prisma.Sql {
  switch (when) {
    case "now":
      return inEffect;
    case "any":
      // What was taken back before its start never was in effect.
      return Prisma.sql`(x.ends_at IS NULL OR x.ends_at > x.starts_at)`;
    default:
      return Prisma.sql`x.starts_at <= ${when} AND (x.ends_at IS NULL OR x.ends_at > ${when})`;
  }
}

const heldWithoutFactor = Prisma.sql`x.principal_id IN (
  SELECT reached.id FROM principals u CROSS JOIN LATERAL principal_and_groups(u.id) AS reached (id)
  WHERE u.type = 'User' AND u.disabled_at IS NULL AND NOT EXISTS (
    SELECT FROM totp_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL AND f.removed_at IS NULL))`;

const eligibleWithoutMfa = Prisma.sql`x.state = 'Eligible' AND EXISTS (
  SELECT FROM role_management_policies m WHERE m.resource_id = x.resource_id
    AND m.role_definition_id = x.role_definition_id AND NOT m.activation_requires_mfa)`;

export interface AccessPage {
  readonly rows: readonly AccessRow[];
  readonly next: string | null;
  /** The names of the filter's resource and role, where the caller may read there. */
  readonly resourceName: string | null;
  readonly roleName: string | null;
}

/** The access that a filter names, of what the caller may read, newest first, fifty a page; null with nothing to read. */
export function listAccess(
  database: Database,
  caller: Caller,
  filter: AccessFilter,
  after: string | null,
): Promise<AccessPage | null> {
  return readOnce(database, async (transaction) => {
    const readable = await readableAt(transaction, caller, filter);
    if (!readable) return null;
    const conditions = [...accessConditions(filter), readable.at(Prisma.sql`x.resource_id`)];
    if (after) conditions.push(Prisma.sql`x.id < ${after}::uuid`);
    const pattern = `%${filter.search.replaceAll(/[\\%_]/g, "\\$&")}%`;
    const named = filter.search
      ? Prisma.sql`(p.display_name ILIKE ${pattern} OR d.role_name ILIKE ${pattern})`
      : Prisma.sql`TRUE`;
    const rows = await transaction.$queryRaw<AccessRow[]>`
      WITH found AS ${readable.reach === "everything" ? Prisma.empty : Prisma.sql`MATERIALIZED`} (
        SELECT x.* FROM ${access} WHERE ${Prisma.join(conditions, " AND ")})
      SELECT x.id, x.state, p.display_name AS "principalName", p.type::text AS "principalType",
        d.id AS "roleDefinitionId", d.role_name AS "roleName", r.id AS "resourceId", r.display_name AS "resourceName",
        x.starts_at AS "startsAt", x.ends_at AS "endsAt"
      FROM found x
      JOIN principals p ON p.id = x.principal_id
      JOIN role_definitions d ON d.id = x.role_definition_id
      JOIN resources r ON r.id = x.resource_id
      WHERE ${named}
      ORDER BY x.id DESC LIMIT ${accessPageSize + 1}`;
    const [names] = await transaction.$queryRaw<{ resourceName: string | null; roleName: string | null }[]>`
      SELECT (SELECT display_name FROM resources WHERE id = ${filter.resourceId}::uuid) AS "resourceName",
        (SELECT role_name FROM role_definitions WHERE id = ${filter.roleDefinitionId}::uuid) AS "roleName"`;
    const shown = rows.slice(0, accessPageSize);
    return {
      rows: shown,
      next: rows.length > accessPageSize ? (shown.at(-1)?.id ?? null) : null,
      resourceName: names?.resourceName ?? null,
      roleName: names?.roleName ?? null,
    };
  });
}
