import { mostFavouriteResources } from "@/lib/domain/preferences/favourite-resources";
import type { Reader } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { pathBelow, pathWithin } from "@/lib/platform/sql/path-below";
import { readOnce } from "@/lib/platform/transaction";
import type { FoundResource } from "@/lib/queries/resources/find-resources";

/** Whether the resource `r` of a query is a favourite of the caller. */
export function isFavourite(caller: Reader): Prisma.Sql {
  return Prisma.sql`EXISTS (
    SELECT FROM favourite_resources f WHERE f.user_id = ${caller.userId}::uuid AND f.resource_id = r.id)`;
}

/** The caller's favourite resources by name: those that they may know of now. */
export function favouriteResources(database: Database, caller: Reader): Promise<FoundResource[]> {
  return readOnce(database, (transaction) => favouriteResourcesIn(transaction, caller));
}

/** `favouriteResources` inside an open transaction. */
export function favouriteResourcesIn(transaction: Transaction, caller: Reader): Promise<FoundResource[]> {
  return transaction.$queryRaw<FoundResource[]>`
    ${planOnce} WITH mine AS MATERIALIZED (
      SELECT r.id, r.display_name, r.scope, r.path, r.resource_type
      FROM favourite_resources f JOIN resources r ON r.id = f.resource_id
      WHERE f.user_id = ${caller.userId}::uuid LIMIT ${mostFavouriteResources}
    ), reached AS MATERIALIZED (
      SELECT path FROM reached_paths(${caller.userId}::uuid, postern_now()) AS x (path)
      WHERE EXISTS (SELECT FROM mine)
    )
    SELECT r.id, r.display_name AS "displayName", r.scope, r.path, r.resource_type AS "resourceType" FROM mine r
    WHERE EXISTS (SELECT FROM reached h WHERE ${pathWithin("r.path", "h.path")} OR ${pathBelow("h.path", "r.path")})
    ORDER BY lower(r.display_name), r.id`;
}
