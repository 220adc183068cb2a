import type { MissingFactor } from "@/lib/domain/people/missing-factor";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * Whether somebody has a second factor of Postern's own that the organisation accepts: an authenticator app,
 * unless the rules exclude apps, or a passkey. `person` is their id in SQL. A first factor that still waits to
 * count is included.
 */
export const hasOwnFactor = (person: Prisma.Sql) => Prisma.sql`EXISTS (
  SELECT FROM factors_in_force own WHERE own.user_id = ${person})`;

/** The same for a factor that counts by now. */
export const hasOwnFactorByNow = (person: Prisma.Sql) => Prisma.sql`EXISTS (
  SELECT FROM factors_in_force own WHERE own.user_id = ${person}
    AND (own.counts_from IS NULL OR own.counts_from <= postern_now()))`;

/** The same for one kind. */
export const hasOwnFactorOf = (person: Prisma.Sql, kind: "App" | "Passkey") => Prisma.sql`EXISTS (
  SELECT FROM factors_in_force own WHERE own.user_id = ${person} AND own.kind = ${kind})`;

/** The issuers of identity providers that confirm operations (`confirmingIssuers`), by what they confirm. */
export interface ConfirmingIssuers {
  readonly any: readonly string[];
  readonly phishingResistant: readonly string[];
}

/** No identity provider confirms. */
export const noIssuers: ConfirmingIssuers = { any: [], phishingResistant: [] };

const linkedTo = (person: Prisma.Sql, issuers: readonly string[]) => Prisma.sql`EXISTS (
  SELECT FROM identity_links l WHERE l.principal_id = ${person} AND l.issuer = ANY (${[...issuers]}::text[]))`;

/**
 * Whether somebody has an accepted second factor, apart from the `missing` kind: of Postern's own or through a
 * link to an identity provider that confirms operations. Somebody who has only an app misses `OnlyApp`. Lists,
 * figures and alerts all use this definition. A factor that still waits to count is included.
 */
export function hasSecondFactor(
  person: Prisma.Sql,
  issuers: ConfirmingIssuers,
  missing: MissingFactor = "Any",
): Prisma.Sql {
  if (missing === "Own") return hasOwnFactor(person);
  const own = missing === "Any" ? hasOwnFactor(person) : hasOwnFactorOf(person, "Passkey");
  const linked = linkedTo(person, missing === "PhishingResistant" ? issuers.phishingResistant : issuers.any);
  if (missing === "OnlyApp") return Prisma.sql`(NOT ${hasOwnFactorOf(person, "App")} OR ${own} OR ${linked})`;
  return Prisma.sql`(${own} OR ${linked})`;
}

/**
 * How many enabled users lack each, by `hasSecondFactor`. Joined, since a condition on the view is probed for
 * each person, which takes ten times as long for 100,000 people.
 */
export const countedWithoutFactor = (issuers: ConfirmingIssuers) => Prisma.sql`
  SELECT (count(*) FILTER (WHERE f.user_id IS NULL AND l.principal_id IS NULL))::int AS "Any",
    (count(*) FILTER (WHERE f.user_id IS NULL))::int AS "Own",
    (count(*) FILTER (WHERE f.passkey IS NOT TRUE AND l.principal_id IS NULL))::int AS "NoApp",
    (count(*) FILTER (WHERE f.passkey IS FALSE AND l.principal_id IS NULL))::int AS "OnlyApp",
    (count(*) FILTER (WHERE f.passkey IS NOT TRUE AND l.resistant IS NOT TRUE))::int AS "PhishingResistant"
  FROM principals p
  LEFT JOIN (SELECT user_id, bool_or(kind = 'Passkey') AS passkey FROM factors_in_force GROUP BY user_id) f
    ON f.user_id = p.id
  LEFT JOIN (SELECT principal_id, bool_or(issuer = ANY (${[...issuers.phishingResistant]}::text[])) AS resistant
    FROM identity_links WHERE issuer = ANY (${[...issuers.any]}::text[]) GROUP BY principal_id) l ON l.principal_id = p.id
  WHERE p.type = 'User' AND p.disabled_at IS NULL`;
