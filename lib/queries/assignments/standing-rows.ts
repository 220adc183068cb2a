import type { StandingFilter } from "@/lib/domain/assignments/standing-access";
import { containing } from "@/lib/domain/search/like-pattern";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { pathWithin } from "@/lib/platform/sql/path-below";
import { inEffect } from "@/lib/queries/assignments/access-conditions";
import { type Counted, countedAtMost, readAtMost } from "@/lib/queries/assignments/access-total";
import { type Readable, topsOf } from "@/lib/queries/assignments/readable-access";
import type { RolesOfRisk } from "@/lib/queries/assignments/standing-roles";
import { idKey, numberKey, orderBy, placeColumn, placeValues } from "@/lib/queries/keyset";
import type { PagePlace, Reading } from "@/lib/queries/pages";
import { atOrBelow, isFew } from "@/lib/queries/resources/paths";

/** Up to how many are gathered and sorted. */
export interface Few {
  /** Rows. If there are more, reading from the root down soon finds one. */
  readonly rows: number;
  /** Resources. If there are more, those that may be read are selected from all, in the order of the list. */
  readonly places: number;
}
export const usualFew: Few = { rows: 5_000, places: 25_000 };

export const order = { by: "risk", descending: false } as const;
export const keys = [
  numberKey(Prisma.sql`g.rank`),
  numberKey(Prisma.sql`g.depth`),
  idKey(Prisma.sql`g.resource_id`),
  idKey(Prisma.sql`x.role_definition_id`),
  idKey(Prisma.sql`x.id`),
];

/** How the rows of one risk are found: gathered by the roles or the people, or read from the root down. */
type Way = "roles" | "people" | "down";

/** The roles of a risk, and how their rows are found. */
export interface Ranked extends RolesOfRisk {
  /** The roles whose name matches the search, regardless of their holders. */
  readonly named: readonly string[];
  readonly way: Way;
}

/** What is listed, and how. */
export interface StandingList {
  readonly readable: Readable;
  readonly filter: Pick<StandingFilter, "kind" | "search">;
  readonly fewPlaces: boolean;
  readonly ranks: readonly Ranked[];
}

const uuids = (ids: readonly string[]) => Prisma.sql`${[...ids]}::uuid[]`;
/** How deep a path lies, as `resources_depth_idx` computes it. */
const depth = Prisma.raw("((octet_length(r.path) + 1) / 33)");

const ofKind = ({ kind }: StandingList["filter"]) =>
  kind ? Prisma.sql`p.type = ${kind}::principal_type` : Prisma.sql`TRUE`;
const isNamed = ({ search }: StandingList["filter"]) =>
  search
    ? Prisma.sql`(p.display_name || ' ' || coalesce(p.email, '')) ILIKE ${containing(search)}`
    : Prisma.sql`TRUE`;

/** Decides for each risk how its rows are found, by reading a few of them. */
export async function waysOf(
  transaction: Transaction,
  readable: Readable,
  filter: StandingFilter,
  risks: readonly RolesOfRisk[],
  { rows: fewRows, places: fewPlaces }: Few,
): Promise<StandingList> {
  const ids = risks.flatMap((each) => each.ids);
  const found = filter.search
    ? await transaction.$queryRaw<{ id: string }[]>`
        SELECT id FROM role_definitions WHERE id = ANY (${uuids(ids)}) AND role_name ILIKE ${containing(filter.search)}`
    : [];
  const named = new Set(found.map(({ id }) => id));
  const ranks = risks.map((each) => ({ ...each, named: each.ids.filter((id) => named.has(id)) }));
  const held = (roles: readonly string[]) => Prisma.sql`(SELECT count(*) <= ${fewRows} FROM (
    SELECT FROM assignments x WHERE x.assignment_type = 'Assigned' AND x.role_definition_id = ANY (${uuids(roles)})
    LIMIT ${fewRows + 1}) y)`;
  const few =
    ranks.length === 0
      ? []
      : await transaction.$queryRaw<{ rank: number; all: boolean; named: boolean }[]>`
          SELECT * FROM (VALUES ${Prisma.join(
            ranks.map((each) => Prisma.sql`(${each.rank}::int, ${held(each.ids)}, ${held(each.named)})`),
          )}) AS k (rank, "all", named)`;
  const byPeople = few.some(({ all }) => !all) && (await heldByFew(transaction, filter, fewRows));
  const way = (rank: number): Way => {
    const of = few.find((each) => each.rank === rank);
    if (of?.all) return "roles";
    return byPeople && of?.named ? "people" : "down";
  };
  return {
    ...{ readable, filter },
    fewPlaces: readable.reach !== "everything" && (await isFew(transaction, readable.paths, fewPlaces)),
    ranks: ranks.map((each) => ({ ...each, way: way(each.rank) })),
  };
}

