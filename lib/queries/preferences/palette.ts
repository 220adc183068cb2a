import { waitsForCode, waitsForDecision } from "@/lib/authority/request-basis";
import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import { parsePaletteSearch } from "@/lib/domain/preferences/palette-search";
import { idsAbove, outermost } from "@/lib/domain/resources/resource-path";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import { containing } from "@/lib/domain/search/like-pattern";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";
import { mostOfEach, type PaletteItem } from "@/lib/queries/preferences/palette-item";
import { nextOf } from "@/lib/queries/preferences/palette-next";
import { findPeople } from "@/lib/queries/preferences/palette-people";
import { findResources } from "@/lib/queries/resources/find-resources";

export interface PaletteResults {
  readonly activations: readonly PaletteItem[];
  readonly resources: readonly PaletteItem[];
  readonly roles: readonly PaletteItem[];
  readonly people: readonly PaletteItem[];
  /** What is often wanted next of the best role and the best resource found. */
  readonly next: readonly PaletteItem[];
}

const nothing: PaletteResults = { activations: [], resources: [], roles: [], people: [], next: [] };

/** What is found of one kind, and what is often wanted next of the best of it. */
type FoundOfKind = Record<"items" | "next", readonly PaletteItem[]>;

const nothingNext: FoundOfKind = { items: [], next: [] };

/** Where the caller holds a role, or may activate it by an eligibility. */
interface HeldPlace {
  readonly eligibilityId: string | null;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly path: string;
}

/** A role that the caller holds (with its permissions) or may activate, and where. */
interface Held extends HeldPlace {
  readonly roleName: string;
  readonly permissions: StoredPermissions;
}

/**
 * What the command palette finds: activations that the person could make, and the resources, roles and people that
 * they may know of now (docs/rules.md, rule 8), at most six of each.
 */
export function searchPalette(database: Database, caller: Caller, typed: string): Promise<PaletteResults> {
  const { words, activation } = parsePaletteSearch(typed);
  if (words.length === 0) return Promise.resolve(nothing);
  return readOnce(database, async (transaction) => {
    const held = await rolesOf(transaction, caller);
    const resources = activation ? nothingNext : await findVisible(transaction, held, words);
    const roles = activation ? nothingNext : await findRoles(transaction, held, words);
    return {
      activations: await findActivations(transaction, caller, held, activation, words),
      resources: resources.items,
      roles: roles.items,
      people: activation ? [] : await findPeople(transaction, held, words),
      next: [...roles.next, ...resources.next],
    };
  });
}

/** Each role is read once, with all the places where the caller has it: its permissions are long. */
async function rolesOf(transaction: Transaction, caller: Caller): Promise<Held[]> {
  const roles = await transaction.$queryRaw<(Omit<Held, keyof HeldPlace> & { places: HeldPlace[] })[]>`
    SELECT ${planOnce} d.role_name AS "roleName", d.permissions, json_agg(json_build_object(
      'eligibilityId', x.eligibility_id, 'resourceId', x.id, 'resourceName', x.display_name, 'path', x.path)) AS places
    FROM (
      SELECT held.eligibility_id, held.role_definition_id, r.id, r.display_name, r.path
      FROM (
        SELECT NULL::uuid AS eligibility_id, role_definition_id, resource_id
        FROM active_assignments(${caller.userId}::uuid, postern_now())
        UNION ALL
        SELECT id, role_definition_id, resource_id FROM current_eligibilities(${caller.userId}::uuid, postern_now())
      ) held
      JOIN resources r ON r.id = held.resource_id
      ORDER BY r.path, held.role_definition_id, held.eligibility_id LIMIT 500) x
    JOIN role_definitions d ON d.id = x.role_definition_id
    GROUP BY d.id`;
  const inOrder = (one: Held, other: Held) => {
    if (one.path !== other.path) return one.path < other.path ? -1 : 1;
    const [left, right] = [one, other].map((each) => `${each.roleName} ${each.eligibilityId ?? ""}`);
    return (left ?? "") < (right ?? "") ? -1 : 1;
  };
  return roles.flatMap(({ places, ...role }) => places.map((place) => ({ ...role, ...place }))).sort(inOrder);
}

async function findVisible(
  transaction: Transaction,
  held: readonly Held[],
  words: readonly string[],
): Promise<FoundOfKind> {
  const tops = outermost(held.map((each) => each.path));
  // Resources above are on the way to it, so they may be known too (docs/decisions/read-access.md).
  const others = idsAbove(tops);
  const found = await findResources(transaction, { tops, others }, words, mostOfEach);
  const [best] = found;
  return {
    items: found.map((resource) => ({
      id: resource.id,
      label: resource.displayName,
      hint: resource.scope,
      href: `/resources/${resource.id}`,
    })),
    next: best ? nextOf(held, { ...best, name: best.displayName }, null) : [],
  };
}

