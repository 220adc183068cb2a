"use client";

import { useState } from "react";
import { SeverityBadge } from "@/components/alerts/severity-badge";
import { ConfirmDialog } from "@/components/ui/confirm-button";
import { TextAreaField } from "@/components/ui/forms/field";
import { RowCheckbox, SelectedRows, useListSelection } from "@/components/ui/lists/list-selection";
import { RowAction, RowActions } from "@/components/ui/lists/row-actions";
import { Sentence } from "@/components/ui/name";
import {
  type AlertKind,
  type AlertSeverity,
  alertDescriptions,
  mostAlerts,
} from "@/lib/domain/alerts/alerts";
import type { FormOutcome } from "@/lib/web/form-outcome";

type Submit = (form: FormData) => Promise<FormOutcome>;
type Verb = "fix" | "dismiss" | "reopen";

/** An alert of the list: the people it concerns in words, and the row as the server rendered it. */
interface ShownAlert {
  readonly id: string;
  readonly kind: AlertKind;
  readonly subject: string;
  readonly row: React.ReactNode;
}

export interface AlertGroup {
  readonly kind: AlertKind;
  /** The severity of the most severe of them. */
  readonly severity: AlertSeverity;
  /** "37", or "1,000+". */
  readonly count: string;
  /** The address of all of them, if this list shows only the newest. */
  readonly allHref: string | null;
  /** The page where the cause is corrected; null if there is none. */
  readonly mendHref: string | null;
  readonly alerts: readonly ShownAlert[];
}

interface Selected {
  readonly id: string;
  readonly kind: AlertKind;
  readonly subject: string;
}

function isSelected(row: unknown): row is Selected {
  return (
    typeof row === "object" &&
    row !== null &&
    "id" in row &&
    typeof row.id === "string" &&
    "subject" in row &&
    typeof row.subject === "string" &&
    "kind" in row &&
    typeof row.kind === "string" &&
    Object.hasOwn(alertDescriptions, row.kind)
  );
}

/** The question before something is done with alerts. */
interface Asked {
  readonly verb: Verb;
  readonly alerts: readonly Selected[];
}

const verbsOf = (state: "open" | "dismissed" | "resolved", kind: AlertKind): readonly Verb[] => {
  if (state === "dismissed") return ["reopen"];
  if (state === "resolved") return [];
  const { fix, lasts } = alertDescriptions[kind];
  if (lasts) return [];
  return fix ? ["fix", "dismiss"] : ["dismiss"];
};

function labelOf(verb: Verb, kind: AlertKind): string {
  if (verb === "fix") return alertDescriptions[kind].fix?.label ?? "Fix";
  return verb === "dismiss" ? "Dismiss" : "Reopen";
}

