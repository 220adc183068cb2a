import { parentScopeOf, type ResourceRow } from "@/lib/domain/imports/import-kinds";
import { sameNameKey } from "@/lib/domain/text/names";
import { isolated } from "@/lib/domain/text/visible-text";
import type { ImportItem } from "@/lib/operations/imports/importer";
import type { Transaction } from "@/lib/platform/database";
import { nameKeys } from "@/lib/platform/sql/name-keys";

/** The name of a resource, and its place. */
export type Named = Pick<ResourceRow, "scope" | "displayName" | "resourceType">;

/** The names below each resource. */
export interface Siblings {
  /** Why a resource cannot have this name below this one; null if it can. */
  twin(parentScope: string, named: Named): string | null;
  /** Declares that it will exist. */
  add(parentScope: string, named: Named): void;
}

/**
 * Whether it is a management group, subscription or resource group, or another container without a
 * provider.
 */
function isContainer(scope: string): boolean {
  return !/^\/subscriptions\/[^/]+\/.*providers\//i.test(scope);
}

/** Below one resource, a web app and its database may have the same name, but not two resources of one type. */
function twins(left: Named, right: Named): boolean {
  return (
    sameNameKey(left.displayName) === sameNameKey(right.displayName) &&
    sameNameKey(left.scope) !== sameNameKey(right.scope) &&
    (sameNameKey(left.resourceType) === sameNameKey(right.resourceType) ||
      (isContainer(left.scope) && isContainer(right.scope)))
  );
}

/** The siblings of these rows that have the same name as one of them. */
export async function loadSiblings(
  transaction: Transaction,
  items: readonly Pick<ImportItem<ResourceRow>, "data">[],
  known: ReadonlyMap<
    string,
    { readonly id: string; readonly parentId: string | null; readonly scope: string }
  >,
): Promise<Siblings> {
  const parents = new Set<string>();
  for (const { data } of items) {
    const existing = known.get(sameNameKey(data.scope));
    for (let scope = data.parentScope ?? parentScopeOf(data.scope); scope; scope = parentScopeOf(scope)) {
      const parent = known.get(sameNameKey(scope));
      if (parent) parents.add(parent.id);
      if (parent) break;
    }
    if (existing?.parentId) parents.add(existing.parentId);
  }
  const names = items.flatMap(({ data }) => [data.displayName, ...data.scope.split("/").filter(Boolean)]);
  const rows = await transaction.$queryRaw<(Named & { parentScope: string })[]>`
    SELECT r.scope, r.display_name AS "displayName", r.resource_type AS "resourceType", p.scope AS "parentScope"
    FROM resources r JOIN resources p ON p.id = r.parent_id
    WHERE r.parent_id = ANY (${[...parents]}::uuid[]) AND name_key(r.display_name) = ANY (${nameKeys(names)})`;
  const beside = new Map<string, Named[]>();
  const place = (parentScope: string, named: Pick<Named, "displayName">) =>
    `${sameNameKey(parentScope)}\n${sameNameKey(named.displayName)}`;
  const add = (parentScope: string, named: Named) => {
    const key = place(parentScope, named);
    beside.set(key, [...(beside.get(key) ?? []), named]);
  };
  for (const { parentScope, ...named } of rows) add(parentScope, named);
  return {
    add,
    twin(parentScope, named) {
      const twin = beside.get(place(parentScope, named))?.find((each) => twins(each, named));
      return twin
        ? `There is already ${isolated(twin.displayName)} below ${parentScope}, as ${twin.scope}.`
        : null;
    },
  };
}
