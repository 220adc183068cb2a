import type { AccessFilter, AccessState } from "@/lib/domain/access-filter";
import type { AccessTable } from "@/lib/platform/access-hours";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { readOnce } from "@/lib/platform/transaction";
import {
  accessConditions,
  ofState,
  peopleConditions,
  stateIn,
  tablesOf,
} from "@/lib/queries/access-conditions";
import { fewResources, type Readable, readableAt, rowsIn, topsOf } from "@/lib/queries/readable-access";

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

export interface AccessPage {
  readonly rows: readonly AccessRow[];
  readonly next: string | null;
  /** The names of the filter's resource and role, where the caller may read there. */
  readonly resourceName: string | null;
  readonly roleName: string | null;
}

/**
 * How a list is found: among the newest rows of each table, so many of them, where more than a `few` resources may be
 * read; and by themselves.
 */
const bounds = { newest: 1_000, few: fewResources };

/**
 * The access that a filter names, of what the caller may read, newest first, fifty a page; null with nothing to read.
 * What meets a filter is mostly met among the newest rows; only when it is too rare for that is it looked for
 * everywhere, by whatever index is best for it.
 */
export function listAccess(
  database: Database,
  caller: Caller,
  filter: AccessFilter,
  after: string | null,
  { newest, few } = bounds,
): Promise<AccessPage | null> {
  return readOnce(database, async (transaction) => {
    const readable = await readableAt(transaction, caller, filter, few);
    if (!readable) return null;
    const asked = { filter, readable, about: await peopleConditions(transaction, filter), after };
    const rows: AccessRow[] = [];
    for (const table of tablesOf(filter.state))
      rows.push(...(await newestOf(transaction, asked, table, newest)));
    rows.sort((one, other) => (one.id < other.id ? 1 : -1));
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

interface Asked {
  readonly filter: AccessFilter;
  readonly readable: Readable;
  readonly about: readonly Prisma.Sql[];
  readonly after: string | null;
}

/** The first page of what is asked for in one table: among its newest rows, or else wherever it is. */
async function newestOf(
  transaction: Transaction,
  asked: Asked,
  table: AccessTable,
  newest: number,
): Promise<AccessRow[]> {
  const { reach } = asked.readable;
  if (reach === "everything" || reach === "many") {
    const near = await transaction.$queryRaw<AccessRow[]>(
      described(amongNewest(asked, table, newest), table),
    );
    if (near.length > accessPageSize) return near;
  }
  return transaction.$queryRaw<AccessRow[]>(described(anywhere(asked, table), table));
}

/** The first page among the newest rows. Whether a row may be read is asked of that row alone. */
function amongNewest(
  { filter, readable, about, after }: Asked,
  table: AccessTable,
  newest: number,
): Prisma.Sql {
  const ahead = [ofState(filter, table), after ? Prisma.sql`x.id < ${after}::uuid` : Prisma.sql`TRUE`];
  const conditions = [...accessConditions(filter, table), ...about, readable.of(Prisma.sql`x.resource_id`)];
  return Prisma.sql`SELECT x.* FROM (
      SELECT x.* FROM ${Prisma.raw(table)} x WHERE ${Prisma.join(ahead, " AND ")} ORDER BY x.id DESC LIMIT ${newest}) x
    WHERE ${Prisma.join(conditions, " AND ")} LIMIT ${accessPageSize + 1}`;
}

/** The first page, wherever in the table. */
function anywhere({ filter, readable, about, after }: Asked, table: AccessTable): Prisma.Sql {
  const conditions = [...accessConditions(filter, table), ...about];
  if (after) conditions.push(Prisma.sql`x.id < ${after}::uuid`);
  return Prisma.sql`WITH ${topsOf(readable)}
    SELECT x.* FROM ${rowsIn(readable, table)} AND ${Prisma.join(conditions, " AND ")}
    ORDER BY x.id DESC LIMIT ${accessPageSize + 1}`;
}

/** Rows `x` of a table with their state and the names of those concerned. */
function described(rows: Prisma.Sql, table: AccessTable): Prisma.Sql {
  return Prisma.sql`
    SELECT x.id, ${stateIn(table)} AS state, p.display_name AS "principalName", p.type::text AS "principalType",
      d.id AS "roleDefinitionId", d.role_name AS "roleName", r.id AS "resourceId", r.display_name AS "resourceName",
      x.starts_at AS "startsAt", x.ends_at AS "endsAt"
    FROM (${rows}) x
    JOIN principals p ON p.id = x.principal_id
    JOIN role_definitions d ON d.id = x.role_definition_id
    JOIN resources r ON r.id = x.resource_id
    ORDER BY x.id DESC`;
}
