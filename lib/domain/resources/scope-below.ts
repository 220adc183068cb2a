import {
  longestPathName,
  ownScope,
  pathNameFault,
  readPath,
  takesOwn,
} from "@/lib/domain/resources/own-path";
import { scopeFault } from "@/lib/domain/text/names";

const managementGroup = { type: "Microsoft.Management/managementGroups", name: "Management group" };
const subscription = { type: "Microsoft.Resources/subscriptions", name: "Subscription" };
const resourceGroup = { type: "Microsoft.Resources/resourceGroups", name: "Resource group" };

export interface TypeChoice {
  readonly type: string;
  readonly name: string;
}

/**
 * Azure's types that can be added below a resource: its upper levels. Resources in a resource group are
 * imported, spelt as Azure spells them.
 */
export function armTypesBelow(parentScope: string): readonly TypeChoice[] {
  const path = readPath(parentScope);
  if (path?.kind === "Root") return [managementGroup, subscription];
  if (path?.kind !== "Arm") return [];
  if (path.level === "ManagementGroup") return [managementGroup, subscription];
  return path.level === "Subscription" ? [resourceGroup] : [];
}

/**
 * The same for somebody who may not write resources at the root: without types whose paths do not say
 * where the resource lies.
 */
export function armTypesWithin(parentScope: string): readonly TypeChoice[] {
  return armTypesBelow(parentScope).filter(({ type }) => !liesAnywhereByType(type));
}

/** Whether the paths of a type do not say where its resources lie (`liesAnywhere`). */
export function liesAnywhereByType(type: string): boolean {
  return type === managementGroup.type || type === subscription.type;
}

type Placed =
  | { readonly ok: true; readonly scope: string; readonly resourceType: string }
  | { readonly ok: false; readonly field: "resourceType" | "pathName"; readonly message: string };

/**
 * The path of a new resource below another one. A fault if its type cannot lie there, or its name is
 * not allowed in a path. `ownSegments` are the types that the organisation added.
 */
export function scopeBelow(
  parentScope: string,
  type: string,
  name: string,
  ownSegments: readonly string[],
): Placed {
  const own = ownSegments.find((segment) => segment === type);
  if (own !== undefined) {
    if (!takesOwn(parentScope))
      return misplaced("Below this resource only Azure's resources can lie, since its path is Azure's.");
    return judged(ownScope(parentScope, own, name), own, pathNameFault(name));
  }
  const arm = armTypesBelow(parentScope).find((each) => each.type === type);
  if (arm === undefined) return misplaced("Choose one of the types that can lie below this resource.");
  return judged(armScope(parentScope, arm.type, name), arm.type, armNameFault(name));
}

const misplaced = (message: string): Placed => ({ ok: false, field: "resourceType", message });

function judged(scope: string, resourceType: string, wrong: string | null): Placed {
  const message = wrong ?? scopeFault(scope);
  return message === null ? { ok: true, scope, resourceType } : { ok: false, field: "pathName", message };
}

/** Names of Azure's upper levels. Azure has more rules for each of them, which Postern does not check. */
function armNameFault(name: string): string | null {
  if (name === "") return "Write the name or id that stands in Azure's path.";
  if (name.length > longestPathName) return `Write at most ${longestPathName} characters.`;
  return /^[\p{L}\p{N}_(][\p{L}\p{M}\p{N}._()-]*$/u.test(name)
    ? null
    : "Write it as Azure does: letters, digits and . _ ( ) - without spaces.";
}

function armScope(parentScope: string, type: string, name: string): string {
  if (type === managementGroup.type) return `/providers/${type}/${name}`;
  if (type === subscription.type) return `/subscriptions/${name}`;
  return `${parentScope}/resourceGroups/${name}`;
}