/** Whether the filter names few people, who have little access. */
async function heldByFew(
  transaction: Transaction,
  filter: StandingFilter,
  fewRows: number,
): Promise<boolean> {
  if (filter.kind === null && filter.search === "") return false;
  const [found] = await transaction.$queryRaw<{ few: boolean }[]>`
    WITH people AS MATERIALIZED (
      SELECT p.id FROM principals p WHERE ${ofKind(filter)} AND ${isNamed(filter)} LIMIT ${fewRows + 1})
    SELECT (SELECT count(*) FROM people) <= ${fewRows} AND (SELECT count(*) FROM (
      SELECT FROM people CROSS JOIN LATERAL (
        SELECT FROM assignments y WHERE y.principal_id = people.id AND y.assignment_type = 'Assigned' OFFSET 0) z
      LIMIT ${fewRows + 1}) y) <= ${fewRows} AS few`;
  return found?.few ?? false;
}

/** The conditions on a row `x` of the roles of a risk, except its place. */
function conditions({ filter }: StandingList, { ids, named }: Ranked): Prisma.Sql {
  const held = Prisma.sql`x.assignment_type = 'Assigned' AND x.role_definition_id = ANY (${uuids(ids)}) AND ${inEffect}`;
  if (filter.kind === null && filter.search === "") return held;
  return Prisma.sql`${held} AND EXISTS (SELECT FROM principals p WHERE p.id = x.principal_id AND ${ofKind(filter)}
    AND (x.role_definition_id = ANY (${uuids(named)}) OR ${isNamed(filter)}))`;
}

/** The gathered rows `x` of a risk. There may be more than meet the conditions. */
function gathered({ filter }: StandingList, { ids, named, way }: Ranked): Prisma.Sql {
  const ofRoles = (roles: readonly string[]) => Prisma.sql`
    SELECT y.id FROM assignments y WHERE y.assignment_type = 'Assigned' AND y.role_definition_id = ANY (${uuids(roles)})`;
  const found =
    way === "roles"
      ? ofRoles(ids)
      : Prisma.sql`SELECT held.id FROM (SELECT p.id FROM principals p WHERE ${ofKind(filter)} AND ${isNamed(filter)} OFFSET 0) people
          CROSS JOIN LATERAL (
            SELECT y.id FROM assignments y WHERE y.principal_id = people.id AND y.assignment_type = 'Assigned' OFFSET 0) held
          UNION ${ofRoles(named)}`;
  // Row by row, by the key, since there are few.
  return Prisma.sql`(${found}) found CROSS JOIN LATERAL (SELECT * FROM assignments a WHERE a.id = found.id OFFSET 0) x`;
}

/** Whether the resource `r` may be read. */
const inReach = ({ reach, paths }: Readable) =>
  reach === "everything" ? Prisma.sql`TRUE` : atOrBelow(paths);

const columns = Prisma.sql`x.id, x.principal_id, x.starts_at, x.ends_at, g.rank, g.depth, g.resource_id, g.path,
  x.role_definition_id AS role_id, ${placeColumn(keys, order)}`;

