import { limits } from "@/lib/domain/text/limits";
import { nameFault, normalisedName, sameNameKey } from "@/lib/domain/text/names";

/** The icons that a type can have, by their names in the interface's set, with the word for each. */
export const typeIcons = {
  "app-window": "Window",
  box: "Box",
  boxes: "Boxes",
  "building-complex": "Building",
  database: "Database",
  folder: "Folder",
  "folder-tree": "Tree",
  "hard-drive": "Drive",
  "key-square": "Key",
  layers: "Layers",
  monitor: "Screen",
  network: "Network",
  server: "Server",
  "users-round": "People",
} as const;
export type TypeIcon = keyof typeof typeIcons;

export const typeIconNames = Object.keys(typeIcons) as readonly TypeIcon[];

/** The stored icon; a box for an unknown one. */
export function typeIcon(stored: string): TypeIcon {
  return typeIconNames.find((each) => each === stored) ?? "box";
}

/**
 * A type of resources that the organisation added beside Azure's. Its segment comes before a resource's
 * name in paths, as in `/databases/orders`, and never changes.
 */
export interface OwnType {
  readonly segment: string;
  readonly displayName: string;
  readonly icon: TypeIcon;
}

/** The organisation's types by their segments. */
export type OwnTypes = Readonly<Record<string, Omit<OwnType, "segment">>>;

/** How many types there can be. */
export const mostTypes = 200;

/** Segments with a meaning of their own in Azure's paths. */
const reserved = ["providers", "subscriptions", "resourcegroups", "managementgroups"];

/** A segment as it is stored, since paths are compared regardless of case. */
export function normalSegment(text: string): string {
  return text.normalize("NFC").trim().toLowerCase();
}

/** What is wrong with a segment; null if it is allowed. */
export function segmentFault(segment: string): string | null {
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(segment))
    return "Write a word of Latin letters, digits and hyphens, such as databases: at most 40 characters.";
  if (reserved.includes(segment)) return "Azure's paths use this word. Choose another one.";
  return null;
}

/** What is wrong with a type's name, given the names of the other types; null if it is allowed. */
export function typeNameFault(text: string, others: readonly string[]): string | null {
  const name = normalisedName(text);
  if (name === "" || name.length > limits.resourceTypeName)
    return `Give a name of at most ${limits.resourceTypeName} characters.`;
  const fault = nameFault(text);
  if (fault !== null) return fault;
  return others.some((other) => sameNameKey(other) === sameNameKey(name))
    ? "Another type has this name."
    : null;
}
