import { Prisma } from "@/lib/platform/generated/client";

/**
 * A user with every group they are in, as an array within a statement. `reached`: the same as the request has just
 * read it; otherwise the statement reads it.
 */
export function reachOf(userId: string, reached?: readonly string[]): Prisma.Sql {
  return reached
    ? Prisma.sql`${[...reached]}::uuid[]`
    : Prisma.sql`(SELECT array(SELECT principal_and_groups(${userId}::uuid)))::uuid[]`;
}
