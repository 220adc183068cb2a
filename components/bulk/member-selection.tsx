"use client";

import { createContext, useContext, useState } from "react";
import { type BatchActions, BatchFlow } from "@/components/bulk/batch-flow";
import { Dialog } from "@/components/ui/dialog";
import { TextAreaField } from "@/components/ui/field";
import { MomentField } from "@/components/ui/moment-field";

/** A row that can be selected. */
export interface SelectableRow {
  readonly id: string;
  readonly assignmentType: "Eligible" | "Active";
  /** What it is called in the preview and the report. */
  readonly name: string;
}

const Selection = createContext<{
  readonly selected: ReadonlySet<string>;
  readonly toggle: (id: string) => void;
}>({ selected: new Set(), toggle: () => undefined });

type Verb = "Extend" | "Remove";
const count = (rows: number) => `${rows} ${rows === 1 ? "assignment" : "assignments"}`;

/** A page of assignments of which many can be selected and extended or removed together; the list is `children`. */
export function MemberSelection(
  props: BatchActions & {
    /** Those of this page that can be selected. */
    rows: readonly SelectableRow[];
    hasFactor: boolean;
    returnPath: string;
    children: React.ReactNode;
  },
) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const chosen = props.rows.filter((row) => selected.has(row.id));
  // What the dialog was opened for: removed rows leave the list, and the report still tells of them.
  const [opened, setOpened] = useState<{ verb: Verb; rows: readonly SelectableRow[] } | null>(null);
  const toggle = (id: string) =>
    setSelected((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  const close = () => {
    setOpened(null);
    setSelected(new Set());
  };
  const all = chosen.length === props.rows.length;
  return (
    <Selection value={{ selected, toggle }}>
      {props.rows.length > 0 || opened ? (
        <fieldset
          aria-label="Selected assignments"
          className="mb-3 flex min-h-10 flex-wrap items-center gap-2"
        >
          <button
            type="button"
            className="button"
            onClick={() => setSelected(all ? new Set() : new Set(props.rows.map((row) => row.id)))}
          >
            {all ? "Select none" : "Select all on this page"}
          </button>
          {(["Extend", "Remove"] as const).map((verb) => (
            <BulkDialog
              key={verb}
              {...props}
              verb={verb}
              rows={opened?.verb === verb ? opened.rows : null}
              ready={chosen.length > 0}
              onOpen={() => setOpened({ verb, rows: chosen })}
              onClose={close}
            />
          ))}
          <span role="status" className="text-muted">
            {chosen.length > 0 ? `${chosen.length} selected` : "Select assignments to change them together."}
          </span>
        </fieldset>
      ) : null}
      {props.children}
    </Selection>
  );
}

function BulkDialog(
  props: BatchActions & {
    verb: Verb;
    /** What the dialog is open for; null while it is closed. */
    rows: readonly SelectableRow[] | null;
    ready: boolean;
    hasFactor: boolean;
    returnPath: string;
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
      description={
        remove
          ? "They end at once, with everything activated on the strength of them. You see first what will happen to each."
          : "Each goes on without a gap until the end that you choose. You see first what will happen to each."
      }
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
    <input
      type="checkbox"
      className="size-4 shrink-0 accent-(--accent)"
      aria-label={label}
      checked={selected.has(id)}
      onChange={() => toggle(id)}
    />
  );
}
