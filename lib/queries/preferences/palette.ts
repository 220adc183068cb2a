import { permissionsAt } from "@/lib/authority/authority";
import { parsePaletteSearch, type TypedRole } from "@/lib/domain/preferences/palette-search";
import { idsAbove } from "@/lib/domain/resources/resource-path";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import { containing } from "@/lib/domain/search/like-pattern";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";
import { dailyActivations, findActivations } from "@/lib/queries/preferences/palette-activations";
import { findBundles } from "@/lib/queries/preferences/palette-bundles";
import {
  type FoundOfKind,
  mostOfEach,
  nothingFound,
  type PaletteItem,
} from "@/lib/queries/preferences/palette-item";
import { type HeldRole, highestWith, nextOf, rolesHeld } from "@/lib/queries/preferences/palette-next";
import { findPeople } from "@/lib/queries/preferences/palette-people";
import { favouriteResourcesIn } from "@/lib/queries/resources/favourite-resources";
import { type FoundResource, findResources } from "@/lib/queries/resources/find-resources";

export interface PaletteResults {
  readonly activations: readonly PaletteItem[];
  readonly resources: readonly PaletteItem[];
  readonly roles: readonly PaletteItem[];
  readonly people: readonly PaletteItem[];
  /** Likely next steps for the best role, the best resource and the best person found. */
  readonly next: readonly PaletteItem[];
}

/**
 * What the command palette finds: bundles and activations that the person could make, and the
 * resources, roles and people that they may know of now (docs/rules.md, rule 8), at most six of each.
 * Before anything is typed, it offers their favourites and recent activations.
 */
export function searchPalette(database: Database, caller: Caller, typed: string): Promise<PaletteResults> {
  const { words, activation, placed } = parsePaletteSearch(typed);
  return readOnce(database, async (transaction) => {
    const bundles = await findBundles(transaction, caller, words);
    if (words.length === 0)
      return {
        activations: [...bundles, ...(await dailyActivations(transaction, caller))],
        resources: (await favouriteResourcesIn(transaction, caller)).slice(0, mostOfEach).map(asItem),
        roles: [],
        people: [],
        next: [],
      };
    const activations = [...bundles, ...(await findActivations(transaction, caller, activation, words))];
    if (activation) return { activations, resources: [], roles: [], people: [], next: [] };
    const held = await rolesHeld(transaction, caller);
    const resources = await findVisible(transaction, caller, words);
    const named = await findRoles(transaction, caller, held, words);
    const roles = named.items.length > 0 ? named : await findRolesAt(transaction, caller, placed);
    const people = await findPeople(transaction, held, words);
    return {
      activations,
      resources: resources.items,
      roles: roles.items,
      people: people.items,
      next: [...roles.next, ...resources.next, ...people.next],
    };
  });
}

function asItem(resource: FoundResource): PaletteItem {
  return {
    id: resource.id,
    label: resource.displayName,
    hint: resource.scope,
    href: `/resources/${resource.id}`,
  };
}

async function findVisible(
  transaction: Transaction,
  caller: Caller,
  words: readonly string[],
): Promise<FoundOfKind> {
  const found = await visibleResources(transaction, caller, words, mostOfEach);
  const [best] = found;
  return {
    items: found.map(asItem),
    next: best ? await nextOf(transaction, caller, { id: best.id, name: best.displayName }, null) : [],
  };
}

/** The resources that the caller may know of, the best match first. */
async function visibleResources(
  transaction: Transaction,
  caller: Caller,
  words: readonly string[],
  most: number,
): Promise<FoundResource[]> {
  const reached = await transaction.$queryRaw<{ path: string }[]>`
    SELECT ${planOnce} path FROM reached_paths(${caller.userId}::uuid, postern_now()) AS x (path) ORDER BY path`;
  const tops = reached.map(({ path }) => path);
  // Resources above it are on the way to it, so the caller may know of them too
  // (docs/decisions/read-access.md).
  const others = idsAbove(tops);
  const favourites = (await favouriteResourcesIn(transaction, caller)).map(({ id }) => id);
  return findResources(transaction, { tops, others, favourites }, words, most);
}

/** Roles by name. Each opens at the highest place where the caller may read roles. */
async function findRoles(
  transaction: Transaction,
  caller: Caller,
  held: readonly HeldRole[],
  words: readonly string[],
): Promise<FoundOfKind> {
  const place = highestWith(held, action.readRoleDefinitions);
  return place ? rolesAt(transaction, caller, place, words) : nothingFound;
}

/** Roles of "ROLE on SCOPE", at the place that was typed, if the caller may read roles there. */
async function findRolesAt(
  transaction: Transaction,
  caller: Caller,
  placed: readonly TypedRole[],
): Promise<FoundOfKind> {
  for (const { role, scope } of placed) {
    const [place] = await visibleResources(transaction, caller, scope, 1);
    if (!place) continue;
    const permissions = await permissionsAt(transaction, caller.userId, place.id);
    if (!anyAllows(permissions, action.readRoleDefinitions)) continue;
    const found = await rolesAt(transaction, caller, { id: place.id, name: place.displayName }, role);
    if (found.items.length > 0) return found;
  }
  return nothingFound;
}

async function rolesAt(
  transaction: Transaction,
  caller: Caller,
  place: { readonly id: string; readonly name: string },
  words: readonly string[],
): Promise<FoundOfKind> {
  const whole = words.join(" ");
  const roles = await transaction.$queryRaw<{ id: string; roleName: string }[]>`
    SELECT id, role_name AS "roleName" FROM role_definitions
    WHERE role_name ILIKE ALL (${words.map(containing)}::text[])
    ORDER BY lower(role_name) = ${whole} DESC, starts_with(lower(role_name), ${whole}) DESC, length(role_name), id
    LIMIT ${mostOfEach}`;
  const [best] = roles;
  return {
    items: roles.map((role) => ({
      id: role.id,
      label: role.roleName,
      hint: `on ${isolated(place.name)}`,
      href: `/resources/${place.id}/roles/${role.id}`,
    })),
    next: best ? await nextOf(transaction, caller, place, best) : [],
  };
}
