import { parentScopeOf, type ResourceRow } from "@/lib/domain/imports/import-kinds";
import { sameNameKey } from "@/lib/domain/text/names";

/** A resource that is created because something below it is imported. */
export interface Planned extends ResourceRow {
  readonly parent: string;
}

/** The scopes above a row's, as far as its text and its parent show. */
export function above(row: ResourceRow): string[] {
  const scopes: string[] = [];
  for (let scope = row.parentScope ?? parentScopeOf(row.scope); scope; scope = parentScopeOf(scope))
    scopes.push(scope);
  return scopes;
}

/**
 * The missing resources between a scope and what is known, outermost first. Null if its text does not
 * show how to create them.
 */
export function missingAbove(
  scope: string,
  known: ReadonlyMap<string, object>,
  planned: ReadonlyMap<string, Planned>,
  impliedType: (segment: string) => string | null,
): Planned[] | null {
  const missing: Planned[] = [];
  for (
    let each: string | null = scope;
    each && !known.has(sameNameKey(each)) && !planned.has(sameNameKey(each));
    each = parentScopeOf(each)
  ) {
    const [name = "", type = ""] = each.split("/").reverse();
    const resourceType = impliedType(type);
    const parent = parentScopeOf(each);
    if (!resourceType || parent === null) return null;
    missing.unshift({ scope: each, displayName: name, resourceType, parentScope: null, parent });
  }
  return missing;
}

/** The innermost resource at a scope or above it, including those to be created. */
export function nearestAbove<Known>(
  scope: string,
  known: ReadonlyMap<string, Known>,
  planned: ReadonlyMap<string, Planned>,
): Known | null {
  for (let each: string | null = scope; each !== null; ) {
    const found = known.get(sameNameKey(each));
    if (found) return found;
    each = planned.get(sameNameKey(each))?.parent ?? parentScopeOf(each);
  }
  return null;
}
