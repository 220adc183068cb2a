import { type EndCursor, parseEndCursor } from "@/lib/domain/end-cursor";
import { Prisma } from "@/lib/platform/generated/client";

/** The end of a row as the place of the page after it needs it; a column named `endMicroseconds`. */
export function endMicroseconds(endsAt: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(extract(epoch FROM ${endsAt}) * 1000000)::bigint AS "endMicroseconds"`;
}

/** The condition that a row comes after the place, in the order of ends and, where they are the same, of ids. */
export function afterEnd(
  endsAt: Prisma.Sql,
  id: Prisma.Sql,
  place: string,
  direction: "ASC" | "DESC",
): Prisma.Sql {
  const cursor = parseEndCursor(place);
  if (!cursor) return Prisma.sql`TRUE`;
  const onward = direction === "ASC" ? Prisma.sql`>` : Prisma.sql`<`;
  return Prisma.sql`(coalesce(${endsAt}, 'infinity'::timestamptz), ${id}) ${onward} (${moment(cursor)}, ${cursor.id}::uuid)`;
}

function moment({ endMicroseconds }: EndCursor): Prisma.Sql {
  return endMicroseconds === null
    ? Prisma.sql`'infinity'::timestamptz`
    : Prisma.sql`timestamptz 'epoch' + ${endMicroseconds}::bigint * interval '1 microsecond'`;
}
