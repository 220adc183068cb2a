import { waitsForCode, waitsForDecision } from "@/lib/authority/request-basis";
import type { TypedRole } from "@/lib/domain/preferences/palette-search";
import { outermost } from "@/lib/domain/resources/resource-path";
import { containing } from "@/lib/domain/search/like-pattern";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { dailyRolesIn } from "@/lib/queries/activation/daily-roles";
import { nameRank } from "@/lib/queries/name-rank";
import { mostOfEach, type PaletteItem } from "@/lib/queries/preferences/palette-item";
import { findResources } from "@/lib/queries/resources/find-resources";

/** An eligibility, and the place where it would be activated. */
interface Offer {
  readonly eligibilityId: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
}

function shown(offers: readonly Offer[]): PaletteItem[] {
  const once = new Map(offers.map((offer) => [`${offer.eligibilityId} ${offer.resourceId}`, offer]));
  return [...once].slice(0, mostOfEach).map(([id, offer]) => ({
    id,
    label: `Activate ${isolated(offer.roleName)} on ${isolated(offer.resourceName)}`,
    hint: "",
    href: `/my-roles?activate=${offer.eligibilityId}&at=${offer.resourceId}`,
  }));
}

/** What is offered before anything is typed: favourites and recent activations that are not active now. */
export async function dailyActivations(transaction: Transaction, caller: Caller): Promise<PaletteItem[]> {
  return shown((await dailyRolesIn(transaction, caller)).filter(({ taken }) => taken === null));
}

/** The activations that the typed text may mean, each at the place that it names or, if it names none, at its own. */
export async function findActivations(
  transaction: Transaction,
  caller: Caller,
  asked: readonly TypedRole[] | null,
  words: readonly string[],
): Promise<PaletteItem[]> {
  if (!asked) {
    const text = Prisma.sql`'activate ' || d.role_name || ' on ' || r.display_name`;
    const matches = Prisma.sql`${text} ILIKE ALL (${words.map(containing)}::text[])`;
    const best = Prisma.sql`least(${bestOf(words)}, ${bestOf(words, Prisma.sql`r.display_name`)})`;
    return shown(await offersWhere(transaction, caller, matches, best));
  }
  const offers: Offer[] = [];
  for (const { role, scope } of asked) {
    const matches = Prisma.sql`d.role_name ILIKE ALL (${role.map(containing)}::text[])`;
    if (scope.length === 0) offers.push(...(await offersWhere(transaction, caller, matches, bestOf(role))));
    else {
      const tops = outermost(await pathsWhere(transaction, caller, matches));
      const places = await findResources(
        transaction,
        { tops, others: [], favourites: [] },
        scope,
        mostOfEach,
      );
      if (places.length > 0) offers.push(...(await offersAt(transaction, caller, matches, role, places)));
    }
  }
  return shown(offers);
}

/** Places where the caller is eligible for roles that match. */
async function pathsWhere(transaction: Transaction, caller: Caller, matches: Prisma.Sql): Promise<string[]> {
  const rows = await transaction.$queryRaw<{ path: string }[]>`
    SELECT DISTINCT r.path FROM current_eligibilities(${caller.userId}::uuid, postern_now()) e
    JOIN role_definitions d ON d.id = e.role_definition_id JOIN resources r ON r.id = e.resource_id
    WHERE ${matches}`;
  return rows.map(({ path }) => path);
}

/** The best of the caller's eligibilities that match, each at its own place. */
function offersWhere(
  transaction: Transaction,
  caller: Caller,
  matches: Prisma.Sql,
  best: Prisma.Sql,
): Promise<Offer[]> {
  return read(
    transaction,
    caller,
    Prisma.sql`current_eligibilities(${caller.userId}::uuid, postern_now()) e
      JOIN role_definitions d ON d.id = e.role_definition_id JOIN resources r ON r.id = e.resource_id`,
    matches,
    Prisma.sql`${best}, NOT ${starred(caller)}, r.path`,
  );
}

/** The caller's eligibilities that match at, or above, some places, in the order of these. */
function offersAt(
  transaction: Transaction,
  caller: Caller,
  matches: Prisma.Sql,
  role: readonly string[],
  places: readonly { readonly id: string }[],
): Promise<Offer[]> {
  return read(
    transaction,
    caller,
    Prisma.sql`unnest(${places.map(({ id }) => id)}::uuid[]) WITH ORDINALITY AS place (id, number)
      JOIN resources r ON r.id = place.id
      JOIN current_eligibilities(${caller.userId}::uuid, postern_now()) e ON e.resource_id = ANY (path_ids(r.path))
      JOIN role_definitions d ON d.id = e.role_definition_id`,
    matches,
    Prisma.sql`place.number, ${bestOf(role)}, NOT ${starred(caller)}`,
  );
}

/** How well the role's name, or that of the place, matches. */
const bestOf = (words: readonly string[], name = Prisma.sql`d.role_name`) =>
  Prisma.sql`(${nameRank(name, words.join(" "))})::text`;

const starred = (caller: Caller) => Prisma.sql`EXISTS (
  SELECT FROM favourites f WHERE f.user_id = ${caller.userId}::uuid
    AND f.role_definition_id = d.id AND f.resource_id = r.id)`;

/** At a place where the caller already has a role or waits for it, the role is not offered. */
function read(
  transaction: Transaction,
  caller: Caller,
  from: Prisma.Sql,
  matches: Prisma.Sql,
  order: Prisma.Sql,
): Promise<Offer[]> {
  return transaction.$queryRaw<Offer[]>`
    WITH taken AS MATERIALIZED (
      SELECT role_definition_id, resource_id FROM assignments
      WHERE principal_id = ${caller.userId}::uuid AND starts_at <= postern_now()
        AND (ends_at IS NULL OR ends_at > postern_now())
      UNION
      SELECT q.role_definition_id, q.resource_id FROM requests q
      WHERE q.principal_id = ${caller.userId}::uuid AND q.request_type = 'SelfActivate'
        AND (${waitsForDecision("q")} OR ${waitsForCode("q")}))
    SELECT e.id AS "eligibilityId", d.role_name AS "roleName", r.id AS "resourceId", r.display_name AS "resourceName"
    FROM ${from}
    WHERE ${matches} AND NOT EXISTS (
      SELECT FROM taken t WHERE t.role_definition_id = d.id AND t.resource_id = r.id)
    ORDER BY ${order}, d.role_name, e.id LIMIT ${mostOfEach}`;
}
