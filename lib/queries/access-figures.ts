import type { AccessFigures, MfaCoverage, RoleCount } from "@/lib/domain/access-figures";
import type { AccessState } from "@/lib/domain/access-filter";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { readOnce } from "@/lib/platform/transaction";
import { access, inEffect } from "@/lib/queries/access";
import { countedAccess, type HeldCount } from "@/lib/queries/counted-access";
import { type Place, type Readable, readableAt } from "@/lib/queries/readable-access";

/** How much of the past a place's figures tell of. */
export interface FiguresAsked {
  /** So many days of activations, today the last. */
  readonly days: number;
  /** Standing access at so many moments a week apart, the last one now. */
  readonly points: number;
}

/** Counts a place's access; null when the caller may read no assignments there. */
export function accessFigures(
  database: Database,
  caller: Caller,
  place: Place,
  asked: FiguresAsked,
): Promise<AccessFigures | null> {
  return readOnce(database, async (transaction) => {
    const readable = await readableAt(transaction, caller, place);
    if (!readable) return null;
    const { held, ...counted } = await countedAccess(transaction, readable, asked);
    const inState = (state: AccessState) =>
      held.reduce((all, row) => (row.state === state ? all + row.count : all), 0);
    return {
      ...counted,
      states: {
        Eligible: inState("Eligible"),
        Assigned: inState("Assigned"),
        Activated: inState("Activated"),
      },
      roles: rolesByCount(held),
    };
  });
}

function rolesByCount(held: readonly HeldCount[]): RoleCount[] {
  const roles = new Map<string, RoleCount>();
  for (const { roleDefinitionId: id, roleName, state, count } of held) {
    const { eligible, active } = roles.get(id) ?? { eligible: 0, active: 0 };
    roles.set(id, {
      id,
      roleName,
      eligible: eligible + (state === "Eligible" ? count : 0),
      active: active + (state === "Eligible" ? 0 : count),
    });
  }
  return [...roles.values()]
    .sort((x, y) => y.eligible + y.active - x.eligible - x.active || (x.id < y.id ? -1 : 1))
    .slice(0, 10);
}

/** Who could prove a second factor, of all that the caller may read; null without anything to read. */
export function mfaCoverage(database: Database, caller: Caller): Promise<MfaCoverage | null> {
  return readOnce(database, async (transaction) => {
    const readable = await readableAt(transaction, caller, { resourceId: null, below: true });
    return readable ? coverageOf(transaction, readable) : null;
  });
}

async function coverageOf(transaction: Transaction, readable: Readable): Promise<MfaCoverage> {
  const [coverage] = await transaction.$queryRaw<MfaCoverage[]>`
    WITH RECURSIVE holders (id) AS (
      ${holdersIn(readable)}
      UNION
      SELECT m.member_id FROM holders h
      JOIN principals g ON g.id = h.id AND g.disabled_at IS NULL
      JOIN group_members m ON m.group_id = h.id
    ), used AS (
      SELECT DISTINCT x.role_definition_id, x.resource_id FROM eligibilities x
      WHERE ${inEffect} AND ${readable.at(Prisma.sql`x.resource_id`)}
    )
    SELECT people.*, settings.* FROM (
      SELECT count(*)::int AS people, count(f.id)::int AS "peopleWithFactor"
      FROM holders h JOIN principals u ON u.id = h.id AND u.type = 'User' AND u.disabled_at IS NULL
      LEFT JOIN totp_factors f ON f.user_id = u.id AND f.confirmed_at IS NOT NULL AND f.removed_at IS NULL) people
    CROSS JOIN (
      SELECT count(*)::int AS settings,
        (count(*) FILTER (WHERE coalesce(m.activation_requires_mfa, true)))::int AS "settingsWithMfa"
      FROM used LEFT JOIN role_management_policies m
        ON m.role_definition_id = used.role_definition_id AND m.resource_id = used.resource_id) settings`;
  if (!coverage) throw new Error("nothing was counted");
  return coverage;
}

/**
 * Whoever has access of any state in effect. Among everything, each principal is asked for one row of theirs, since
 * there are far fewer principals than rows; below some resources, the rows there are read.
 */
function holdersIn(readable: Readable): Prisma.Sql {
  if (readable.reach !== "everything")
    return Prisma.sql`SELECT DISTINCT x.principal_id FROM ${access}
      WHERE ${inEffect} AND ${readable.at(Prisma.sql`x.resource_id`)}`;
  const one = (table: Prisma.Sql) =>
    Prisma.sql`coalesce((SELECT true FROM ${table} x WHERE x.principal_id = p.id AND ${inEffect} LIMIT 1), false)`;
  return Prisma.sql`SELECT p.id FROM principals p
    WHERE ${one(Prisma.sql`assignments`)} OR ${one(Prisma.sql`eligibilities`)}`;
}
