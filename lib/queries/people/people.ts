import { permissionsAt, rootResource } from "@/lib/authority/authority";
import type { PrincipalType } from "@/lib/domain/people/principal";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import { containing, searched } from "@/lib/domain/search/like-pattern";
import type { ListOrder } from "@/lib/domain/text/list-order";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";
import { afterPlace, idKey, orderBy, placeColumn, textKey } from "@/lib/queries/keyset";

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
  readonly hasAuthenticator: boolean;
  readonly memberCount: number;
}

/** Which principals to list. */
export interface PeopleFilter {
  readonly type: PrincipalType;
  readonly search: string;
  readonly status: "enabled" | "disabled" | "all";
  readonly order: PeopleOrder;
  /** The `next` of the previous page; empty for the first page. */
  readonly after: string;
}

/** The columns by which each kind can be sorted: those with an index on principals. */
export const peopleColumns = {
  User: ["name", "email"],
  Group: ["name"],
  ServicePrincipal: ["name"],
} as const satisfies Record<PrincipalType, readonly string[]>;
export type PeopleOrder = ListOrder<"name" | "email">;

const id = idKey(Prisma.sql`p.id`);
const keysOf = {
  name: [textKey(Prisma.sql`lower(p.display_name)`), id],
  email: [textKey(Prisma.sql`lower(p.email)`), id],
};

/** Users, groups or service principals in the wanted order, fifty a page; null if the caller may not read them. */
export function listPrincipals(
  database: Database,
  caller: Caller,
  filter: PeopleFilter,
): Promise<{ rows: PrincipalRow[]; next: string | null; mayWrite: boolean } | null> {
  const keys = keysOf[filter.order.by];
  const pattern = containing(filter.search);
  const conditions = [
    Prisma.sql`p.type = ${filter.type}::principal_type`,
    ...(filter.status === "enabled" ? [Prisma.sql`p.disabled_at IS NULL`] : []),
    ...(filter.status === "disabled" ? [Prisma.sql`p.disabled_at IS NOT NULL`] : []),
    ...(filter.search === ""
      ? []
      : [
          Prisma.sql`((p.display_name || ' ' || coalesce(p.email, '')) ILIKE ${pattern}
            OR lower(p.external_id) = lower(${searched(filter.search)}))`,
        ]),
    afterPlace(keys, filter.order, filter.after),
  ];
  return readOnce(database, async (transaction) => {
    const rights = await peopleRights(transaction, caller);
    if (!rights.read) return null;
    const found = await transaction.$queryRaw<(PrincipalRow & { place: string })[]>`
      SELECT p.id, p.display_name AS "displayName", p.email, p.external_id AS "externalId",
        ${identityColumn("p")} AS identity, p.disabled_at AS "disabledAt",
        EXISTS (SELECT FROM totp_factors f
          WHERE f.user_id = p.id AND f.confirmed_at IS NOT NULL AND f.removed_at IS NULL) AS "hasAuthenticator",
        (SELECT count(*)::int FROM group_members m WHERE m.group_id = p.id) AS "memberCount",
        ${placeColumn(keys, filter.order)}
      FROM principals p WHERE ${Prisma.join(conditions, " AND ")}
      ORDER BY ${orderBy(keys, filter.order.descending)} LIMIT ${pageSize + 1}`;
    const rows = found.slice(0, pageSize);
    const next = found.length > pageSize ? (rows.at(-1)?.place ?? null) : null;
    return { rows, next, mayWrite: rights.write };
  });
}
