import { normalSegment, segmentFault } from "@/lib/domain/resources/own-type";

/** Which level of Azure's tree a path names. */
export type ArmLevel = "ManagementGroup" | "Subscription" | "ResourceGroup" | "Resource";

/** A resource on a path of the organisation's own: the segment of its type, and its name. */
export interface OwnName {
  readonly segment: string;
  readonly name: string;
}

/**
 * The meaning of a path: the root, a resource of Azure's, or one of the organisation's own below any of
 * these (docs/resources.md). `base` is the part that Azure's rules read, `/` for none.
 */
export type ReadPath =
  | { readonly kind: "Root" }
  | { readonly kind: "Arm"; readonly level: ArmLevel }
  | { readonly kind: "Own"; readonly base: string; readonly names: readonly OwnName[] };

const levels: readonly (readonly [ArmLevel, RegExp])[] = [
  ["ManagementGroup", /^\/providers\/microsoft\.management\/managementgroups\/[^/]+/i],
  ["Resource", /^\/subscriptions\/[^/]+(\/resourcegroups\/[^/]+)?\/providers\/[^/]+(\/[^/]+\/[^/]+)+/i],
  ["ResourceGroup", /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+/i],
  ["Subscription", /^\/subscriptions\/[^/]+/i],
];

/** The longest name in a path of the organisation's own, and how many resources may lie above one another. */
export const longestPathName = 100;
export const deepestLevel = 20;

/**
 * What is wrong with a name in a path of the organisation's own; null if it is allowed. It begins with
 * a letter or a digit, so that no program mistakes it for an option or for the parent folder.
 */
export function pathNameFault(name: string): string | null {
  if (name === "") return "Write the name that stands in the path.";
  if (name.length > longestPathName) return `Write at most ${longestPathName} characters.`;
  if (!/^[\p{L}\p{N}][\p{L}\p{M}\p{N}._~@+()-]*$/u.test(name))
    return "Begin with a letter or a digit, then use letters, digits and . _ ~ @ + ( ) - without spaces.";
  if (name !== name.normalize("NFC")) return "Write letters with accents as single characters.";
  return null;
}

/** A name for the path, derived from the display name. Empty if no part of it can be used. */
export function suggestedPathName(displayName: string): string {
  const letters = displayName
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFC")
    .replaceAll(/[\s/\\]+/gu, "-")
    .replaceAll(/[^\p{L}\p{M}\p{N}._~@+()-]/gu, "")
    .replaceAll(/-{2,}/g, "-")
    .replace(/-$/, "")
    .replace(/^[^\p{L}\p{N}]+/u, "")
    // What stood between an accent and its letter may be gone.
    .normalize("NFC");
  // Letters beyond the basic plane count as two characters.
  return Array.from(letters)
    .slice(0, longestPathName / 2)
    .join("");
}

/** Reads a path in its stored form. Null if neither Azure's rules nor Postern's allow it. */
export function readPath(scope: string): ReadPath | null {
  if (scope === "/") return { kind: "Root" };
  for (const [level, pattern] of levels) {
    const base = pattern.exec(scope)?.[0];
    if (base === undefined) continue;
    if (base === scope) return { kind: "Arm", level };
    const names = level === "Resource" ? null : ownNames(scope.slice(base.length));
    return names && { kind: "Own", base, names };
  }
  const names = ownNames(scope);
  return names && { kind: "Own", base: "/", names };
}

/**
 * Whether a path names a management group or subscription. Such a path is unique in the whole organisation, and does
 * not say where it lies. Somebody who could create one anywhere could occupy the path of one that is imported later.
 */
export function liesAnywhere(scope: string): boolean {
  const path = readPath(scope);
  return path?.kind === "Arm" && (path.level === "ManagementGroup" || path.level === "Subscription");
}

/** Pairs of a segment and a name; null if the text is something else. */
function ownNames(text: string): OwnName[] | null {
  const [before, ...parts] = text.split("/");
  if (before !== "" || parts.length === 0 || parts.length % 2 === 1) return null;
  const names: OwnName[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const segment = normalSegment(parts[index] ?? "");
    const name = parts[index + 1] ?? "";
    if (segmentFault(segment) !== null || pathNameFault(name) !== null) return null;
    names.push({ segment, name });
  }
  return names;
}

/**
 * Whether a resource of the organisation's own can lie below this one. Below Azure's resources the
 * paths would be Azure's.
 */
export function takesOwn(parentScope: string): boolean {
  const path = readPath(parentScope);
  return path !== null && (path.kind !== "Arm" || path.level !== "Resource");
}

/** The path of a resource of the organisation's own below another resource. */
export function ownScope(parentScope: string, segment: string, name: string): string {
  return `${parentScope === "/" ? "" : parentScope}/${segment}/${name}`;
}
