import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { containing } from "@/lib/domain/search/like-pattern";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import type { ConfirmingIssuers } from "@/lib/platform/sql/factors-in-force";
import { readOnce } from "@/lib/platform/transaction";
import { inEffect } from "@/lib/queries/assignments/access-conditions";
import { fewResources, type Readable, readableAt, topsOf } from "@/lib/queries/assignments/readable-access";
import {
  holders,
  holds,
  isLarge,
  mayProve,
  provesBySecondFactor,
  requiresMfa,
  settings,
  usedIn,
} from "@/lib/queries/figures/coverage-conditions";
import { afterPlace, idKey, keyColumns, orderBy, placeColumn, textKey } from "@/lib/queries/keyset";
import { peopleRights } from "@/lib/queries/people/people";

const pageSize = 50;

/** What a list of MFA coverage shows: people with access, or role settings in use. */
export interface CoverageFilter {
  readonly of: "people" | "settings";
  /** Covered means: has a second factor, or requires MFA on activation. Null: all. */
  readonly covered: boolean | null;
  /** At this resource, and `below` it too; everywhere when null. */
  readonly resourceId: string | null;
  readonly below: boolean;
  /** Part of a person's, a role's or a resource's name. */
  readonly search: string;
}

export interface CoveredPerson {
  readonly id: string;
  readonly identity: PrincipalIdentity;
  readonly hasFactor: boolean;
}

export interface SettingsInUse {
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly requiresMfa: boolean;
  /** How many are eligible under them now. */
  readonly eligible: number;
}

export interface CoveragePage {
  readonly people: readonly CoveredPerson[];
  readonly settings: readonly SettingsInUse[];
  readonly next: string | null;
  /** The resource of the list, if it has one. */
  readonly resourceName: string | null;
  /** Whether the caller may open people's pages. */
  readonly mayReadPeople: boolean;
}

const byName = { by: "name", descending: false } as const;

/** If more than a `few` resources may be read, the `first` people are examined before all others. */
const bounds = { first: 300, few: fewResources };

/**
 * The list behind a figure of MFA coverage, as far as the caller may read it, by name, fifty a page.
 * `after` is the end of the previous page. Null if there is nothing to read.
 */
export function listCoverage(
  database: Database,
  caller: Caller,
  filter: CoverageFilter,
  after: string,
  issuers: ConfirmingIssuers,
  { first, few } = bounds,
): Promise<CoveragePage | null> {
  const { resourceId } = filter;
  return readOnce(database, async (transaction) => {
    const readable = await readableAt(
      transaction,
      caller,
      { resourceId, below: resourceId === null || filter.below },
      few,
    );
    if (!readable) return null;
    const resource =
      resourceId === null
        ? null
        : await transaction.resource.findUnique({ where: { id: resourceId }, select: { displayName: true } });
    const rights = await peopleRights(transaction, caller);
    const found =
      filter.of === "people"
        ? {
            people: await onePage(transaction, readable, filter, after, { issuers, first }),
            settings: [],
          }
        : {
            people: [],
            settings: await transaction.$queryRaw<(SettingsInUse & Placed)[]>(
              settingsOf(readable, await usedIn(transaction, readable), filter, after),
            ),
          };
    const rows: readonly Placed[] = filter.of === "people" ? found.people : found.settings;
    return {
      people: found.people.slice(0, pageSize),
      settings: found.settings.slice(0, pageSize),
      next: rows.length > pageSize ? (rows[pageSize - 1]?.place ?? null) : null,
      resourceName: resource?.displayName ?? null,
      mayReadPeople: rights.read,
    };
  });
}

interface Placed {
  readonly place: string;
}

function named(columns: Prisma.Sql, search: string): Prisma.Sql {
  return search === ""
    ? Prisma.sql`TRUE`
    : Prisma.sql`concat_ws(' ', ${columns}) ILIKE ${containing(search)}`;
}

