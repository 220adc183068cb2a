"use client";

import { Suspense, useState } from "react";
import type { FilterActions, SavedFilter } from "@/components/preferences/saved-filter";
import { dialogComesNear } from "@/components/ui/dialog";
import { Icon } from "@/components/ui/icon";
import { later } from "@/components/ui/later";
import { Name } from "@/components/ui/name";
import { visible } from "@/lib/domain/text/visible-text";

const SaveFilter = later(() =>
  import("@/components/preferences/filter-dialogs").then((module) => module.SaveFilter),
);
const ManageFilters = later(() =>
  import("@/components/preferences/filter-dialogs").then((module) => module.ManageFilters),
);

/** Named filters. Each applies with one click. The current one can be saved, and saved ones renamed or deleted. */
export function SavedFilters(
  props: FilterActions & {
    list: string;
    base: string;
    current: string;
    filters: readonly SavedFilter[];
  },
) {
  const { base, current, filters } = props;
  const [opened, setOpened] = useState<"save" | "manage" | null>(null);
  const kept = filters.some((filter) => filter.query === current);
  if (filters.length === 0 && current === "") return null;
  const comeNear = () => {
    dialogComesNear();
    SaveFilter.comeNear();
    ManageFilters.comeNear();
  };
  const button = (what: "save" | "manage", label: string, className: string) => (
    <button
      type="button"
      className={className}
      aria-haspopup="dialog"
      aria-expanded={opened === what}
      onPointerEnter={comeNear}
      onFocus={comeNear}
      onClick={() => setOpened(what)}
    >
      {label}
    </button>
  );
  const close = () => setOpened(null);
  return (
    <section aria-label="Saved filters" className="mb-3 flex flex-wrap items-center gap-2 print:hidden">
      <Icon name="bookmark" size={16} className="shrink-0 text-muted max-sm:hidden" />
      {filters.map((filter) => (
        <a
          key={filter.id}
          className="chip"
          title={visible(filter.name)}
          href={filter.query ? `${base}?${filter.query}` : base}
          aria-current={filter.query === current ? "true" : undefined}
        >
          <span className="min-w-0 truncate">
            <Name of={filter.name} />
          </span>
        </a>
      ))}
      {current !== "" && !kept ? button("save", "Save this filter", "button") : null}
      {filters.length > 0 ? button("manage", "Manage", "button button-quiet") : null}
      <Suspense>
        {opened === "save" ? (
          <SaveFilter list={props.list} query={current} keep={props.keep} onClose={close} />
        ) : null}
        {opened === "manage" ? <ManageFilters {...props} onClose={close} /> : null}
      </Suspense>
    </section>
  );
}
