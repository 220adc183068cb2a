import type { MfaCoverage } from "@/lib/domain/figures/access-figures";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { containing } from "@/lib/domain/search/like-pattern";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { identityColumn } from "@/lib/platform/principal-identity";
import type { AccessTable } from "@/lib/platform/sql/access-hours";
import { readOnce } from "@/lib/platform/transaction";
import { inEffect } from "@/lib/queries/assignments/access-conditions";
import {
  fewResources,
  type Place,
  placesOf,
  type Readable,
  readableAt,
  rowsIn,
  topsOf,
} from "@/lib/queries/assignments/readable-access";
import { afterPlace, idKey, keyColumns, orderBy, placeColumn, textKey } from "@/lib/queries/keyset";
import { peopleRights } from "@/lib/queries/people/people";

const pageSize = 50;

/** What a list of MFA coverage shows: people with access, or role settings in use. */
export interface CoverageFilter {
  readonly of: "people" | "settings";
  /** Covered means: has an authenticator app, or requires MFA on activation. Null: all. */
  readonly covered: boolean | null;
  /** At this resource alone; everywhere when null. */
  readonly resourceId: string | null;
  /** Part of a person's, a role's or a resource's name. */
  readonly search: string;
}

/** Who could prove a second factor, among what the caller may read in a place; null if there is nothing to read. */
export function mfaCoverage(database: Database, caller: Caller, place: Place): Promise<MfaCoverage | null> {
  return readOnce(database, async (transaction) => {
    const readable = await readableAt(transaction, caller, place);
    if (!readable) return null;
    const used = await usedIn(transaction, readable);
    const [coverage] = await transaction.$queryRaw<MfaCoverage[]>`
      ${readable.reach === "many" ? Prisma.empty : planOnce} WITH RECURSIVE ${holders(readable)}, ${used}
      SELECT people.*, settings.* FROM (
        SELECT count(*)::int AS people, count(f.id)::int AS "peopleWithFactor"
        FROM principals u LEFT JOIN totp_factors f ON ${confirmed}
        WHERE ${mayProve} AND u.id IN (SELECT id FROM holders)) people
      CROSS JOIN (
        SELECT count(*)::int AS settings, (count(*) FILTER (WHERE ${requiresMfa}))::int AS "settingsWithMfa"
        FROM ${settings}) settings`;
    if (!coverage) throw new Error("nothing was counted");
    return coverage;
  });
}

/** Everybody with access, directly or through groups, as `holders`. */
function holders(readable: Readable): Prisma.Sql {
  return Prisma.sql`${topsOf(readable)}, holders (id) AS (
    ${holdersIn(readable)}
    UNION
    SELECT m.member_id FROM holders h
    JOIN principals g ON g.id = h.id AND g.disabled_at IS NULL
    JOIN group_members m ON m.group_id = h.id)`;
}

/**
 * Everybody with access of any state in effect. Over many resources, each principal is checked for one row, since
 * there are far fewer principals than rows. Below a few, the rows there are read.
 */
function holdersIn(readable: Readable): Prisma.Sql {
  if (isLarge(readable))
    return Prisma.sql`SELECT p.id FROM principals p WHERE ${holds(Prisma.sql`p.id`, readable.at)}`;
  const rows = (table: AccessTable) =>
    Prisma.sql`SELECT x.principal_id FROM ${rowsIn(readable, table)} AND ${inEffect}`;
  return Prisma.sql`SELECT principal_id FROM (${rows("assignments")} UNION ${rows("eligibilities")}) held`;
}

function isLarge({ reach }: Readable): boolean {
  return reach === "everything" || reach === "many";
}

/** Whether a principal itself has access of any state in effect, among the readable rows `may`. */
function holds(principalId: Prisma.Sql, may: Readable["at"]): Prisma.Sql {
  const one = (table: Prisma.Sql) => Prisma.sql`coalesce((SELECT true FROM ${table} x
    WHERE x.principal_id = ${principalId} AND ${inEffect} AND ${may(Prisma.sql`x.resource_id`)} LIMIT 1), false)`;
  return Prisma.sql`(${one(Prisma.sql`assignments`)} OR ${one(Prisma.sql`eligibilities`)})`;
}

