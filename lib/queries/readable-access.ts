import { action } from "@/lib/domain/permissions";
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
  /** One resource alone, several with all below each, or all: the first two are found by index and may be few. */
  readonly reach: "one" | "below" | "everything";
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
  if (place.resourceId === null) return within(paths);
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
  return within(whole ? [resource.path] : paths.filter((path) => path.startsWith(`${resource.path}.`)));
}

/** At or below one of these paths. A path without a dot is the root's: everything. */
function within(paths: readonly string[]): Readable | null {
  if (paths.length === 0) return null;
  if (paths.some((path) => !path.includes(".")))
    return { at: () => Prisma.sql`TRUE`, reach: "everything", paths };
  return {
    at: (column) => Prisma.sql`${column} IN (
      SELECT inside.id FROM unnest(${[...paths]}::text[]) AS h (path)
      JOIN resources inside ON inside.path >= h.path AND inside.path < h.path || '/')`,
    reach: "below",
    paths,
  };
}
