"use client";

import { useState } from "react";
import type { BatchActions } from "@/components/assignments/batch-flow";
import { Dialog } from "@/components/ui/dialog";
import { TextAreaField } from "@/components/ui/forms/dialog-fields";
import { later } from "@/components/ui/later";
import { hasTexts } from "@/components/ui/lists/kept-selection";
import { SelectedRows, useListSelection } from "@/components/ui/lists/list-selection";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** A request to extend or renew that can be selected. */
export interface SelectableRequest {
  readonly id: string;
  /** Its name in the preview and the report. */
  readonly name: string;
  /** The member's reason. */
  readonly note: string;
}

function isRequest(row: unknown): row is SelectableRequest {
  return hasTexts(row, ["id", "name", "note"]);
}

type Decision = "Approve" | "Deny";
const BatchFlow = later(() =>
  import("@/components/assignments/batch-flow").then((module) => module.BatchFlow),
);

const count = (rows: number) => `${rows} ${rows === 1 ? "request" : "requests"}`;
const words = {
  Approve: "Each member gets the time they asked for. You see a preview before anything changes.",
  Deny: "Nothing changes: each assignment ends as planned. The members see your reason and can ask again.",
} as const;

/**
 * Selects requests to extend or renew, across pages of the list, and decides them together as requested, with
 * one reason and one code. `children` is the current page.
 */
export function ExtensionSelection(
  props: BatchActions & {
    /** Identifies the list and the person, so that selections are kept apart. */
    readonly list: string;
    /** The rows of this page that can be selected. */
    readonly rows: readonly SelectableRequest[];
    /** The most that can be decided together. */
    readonly maximum: number;
    /** Whether there is anything to select. */
    readonly selecting: boolean;
    readonly hasFactor: boolean;
    readonly returnPath: string;
    readonly children: React.ReactNode;
  },
) {
  const selection = useListSelection({
    name: props.list,
    rows: props.rows,
    isRow: isRequest,
    maximum: props.maximum,
  });
  const { selected } = selection;
  // The requests that the dialog was opened for. They leave the list once decided, but the report still shows them.
  const [opened, setOpened] = useState<{ decision: Decision; rows: readonly SelectableRequest[] } | null>(
    null,
  );
  /** Keeps only the refused rows selected. */
  const run = async (form: FormData): Promise<FormOutcome> => {
    const outcome = await props.run(form);
    const done = (opened?.rows ?? []).filter((_, index) => outcome.items?.[index]?.ok);
    selection.leaveOut(done.map((row) => row.id));
    return outcome;
  };
  const ready = selected.length > 0;
  const dialog = (decision: Decision) => {
    const rows = opened?.decision === decision ? opened.rows : null;
    return (
      <Dialog
        key={decision}
        open={rows !== null}
        onOpenChange={(open) => {
          if (!open) setOpened(null);
          else if (ready) setOpened({ decision, rows: selected });
        }}
        title={`${decision} ${count(rows?.length ?? 0)}`}
        description={words[decision]}
        comeNear={BatchFlow.comeNear}
        trigger={
          <button
            type="button"
            className={`button ${ready && decision === "Approve" ? "button-primary" : ""}`}
            aria-disabled={!ready}
          >
            {decision} selected
          </button>
        }
      >
        {rows ? (
          <BatchFlow
            {...props}
            run={run}
            named={rows}
            submitLabel={(able) => `${decision} ${count(able)}`}
            danger={decision === "Deny"}
            closeLabel="Cancel"
            onClose={() => setOpened(null)}
          >
            <input type="hidden" name="decision" value={decision} />
            <input type="hidden" name="rows" value={JSON.stringify(rows.map(({ id }) => ({ id })))} />
            <TextAreaField
              name="justification"
              label="Justification"
              hint="Shown to the members and kept in the log."
              maxLength={2000}
            />
          </BatchFlow>
        ) : null}
      </Dialog>
    );
  };
  return (
    <SelectedRows
      selection={selection}
      label="Selected requests to extend or renew"
      nameOf={({ name }) => name}
      hint="Select several to decide them with one reason and one code."
      full="the most that can be decided together"
      shown={props.selecting || opened !== null}
      buttons={[dialog("Approve"), dialog("Deny")]}
    >
      {props.children}
    </SelectedRows>
  );
}