/** The first rows of a risk that lie on a page or beyond it, in the order of the list, as a statement. */
export function rowsOfRank(
  list: StandingList,
  ranked: Ranked,
  { beyond, descending }: Reading,
  at: PagePlace,
  limit: number,
): Prisma.Sql {
  const { rank } = ranked;
  const found = conditions(list, ranked);
  if (ranked.way !== "down")
    return Prisma.sql`SELECT ${columns} FROM ${gathered(list, ranked)}
      JOIN (SELECT ${rank}::int AS rank, ${depth} AS depth, r.id AS resource_id, r.path FROM resources r
        WHERE ${inReach(list.readable)}) g ON g.resource_id = x.resource_id
      WHERE ${found} AND ${beyond} ORDER BY ${orderBy(keys, descending)} LIMIT ${limit}`;
  const direction = descending ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  // Resources in the order of the list, with as many rows of each as a page has. They are sorted again,
  // which is cheap since they are sorted already.
  return Prisma.sql`SELECT ${columns} FROM (
      SELECT ${rank}::int AS rank, ${depth} AS depth, r.id AS resource_id, r.path FROM ${placesOf(list, direction)}
        AND ${fromPlace(rank, descending, descending ? at.before : at.before === "" ? at.after : "")}
      ORDER BY ${depth} ${direction}, r.id ${direction}) g
    CROSS JOIN LATERAL (
      SELECT x.* FROM (
        SELECT y.id, y.role_definition_id FROM assignments y
        WHERE y.resource_id = g.resource_id AND y.assignment_type = 'Assigned'
        ORDER BY y.role_definition_id ${direction}, y.id ${direction} OFFSET 0) held
      CROSS JOIN LATERAL (SELECT * FROM assignments a WHERE a.id = held.id OFFSET 0) x
      WHERE held.role_definition_id = ANY (${uuids(ranked.ids)}) AND ${found} AND ${beyond}
      ORDER BY held.role_definition_id ${direction}, held.id ${direction} LIMIT ${limit}) x
    ORDER BY ${orderBy(keys.slice(1), descending)} LIMIT ${limit}`;
}

/**
 * The resources `r` that may be read, with `WHERE`. Few are found by the index on paths and then sorted. If there are
 * many, all resources are read in the order of the list, whatever the planner expects of the condition.
 */
function placesOf({ readable, fewPlaces: few }: StandingList, direction: Prisma.Sql): Prisma.Sql {
  if (readable.reach === "everything") return Prisma.sql`resources r WHERE TRUE`;
  if (few)
    return Prisma.sql`tops CROSS JOIN LATERAL (
      SELECT i.id, i.path FROM resources i WHERE ${pathWithin("i.path", "tops.path")} OFFSET 0) r WHERE TRUE`;
  return Prisma.sql`(SELECT r.id, r.path FROM resources r ORDER BY ${depth} ${direction}, r.id ${direction} OFFSET 0) r
    WHERE ${inReach(readable)}`;
}

/** Whether the resource `r` lies at the place of an address or beyond it, in a form that uses an index. */
function fromPlace(rank: number, descending: boolean, place: string): Prisma.Sql {
  const [ofRank, ...values] = placeValues(keys, order, place) ?? [];
  if (ofRank?.values[0] !== rank) return Prisma.sql`TRUE`;
  const onward = descending ? Prisma.sql`<=` : Prisma.sql`>=`;
  return Prisma.sql`(${depth}, r.id) ${onward} (${Prisma.join(values.slice(0, 2))})`;
}

/** How many rows a risk has, counted up to the same limit as in other lists. */
export async function countedOfRank(
  transaction: Transaction,
  list: StandingList,
  ranked: Ranked,
): Promise<Counted> {
  const { readable } = list;
  const readableRow = Prisma.sql`EXISTS (
    SELECT FROM resources r WHERE r.id = x.resource_id AND ${inReach(readable)})`;
  const many = ranked.way === "down";
  const looked = !many
    ? Prisma.sql`SELECT x.* FROM ${gathered(list, ranked)}`
    : readable.reach === "few" || readable.reach === "one"
      ? Prisma.sql`SELECT x.* FROM inside CROSS JOIN LATERAL (
          SELECT * FROM assignments y WHERE y.resource_id = inside.id AND y.assignment_type = 'Assigned'
            AND y.role_definition_id = ANY (${uuids(ranked.ids)}) LIMIT ${readAtMost}) x`
      : Prisma.sql`SELECT x.* FROM assignments x WHERE x.assignment_type = 'Assigned'
          AND x.role_definition_id = ANY (${uuids(ranked.ids)})`;
  const [found] = await transaction.$queryRaw<Counted[]>`
    WITH ${topsOf(readable)}, looked AS MATERIALIZED (SELECT * FROM (${looked}) x LIMIT ${many ? readAtMost : null}),
    met AS MATERIALIZED (
      SELECT FROM looked x WHERE ${conditions(list, ranked)} AND ${readableRow} LIMIT ${countedAtMost + 1})
    SELECT count(*)::int AS count,
      count(*) > ${countedAtMost} OR (${many} AND (SELECT count(*) >= ${readAtMost} FROM looked)) AS more FROM met`;
  return found ?? { count: 0, more: false };
}
