import { permissionsAt, visibleResource } from "@/lib/authority/authority";
import { stillWaitsToExtend } from "@/lib/authority/request-basis";
import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { WaitingStatus } from "@/lib/domain/requests/request-state";
import { administers } from "@/lib/domain/roles/permissions";
import { containing } from "@/lib/domain/search/like-pattern";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { identityColumn } from "@/lib/platform/principal-identity";
import { hasOwnFactor } from "@/lib/platform/sql/factors-in-force";
import { readOnce } from "@/lib/platform/transaction";
import {
  type Taken,
  type TakenColumn,
  takenColumn,
  takenOf,
} from "@/lib/queries/activation/activation-terms";
import { afterPlace, endKey, idKey, orderBy, placeColumn, textKey } from "@/lib/queries/keyset";

const ownRolesPageSize = 50;

export interface RoleRow {
  readonly id: string;
  readonly roleName: string;
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly scope: string;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
}

export interface EligibleRow extends RoleRow {
  /** The group through which the caller is eligible; null if directly. */
  readonly group: PrincipalIdentity | null;
  readonly permissions: StoredPermissions;
  /** Whether the caller starred the role at exactly this resource. */
  readonly favourite: boolean;
  /** What the caller's request for it waits for; null if none waits. */
  readonly waiting: WaitingStatus | null;
  /** What the caller already has of the role at exactly this resource. */
  readonly taken: Taken | null;
  /** The database's time, to count from. */
  readonly now: Date;
}

export interface ExpiredRow extends RoleRow {
  readonly kind: "Eligible" | "Assigned" | "Activated";
}

export interface ActiveRow extends RoleRow {
  readonly assignmentType: "Assigned" | "Activated";
  readonly scheduled: boolean;
  readonly own: boolean;
  /** What a request to extend it waits for; null if none waits. */
  readonly extension: WaitingStatus | null;
  /** The database's time, to count from. */
  readonly now: Date;
}

interface Placed {
  readonly place: string;
}

/** Which part of one's own roles to list. */
export interface OwnRolesFilter {
  /** Part of a role's or a resource's name, or of a scope. */
  readonly search: string;
  /** The `next` of the previous page; empty for the first page. */
  readonly after: string;
}

/** The start of the whole list. */
export const wholeList: OwnRolesFilter = { search: "", after: "" };

export interface OwnRoles<Row> {
  readonly rows: readonly Row[];
  /** The start of the next page; null on the last. */
  readonly next: string | null;
}

function found(search: string): Prisma.Sql {
  if (search === "") return Prisma.sql`TRUE`;
  const pattern = containing(search);
  return Prisma.sql`concat_ws(' ', d.role_name, r.display_name, r.scope) ILIKE ${pattern}`;
}

function page<Row extends { readonly place: string }>(read: readonly Row[]): OwnRoles<Row> {
  const rows = read.slice(0, ownRolesPageSize);
  const last = read.length > ownRolesPageSize ? rows.at(-1) : undefined;
  return { rows, next: last?.place ?? null };
}

const byName = { by: "name", descending: false } as const;
const nameKeys = [
  textKey(Prisma.sql`lower(d.role_name)`),
  textKey(Prisma.sql`lower(r.display_name)`),
  idKey(Prisma.sql`e.id`),
];
const firstEnd = { by: "end", descending: false } as const;
const lastEnd = { by: "end", descending: true } as const;
const endKeys = [endKey(Prisma.sql`x.ends_at`), idKey(Prisma.sql`x.id`)];

/** What the caller may activate now, directly or through a group, by role and resource, fifty a page. */
export function eligibleRoles(
  database: Database,
  caller: Caller,
  filter: OwnRolesFilter,
): Promise<OwnRoles<EligibleRow>> {
  return readOnce(database, async (client) => {
    const condition = Prisma.sql`${afterPlace(nameKeys, byName, filter.after)} AND ${found(filter.search)}`;
    return page(await eligibleRows(client, caller, condition, ownRolesPageSize + 1));
  });
}

/** Those of the given eligibilities that the caller may activate now; at most fifty. */
export function eligibleRolesById(
  database: Database,
  caller: Caller,
  ids: readonly string[],
): Promise<EligibleRow[]> {
  return readOnce(database, (client) =>
    eligibleRows(client, caller, Prisma.sql`e.id = ANY (${[...ids]}::uuid[])`, ownRolesPageSize),
  );
}

/** The caller's eligibilities `e` that are in effect and meet a condition, with their role `d` and resource `r`. */
export async function eligibleRows(
  transaction: Transaction,
  caller: Caller,
  condition: Prisma.Sql,
  limit: number,
): Promise<(EligibleRow & Placed)[]> {
  const rows = await transaction.$queryRaw<
    (Omit<EligibleRow, "taken" | "waiting"> & Placed & { readonly taken: TakenColumn })[]
  >`
    SELECT ${planOnce} e.id, d.role_name AS "roleName", d.id AS "roleDefinitionId", d.permissions, r.id AS "resourceId",
      r.display_name AS "resourceName", r.scope, e.starts_at AS "startsAt", e.ends_at AS "endsAt",
      ${placeColumn(nameKeys, byName)},
      CASE WHEN p.type = 'Group' THEN ${identityColumn("p")} END AS "group",
      EXISTS (SELECT FROM favourites f WHERE f.user_id = ${caller.userId}::uuid
        AND f.role_definition_id = e.role_definition_id AND f.resource_id = e.resource_id) AS favourite,
      ${takenColumn(caller.userId, Prisma.sql`e.role_definition_id`, Prisma.sql`e.resource_id`)} AS taken,
      postern_now() AS now
    FROM current_eligibilities(${caller.userId}::uuid, postern_now()) e
    JOIN role_definitions d ON d.id = e.role_definition_id
    JOIN resources r ON r.id = e.resource_id
    JOIN principals p ON p.id = e.principal_id
    WHERE ${condition}
    ORDER BY ${orderBy(nameKeys, false)} LIMIT ${limit}`;
  return rows.map((row) => {
    const taken = takenOf(row.taken, row.now);
    return {
      ...row,
      taken,
      waiting: row.taken.waiting?.status ?? null,
    };
  });
}