/** The eligibilities that what was typed may mean, each at the place that it names or, if it names none, at its own. */
async function activationsMeant(
  transaction: Transaction,
  held: readonly Held[],
  asked: ReturnType<typeof parsePaletteSearch>["activation"],
  words: readonly string[],
): Promise<Held[]> {
  const eligible = held.filter((each) => each.eligibilityId !== null);
  const contains = (text: string, all: readonly string[]) =>
    all.every((word) => text.toLowerCase().includes(word));
  if (!asked)
    return eligible.filter((each) => contains(`activate ${each.roleName} on ${each.resourceName}`, words));
  const meant: Held[] = [];
  for (const { role, scope } of asked) {
    const ofRole = eligible.filter((each) => contains(each.roleName, role));
    if (scope.length === 0) meant.push(...ofRole);
    else {
      const reach = { tops: outermost(ofRole.map((each) => each.path)), others: [] };
      for (const at of await findResources(transaction, reach, scope, mostOfEach))
        meant.push(
          ...ofRole
            .filter((each) => at.path === each.path || at.path.startsWith(`${each.path}.`))
            .map((each) => ({ ...each, resourceId: at.id, resourceName: at.displayName })),
        );
    }
  }
  const seen = new Set<string>();
  return meant.filter(({ eligibilityId, resourceId }) => {
    const place = `${eligibilityId} ${resourceId}`;
    return !seen.has(place) && seen.add(place);
  });
}

async function findActivations(
  transaction: Transaction,
  caller: Caller,
  held: readonly Held[],
  asked: ReturnType<typeof parsePaletteSearch>["activation"],
  words: readonly string[],
): Promise<PaletteItem[]> {
  const wanted = await activationsMeant(transaction, held, asked, words);
  if (wanted.length === 0) return [];
  const inTheWay = await transaction.$queryRaw<{ subject: string }[]>`
    SELECT DISTINCT d.role_name || ' ' || x.resource_id AS subject
    FROM (
      SELECT role_definition_id, resource_id FROM assignments
      WHERE principal_id = ${caller.userId}::uuid AND starts_at <= postern_now()
        AND (ends_at IS NULL OR ends_at > postern_now())
      UNION ALL
      SELECT q.role_definition_id, q.resource_id FROM requests q
      WHERE q.principal_id = ${caller.userId}::uuid AND q.request_type = 'SelfActivate'
        AND (${waitsForDecision("q")} OR ${waitsForCode("q")})) x
    JOIN role_definitions d ON d.id = x.role_definition_id`;
  const taken = new Set(inTheWay.map((row) => row.subject));
  return wanted
    .filter((each) => !taken.has(`${each.roleName} ${each.resourceId}`))
    .slice(0, mostOfEach)
    .map((each) => ({
      id: `${each.eligibilityId} ${each.resourceId}`,
      label: `Activate ${each.roleName} on ${each.resourceName}`,
      hint: "",
      href: `/my-roles?activate=${each.eligibilityId}&at=${each.resourceId}`,
    }));
}

/** Roles by name. Each opens at the highest place where the caller may read roles. */
async function findRoles(
  transaction: Transaction,
  held: readonly Held[],
  words: readonly string[],
): Promise<FoundOfKind> {
  const [place] = held
    .filter(
      (each) =>
        each.eligibilityId === null && anyAllows(permissionsOf(each.permissions), action.readRoleDefinitions),
    )
    .sort((left, right) => left.path.length - right.path.length);
  if (!place) return nothingNext;
  const whole = words.join(" ");
  const roles = await transaction.$queryRaw<{ id: string; roleName: string }[]>`
    SELECT id, role_name AS "roleName" FROM role_definitions
    WHERE role_name ILIKE ALL (${words.map(containing)}::text[])
    ORDER BY lower(role_name) = ${whole} DESC, starts_with(lower(role_name), ${whole}) DESC, length(role_name), id
    LIMIT ${mostOfEach}`;
  const [best] = roles;
  const at = { id: place.resourceId, name: place.resourceName, path: place.path };
  return {
    items: roles.map((role) => ({
      id: role.id,
      label: role.roleName,
      hint: `on ${isolated(place.resourceName)}`,
      href: `/resources/${place.resourceId}/roles/${role.id}`,
    })),
    next: best ? nextOf(held, at, best) : [],
  };
}
