import { action } from "@/lib/domain/permissions";
import type { AccessTable } from "@/lib/platform/access-hours";
import { pathsAllowing } from "@/lib/platform/authority";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** Where to look; the whole organisation when there is no resource. */
export interface Place {
  readonly resourceId: string | null;
  readonly below: boolean;
}

/** Which rows may be read. */
export interface Readable {
  /** The condition, on a column that holds a resource's id. */
  at(column: Prisma.Sql): Prisma.Sql;
  /** One resource alone, few or many at or below several, or all of them. */
  readonly reach: "one" | "few" | "many" | "everything";
  /** The paths that it comes to, none of them below another. */
  readonly paths: readonly string[];
}

/**
 * A condition on a column that holds a resource's id: it lies in the place, and the caller holds the right to read
 * assignments there now. Null when there is nothing to read.
 */
export async function readableAt(
  transaction: Transaction,
  caller: Caller,
  place: Place,
): Promise<Readable | null> {
  const paths = await pathsAllowing(transaction, caller.userId, action.readAssignments);
  if (place.resourceId === null) return within(transaction, paths);
  const [resource] = await transaction.$queryRaw<{ id: string; path: string }[]>`
    SELECT id, path FROM resources WHERE id = ${place.resourceId}::uuid`;
  if (!resource) return null;
  const whole = paths.some((path) => resource.path === path || resource.path.startsWith(`${path}.`));
  if (!place.below)
    return whole
      ? {
          at: (column) => Prisma.sql`${column} = ${resource.id}::uuid`,
          reach: "one",
          paths: [resource.path],
        }
      : null;
  return within(
    transaction,
    whole ? [resource.path] : paths.filter((path) => path.startsWith(`${resource.path}.`)),
  );
}

/** The resources that a place comes to, as a part of WITH; `counted` where access there is counted ahead. */
export function topsOf({ reach, paths }: Readable): Prisma.Sql {
  return Prisma.sql`tops AS MATERIALIZED (
    SELECT r.id, r.path, EXISTS (
      SELECT FROM access_places p WHERE p.resource_id = r.id AND p.below = ${reach !== "one"}) AS counted
    FROM resources r WHERE r.path = ANY (${[...paths]}::text[]))`;
}

/**
 * The rows `x` of a table at or below the `tops`, resource by resource where there are few, which the plan cannot know
 * by itself, and all at once where there are many. `narrower` says which of the tops count.
 */
export function rowsBelow({ reach }: Readable, table: AccessTable, narrower: Prisma.Sql): Prisma.Sql {
  if (reach === "few")
    return Prisma.sql`tops
      CROSS JOIN LATERAL (
        SELECT r.id FROM resources r WHERE r.path >= tops.path AND r.path < tops.path || '/' OFFSET 0) inside
      CROSS JOIN LATERAL (SELECT * FROM ${Prisma.raw(table)} y WHERE y.resource_id = inside.id OFFSET 0) x
      WHERE ${narrower}`;
  return Prisma.sql`${Prisma.raw(table)} x WHERE x.resource_id IN (SELECT inside.id FROM tops
    JOIN resources inside ON inside.path >= tops.path AND inside.path < tops.path || '/' WHERE ${narrower})`;
}

/** Up to so many resources are looked at one by one. */
const fewResources = 3_000;

/** At or below one of these paths. A path without a dot is the root's: everything. */
async function within(transaction: Transaction, paths: readonly string[]): Promise<Readable | null> {
  if (paths.length === 0) return null;
  if (paths.some((path) => !path.includes(".")))
    return { at: () => Prisma.sql`TRUE`, reach: "everything", paths };
  const [counted] = await transaction.$queryRaw<{ few: boolean }[]>`
    SELECT count(*) <= ${fewResources} AS few FROM (
      SELECT FROM unnest(${[...paths]}::text[]) AS h (path)
      CROSS JOIN LATERAL (SELECT FROM resources r
        WHERE r.path >= h.path COLLATE "C" AND r.path < (h.path || '/') COLLATE "C" LIMIT ${fewResources + 1}) inside
      LIMIT ${fewResources + 1}) below`;
  return {
    at: (column) => Prisma.sql`${column} IN (
      SELECT inside.id FROM unnest(${[...paths]}::text[]) AS h (path)
      JOIN resources inside ON inside.path >= h.path AND inside.path < h.path || '/')`,
    reach: counted?.few ? "few" : "many",
    paths,
  };
}
