import { may } from "@/lib/authority/authority";
import { proposedEnd } from "@/lib/domain/assignments/renewal";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { action } from "@/lib/domain/roles/permissions";
import { containing } from "@/lib/domain/search/like-pattern";
import type { ListOrder } from "@/lib/domain/text/list-order";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import { databaseNow, readOnce } from "@/lib/platform/transaction";
import {
  afterPlace,
  endKey,
  idKey,
  momentKey,
  orderBy,
  placeColumn,
  type SortKey,
  textKey,
} from "@/lib/queries/keyset";
import { type DirectSettings, directSettings } from "@/lib/queries/roles/direct-settings";

const pageSize = 50;

export interface MemberRow {
  readonly id: string;
  readonly member: PrincipalIdentity;
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly state: "Eligible" | "Assigned" | "Activated";
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  /** It was removed or deactivated, and did not end by time. */
  readonly removed: boolean;
  readonly resourceId: string;
  readonly resourceName: string;
  /** The maximum of the role settings for its type where it is assigned; null if permanent is allowed. */
  readonly maximumDays: number | null;
  /** Whether changing it takes a second factor of the administrator. */
  readonly needsCode: boolean;
  readonly proposedEnd: Date;
}

/** The columns by which a list of members can be sorted: those with an index, and the name. */
export const memberColumns = ["member", "start", "end"] as const;
export type MemberOrder = ListOrder<(typeof memberColumns)[number]>;

/** First to end first, permanent last; of what has ended, the latest first. */
export function usualOrder(tab: MemberFilter["tab"]): MemberOrder {
  return { by: "end", descending: tab === "expired" };
}

export interface MemberFilter {
  readonly tab: "eligible" | "active" | "expired";
  /** One role's members here; null for everybody's access, inherited access included. */
  readonly roleDefinitionId: string | null;
  /** Part of a member's name or address, or of a role's name. */
  readonly search: string;
  readonly order: MemberOrder;
  /** The `next` of the previous page; empty for the first page. */
  readonly after: string;
}

export interface MemberPage {
  readonly now: Date;
  readonly rows: readonly MemberRow[];
  readonly next: string | null;
}

interface Found extends Omit<MemberRow, "maximumDays" | "needsCode" | "proposedEnd"> {
  readonly place: string;
  readonly settings: DirectSettings;
}

/**
 * Who is eligible for, holds, or held roles at a resource: one role's members, or everybody's access, inherited
 * access included. Sorted, fifty a page. Empty if the caller may not read assignments there.
 */
export function listMembers(
  database: Database,
  caller: Caller,
  resourceId: string,
  filter: MemberFilter,
): Promise<MemberPage> {
  return readOnce(database, async (transaction) => {
    const now = await databaseNow(transaction);
    if (!(await may(transaction, caller.userId, action.readAssignments, resourceId)))
      return { now, rows: [], next: null };
    const resourceIds =
      filter.roleDefinitionId === null ? await withThoseAbove(transaction, resourceId) : [resourceId];
    const tables = (["eligibilities", "assignments"] as const).filter(
      (table) => filter.tab === "expired" || (table === "eligibilities") === (filter.tab === "eligible"),
    );
    const found = filter.search ? await namedSo(transaction, filter) : null;
    if (found?.people.length === 0 && found.roles.length === 0) return { now, rows: [], next: null };
    const sources = resourceIds.flatMap((id) => tables.map((table) => part(table, id, filter, found)));
    const keys = keysOf(filter.order, "x");
    const rows = await transaction.$queryRaw<Found[]>`
      SELECT x.id, ${identityColumn("p")} AS member,
        d.id AS "roleDefinitionId", d.role_name AS "roleName", x.state, x.starts_at AS "startsAt",
        x.ends_at AS "endsAt", x.removed, r.id AS "resourceId", r.display_name AS "resourceName",
        ${directSettings(Prisma.sql`d.id`, Prisma.sql`r.id`)} AS settings,
        ${placeColumn(keys, filter.order)}
      FROM (${Prisma.join(sources, " UNION ALL ")}) x
      JOIN principals p ON p.id = x.principal_id
      JOIN role_definitions d ON d.id = x.role_definition_id
      JOIN resources r ON r.id = x.resource_id
      ORDER BY ${orderBy(keys, filter.order.descending)} LIMIT ${pageSize + 1}`;
    const shown = rows.slice(0, pageSize);
    const next = rows.length > pageSize ? (shown.at(-1)?.place ?? null) : null;
    return { now, rows: shown.map((row) => memberRow(row, now)), next };
  });
}

