import { endCursorText } from "@/lib/domain/end-cursor";
import { action } from "@/lib/domain/permissions";
import { proposedEnd } from "@/lib/domain/renewal";
import { defaultRoleSettings } from "@/lib/domain/role-settings";
import { may } from "@/lib/platform/authority";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";
import { afterEnd, endMicroseconds } from "@/lib/queries/end-order";

const pageSize = 50;

export interface MemberRow {
  readonly id: string;
  readonly principalId: string;
  readonly principalName: string;
  readonly principalType: string;
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly state: "Eligible" | "Assigned" | "Activated";
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  /** It ended because somebody took it away or gave it up, not by time. */
  readonly removed: boolean;
  readonly resourceId: string;
  readonly resourceName: string;
  /** The maximum of the role settings for its type, where it was given; null when permanent is allowed. */
  readonly maximumDays: number | null;
  /** Whether changing it asks the administrator for a second factor. */
  readonly needsCode: boolean;
  readonly proposedEnd: Date;
}

export interface MemberFilter {
  readonly tab: "eligible" | "active" | "expired";
  /** One role's members here; null for everybody's access with what is inherited from above. */
  readonly roleDefinitionId: string | null;
  /** Part of a member's name or address, or of a role's name. */
  readonly search: string;
  /** Where the page before ended, as `next` told it; empty for the first page. */
  readonly after: string;
}

export interface MemberPage {
  readonly now: Date;
  readonly rows: readonly MemberRow[];
  readonly next: string | null;
}

interface Found extends Omit<MemberRow, "maximumDays" | "needsCode" | "proposedEnd"> {
  readonly endMicroseconds: bigint | null;
  readonly hasPolicy: boolean;
  readonly eligibleMaximumDays: number | null;
  readonly activeMaximumDays: number | null;
  readonly assignmentRequiresMfa: boolean | null;
}

/**
 * Who is eligible for, holds, or held roles at a resource: one role's members there, or everybody's access with what
 * is inherited from above. What ends first comes first, what is permanent last; of what has ended, the latest first.
 * Fifty a page. Nothing for a caller who may not read assignments there.
 */
export function listMembers(
  database: Database,
  caller: Caller,
  resourceId: string,
  filter: MemberFilter,
): Promise<MemberPage> {
  return inTransaction(database, async (transaction) => {
    const now = await databaseNow(transaction);
    if (!(await may(transaction, caller.userId, action.readAssignments, resourceId)))
      return { now, rows: [], next: null };
    const ended = filter.tab === "expired";
    const direction = ended ? Prisma.sql`DESC` : Prisma.sql`ASC`;
    const sources = [
      ...(filter.tab === "active" ? [] : [part("eligibilities", filter, direction)]),
      ...(filter.tab === "eligible" ? [] : [part("assignments", filter, direction)]),
    ];
    const inherited =
      filter.roleDefinitionId === null
        ? Prisma.sql`r.id = ANY (path_ids(here.path))`
        : Prisma.sql`r.id = here.id`;
    const found = await transaction.$queryRaw<Found[]>`
      SELECT x.id, p.id AS "principalId", p.display_name AS "principalName", p.type::text AS "principalType",
        d.id AS "roleDefinitionId", d.role_name AS "roleName", x.state, x.starts_at AS "startsAt",
        x.ends_at AS "endsAt", x.removed, r.id AS "resourceId", r.display_name AS "resourceName",
        ${endMicroseconds(Prisma.sql`x.ends_at`)}, m.id IS NOT NULL AS "hasPolicy",
        m.eligible_maximum_days AS "eligibleMaximumDays", m.active_maximum_days AS "activeMaximumDays",
        m.assignment_requires_mfa AS "assignmentRequiresMfa"
      FROM resources here
      JOIN resources r ON ${inherited}
      CROSS JOIN LATERAL (${Prisma.join(sources, " UNION ALL ")}) x
      JOIN principals p ON p.id = x.principal_id
      JOIN role_definitions d ON d.id = x.role_definition_id
      LEFT JOIN role_management_policies m ON m.role_definition_id = d.id AND m.resource_id = r.id
      WHERE here.id = ${resourceId}::uuid
      ORDER BY coalesce(x.ends_at, 'infinity'::timestamptz) ${direction}, x.id ${direction} LIMIT ${pageSize + 1}`;
    const shown = found.slice(0, pageSize);
    const last = found.length > pageSize ? shown.at(-1) : undefined;
    return { now, rows: shown.map((row) => memberRow(row, now)), next: last ? endCursorText(last) : null };
  });
}

/** One page's worth of one table at `r`, read along its index of ends. */
function part(
  table: "eligibilities" | "assignments",
  filter: MemberFilter,
  direction: Prisma.Sql,
): Prisma.Sql {
  const ended = filter.tab === "expired";
  const end = Prisma.sql`coalesce(y.ends_at, 'infinity'::timestamptz)`;
  const conditions = [
    Prisma.sql`y.resource_id = r.id`,
    ended ? Prisma.sql`${end} <= postern_now()` : Prisma.sql`${end} > postern_now()`,
    // What was taken away before it began covers no moment.
    Prisma.sql`${end} > y.starts_at`,
  ];
  if (filter.roleDefinitionId)
    conditions.push(Prisma.sql`y.role_definition_id = ${filter.roleDefinitionId}::uuid`);
  if (filter.search) conditions.push(matching(filter.search));
  conditions.push(afterEnd(Prisma.sql`y.ends_at`, Prisma.sql`y.id`, filter.after, ended ? "DESC" : "ASC"));
  const state = table === "eligibilities" ? Prisma.sql`'Eligible'` : Prisma.sql`y.assignment_type::text`;
  return Prisma.sql`(
    SELECT y.id, ${state} AS state, y.principal_id, y.role_definition_id, y.starts_at, y.ends_at,
      y.removed_at IS NOT NULL AS removed
    FROM ${Prisma.raw(table)} y WHERE ${Prisma.join(conditions, " AND ")}
    ORDER BY ${end} ${direction}, y.id ${direction} LIMIT ${pageSize + 1})`;
}

/** Whom and what a search finds is looked up once, not for each row. */
function matching(search: string): Prisma.Sql {
  const pattern = `%${search.replaceAll(/[\\%_]/g, "\\$&")}%`;
  return Prisma.sql`(
    y.principal_id IN (SELECT s.id FROM principals s
      WHERE (s.display_name || ' ' || coalesce(s.email, '')) ILIKE ${pattern})
    OR y.role_definition_id IN (SELECT s.id FROM role_definitions s WHERE s.role_name ILIKE ${pattern}))`;
}

function memberRow(row: Found, now: Date): MemberRow {
  const { endMicroseconds: _, hasPolicy, eligibleMaximumDays, activeMaximumDays, ...shown } = row;
  const { assignmentRequiresMfa, ...member } = shown;
  const settings = hasPolicy ? { eligibleMaximumDays, activeMaximumDays } : defaultRoleSettings;
  const eligible = row.state === "Eligible";
  const maximumDays = eligible ? settings.eligibleMaximumDays : settings.activeMaximumDays;
  return {
    ...member,
    maximumDays,
    needsCode: !eligible && (assignmentRequiresMfa ?? defaultRoleSettings.assignmentRequiresMfa),
    proposedEnd: proposedEnd(row, maximumDays, now),
  };
}
