/** The lists whose filters can be saved. `access` is the list of all assignments, `standing` that of standing access. */
export const filteredLists = ["audit", "resources", "assignments", "access", "people", "standing"] as const;
export type FilteredList = (typeof filteredLists)[number];

/** How many filters of one list a person can keep. */
export const mostSavedFilters = 30;
