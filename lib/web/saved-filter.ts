import type { FilteredList } from "@/lib/domain/preferences/saved-filter";

/** The parts of a list's address that are its filter: all except the page. */
export const filterParameters = {
  audit: ["range", "from", "to", "kind", "actor", "target", "outcome", "role", "scope", "below"],
  resources: ["view", "search", "type", "sort"],
  assignments: ["tab", "where", "role", "state", "kind", "search", "sort"],
  access: [
    "resource",
    "below",
    "role",
    "state",
    "kind",
    "when",
    "from",
    "to",
    "created",
    "ends",
    "mfa",
    "search",
    "sort",
  ],
  people: ["type", "status", "search", "sort"],
  standing: ["risk", "role", "kind", "search"],
} as const satisfies Record<FilteredList, readonly string[]>;

/** Tab and order are saved with a filter, but are not a filter by themselves. */
const views: Readonly<Record<FilteredList, readonly string[]>> = {
  audit: [],
  resources: ["view", "sort"],
  assignments: ["tab", "sort"],
  access: ["sort"],
  people: ["type", "sort"],
  standing: [],
};

/** The filter in an address's parameters, in one spelling. Empty if nothing is filtered. */
export function filterQuery(
  list: FilteredList,
  parameters: Readonly<Record<string, string | string[] | undefined>>,
): string {
  const kept = new URLSearchParams();
  for (const name of filterParameters[list]) {
    // Several kinds of events are stored as one value, which the log reads in the same way.
    const given = parameters[name];
    const value = name === "kind" && Array.isArray(given) ? given.join(",") : given;
    if (typeof value === "string" && value !== "") kept.set(name, value.slice(0, 500));
  }
  return [...kept.keys()].every((name) => views[list].includes(name)) ? "" : kept.toString();
}
