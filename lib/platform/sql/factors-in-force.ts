import { Prisma } from "@/lib/platform/generated/client";

/**
 * Whether somebody has a second factor of Postern's own that the organisation accepts: an authenticator app, unless the
 * rules exclude apps, or a passkey. `person` is their id in SQL. A first factor that waits to count is one.
 */
export const hasOwnFactor = (person: Prisma.Sql) => Prisma.sql`EXISTS (
  SELECT FROM factors_in_force own WHERE own.user_id = ${person})`;

/** The same of a factor that counts by now. */
export const hasOwnFactorByNow = (person: Prisma.Sql) => Prisma.sql`EXISTS (
  SELECT FROM factors_in_force own WHERE own.user_id = ${person}
    AND (own.counts_from IS NULL OR own.counts_from <= postern_now()))`;

/** The same of one kind. */
export const hasOwnFactorOf = (person: Prisma.Sql, kind: "App" | "Passkey") => Prisma.sql`EXISTS (
  SELECT FROM factors_in_force own WHERE own.user_id = ${person} AND own.kind = ${kind})`;

/** The issuers of identity providers that confirm operations (`confirmingIssuers`), by what they confirm. */
export interface ConfirmingIssuers {
  readonly any: readonly string[];
  readonly phishingResistant: readonly string[];
}