/** A resource and all those above it. */
async function withThoseAbove(transaction: Transaction, resourceId: string): Promise<string[]> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT a.id FROM resources here CROSS JOIN LATERAL unnest(path_ids(here.path)) AS a (id)
    WHERE here.id = ${resourceId}::uuid`;
  return rows.map(({ id }) => id);
}

/** The sort keys of `of`, with its principal as `p`. The id is last, so that no two rows share a place. */
function keysOf(order: MemberOrder, of: "x" | "y"): SortKey[] {
  const id = idKey(Prisma.raw(`${of}.id`));
  switch (order.by) {
    case "end":
      return [endKey(Prisma.raw(`${of}.ends_at`)), id];
    case "start":
      return [momentKey(Prisma.raw(`${of}.starts_at`)), id];
    case "member":
      // Name, then id: the order of an index on principals.
      return [textKey(Prisma.sql`lower(p.display_name)`), idKey(Prisma.sql`p.id`), id];
  }
}

/**
 * One page of one table at one resource. The resource is a constant in the statement, not a column of another table,
 * so that the plan fits the number of rows there.
 */
function part(
  table: "eligibilities" | "assignments",
  resourceId: string,
  filter: MemberFilter,
  found: Named | null,
): Prisma.Sql {
  const end = Prisma.sql`coalesce(y.ends_at, 'infinity'::timestamptz)`;
  const keys = keysOf(filter.order, "y");
  const conditions = [
    Prisma.sql`y.resource_id = ${resourceId}::uuid`,
    filter.tab === "expired" ? Prisma.sql`${end} <= postern_now()` : Prisma.sql`${end} > postern_now()`,
    // Access that was removed before it began covers no moment.
    Prisma.sql`${end} > y.starts_at`,
    afterPlace(keys, filter.order, filter.after),
  ];
  if (filter.roleDefinitionId)
    conditions.push(Prisma.sql`y.role_definition_id = ${filter.roleDefinitionId}::uuid`);
  if (found) conditions.push(matching(filter, found));
  const state = table === "eligibilities" ? Prisma.sql`'Eligible'` : Prisma.sql`y.assignment_type::text`;
  const people =
    filter.order.by === "member" ? Prisma.sql`JOIN principals p ON p.id = y.principal_id` : Prisma.empty;
  return Prisma.sql`(
    SELECT y.id, ${state} AS state, y.principal_id, y.role_definition_id, y.resource_id, y.starts_at, y.ends_at,
      y.removed_at IS NOT NULL AS removed
    FROM ${Prisma.raw(table)} y ${people} WHERE ${Prisma.join(conditions, " AND ")}
    ORDER BY ${orderBy(keys, filter.order.descending)} LIMIT ${pageSize + 1})`;
}

/** The ids that a search finds, if they are few enough to be looked up one by one. */
interface Named {
  readonly people: readonly string[];
  readonly roles: readonly string[];
}

const lookedUp = 200;

/**
 * Looked up once, before the rows. In a resource with half a million members, a rare name is found by its people's
 * own access, which the planner only does if it knows their ids.
 */
async function namedSo(transaction: Transaction, { search, roleDefinitionId }: MemberFilter): Promise<Named> {
  const pattern = containing(search);
  const [named] = await transaction.$queryRaw<Named[]>`
    SELECT array(SELECT s.id FROM principals s
        WHERE (s.display_name || ' ' || coalesce(s.email, '')) ILIKE ${pattern} LIMIT ${lookedUp + 1}) AS people,
      array(SELECT s.id FROM role_definitions s
        WHERE ${roleDefinitionId}::uuid IS NULL AND s.role_name ILIKE ${pattern} LIMIT ${lookedUp + 1}) AS roles`;
  return named ?? { people: [], roles: [] };
}

function matching({ roleDefinitionId, search }: MemberFilter, { people, roles }: Named): Prisma.Sql {
  const pattern = containing(search);
  const byMember =
    people.length <= lookedUp
      ? Prisma.sql`y.principal_id = ANY (${[...people]}::uuid[])`
      : Prisma.sql`y.principal_id IN (SELECT s.id FROM principals s
          WHERE (s.display_name || ' ' || coalesce(s.email, '')) ILIKE ${pattern})`;
  // Within one role, the role's name distinguishes nobody.
  if (roleDefinitionId || roles.length === 0) return byMember;
  const byRole =
    roles.length <= lookedUp
      ? Prisma.sql`y.role_definition_id = ANY (${[...roles]}::uuid[])`
      : Prisma.sql`y.role_definition_id IN (SELECT s.id FROM role_definitions s WHERE s.role_name ILIKE ${pattern})`;
  return people.length === 0 ? byRole : Prisma.sql`(${byMember} OR ${byRole})`;
}

function memberRow(row: Found, now: Date): MemberRow {
  const { place: _, settings, ...member } = row;
  const eligible = row.state === "Eligible";
  const maximumDays = eligible ? settings.eligibleMaximumDays : settings.activeMaximumDays;
  return {
    ...member,
    maximumDays,
    needsCode: !eligible && settings.assignmentRequiresMfa,
    proposedEnd: proposedEnd(row, maximumDays, now),
  };
}
