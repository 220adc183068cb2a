import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import type { AccessTable } from "@/lib/platform/sql/access-hours";
import { type ConfirmingIssuers, hasSecondFactor } from "@/lib/platform/sql/factors-in-force";
import { inEffect } from "@/lib/queries/assignments/access-conditions";
import { placesOf, type Readable, rowsIn, topsOf } from "@/lib/queries/assignments/readable-access";

/** Everybody with access, directly or through groups, as `holders`. */
export function holders(readable: Readable): Prisma.Sql {
  return Prisma.sql`${topsOf(readable)}, holders (id) AS (
    ${holdersIn(readable)}
    UNION
    SELECT m.member_id FROM holders h
    JOIN principals g ON g.id = h.id AND g.disabled_at IS NULL
    JOIN group_members m ON m.group_id = h.id)`;
}

/**
 * Everybody with access of any state in effect. Over many resources, one row is looked up for each principal, since
 * there are far fewer principals than rows. Over few resources, the rows there are read.
 */
function holdersIn(readable: Readable): Prisma.Sql {
  if (isLarge(readable))
    return Prisma.sql`SELECT p.id FROM principals p WHERE ${holds(Prisma.sql`p.id`, readable.at)}`;
  const rows = (table: AccessTable) =>
    Prisma.sql`SELECT x.principal_id FROM ${rowsIn(readable, table)} AND ${inEffect}`;
  return Prisma.sql`SELECT principal_id FROM (${rows("assignments")} UNION ${rows("eligibilities")}) held`;
}

/**
 * Users `u` with access of any state in effect over many resources, each with `proves`: whether they have a second
 * factor. These are the same people and factors that `holders` and `provesBySecondFactor` find, but as a relation.
 * Only groups are followed, and a row of their own is looked up only for people who are in no such group. Factors are
 * joined, since a condition on the view would be probed for each person.
 */
export function peopleOfLarge(readable: Readable, issuers: ConfirmingIssuers) {
  const held = (principal: Prisma.Sql) => holds(principal, readable.at);
  return {
    groups: Prisma.sql`${topsOf(readable)}, holding (id) AS (
      SELECT p.id FROM principals p WHERE p.type = 'Group' AND p.disabled_at IS NULL AND ${held(Prisma.sql`p.id`)}
      UNION
      SELECT g.id FROM holding h JOIN group_members m ON m.group_id = h.id
      JOIN principals g ON g.id = m.member_id AND g.type = 'Group' AND g.disabled_at IS NULL)`,
    people: Prisma.sql`(
      SELECT u.id, f.user_id IS NOT NULL OR l.principal_id IS NOT NULL AS proves FROM principals u
      LEFT JOIN (SELECT DISTINCT user_id FROM factors_in_force) f ON f.user_id = u.id
      LEFT JOIN (SELECT DISTINCT principal_id FROM identity_links
        WHERE issuer = ANY (${[...issuers.any]}::text[])) l ON l.principal_id = u.id
      LEFT JOIN (SELECT DISTINCT m.member_id FROM holding h JOIN group_members m ON m.group_id = h.id) g
        ON g.member_id = u.id
      WHERE ${mayProve} AND (g.member_id IS NOT NULL OR ${held(Prisma.sql`u.id`)}))`,
  };
}

export function isLarge({ reach }: Readable): boolean {
  return reach === "everything" || reach === "many";
}

/** Whether a principal itself has access of any state in effect, among the readable rows `may`. */
export function holds(principalId: Prisma.Sql, may: Readable["at"]): Prisma.Sql {
  const one = (table: Prisma.Sql) => Prisma.sql`coalesce((SELECT true FROM ${table} x
    WHERE x.principal_id = ${principalId} AND ${inEffect} AND ${may(Prisma.sql`x.resource_id`)} LIMIT 1), false)`;
  return Prisma.sql`(${one(Prisma.sql`assignments`)} OR ${one(Prisma.sql`eligibilities`)})`;
}

/** The role settings of roles that somebody is eligible for, as `used`. */
export async function usedIn(transaction: Transaction, readable: Readable): Promise<Prisma.Sql> {
  const held = readable.reach === "many" ? await placesOf(transaction, readable, "eligibilities") : null;
  const resource = Prisma.sql`x.resource_id`;
  return Prisma.sql`used AS (
    SELECT DISTINCT x.role_definition_id, x.resource_id FROM eligibilities x
    WHERE ${inEffect} AND ${held ? Prisma.sql`${resource} = ANY (${[...held]}::uuid[])` : readable.at(resource)})`;
}

/** Users `u` who can sign in, for counts and lists alike. */
export const mayProve = Prisma.sql`u.type = 'User' AND u.disabled_at IS NULL`;
/** Whether `u` has an accepted second factor, of Postern's own or a provider's. */
export const provesBySecondFactor = (issuers: ConfirmingIssuers) =>
  hasSecondFactor(Prisma.sql`u.id`, issuers);

/** The settings in use, with their saved values, for counts and lists alike. */
export const settings = Prisma.sql`used LEFT JOIN role_management_policies m
  ON m.role_definition_id = used.role_definition_id AND m.resource_id = used.resource_id`;
export const requiresMfa = Prisma.sql`coalesce(m.activation_requires_mfa, true)`;