/** The role settings of roles that somebody is eligible for, as `used`. */
async function usedIn(transaction: Transaction, readable: Readable): Promise<Prisma.Sql> {
  const held = readable.reach === "many" ? await placesOf(transaction, readable, "eligibilities") : null;
  const resource = Prisma.sql`x.resource_id`;
  return Prisma.sql`used AS (
    SELECT DISTINCT x.role_definition_id, x.resource_id FROM eligibilities x
    WHERE ${inEffect} AND ${held ? Prisma.sql`${resource} = ANY (${[...held]}::uuid[])` : readable.at(resource)})`;
}

/** Users `u` who can sign in, for counts and lists alike. */
const mayProve = Prisma.sql`u.type = 'User' AND u.disabled_at IS NULL`;
const confirmed = Prisma.sql`f.user_id = u.id AND f.confirmed_at IS NOT NULL AND f.removed_at IS NULL`;

/** With an authenticator app, without, or either. */
function withFactor(covered: boolean | null): Prisma.Sql {
  if (covered === null) return Prisma.sql`TRUE`;
  return Prisma.sql`${covered ? Prisma.empty : Prisma.sql`NOT`} EXISTS (SELECT FROM totp_factors f WHERE ${confirmed})`;
}

/** The settings in use, with their saved values, for counts and lists alike. */
const settings = Prisma.sql`used LEFT JOIN role_management_policies m
  ON m.role_definition_id = used.role_definition_id AND m.resource_id = used.resource_id`;
const requiresMfa = Prisma.sql`coalesce(m.activation_requires_mfa, true)`;

export interface CoveredPerson {
  readonly id: string;
  readonly identity: PrincipalIdentity;
  readonly hasAuthenticator: boolean;
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

/** If more than a `few` resources may be read, the `first` people are looked at before all. */
const bounds = { first: 300, few: fewResources };

/**
 * The list behind a figure of MFA coverage, as far as the caller may read, by name, fifty a page. `after` is the end
 * of the previous page. Null if there is nothing to read.
 */
export function listCoverage(
  database: Database,
  caller: Caller,
  filter: CoverageFilter,
  after: string,
  { first, few } = bounds,
): Promise<CoveragePage | null> {
  const { resourceId } = filter;
  return readOnce(database, async (transaction) => {
    const readable = await readableAt(transaction, caller, { resourceId, below: resourceId === null }, few);
    if (!readable) return null;
    const resource =
      resourceId === null
        ? null
        : await transaction.resource.findUnique({ where: { id: resourceId }, select: { displayName: true } });
    const rights = await peopleRights(transaction, caller);
    const found =
      filter.of === "people"
        ? {
            people: await onePage(transaction, readable, filter, after, first),
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

/** One page of people: among the first by name if there is much to read, or else among all. */
async function onePage(
  transaction: Transaction,
  readable: Readable,
  filter: CoverageFilter,
  after: string,
  first: number,
): Promise<(CoveredPerson & Placed)[]> {
  const read = (limit: number | null) =>
    transaction.$queryRaw<(CoveredPerson & Placed)[]>(peopleOf(readable, filter, after, limit));
  const near = isLarge(readable) ? await read(first) : [];
  return near.length > pageSize ? near : read(null);
}

/**
 * One page of people, of the `first` or of all. If there is much to read, people are checked one by one in the order
 * of their names, directly and through groups, until the page is full.
 */
function peopleOf(
  readable: Readable,
  { covered, search }: CoverageFilter,
  after: string,
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
  // The index on names and addresses, whose statistics say how many are found.
  const found =
    search === ""
      ? Prisma.sql`TRUE`
      : Prisma.sql`(u.display_name || ' ' || coalesce(u.email, '')) ILIKE ${containing(search)}`;
  return Prisma.sql`
    WITH RECURSIVE ${large ? topsOf(readable) : holders(readable)}
    SELECT u.id, ${identityColumn("u")} AS identity, EXISTS (SELECT FROM totp_factors f WHERE ${confirmed}) AS "hasAuthenticator",
      ${placeColumn(keys, byName)}
    FROM (SELECT u.*, ${inOrder.columns} FROM principals u
      WHERE ${mayProve} AND ${withFactor(covered)} AND ${found} AND ${afterPlace(keys, byName, after)}
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
