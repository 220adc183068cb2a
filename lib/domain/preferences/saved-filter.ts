/** The lists whose filters can be saved, and which parameters of their addresses are the filter: all but the page. */
export const filterParameters = {
  audit: ["range", "from", "to", "kind", "actor", "target", "outcome", "role", "scope", "below"],
  resources: ["view", "search", "type", "sort"],
  assignments: ["tab", "search", "sort"],
  /** All assignments. */
  access: [
    "resource",
    "below",
    "role",
    "state",
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
} as const;

export type FilteredList = keyof typeof filterParameters;

/** Parameters that are saved with a filter but are none by themselves: the tab and the order. */
const views: Readonly<Record<FilteredList, readonly string[]>> = {
  audit: [],
  resources: ["view", "sort"],
  assignments: ["tab", "sort"],
  access: ["sort"],
  people: ["type", "sort"],
};

export const mostSavedFilters = 30;

/** The filter in an address's parameters, in one spelling; empty if nothing is filtered. */
export function filterQuery(
  list: FilteredList,
  parameters: Readonly<Record<string, string | string[] | undefined>>,
): string {
  const kept = new URLSearchParams();
  for (const name of filterParameters[list]) {
    const value = parameters[name];
    if (typeof value === "string" && value !== "") kept.set(name, value.slice(0, 500));
  }
  return [...kept.keys()].every((name) => views[list].includes(name)) ? "" : kept.toString();
}
