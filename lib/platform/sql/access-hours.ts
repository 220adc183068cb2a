import { Prisma } from "@/lib/platform/generated/client";
import { type Alias, rowOf } from "@/lib/platform/sql/alias";

export type AccessTable = "eligibilities" | "assignments";

/**
 * Rows of eligibilities and assignments, grouped by role, state, kind of holder and the hours in which they
 * begin, end and were created, as a relation of the same form as `access_changes`. `from` says which rows `x`
 * of a table: what follows FROM, with a WHERE. Rows that were removed before they began are left out, since
 * they never were in effect. `kind` is the kind of holder of a row: looked up for each row, which is fast for
 * few, or a column that `from` joins.
 */
export function accessByHours(
  from: (table: AccessTable) => Prisma.Sql,
  kind: Prisma.Sql = kindOf(Prisma.sql`x.principal_id`),
): Prisma.Sql {
  const rows = (table: AccessTable, state: Prisma.Sql) => Prisma.sql`
    SELECT x.role_definition_id, ${state} AS state, ${kind} AS kind, hour_of(x.starts_at) AS starts_hour,
      hour_of(x.ends_at) AS ends_hour, hour_of(x.created_at) AS created_hour, count(*)::int AS number
    FROM ${from(table)} AND (x.ends_at IS NULL OR x.ends_at > x.starts_at)
    GROUP BY 1, 2, 3, 4, 5, 6`;
  return Prisma.sql`${rows("eligibilities", Prisma.sql`'Eligible'`)}
    UNION ALL ${rows("assignments", Prisma.sql`x.assignment_type::text`)}`;
}

/**
 * Whether a user, a group or a service principal holds a row, by the column with its principal. It is looked up
 * for each row, which is fast for the few that are not counted ahead, whatever the planner expects.
 */
export function kindOf(principalId: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(SELECT holder.type FROM principals holder WHERE holder.id = ${principalId})`;
}

/** When each of these rows (hours and a number) begins, ends and was created, as a relation of hours and numbers. */
export function hoursOfAccess(rows: Alias, hours: Alias): Prisma.Sql {
  const c = rowOf(rows);
  return Prisma.sql`(VALUES (${c}.starts_hour, ${c}.number, 0, 0), (${c}.ends_hour, 0, ${c}.number, 0),
  (${c}.created_hour, 0, 0, ${c}.number)) AS ${rowOf(hours)} (hour, started, ended, created)`;
}