/** Alerts by their rule, with what can be done about one or several of them. */
export function AlertGroups(props: {
  readonly listName: string;
  readonly state: "open" | "dismissed" | "resolved";
  readonly groups: readonly AlertGroup[];
  readonly mayWrite: boolean;
  readonly actions: Readonly<Record<Verb, Submit>>;
}) {
  const { state, groups, mayWrite } = props;
  const [asked, setAsked] = useState<Asked | null>(null);
  const selection = useListSelection({
    name: `alerts ${props.listName} ${state}`,
    rows: groups.flatMap(({ kind: of, alerts }) =>
      verbsOf(state, of).length > 0 ? alerts.map(({ id, kind, subject }) => ({ id, kind, subject })) : [],
    ),
    isRow: isSelected,
    maximum: mostAlerts,
  });
  const { selected } = selection;
  const [first] = selected;
  const oneKind = first !== undefined && selected.every(({ kind }) => kind === first.kind);
  const shared = first ? verbsOf(state, first.kind).filter((verb) => verb !== "fix" || oneKind) : [];
  const list = groups.map((group) => (
    <Group key={group.kind} group={group}>
      {group.alerts.map((alert) => (
        <li key={alert.id} className="alert-row">
          {mayWrite && verbsOf(state, alert.kind).length > 0 ? (
            <RowCheckbox id={alert.id} label={`Select: ${alert.subject}`} />
          ) : null}
          {alert.row}
          {mayWrite && verbsOf(state, alert.kind).length > 0 ? (
            <RowActions about={`: ${alert.subject}`}>
              {verbsOf(state, alert.kind).map((verb) => (
                <RowAction
                  key={verb}
                  label={labelOf(verb, alert.kind)}
                  about={`: ${alert.subject}`}
                  danger={verb === "fix"}
                  onSelect={() => setAsked({ verb, alerts: [alert] })}
                />
              ))}
            </RowActions>
          ) : null}
        </li>
      ))}
    </Group>
  ));
  return (
    <>
      <SelectedRows
        selection={selection}
        label="Selected alerts"
        nameOf={({ subject }) => subject}
        hint=""
        full={`at most ${mostAlerts}`}
        shown={mayWrite && state !== "resolved"}
        buttons={shared.map((verb) => (
          <button
            key={verb}
            type="button"
            className="button"
            aria-haspopup="dialog"
            onClick={() => setAsked({ verb, alerts: selected })}
          >
            {labelOf(verb, first?.kind ?? "TooManyOwners")}
          </button>
        ))}
      >
        <div className="grid gap-5">{list}</div>
      </SelectedRows>
      <AskedDialog
        asked={asked}
        submit={async (form) => {
          const outcome = await props.actions[asked?.verb ?? "dismiss"](form);
          if (outcome.ok) selection.leaveOut((asked?.alerts ?? []).map(({ id }) => id));
          return outcome;
        }}
        onClose={() => setAsked(null)}
      />
    </>
  );
}

function Group(props: { readonly group: AlertGroup; readonly children: React.ReactNode }) {
  const { kind, severity, count, allHref, mendHref } = props.group;
  const { title, why, howToFix, mendedAt } = alertDescriptions[kind];
  return (
    <section aria-label={`${severity}: ${title}`}>
      <div className="flex flex-wrap items-center gap-2">
        <SeverityBadge severity={severity} />
        <h2>{title}</h2>
        <span className="text-muted">{count}</span>
        {allHref ? (
          <a className="tap ml-auto" href={allHref}>
            All {count}
          </a>
        ) : null}
      </div>
      <p className="mt-0.5 text-muted">
        {why} {howToFix} {mendHref && mendedAt ? <a href={mendHref}>{mendedAt.label}</a> : null}
      </p>
      <ul className="mt-1.5 border-t border-line">{props.children}</ul>
    </section>
  );
}

/** Asks before something is done, and names each alert that it concerns. */
function AskedDialog(props: { readonly asked: Asked | null; submit: Submit; onClose: () => void }) {
  const { asked } = props;
  const [first] = asked?.alerts ?? [];
  if (!asked || !first) return null;
  const { verb, alerts } = asked;
  const label = labelOf(verb, first.kind);
  const number = alerts.length === 1 ? "" : ` ${alerts.length} alerts`;
  const consequence = {
    fix: alertDescriptions[first.kind].fix?.consequence ?? "",
    dismiss: "It stays in the history with your reason. It is not raised again while its cause remains.",
    reopen: "It is shown among the open alerts again.",
  }[verb];
  return (
    <ConfirmDialog
      label={label}
      title={alerts.length === 1 ? `${label}?` : `${label}:${number}?`}
      description={consequence}
      submit={props.submit}
      fields={{ alertIds: alerts.map(({ id }) => id).join(",") }}
      open
      onOpenChange={(open) => {
        if (!open) props.onClose();
      }}
    >
      <ul className="grid max-h-48 gap-1 overflow-y-auto" aria-label="Concerns">
        {alerts.map(({ id, subject }) => (
          <li key={id} className="wrap-anywhere">
            <Sentence of={subject} />
          </li>
        ))}
      </ul>
      {verb === "dismiss" ? <TextAreaField label="Reason" name="reason" maxLength={2000} required /> : null}
    </ConfirmDialog>
  );
}
