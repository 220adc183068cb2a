"use client";

import { CircleCheck, CircleX } from "lucide-react";
import { createContext, useContext, useEffect, useRef, useState } from "react";
import { ProtectedForm } from "@/components/step-up/protected-form";
import { Dialog } from "@/components/ui/dialog";
import { TextAreaField } from "@/components/ui/field";
import type { FormOutcome, ItemOutcome, PreparedChallenge } from "@/lib/domain/form-outcome";

export type Decision = "Approve" | "Deny";

/** A request as the dialog names it. */
export interface RequestToDecide {
  readonly id: string;
  /** Member, role and resource. */
  readonly title: string;
  readonly requiresStepUp: boolean;
}

interface Opened {
  readonly decision: Decision;
  readonly requests: readonly RequestToDecide[];
}

const Selection = createContext<{
  readonly selected: ReadonlySet<string>;
  readonly toggle: (id: string) => void;
  readonly open: (opened: Opened) => void;
}>({ selected: new Set(), toggle: () => undefined, open: () => undefined });

const words = {
  Approve: {
    title: "Approve",
    hint: "The role is given with the last approval that is needed.",
    label: "Approve",
  },
  Deny: { title: "Deny", hint: "One denial ends the request. The member can ask again.", label: "Deny" },
} as const;

/** Requests of which one or several are decided in one dialog, with one justification and one code. */
export function DecisionSelection(props: {
  readonly requests: readonly RequestToDecide[];
  readonly hasFactor: boolean;
  readonly decide: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  readonly children: React.ReactNode;
}) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  // What the dialog was opened for: decided requests leave the list, and the dialog still tells of them.
  const [opened, setOpened] = useState<Opened | null>(null);
  const [outcomes, setOutcomes] = useState<readonly ItemOutcome[] | null>(null);
  const chosen = props.requests.filter((each) => selected.has(each.id));
  const all = chosen.length === props.requests.length;
  const opener = useRef<Element | null>(null);
  const open = (next: Opened) => {
    opener.current = document.activeElement;
    setOutcomes(null);
    setOpened(next);
  };
  const close = () => {
    setOpened(null);
    setSelected(new Set());
    // The dialog has no trigger of its own to give the focus back to.
    const { current } = opener;
    setTimeout(() => {
      if (current instanceof HTMLElement && current.isConnected) current.focus();
    });
  };
  const toggle = (id: string) =>
    setSelected((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  const decideChosen = (decision: Decision) => () => {
    if (chosen.length > 0) open({ decision, requests: chosen });
  };
  return (
    <Selection value={{ selected, toggle, open }}>
      {props.requests.length > 1 ? (
        <div className="mb-3 flex min-h-10 flex-wrap items-center gap-2">
          <button
            type="button"
            className="button"
            onClick={() => setSelected(all ? new Set() : new Set(props.requests.map((each) => each.id)))}
          >
            {all ? "Select none" : "Select all"}
          </button>
          <button
            type="button"
            className={`button ${chosen.length > 0 ? "button-primary" : ""}`}
            aria-disabled={chosen.length === 0}
            onClick={decideChosen("Approve")}
          >
            Approve selected
          </button>
          <button
            type="button"
            className="button"
            aria-disabled={chosen.length === 0}
            onClick={decideChosen("Deny")}
          >
            Deny selected
          </button>
          <span role="status" className="text-muted">
            {chosen.length > 0
              ? `${chosen.length} selected`
              : "Select several to decide them with one reason and one code."}
          </span>
        </div>
      ) : null}
      {props.children}
      <Dialog
        open={opened !== null}
        onOpenChange={(isOpen) => {
          if (!isOpen) close();
        }}
        title={opened ? titleOf(opened) : ""}
        description={opened ? words[opened.decision].hint : ""}
      >
        {opened && outcomes === null ? (
          <ProtectedForm
            submit={props.decide}
            prepare={props.prepare}
            needsCode={opened.requests.some((each) => each.requiresStepUp)}
            hasFactor={props.hasFactor}
            submitLabel={words[opened.decision].label}
            danger={opened.decision === "Deny"}
            returnPath="/approvals"
            focusOn="first"
            onDone={({ items = [] }) => (items.every((item) => item.ok) ? close() : setOutcomes(items))}
            onCancel={close}
          >
            <input type="hidden" name="decision" value={opened.decision} />
            <input type="hidden" name="requestIds" value={opened.requests.map((each) => each.id).join(",")} />
            <Named opened={opened} outcomes={null} />
            <TextAreaField
              name="justification"
              label="Justification"
              hint="The member and the log get to read it."
              maxLength={2000}
            />
          </ProtectedForm>
        ) : null}
        {opened && outcomes ? (
          <div className="grid gap-4">
            <p role="alert" className="font-semibold">
              {outcomes.filter((each) => each.ok).length} of {outcomes.length} went through. The others did
              not:
            </p>
            <Named opened={opened} outcomes={outcomes} />
            <div className="dialog-actions">
              <button type="button" className="button button-primary" onClick={close}>
                Close
              </button>
            </div>
          </div>
        ) : null}
      </Dialog>
    </Selection>
  );
}

function titleOf({ decision, requests }: Opened): string {
  return requests.length === 1
    ? `${words[decision].title} this request?`
    : `${words[decision].title} ${requests.length} requests?`;
}

/** The requests of the dialog, with what became of each. */
function Named({ opened, outcomes }: { opened: Opened; outcomes: readonly ItemOutcome[] | null }) {
  return (
    <ul aria-label="Requests" className="grid divide-y divide-line rounded-lg border border-line">
      {opened.requests.map((request, index) => {
        const outcome = outcomes?.[index];
        const Icon = outcome?.ok ? CircleCheck : CircleX;
        return (
          <li key={request.id} className="px-3 py-2">
            {request.title}
            {outcome ? (
              <span
                className={`mt-0.5 flex items-start gap-1.5 ${outcome.ok ? "text-success" : "text-danger"}`}
              >
                <Icon aria-hidden size={16} className="mt-0.5 shrink-0" />
                {outcome.message}
              </span>
            ) : null}
          </li>
        );
      })}
    </ul>
  );
}

/** Selects one request of the list around it. */
export function RequestCheckbox({ request }: { request: RequestToDecide }) {
  const { selected, toggle } = useContext(Selection);
  return (
    <label className="cell-check self-start sm:mt-1">
      <input
        type="checkbox"
        className="size-4"
        aria-label={`Select ${request.title}`}
        checked={selected.has(request.id)}
        onChange={() => toggle(request.id)}
      />
    </label>
  );
}

/** **Approve** and **Deny** of one request. */
export function DecisionButtons({ request }: { request: RequestToDecide }) {
  const { open } = useContext(Selection);
  // A decided request leaves the list, and must not take the focus along.
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
          className={`button ${decision === "Approve" ? "button-primary" : ""}`}
          aria-label={`${decision} ${request.title}`}
          onClick={() => open({ decision, requests: [request] })}
        >
          {decision}
        </button>
      ))}
    </div>
  );
}
