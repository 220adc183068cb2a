import { Prisma } from "@/lib/platform/generated/client";

/**
 * The rows of eligibilities and assignments for which a condition on their resource's column holds, put together by
 * role, state and the hours in which they begin, end and were made, as the relation that `access_changes` has as well.
 * What was taken back before it began is left out: it never was in effect.
 */
export function accessByHours(where: (resourceId: Prisma.Sql) => Prisma.Sql): Prisma.Sql {
  const rows = (table: "eligibilities" | "assignments", state: Prisma.Sql) => Prisma.sql`
    SELECT x.role_definition_id, ${state} AS state, hour_of(x.starts_at) AS starts_hour,
      hour_of(x.ends_at) AS ends_hour, hour_of(x.created_at) AS created_hour, count(*)::int AS number
    FROM ${Prisma.raw(table)} x
    WHERE (x.ends_at IS NULL OR x.ends_at > x.starts_at) AND ${where(Prisma.sql`x.resource_id`)}
    GROUP BY 1, 2, 3, 4, 5`;
  return Prisma.sql`${rows("eligibilities", Prisma.sql`'Eligible'`)}
    UNION ALL ${rows("assignments", Prisma.sql`x.assignment_type::text`)}`;
}

/** When each row of `c` (hours and a number) begins, ends and was made, as a relation `e` of hours and numbers. */
export const hoursOfAccess = Prisma.sql`(VALUES (c.starts_hour, c.number, 0, 0), (c.ends_hour, 0, c.number, 0),
  (c.created_hour, 0, 0, c.number)) AS e (hour, started, ended, created)`;
