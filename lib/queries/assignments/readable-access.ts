import { pathsAllowing } from "@/lib/authority/authority";
import { action } from "@/lib/domain/roles/permissions";
import type { Reader } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import type { AccessTable } from "@/lib/platform/sql/access-hours";
import { pathWithin } from "@/lib/platform/sql/path-below";
import { atOrBelow, isFew } from "@/lib/queries/resources/paths";

/** Where to look; the whole organisation if there is no resource. */
export interface Place {
  readonly resourceId: string | null;
  readonly below: boolean;
}

/** Which rows may be read. */
export interface Readable {
  /**
   * The condition on a column with a resource's id. It needs `topsOf`. `IS TRUE` keeps the planner from
   * joining rows and resources one by one, whatever it estimates.
   */
  at(column: Prisma.Sql): Prisma.Sql;
  /** The same, checked for each row. For readers of few rows, so that the resources need not be listed first. */
  of(column: Prisma.Sql): Prisma.Sql;
  /** How much lies in the place: one resource, few or many at or below several, or all of them. */
  readonly reach: "one" | "few" | "many" | "everything";
  /** The topmost paths of the place. None lies below another. */
  readonly paths: readonly string[];
}

/** Up to how many resources are read one by one. */
export const fewResources = 1_000;

/**
 * The condition that a resource lies in the place and the caller may read assignments there now. Null
 * if there is nothing to read. `few` is how many resources are read one by one.
 */
export async function readableAt(
  transaction: Transaction,
  caller: Reader,
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
 * The resources of a place, as parts of WITH: the topmost as `tops`, `counted` if access there is
 * counted ahead, and everything at or below them as `inside`. Below each top lies one range of the
 * index on paths, which the planner would not find by itself.
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
 * The rows `x` of a table that may be read. It needs `topsOf`. If there are few resources, the rows are read resource
 * by resource, which the planner cannot know. If there are many, they are found by the other conditions.
 */
export function rowsIn({ reach, at }: Readable, table: AccessTable): Prisma.Sql {
  if (reach !== "few") return Prisma.sql`${Prisma.raw(table)} x WHERE ${at(Prisma.sql`x.resource_id`)}`;
  return Prisma.sql`inside
    CROSS JOIN LATERAL (SELECT * FROM ${Prisma.raw(table)} y WHERE y.resource_id = inside.id OFFSET 0) x
    WHERE TRUE`;
}

/** The rows `x` of a table that may be read where access is not counted ahead; needs `topsOf`. */
export function rowsUncounted({ reach }: Readable, table: AccessTable): Prisma.Sql {
  const rows = Prisma.raw(table);
  if (reach === "everything") return Prisma.sql`${rows} x WHERE EXISTS (SELECT FROM tops WHERE NOT counted)`;
  if (reach === "one")
    return Prisma.sql`${rows} x WHERE x.resource_id = (SELECT id FROM tops WHERE NOT counted)`;
  return Prisma.sql`tops CROSS JOIN LATERAL (${belowTops}) below
    CROSS JOIN LATERAL (SELECT * FROM ${rows} y WHERE y.resource_id = below.id OFFSET 0) x
    WHERE NOT tops.counted`;
}

/** If a table has rows at no more resources than this, these are found before its rows. */
export const fewPlaces = 300;

/**
 * The readable resources with rows of a table, if the table has rows at `few` resources at most; otherwise null. The
 * index on resources is asked for the next resource each time, skipping all rows of each.
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
  SELECT r.id FROM resources r WHERE ${pathWithin("r.path", "tops.path")} OFFSET 0`;

/** At or below one of these paths. A path without a dot is the root's, which covers everything. */
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
