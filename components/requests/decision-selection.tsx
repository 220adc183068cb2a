"use client";

import type { DecisionActions, SelectableRequest } from "@/components/requests/decision";
import { Decisions, decisionComesNear, useOpenDecision } from "@/components/requests/decisions";
import { hasTexts } from "@/components/ui/lists/kept-selection";
import { type ListSelection, SelectedRows, useListSelection } from "@/components/ui/lists/list-selection";

function isRequest(row: unknown): row is SelectableRequest {
  return (
    hasTexts(row, ["id", "title", "former", "reason"]) &&
    "requiresStepUp" in row &&
    typeof row.requiresStepUp === "boolean"
  );
}

interface Listed {
  /** Whether there is anything to select. */
  readonly selectable: boolean;
  readonly children: React.ReactNode;
}

/**
 * Selects requests, across pages of the list, and decides them in one dialog with one justification and one code.
 * `children` is the current page.
 */
export function DecisionSelection(
  props: DecisionActions &
    Listed & {
      /** Identifies the list and the person, so that selections are kept apart. */
      readonly list: string;
      readonly requests: readonly SelectableRequest[];
      /** The most that can be decided together. */
      readonly maximum: number;
    },
) {
  const selection = useListSelection({
    name: props.list,
    rows: props.requests,
    isRow: isRequest,
    maximum: props.maximum,
  });
  return (
    <Decisions hasFactor={props.hasFactor} decide={props.decide} prepare={props.prepare} list={props.list}>
      <Selecting selection={selection} selectable={props.selectable}>
        {props.children}
      </Selecting>
    </Decisions>
  );
}

function Selecting({
  selection,
  selectable,
  children,
}: Listed & { readonly selection: ListSelection<SelectableRequest> }) {
  const open = useOpenDecision();
  const { selected } = selection;
  return (
    <SelectedRows
      selection={selection}
      label="Selected requests"
      nameOf={({ title }) => title}
      hint="Select several to decide them with one reason and one code."
      full="the most that can be decided together"
      shown={selectable}
      buttons={(["Approve", "Deny"] as const).map((decision) => (
        <button
          key={decision}
          type="button"
          className={`button ${selected.length > 0 && decision === "Approve" ? "button-primary" : ""}`}
          aria-disabled={selected.length === 0}
          onPointerEnter={decisionComesNear}
          onFocus={decisionComesNear}
          onClick={() => {
            if (selected.length > 0) open({ decision, requests: selected });
          }}
        >
          {decision} selected
        </button>
      ))}
    >
      {children}
    </SelectedRows>
  );
}
