"use client";

import { useState } from "react";
import type { BatchActions } from "@/components/assignments/batch-flow";
import {
  type BulkActions,
  type BulkVerb,
  countOf,
  type SelectableMember,
} from "@/components/assignments/bulk-changes";
import { Dialog } from "@/components/ui/dialog";
import { later } from "@/components/ui/later";
import { hasTexts } from "@/components/ui/lists/kept-selection";
import { SelectedRows, useListSelection } from "@/components/ui/lists/list-selection";
import type { FormOutcome } from "@/lib/web/form-outcome";

function isMember(row: unknown): row is SelectableMember {
  return (
    hasTexts(row, ["id", "name", "assignmentType"]) &&
    "parts" in row &&
    Array.isArray(row.parts) &&
    row.parts.every((part) => typeof part === "string") &&
    (row.assignmentType === "Eligible" || row.assignmentType === "Active")
  );
}

const BulkChange = later(() =>
  import("@/components/assignments/bulk-change").then((module) => module.BulkChange),
);

/**
 * Selects assignments, across pages of the list, to extend, renew or remove them together. `children` is the current
 * page.
 */
export function MemberSelection(
  props: BulkActions & {
    /** Identifies the list and the person, so that selections are kept apart. */
    list: string;
    /** The rows of this page that can be selected. */
    rows: readonly SelectableMember[];
    verbs: readonly BulkVerb[];
    /** The most that can be changed together. */
    maximumRows: number;
    /** The action of **Make eligible**; null if it is not offered. */
    makeEligible: BatchActions | null;
    children: React.ReactNode;
  },
) {
  const selection = useListSelection({
    name: props.list,
    rows: props.rows,
    isRow: isMember,
    maximum: props.maximumRows,
  });
  const { selected } = selection;
  // The rows that the dialog was opened for. They leave the list once removed, but the report still shows them.
  const [opened, setOpened] = useState<{ verb: BulkVerb; rows: readonly SelectableMember[] } | null>(null);
  /** Keeps only the refused rows selected. */
  const keepRefused =
    (submit: BatchActions["run"]) =>
    async (form: FormData): Promise<FormOutcome> => {
      const outcome = await submit(form);
      const done = (opened?.rows ?? []).filter((_, index) => outcome.items?.[index]?.ok);
      selection.leaveOut(done.map((row) => row.id));
      return outcome;
    };
  return (
    <SelectedRows
      selection={selection}
      label="Selected assignments"
      nameOf={({ name }) => name}
      hint="Select assignments to change them together."
      full="the most that can be changed together"
      shown={props.rows.length > 0 || opened !== null}
      buttons={props.verbs.map((verb) => (
        <BulkDialog
          key={verb}
          {...props}
          {...(verb === "Make eligible" ? props.makeEligible : null)}
          run={keepRefused(
            verb === "Make eligible" && props.makeEligible ? props.makeEligible.run : props.run,
          )}
          verb={verb}
          rows={opened?.verb === verb ? opened.rows : null}
          ready={selected.length > 0}
          onOpen={() => setOpened({ verb, rows: selected })}
          onClose={() => setOpened(null)}
        />
      ))}
    >
      {props.children}
    </SelectedRows>
  );
}

const words = {
  Extend: "Each continues without a gap until the end you choose.",
  Renew: "Each becomes a new assignment, which starts now or later.",
  "Make eligible": "The roles end now, and their members activate them when they need them.",
  Remove: "They end immediately, with every activation based on them.",
} as const;

function BulkDialog(
  props: BulkActions & {
    verb: BulkVerb;
    /** The rows that the dialog is open for; null while it is closed. */
    rows: readonly SelectableMember[] | null;
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
      title={
        verb === "Make eligible"
          ? `Make ${countOf(rows?.length ?? 0)} eligible`
          : `${verb} ${countOf(rows?.length ?? 0)}`
      }
      description={`${words[verb]} You see a preview before anything changes.`}
      comeNear={BulkChange.comeNear}
      trigger={
        <button
          type="button"
          className={`button ${props.ready && remove ? "button-danger" : ""}`}
          aria-disabled={!props.ready}
        >
          {verb === "Make eligible" ? "Make selected eligible" : `${verb} selected`}
        </button>
      }
    >
      {rows ? <BulkChange {...props} rows={rows} /> : null}
    </Dialog>
  );
}
