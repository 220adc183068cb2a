import { SavedFilters } from "@/components/preferences/saved-filters";
import type { FilteredList } from "@/lib/domain/preferences/saved-filter";
import { application } from "@/lib/platform/application";
import { savedFilters } from "@/lib/queries/preferences/saved-filters";
import { requireCaller } from "@/lib/web/request";
import { filterQuery } from "@/lib/web/saved-filter";
import { dropFilter, keepFilter, nameFilter } from "./actions";

/** The caller's saved filters for the list at `base`. `query` is the filter now in use. */
export async function SavedFiltersOf(props: {
  list: FilteredList;
  base: string;
  query: Readonly<Record<string, string | string[] | undefined>>;
}) {
  const caller = await requireCaller();
  const filters = await savedFilters(application().database, caller, props.list);
  return (
    <SavedFilters
      list={props.list}
      base={props.base}
      current={filterQuery(props.list, props.query)}
      filters={filters}
      keep={keepFilter}
      rename={nameFilter}
      remove={dropFilter}
    />
  );
}
