"use client";

import { createContext, useContext, useEffect, useRef } from "react";
import { useEarlyInput } from "@/components/ui/forms/early-input";
import { type SelectableRow, useKeptSelection } from "@/components/ui/lists/kept-selection";
import { SelectionBar } from "@/components/ui/lists/selection-bar";

const Selection = createContext<{
  readonly selected: ReadonlySet<string>;
  readonly choose: (id: string, chosen: boolean) => void;
}>({ selected: new Set(), choose: () => undefined });

/** The rows of a page, and the selection across pages. */
export interface ListSelection<Row extends SelectableRow> {
  /** The rows of this page that can be selected. */
  readonly rows: readonly Row[];
  /** The selected rows of all pages, in the order of selection. */
  readonly selected: readonly Row[];
  /** The selected rows at this moment, including changes that are not rendered yet. */
  readonly present: () => readonly Row[];
  readonly select: (rows: readonly Row[]) => void;
  /** Removes rows from the selection, once they are done. */
  readonly leaveOut: (ids: readonly string[]) => void;
  readonly maximum: number;
}

/** The selection of a list. `rows` are on this page. `missing` are rows of this page that can no longer be selected. */
export function useListSelection<Row extends SelectableRow>(list: {
  /** Identifies the list and the person, so that selections are kept apart. */
  readonly name: string;
  readonly rows: readonly Row[];
  readonly gone?: readonly string[];
  readonly isRow: (row: unknown) => row is Row;
  /** The most that can be selected together. */
  readonly maximum: number;
}): ListSelection<Row> {
  const kept = useKeptSelection(list.name, list.isRow);
  const selected = kept.selected.filter((row) => !list.gone?.includes(row.id));
  const present = () => kept.present().filter((row) => !list.gone?.includes(row.id));
  return { ...kept, selected, present, rows: list.rows, maximum: list.maximum };
}

/**
 * A page of a list (`children`) with selectable rows. A box above it selects the page. The bar at the bottom
 * names the selected rows of all pages and shows the actions (`buttons`).
 */
export function SelectedRows<Row extends SelectableRow>(props: {
  readonly selection: ListSelection<Row>;
  readonly label: string;
  readonly nameOf: (row: Row) => string;
  /** Says what selecting is for. */
  readonly hint: string;
  /** Shown when no more can be selected. */
  readonly full: string;
  /** Whether there is anything to select. The bar stays while rows of other pages are selected. */
  readonly shown: boolean;
  readonly buttons: React.ReactNode;
  readonly children: React.ReactNode;
}) {
  const { rows, selected, present, select, maximum } = props.selection;
  const page = useRef<HTMLInputElement>(null);
  const head = useRef<HTMLLabelElement>(null);
  useEarlyInput(head);
  const ids = new Set(selected.map((row) => row.id));
  const here = rows.filter((row) => ids.has(row.id));
  const elsewhere = selected.length - here.length;
  const all = rows.length > 0 && here.length === rows.length;
  const some = here.length > 0 && !all;
  useEffect(() => {
    if (page.current) page.current.indeterminate = some;
  }, [some]);
  const choose = (id: string, chosen: boolean) => {
    const row = rows.find((each) => each.id === id);
    const others = present().filter((each) => each.id !== id);
    if (!chosen) select(others);
    else if (row && others.length < maximum) select([...others, row]);
  };
  const selectPage = (chosen: boolean) => {
    const others = present().filter((each) => !rows.some((row) => row.id === each.id));
    select(chosen ? [...others, ...rows].slice(0, maximum) : others);
  };
  return (
    <Selection value={{ selected: ids, choose }}>
      {props.shown && rows.length > 0 ? (
        <div className="selection-head mb-1 flex min-h-10 flex-wrap items-center gap-x-4">
          <label ref={head} className="flex items-center gap-2 font-medium">
            <input
              ref={page}
              type="checkbox"
              className="size-4"
              checked={all}
              onChange={(event) => selectPage(event.currentTarget.checked)}
            />
            Select all on this page
          </label>
          <span className="text-muted max-sm:hidden">{props.hint}</span>
        </div>
      ) : null}
      {props.children}
      {props.shown || selected.length > 0 ? (
        <SelectionBar
          label={props.label}
          names={selected.map(props.nameOf)}
          notes={[
            ...(elsewhere > 0 ? [`${elsewhere} not on this page`] : []),
            ...(selected.length >= maximum ? [props.full] : []),
          ]}
          buttons={props.buttons}
          onClear={() => {
            select([]);
            (page.current ?? document.getElementById("main"))?.focus();
          }}
        />
      ) : null}
    </Selection>
  );
}

/** Selects one row of the list around it. */
export function RowCheckbox({ id, label, className }: { id: string; label: string; className?: string }) {
  const { selected, choose } = useContext(Selection);
  const cell = useRef<HTMLLabelElement>(null);
  useEarlyInput(cell);
  return (
    <label ref={cell} className={className ? `cell-check ${className}` : "cell-check"}>
      <input
        type="checkbox"
        aria-label={label}
        checked={selected.has(id)}
        onChange={(event) => choose(id, event.currentTarget.checked)}
      />
    </label>
  );
}
