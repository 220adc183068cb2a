import { permissionsAt, rootResource } from "@/lib/authority/authority";
import type { MissingFactor, PeopleWithout } from "@/lib/domain/people/missing-factor";
import type { PrincipalType } from "@/lib/domain/people/principal";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import { searched } from "@/lib/domain/search/like-pattern";
import type { ListOrder } from "@/lib/domain/text/list-order";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import {
  type ConfirmingIssuers,
  countedWithoutFactor,
  hasSecondFactor,
} from "@/lib/platform/sql/factors-in-force";
import { readOnce } from "@/lib/platform/transaction";
import { idKey, orderBy, placeColumn, textKey } from "@/lib/queries/keyset";
import { bestFirst, everyWord } from "@/lib/queries/name-rank";
import { type Page, type PagePlace, readPage } from "@/lib/queries/pages";
import { nameAndAddress } from "@/lib/queries/people/ranked-principals";

const pageSize = 50;

/** What the caller may do with people and groups: permissions at the root. */
export interface PeopleRights {
  readonly read: boolean;
  readonly write: boolean;
}

export async function peopleRights(transaction: Transaction, caller: Caller): Promise<PeopleRights> {
  const root = await rootResource(transaction);
  const permissions = await permissionsAt(transaction, caller.userId, root.id);
  return {
    read: anyAllows(permissions, action.readPrincipals),
    write: anyAllows(permissions, action.writePrincipals),
  };
}

export function readPeopleRights(database: Database, caller: Caller): Promise<PeopleRights> {
  return readOnce(database, (transaction) => peopleRights(transaction, caller));
}

export interface PrincipalRow {
  readonly id: string;
  readonly displayName: string;
  readonly email: string | null;
  readonly externalId: string | null;
  readonly identity: PrincipalIdentity;
  readonly disabledAt: Date | null;
  readonly hasFactor: boolean;
  readonly memberCount: number;
}

/** Which principals to list. */
export interface PeopleFilter {
  readonly type: PrincipalType;
  readonly search: string;
  readonly status: "enabled" | "disabled" | "all";
  /** Users without an accepted second factor; null: with and without. */
  readonly without: MissingFactor | null;
  /** Which identity providers confirm operations, according to the configuration. */
  readonly issuers: ConfirmingIssuers;
  /** Null: for a search, the best match first. */
  readonly order: PeopleOrder | null;
}

/** The columns by which each kind can be sorted: those with an index on principals. */
export const peopleColumns = {
  User: ["name", "email"],
  Group: ["name"],
  ServicePrincipal: ["name"],
} as const satisfies Record<PrincipalType, readonly string[]>;
export type PeopleOrder = ListOrder<"name" | "email">;

export interface PeoplePage extends Page<PrincipalRow> {
  /** Counted up to 1,000. */
  readonly total: number;
  readonly mayWrite: boolean;
}

/** Up to how many people a list counts. */
export const countedPeople = 1_000;

const id = idKey(Prisma.sql`p.id`);
const name = textKey(Prisma.sql`lower(p.display_name)`);
const keysOf = { name: [name, id], email: [textKey(Prisma.sql`lower(p.email)`), id] };

function listed({ order, search }: PeopleFilter) {
  if (order || search === "") {
    const by = order ?? { by: "name", descending: false };
    return { keys: keysOf[by.by], order: by, size: pageSize };
  }
  const keys = [textKey(bestFirst(Prisma.sql`p.display_name`, search)), name, id];
  return { keys, order: { by: "best", descending: false }, size: pageSize };
}

/**
 * Users, groups or service principals in the requested order, or for a search the best match first (see
 * nameRank). Fifty a page. Null if the caller may not read them.
 */
export function listPrincipals(
  database: Database,
  caller: Caller,
  filter: PeopleFilter,
  at: PagePlace,
): Promise<PeoplePage | null> {
  const list = listed(filter);
  const conditions = [
    Prisma.sql`p.type = ${filter.type}::principal_type`,
    ...(filter.status === "enabled" ? [Prisma.sql`p.disabled_at IS NULL`] : []),
    ...(filter.status === "disabled" ? [Prisma.sql`p.disabled_at IS NOT NULL`] : []),
    ...(filter.without === null || filter.type !== "User"
      ? []
      : [Prisma.sql`NOT ${hasSecondFactor(Prisma.sql`p.id`, filter.issuers, filter.without)}`]),
    ...(filter.search === ""
      ? []
      : [
          Prisma.sql`(${everyWord(nameAndAddress, filter.search)}
            OR lower(p.external_id) = lower(${searched(filter.search)}))`,
        ]),
  ];
  return readOnce(database, async (transaction) => {
    const rights = await peopleRights(transaction, caller);
    if (!rights.read) return null;
    const page = await readPage(
      list,
      at,
      (reading) => transaction.$queryRaw<(PrincipalRow & { place: string })[]>`
      SELECT p.id, p.display_name AS "displayName", p.email, p.external_id AS "externalId",
        ${identityColumn("p")} AS identity, p.disabled_at AS "disabledAt",
        ${hasSecondFactor(Prisma.sql`p.id`, filter.issuers)} AS "hasFactor",
        (SELECT count(*)::int FROM group_members m WHERE m.group_id = p.id) AS "memberCount",
        ${placeColumn(list.keys, list.order)}
      FROM principals p WHERE ${Prisma.join([...conditions, reading.beyond], " AND ")}
      ORDER BY ${orderBy(list.keys, reading.descending)} LIMIT ${pageSize + 1}`,
    );
    const total = await totalOf(transaction, page, conditions);
    return { ...page, total, mayWrite: rights.write };
  });
}

/** How many there are in all. If the list has only one page, nothing needs to be counted. */
async function totalOf(
  transaction: Transaction,
  page: Page<PrincipalRow>,
  conditions: readonly Prisma.Sql[],
): Promise<number> {
  if (page.previous === null && page.next === null) return page.rows.length;
  const [counted] = await transaction.$queryRaw<{ total: number }[]>`
    SELECT count(*)::int AS total FROM (
      SELECT FROM principals p WHERE ${Prisma.join([...conditions], " AND ")} LIMIT ${countedPeople + 1}) found`;
  return counted?.total ?? 0;
}

/**
 * How many enabled users have no second factor, so that a rule would affect them. Reads everybody once.
 * For callers who may read people; null for anybody else.
 */
export function peopleWithoutFactor(
  database: Database,
  caller: Caller,
  issuers: ConfirmingIssuers,
): Promise<PeopleWithout | null> {
  return readOnce(database, async (transaction) => {
    if (!(await peopleRights(transaction, caller)).read) return null;
    const [row] = await transaction.$queryRaw<PeopleWithout[]>`
      ${countedWithoutFactor(issuers)}`;
    return row ?? null;
  });
}
