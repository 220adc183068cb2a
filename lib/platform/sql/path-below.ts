import { Prisma } from "@/lib/platform/generated/client";

/** A column as a query names it: an alias and the column's name. */
type Column = `${string}.${string}`;

function column(name: Column): Prisma.Sql {
  if (!/^[a-z]+\.[a-z_]+$/.test(name)) throw new Error(`${name} is not a column of a query`);
  return Prisma.raw(name);
}

/**
 * Whether the place with one path is at or below the place with the other. Such places are one range of an
 * index of paths, since `/` sorts after `.`.
 */
export function pathWithin(path: Column, top: Column): Prisma.Sql {
  return Prisma.sql`(${column(path)} >= ${column(top)} AND ${column(path)} < ${column(top)} || '/')`;
}

/** Whether the place with one path is below the place with the other, and not that place itself. */
export function pathBelow(path: Column, top: Column): Prisma.Sql {
  return Prisma.sql`(${column(path)} > ${column(top)} || '.' AND ${column(path)} < ${column(top)} || '/')`;
}
