"use client";

import { createContext, useContext, useEffect, useRef, useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { TextAreaField } from "@/components/ui/forms/dialog-fields";
import { DialogForm } from "@/components/ui/forms/dialog-form";
import { hasTexts } from "@/components/ui/lists/kept-selection";
import { SelectedRows, useListSelection } from "@/components/ui/lists/list-selection";
import { OutcomeList } from "@/components/ui/outcome-list";
import type { FormOutcome, ItemOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

export type Decision = "Approve" | "Deny";

/** A request, as the dialog shows it. */
export interface SelectableRequest {
  readonly id: string;
  /** Role, resource and member. */
  readonly title: string;
  /** The member's recent former name; empty if it has not changed. */
  readonly former: string;
  /** The member's reason. */
  readonly reason: string;
  readonly requiresStepUp: boolean;
}

interface Opened {
  readonly decision: Decision;
  readonly requests: readonly SelectableRequest[];
}

function isRequest(row: unknown): row is SelectableRequest {
  return (
    hasTexts(row, ["id", "title", "former", "reason"]) &&
    "requiresStepUp" in row &&
    typeof row.requiresStepUp === "boolean"
  );
}

const OpenDecision = createContext<(opened: Opened) => void>(() => undefined);

const words = {
  Approve: {
    title: "Approve",
    hint: "The role is granted with the last required approval.",
    label: "Approve",
  },
  Deny: { title: "Deny", hint: "One denial ends the request. The member can ask again.", label: "Deny" },
} as const;

/**
 * Selects requests, across pages of the list, and decides them in one dialog with one justification and one code.
 * `children` is the current page.
 */
export function DecisionSelection(props: {
  /** Identifies the list and the person, so that selections are kept apart. */
  readonly list: string;
  readonly requests: readonly SelectableRequest[];
  /** Whether there is anything to select. */
  readonly selectable: boolean;
  /** The most that can be decided together. */
  readonly maximum: number;
  readonly hasFactor: boolean;
  readonly decide: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  readonly children: React.ReactNode;
}) {
  const selection = useListSelection({
    name: props.list,
    rows: props.requests,
    isRow: isRequest,
    maximum: props.maximum,
  });
  const { selected } = selection;
  // The requests that the dialog was opened for. They leave the list once decided, but the dialog still shows them.
  const [opened, setOpened] = useState<Opened | null>(null);
  const [outcomes, setOutcomes] = useState<readonly ItemOutcome[] | null>(null);
  const [reported, setReported] = useState(false);
  const went = outcomes?.filter((each) => each.ok).length ?? 0;
  const named = (opened?.requests ?? []).map(({ id, title, former, reason }) => ({
    id,
    name: [title, former].filter(Boolean).join(". "),
    note: reason,
  }));
  const opener = useRef<Element | null>(null);
  const open = (next: Opened) => {
    opener.current = document.activeElement;
    setOutcomes(null);
    setReported(false);
    setOpened(next);
  };
  const close = () => {
    setOpened(null);
    // The dialog has no trigger of its own, so the focus is returned here.
    const { current } = opener;
    setTimeout(() => {
      if (current instanceof HTMLElement && current.isConnected) current.focus();
    });
  };
  const decide = async (form: FormData): Promise<FormOutcome> => {
    const outcome = await props.decide(form);
    const { items = [] } = outcome;
    setOutcomes(items.length > 1 ? items : null);
    // Refused requests are deselected too, since somebody else decided them, or the reader no longer may.
    if (outcome.ok) selection.leaveOut((opened?.requests ?? []).map((each) => each.id));
    return outcome;
  };
  const decideSelected = (decision: Decision) => () => {
    if (selected.length > 0) open({ decision, requests: selected });
  };
  return (
    <OpenDecision value={open}>
      <SelectedRows
        selection={selection}
        label="Selected requests"
        nameOf={({ title }) => title}
        hint="Select several to decide them with one reason and one code."
        full="the most that can be decided together"
        shown={props.selectable}
        buttons={(["Approve", "Deny"] as const).map((decision) => (
          <button
            key={decision}
            type="button"
            className={`button ${selected.length > 0 && decision === "Approve" ? "button-primary" : ""}`}
            aria-disabled={selected.length === 0}
            onClick={decideSelected(decision)}
          >
            {decision} selected
          </button>
        ))}
      >
        {props.children}
      </SelectedRows>
      <Dialog
        open={opened !== null}
        onOpenChange={(isOpen) => {
          if (!isOpen) close();
        }}
        title={opened ? titleOf(opened) : ""}
        description={opened ? words[opened.decision].hint : ""}
      >
        {opened && !reported ? (
          <DialogForm
            submit={decide}
            prepare={props.prepare}
            needsCode={opened.requests.some((each) => each.requiresStepUp)}
            hasFactor={props.hasFactor}
            submitLabel={words[opened.decision].label}
            danger={opened.decision === "Deny"}
            returnPath="/approvals"
            focusOn="first"
            onDone={({ items = [] }) => {
              if (items.every((item) => item.ok)) return close();
              setOutcomes(items);
              setReported(true);
            }}
            onCancel={close}
          >
            <input type="hidden" name="decision" value={opened.decision} />
            <input type="hidden" name="requestIds" value={opened.requests.map((each) => each.id).join(",")} />
            <OutcomeList label="Requests" rows={named} items={outcomes} />
            <TextAreaField
              name="justification"
              label="Justification"
              hint="Shown to the member and kept in the log."
              maxLength={2000}
            />
          </DialogForm>
        ) : null}
        {opened && outcomes && reported ? (
          <div className="grid gap-4">
            <p role="alert" className="font-semibold">
              {outcomes.length === 1
                ? "It did not go through:"
                : `${went} of ${outcomes.length} went through. The ${outcomes.length - went === 1 ? "other" : "others"} did not:`}
            </p>
            <OutcomeList label="Requests" rows={named} items={outcomes} />
            <div className="dialog-actions">
              <button type="button" className="button button-primary" onClick={close}>
                Close
              </button>
            </div>
          </div>
        ) : null}
      </Dialog>
    </OpenDecision>
  );
}

function titleOf({ decision, requests }: Opened): string {
  return requests.length === 1
    ? `${words[decision].title} this request?`
    : `${words[decision].title} ${requests.length} requests?`;
}

/** **Approve** and **Deny** for one request. */
export function DecisionButtons({ request }: { request: SelectableRequest }) {
  const open = useContext(OpenDecision);
  // A decided request leaves the list, so the focus moves before it is lost.
  useEffect(
    () => () => {
      if (document.activeElement === document.body) document.getElementById("main")?.focus();
    },
    [],
  );
  return (
    <div className="flex flex-wrap gap-2">
      {(["Approve", "Deny"] as const).map((decision) => (
        <button
          key={decision}
          type="button"
          className="button"
          aria-label={`${decision} ${request.title}`}
          onClick={() => open({ decision, requests: [request] })}
        >
          {decision}
        </button>
      ))}
    </div>
  );
}
