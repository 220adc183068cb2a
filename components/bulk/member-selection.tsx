"use client";

import { createContext, useContext, useState } from "react";
import { type BatchActions, BatchFlow } from "@/components/bulk/batch-flow";
import { type SelectableRow, useKeptSelection } from "@/components/bulk/kept-selection";
import { Dialog } from "@/components/ui/dialog";
import { TextAreaField } from "@/components/ui/field";
import { MomentField } from "@/components/ui/moment-field";
import type { FormOutcome } from "@/lib/domain/form-outcome";

const Selection = createContext<{
  readonly selected: ReadonlySet<string>;
  readonly toggle: (id: string) => void;
}>({ selected: new Set(), toggle: () => undefined });

export type BulkVerb = "Extend" | "Renew" | "Remove";
const count = (rows: number) => `${rows} ${rows === 1 ? "assignment" : "assignments"}`;

interface Shared extends BatchActions {
  readonly hasFactor: boolean;
  readonly returnPath: string;
}

/**
 * A list of assignments of which many can be selected, over several pages of it, and extended, renewed or removed
 * together; the page of the list is `children`.
 */
export function MemberSelection(
  props: Shared & {
    /** Names the list and whose selection it is. */
    list: string;
    /** Those of this page that can be selected. */
    rows: readonly SelectableRow[];
    verbs: readonly BulkVerb[];
    /** How many can be changed together. */
    maximumRows: number;
    children: React.ReactNode;
  },
) {
  const { rows, maximumRows } = props;
  const [selected, select] = useKeptSelection(props.list);
  // What the dialog was opened for: removed rows leave the list, and the report still tells of them.
  const [opened, setOpened] = useState<{ verb: BulkVerb; rows: readonly SelectableRow[] } | null>(null);
  const ids = new Set(selected.map((row) => row.id));
  const here = rows.filter((row) => ids.has(row.id));
  const all = rows.length > 0 && here.length === rows.length;
  const elsewhere = selected.length - here.length;
  const toggle = (id: string) => {
    const row = rows.find((each) => each.id === id);
    if (ids.has(id)) select(selected.filter((each) => each.id !== id));
    else if (row && selected.length < maximumRows) select([...selected, row]);
  };
  const selectPage = () => {
    const others = selected.filter((each) => !rows.some((row) => row.id === each.id));
    select(all ? others : [...others, ...rows].slice(0, maximumRows));
  };
  /** What a batch did is done: only what was refused stays selected. */
  const run = async (form: FormData): Promise<FormOutcome> => {
    const outcome = await props.run(form);
    const done = (opened?.rows ?? []).filter((_, index) => outcome.items?.[index]?.ok);
    select(selected.filter((each) => !done.some((row) => row.id === each.id)));
    return outcome;
  };
  return (
    <Selection value={{ selected: ids, toggle }}>
      {rows.length > 0 || selected.length > 0 || opened ? (
        <fieldset
          aria-label="Selected assignments"
          className="mb-3 flex min-h-10 flex-wrap items-center gap-2"
        >
          {rows.length > 0 ? (
            <button type="button" className="button" onClick={selectPage}>
              {all ? "Select none on this page" : "Select all on this page"}
            </button>
          ) : null}
          {props.verbs.map((verb) => (
            <BulkDialog
              key={verb}
              {...props}
              run={run}
              verb={verb}
              rows={opened?.verb === verb ? opened.rows : null}
              ready={selected.length > 0}
              onOpen={() => setOpened({ verb, rows: selected })}
              onClose={() => setOpened(null)}
            />
          ))}
          <span role="status" className="text-muted">
            {selected.length === 0
              ? "Select assignments to change them together."
              : `${selected.length} selected${elsewhere > 0 ? `, ${elsewhere} of them not on this page` : ""}${
                  selected.length >= maximumRows ? ": as many as can be changed together" : ""
                }`}
          </span>
          {selected.length > 0 ? (
            <button type="button" className="button button-quiet" onClick={() => select([])}>
              Clear selection
            </button>
          ) : null}
        </fieldset>
      ) : null}
      {props.children}
    </Selection>
  );
}

const words = {
  Extend: "Each goes on without a gap until the end that you choose.",
  Renew: "Each is given again, as a new assignment from now or later.",
  Remove: "They end at once, with everything activated on the strength of them.",
} as const;

function BulkDialog(
  props: Shared & {
    verb: BulkVerb;
    /** What the dialog is open for; null while it is closed. */
    rows: readonly SelectableRow[] | null;
    ready: boolean;
    onOpen: () => void;
    onClose: () => void;
  },
) {
  const { verb, rows } = props;
  const remove = verb === "Remove";
  return (
    <Dialog
      open={rows !== null}
      onOpenChange={(open) => {
        if (!open) props.onClose();
        else if (props.ready) props.onOpen();
      }}
      title={`${verb} ${count(rows?.length ?? 0)}`}
      description={`${words[verb]} You see first what will happen to each.`}
      trigger={
        <button
          type="button"
          className={`button ${props.ready && remove ? "button-danger" : ""}`}
          aria-disabled={!props.ready}
        >
          {verb} selected
        </button>
      }
    >
      {rows ? (
        <BatchFlow
          {...props}
          named={rows}
          submitLabel={(ready) => `${verb} ${count(ready)}`}
          danger={remove}
          closeLabel="Cancel"
          onClose={props.onClose}
        >
          <input type="hidden" name="change" value={verb} />
          <input
            type="hidden"
            name="rows"
            value={JSON.stringify(rows.map(({ id, assignmentType }) => ({ id, assignmentType })))}
          />
          {verb === "Renew" ? <MomentField name="startsAt" label="Start" hint="Empty: at once." /> : null}
          {remove ? null : (
            <MomentField name="endsAt" label="End" hint="Each within the maximum of its role settings." />
          )}
          <TextAreaField
            name="justification"
            label={remove ? "Justification (optional)" : "Justification"}
            maxLength={2000}
          />
        </BatchFlow>
      ) : null}
    </Dialog>
  );
}

/** Selects one row of the list around it. */
export function RowCheckbox({ id, label }: { id: string; label: string }) {
  const { selected, toggle } = useContext(Selection);
  return (
    <label className="cell-check">
      <input
        type="checkbox"
        className="size-4"
        aria-label={label}
        checked={selected.has(id)}
        onChange={() => toggle(id)}
      />
    </label>
  );
}
