import { pathsAllowing } from "@/lib/authority/authority";
import { action } from "@/lib/domain/gate/permissions";
import type { AccessTable } from "@/lib/platform/access-hours";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { atOrBelow, isFew } from "@/lib/queries/resources/paths";

/** Where to look; the whole organisation when there is no resource. */
export interface Place {
  readonly resourceId: string | null;
  readonly below: boolean;
}

/** Which rows may be read. */
export interface Readable {
  /**
   * The condition, on a column that holds a resource's id; after `topsOf`. `IS TRUE` keeps the plan from joining rows and
   * resources one with each, whatever it takes their numbers to be.
   */
  at(column: Prisma.Sql): Prisma.Sql;
  /** The same, asked of each row by itself: for those who look at few rows and would not list the resources first. */
  of(column: Prisma.Sql): Prisma.Sql;
  /** One resource alone, few or many at or below several, or all of them. */
  readonly reach: "one" | "few" | "many" | "everything";
  /** The paths that it comes to, none of them below another. */
  readonly paths: readonly string[];
}

/** Up to so many resources are looked at one by one. */
export const fewResources = 1_000;

/**
 * A condition on a column that holds a resource's id: it lies in the place, and the caller holds the right to read
 * assignments there now. Null when there is nothing to read. `few` is how many resources are looked at one by one.
 */
export async function readableAt(
  transaction: Transaction,
  caller: Caller,
  place: Place,
  few = fewResources,
): Promise<Readable | null> {
  const paths = await pathsAllowing(transaction, caller.userId, action.readAssignments);
  if (place.resourceId === null) return within(transaction, paths, few);
  const [resource] = await transaction.$queryRaw<{ id: string; path: string }[]>`
    SELECT id, path FROM resources WHERE id = ${place.resourceId}::uuid`;
  if (!resource) return null;
  const whole = paths.some((path) => resource.path === path || resource.path.startsWith(`${path}.`));
  if (!place.below)
    return whole
      ? {
          at: (column) => Prisma.sql`${column} = ${resource.id}::uuid`,
          of: (column) => Prisma.sql`${column} = ${resource.id}::uuid`,
          reach: "one",
          paths: [resource.path],
        }
      : null;
  return within(
    transaction,
    whole ? [resource.path] : paths.filter((path) => path.startsWith(`${resource.path}.`)),
    few,
  );
}

/**
 * The resources that a place comes to, as parts of WITH: the topmost ones as `tops`, `counted` where access there is
 * counted ahead, and what lies at or below them as `inside`. Below each lies one range of the index on paths, which the
 * plan would not see by itself.
 */
export function topsOf({ reach, paths }: Readable): Prisma.Sql {
  return Prisma.sql`tops AS MATERIALIZED (
      SELECT r.id, r.path, EXISTS (
        SELECT FROM access_places p WHERE p.resource_id = r.id AND p.below = ${reach !== "one"}) AS counted
      FROM resources r WHERE r.path = ANY (${[...paths]}::text[])
    ), inside AS (
      SELECT below.id FROM tops CROSS JOIN LATERAL (${belowTops}) below)`;
}

/**
 * The rows `x` of a table that may be read; after `topsOf`. Resource by resource where there are few, which the plan
 * cannot know by itself; where there are many, by whatever else is asked of the rows.
 */
export function rowsIn({ reach, at }: Readable, table: AccessTable): Prisma.Sql {
  if (reach !== "few") return Prisma.sql`${Prisma.raw(table)} x WHERE ${at(Prisma.sql`x.resource_id`)}`;
  return Prisma.sql`inside
    CROSS JOIN LATERAL (SELECT * FROM ${Prisma.raw(table)} y WHERE y.resource_id = inside.id OFFSET 0) x
    WHERE TRUE`;
}

/** The rows `x` of a table that may be read where access is not counted ahead; after `topsOf`. */
export function rowsUncounted({ reach }: Readable, table: AccessTable): Prisma.Sql {
  const rows = Prisma.raw(table);
  if (reach === "everything") return Prisma.sql`${rows} x WHERE EXISTS (SELECT FROM tops WHERE NOT counted)`;
  if (reach === "one")
    return Prisma.sql`${rows} x WHERE x.resource_id = (SELECT id FROM tops WHERE NOT counted)`;
  return Prisma.sql`tops CROSS JOIN LATERAL (${belowTops}) below
    CROSS JOIN LATERAL (SELECT * FROM ${rows} y WHERE y.resource_id = below.id OFFSET 0) x
    WHERE NOT tops.counted`;
}

/** Where a table has rows at no more resources than this, those are looked at before its rows are. */
export const fewPlaces = 300;

/**
 * The resources with rows of a table that may be read, where the table has rows at `few` resources at the most; else
 * null. The index on resources is asked for one after the other, past all rows of each.
 */
export async function placesOf(
  transaction: Transaction,
  readable: Readable,
  table: AccessTable,
  few = fewPlaces,
): Promise<readonly string[] | null> {
  const rows = Prisma.raw(table);
  const [found] = await transaction.$queryRaw<{ all: boolean; ids: string[] }[]>`
    ${planOnce} WITH RECURSIVE held (id) AS (
      (SELECT resource_id FROM ${rows} ORDER BY resource_id LIMIT 1)
      UNION ALL
      SELECT (SELECT y.resource_id FROM ${rows} y WHERE y.resource_id > held.id ORDER BY y.resource_id LIMIT 1)
      FROM held WHERE held.id IS NOT NULL
    ), places AS MATERIALIZED (SELECT id FROM held WHERE id IS NOT NULL LIMIT ${few}::int + 1),
    counted AS MATERIALIZED (SELECT count(*) <= ${few}::int AS all FROM places)
    SELECT counted.all, ARRAY(
      SELECT id FROM places WHERE (SELECT "all" FROM counted) AND ${readable.of(Prisma.sql`places.id`)}) AS ids
    FROM counted`;
  return found?.all ? found.ids : null;
}

const belowTops = Prisma.sql`
  SELECT r.id FROM resources r WHERE r.path >= tops.path AND r.path < tops.path || '/' OFFSET 0`;

/** At or below one of these paths. A path without a dot is the root's: everything. */
async function within(
  transaction: Transaction,
  paths: readonly string[],
  few: number,
): Promise<Readable | null> {
  if (paths.length === 0) return null;
  if (paths.some((path) => !path.includes(".")))
    return { at: () => Prisma.sql`TRUE`, of: () => Prisma.sql`TRUE`, reach: "everything", paths };
  const reach = (await isFew(transaction, paths, few)) ? "few" : "many";
  return {
    at: (column) => Prisma.sql`(${column} IN (SELECT id FROM inside)) IS TRUE`,
    of: (column) => Prisma.sql`(SELECT ${atOrBelow(paths)} FROM resources r WHERE r.id = ${column})`,
    reach,
    paths,
  };
}