/** What the caller holds now or has scheduled, fifty a page. What ends first comes first. */
export function activeRoles(
  database: Database,
  caller: Caller,
  filter: OwnRolesFilter,
): Promise<OwnRoles<ActiveRow>> {
  return readOnce(database, async (client) => {
    const rows = await client.$queryRaw<(ActiveRow & Placed)[]>`
      SELECT x.id, d.role_name AS "roleName", d.id AS "roleDefinitionId", r.id AS "resourceId",
        r.display_name AS "resourceName", r.scope, x.starts_at AS "startsAt", x.ends_at AS "endsAt",
        x.assignment_type::text AS "assignmentType", x.starts_at > postern_now() AS scheduled,
        x.principal_id = ${caller.userId}::uuid AS own, postern_now() AS now,
        CASE WHEN x.assignment_type = 'Activated' THEN ${stillWaitsToExtend("x")} END AS extension,
        ${placeColumn(endKeys, firstEnd)}
      FROM (
        SELECT * FROM active_assignments(${caller.userId}::uuid, postern_now())
        UNION ALL
        SELECT * FROM assignments WHERE principal_id = ${caller.userId}::uuid AND starts_at > postern_now()
          AND ends_at > starts_at
      ) x
      JOIN role_definitions d ON d.id = x.role_definition_id
      JOIN resources r ON r.id = x.resource_id
      WHERE ${found(filter.search)} AND ${afterPlace(endKeys, firstEnd, filter.after)}
      ORDER BY ${orderBy(endKeys, false)} LIMIT ${ownRolesPageSize + 1}`;
    return page(rows);
  });
}

/** What the caller held or was eligible for, fifty a page. What ended last comes first. */
export function expiredRoles(
  database: Database,
  caller: Caller,
  filter: OwnRolesFilter,
): Promise<OwnRoles<ExpiredRow>> {
  return readOnce(database, async (client) => {
    const ended = Prisma.sql`principal_id = ${caller.userId}::uuid AND ends_at <= postern_now()
      AND ends_at > starts_at`;
    const rows = await client.$queryRaw<(ExpiredRow & Placed)[]>`
      SELECT x.id, x.kind, d.role_name AS "roleName", d.id AS "roleDefinitionId", r.id AS "resourceId",
        r.display_name AS "resourceName", r.scope, x.starts_at AS "startsAt", x.ends_at AS "endsAt",
        ${placeColumn(endKeys, lastEnd)}
      FROM (
        SELECT id, 'Eligible' AS kind, role_definition_id, resource_id, starts_at, ends_at FROM eligibilities
        WHERE ${ended}
        UNION ALL
        SELECT id, assignment_type::text, role_definition_id, resource_id, starts_at, ends_at FROM assignments
        WHERE ${ended}
      ) x
      JOIN role_definitions d ON d.id = x.role_definition_id
      JOIN resources r ON r.id = x.resource_id
      WHERE ${found(filter.search)} AND ${afterPlace(endKeys, lastEnd, filter.after)}
      ORDER BY ${orderBy(endKeys, true)} LIMIT ${ownRolesPageSize + 1}`;
    return page(rows);
  });
}

/**
 * Eligible roles that would make the caller an active administrator of a resource that they do not administer now.
 */
export function administratorEligibilities(
  database: Database,
  caller: Caller,
  resourceId: string,
): Promise<EligibleRow[]> {
  return readOnce(database, async (transaction) => {
    if (administers(await permissionsAt(transaction, caller.userId, resourceId))) return [];
    const here = Prisma.sql`
      e.resource_id IN (SELECT unnest(path_ids(h.path)) FROM resources h WHERE h.id = ${resourceId}::uuid)`;
    const rows = await eligibleRows(transaction, caller, here, 100);
    return rows.filter((each) => administers(permissionsOf(each.permissions)));
  });
}

/** Whether the caller can answer a step-up, with a factor of Postern's own that is accepted. */
export async function ownsFactor(database: Database, caller: Caller): Promise<boolean> {
  const [row] = await database.client.$queryRaw<{ found: boolean }[]>`
    SELECT ${hasOwnFactor(Prisma.sql`${caller.userId}::uuid`)} AS found`;
  return row?.found ?? false;
}

/** The resource, if the caller may know of it. */
export function knownResource(database: Database, caller: Caller, resourceId: string) {
  return readOnce(database, (transaction) => visibleResource(transaction, caller.userId, resourceId));
}