/** One page of people: among the first by name if there is much to read, otherwise among all. */
async function onePage(
  transaction: Transaction,
  readable: Readable,
  filter: CoverageFilter,
  after: string,
  { issuers, first }: { readonly issuers: ConfirmingIssuers; readonly first: number },
): Promise<(CoveredPerson & Placed)[]> {
  const read = (limit: number | null) =>
    transaction.$queryRaw<(CoveredPerson & Placed)[]>(peopleOf(readable, filter, after, issuers, limit));
  const near = isLarge(readable) ? await read(first) : [];
  return near.length > pageSize ? near : read(null);
}

/**
 * One page of people, of the `first` or of all. If there is much to read, people are checked one by one
 * in the order of their names, directly and through groups, until the page is full.
 */
function peopleOf(
  readable: Readable,
  { covered, search }: CoverageFilter,
  after: string,
  issuers: ConfirmingIssuers,
  first: number | null,
): Prisma.Sql {
  const keys = [textKey(Prisma.sql`lower(u.display_name)`), idKey(Prisma.sql`u.id`)];
  const large = isLarge(readable);
  const may = first === null ? readable.at : readable.of;
  const held = large
    ? Prisma.sql`coalesce((SELECT true FROM principal_and_groups(u.id) AS reached (id)
        WHERE ${holds(Prisma.sql`reached.id`, may)} LIMIT 1), false)`
    : Prisma.sql`u.id IN (SELECT id FROM holders)`;
  const inOrder = keyColumns(keys, false);
  // The index on names and addresses. Its statistics say how many are found.
  const found =
    search === ""
      ? Prisma.sql`TRUE`
      : Prisma.sql`(u.display_name || ' ' || coalesce(u.email, '')) ILIKE ${containing(search)}`;
  return Prisma.sql`
    WITH RECURSIVE ${large ? topsOf(readable) : holders(readable)}
    SELECT u.id, ${identityColumn("u")} AS identity, ${provesBySecondFactor(issuers)} AS "hasFactor",
      ${placeColumn(keys, byName)}
    FROM (SELECT u.*, ${inOrder.columns} FROM principals u
      WHERE ${mayProve} AND ${withFactor(covered, issuers)} AND ${found} AND ${afterPlace(keys, byName, after)}
      ${first === null ? Prisma.empty : Prisma.sql`ORDER BY ${orderBy(keys, false)} LIMIT ${first}`}) u
    WHERE ${held}
    ORDER BY ${inOrder.order} LIMIT ${pageSize + 1}`;
}

function settingsOf(
  readable: Readable,
  used: Prisma.Sql,
  { covered, search }: CoverageFilter,
  after: string,
): Prisma.Sql {
  const keys = [
    textKey(Prisma.sql`lower(d.role_name)`),
    textKey(Prisma.sql`lower(r.display_name)`),
    idKey(Prisma.sql`d.id`),
    idKey(Prisma.sql`r.id`),
  ];
  return Prisma.sql`
    WITH ${topsOf(readable)}, ${used}
    SELECT d.id AS "roleDefinitionId", d.role_name AS "roleName", r.id AS "resourceId",
      r.display_name AS "resourceName", ${requiresMfa} AS "requiresMfa",
      (SELECT count(*)::int FROM eligibilities x WHERE x.role_definition_id = d.id AND x.resource_id = r.id
        AND ${inEffect}) AS eligible,
      ${placeColumn(keys, byName)}
    FROM ${settings}
    JOIN role_definitions d ON d.id = used.role_definition_id JOIN resources r ON r.id = used.resource_id
    WHERE (${covered}::boolean IS NULL OR ${requiresMfa} = ${covered}::boolean)
      AND ${named(Prisma.sql`d.role_name, r.display_name`, search)} AND ${afterPlace(keys, byName, after)}
    ORDER BY ${orderBy(keys, false)} LIMIT ${pageSize + 1}`;
}

/** With a second factor, without, or either. */
function withFactor(covered: boolean | null, issuers: ConfirmingIssuers): Prisma.Sql {
  if (covered === null) return Prisma.sql`TRUE`;
  return covered ? provesBySecondFactor(issuers) : Prisma.sql`NOT ${provesBySecondFactor(issuers)}`;
}
