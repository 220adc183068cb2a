import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";

/** As many as one submission can deactivate (`maximumRows` of run-batch.ts). */
const listedAtMost = 100;

/** A role that the caller activated and holds now. Everything in it goes to the browser. */
export interface HeldRole {
  readonly id: string;
  readonly roleName: string;
  readonly resourceName: string;
  /** By the database's clock, since the browser's may be wrong. */
  readonly millisecondsLeft: number;
}

/** What the pill in the top bar says about the roles that the caller activated: how many, and which ends first. */
export interface HeldSummary {
  readonly count: number;
  readonly roleName: string;
  readonly millisecondsLeft: number;
}

const millisecondsLeft = Prisma.sql`(extract(epoch FROM a.ends_at - postern_now()) * 1000)::bigint`;

/**
 * The summary as a value within a statement. Null if nothing is activated. `active` names rows of
 * `active_assignments` of the caller. Assigned roles are not counted, since nobody has to remember to
 * deactivate them.
 */
export function heldSummary(active: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(
    SELECT json_build_object('count', count(*) OVER (), 'roleName', d.role_name,
      'millisecondsLeft', ${millisecondsLeft})
    FROM ${active} a JOIN role_definitions d ON d.id = a.role_definition_id
    WHERE a.assignment_type = 'Activated' ORDER BY a.ends_at, a.id LIMIT 1)`;
}

/** The roles that the caller activated and holds now. Those that end first come first. */
export function heldRoles(database: Database, caller: Caller): Promise<HeldRole[]> {
  return readOnce(database, async (client) =>
    (
      await client.$queryRaw<(Omit<HeldRole, "millisecondsLeft"> & { millisecondsLeft: bigint })[]>`
      SELECT ${planOnce} a.id, d.role_name AS "roleName", r.display_name AS "resourceName",
        ${millisecondsLeft} AS "millisecondsLeft"
      FROM active_assignments(${caller.userId}::uuid, postern_now()) a
      JOIN role_definitions d ON d.id = a.role_definition_id
      JOIN resources r ON r.id = a.resource_id
      WHERE a.assignment_type = 'Activated' ORDER BY a.ends_at, a.id LIMIT ${listedAtMost}`
    ).map((row) => ({
      ...row,
      millisecondsLeft: Number(row.millisecondsLeft),
    })),
  );
}
