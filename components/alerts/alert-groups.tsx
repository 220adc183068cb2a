"use client";

import { useState } from "react";
import { SeverityBadge } from "@/components/alerts/severity-badge";
import { ConfirmDialog } from "@/components/ui/confirm-button";
import { TextAreaField } from "@/components/ui/forms/dialog-fields";
import { hasTexts } from "@/components/ui/lists/kept-selection";
import { RowCheckbox, SelectedRows, useListSelection } from "@/components/ui/lists/list-selection";
import { RowAction, RowActions } from "@/components/ui/lists/row-actions";
import { Sentence } from "@/components/ui/name";
import type { AlertDescription, AlertKind, AlertSeverity } from "@/lib/domain/alerts/alerts";
import type { FormOutcome } from "@/lib/web/form-outcome";

type Submit = (form: FormData) => Promise<FormOutcome>;
type Verb = "fix" | "dismiss" | "reopen";

/** The one-click fixes by kind. The descriptions of all kinds stay on the server, since they are long. */
type Fixes = Readonly<Record<string, AlertDescription["fix"] | undefined>>;

/** An alert of the list: the people it concerns in words, and the row as the server rendered it. */
interface ShownAlert {
  readonly id: string;
  readonly subject: string;
  readonly row: React.ReactNode;
}

export interface AlertGroup extends Pick<AlertDescription, "title" | "why" | "howToFix" | "lasts"> {
  readonly kind: AlertKind;
  /** The severity of the most severe of them. */
  readonly severity: AlertSeverity;
  /** "37", or "1,000+". */
  readonly count: string;
  /** The address of all of them, if this list shows only the newest. */
  readonly allHref: string | null;
  /** The page where the cause is corrected; null if there is none. */
  readonly mended: { readonly href: string; readonly label: string } | null;
  readonly alerts: readonly ShownAlert[];
}

/** An alert that was selected, perhaps on another page. */
interface Selected {
  readonly id: string;
  readonly kind: string;
  readonly subject: string;
}

function isSelected(row: unknown): row is Selected {
  return hasTexts(row, ["id", "kind", "subject"]);
}

/** The question before something is done with alerts. */
interface Asked {
  readonly verb: Verb;
  readonly alerts: readonly Selected[];
}

const verbsOf = (
  state: "open" | "dismissed" | "resolved",
  { fix, lasts = false }: { readonly fix: Fixes[string]; readonly lasts?: boolean },
): readonly Verb[] => {
  if (state === "dismissed") return ["reopen"];
  if (state === "resolved" || lasts) return [];
  return fix ? ["fix", "dismiss"] : ["dismiss"];
};

function labelOf(verb: Verb, fix: Fixes[string]): string {
  if (verb === "fix") return fix?.label ?? "Fix";
  return verb === "dismiss" ? "Dismiss" : "Reopen";
}

/** Alerts by their rule, with what can be done about one or several of them. */
export function AlertGroups(props: {
  readonly listName: string;
  readonly state: "open" | "dismissed" | "resolved";
  readonly groups: readonly AlertGroup[];
  readonly fixes: Fixes;
  /** How many can be handled together. */
  readonly maximum: number;
  readonly mayWrite: boolean;
  readonly actions: Readonly<Record<Verb, Submit>>;
}) {
  const { state, groups, fixes, mayWrite } = props;
  const [asked, setAsked] = useState<Asked | null>(null);
  const selection = useListSelection({
    name: `alerts ${props.listName} ${state}`,
    rows: groups.flatMap(({ kind, lasts, alerts }) =>
      verbsOf(state, { fix: fixes[kind], lasts }).length > 0
        ? alerts.map(({ id, subject }) => ({ id, kind, subject }))
        : [],
    ),
    isRow: isSelected,
    maximum: props.maximum,
  });
  const { selected } = selection;
  const [first] = selected;
  const oneKind = first !== undefined && selected.every(({ kind }) => kind === first.kind);
  const fix = first && fixes[first.kind];
  const shared = first ? verbsOf(state, { fix }).filter((verb) => verb !== "fix" || oneKind) : [];
  const list = groups.map((group) => {
    const { kind, lasts } = group;
    const verbs = mayWrite ? verbsOf(state, { fix: fixes[kind], lasts }) : [];
    return (
      <Group key={kind} group={group}>
        {group.alerts.map(({ id, subject, row }) => (
          <li key={id} className="alert-row">
            {verbs.length > 0 ? <RowCheckbox id={id} label={`Select: ${subject}`} /> : null}
            {row}
            {verbs.length > 0 ? (
              <RowActions about={`: ${subject}`}>
                {verbs.map((verb) => (
                  <RowAction
                    key={verb}
                    label={labelOf(verb, fixes[kind])}
                    about={`: ${subject}`}
                    danger={verb === "fix"}
                    onSelect={() => setAsked({ verb, alerts: [{ id, kind, subject }] })}
                  />
                ))}
              </RowActions>
            ) : null}
          </li>
        ))}
      </Group>
    );
  });
  return (
    <>
      <SelectedRows
        selection={selection}
        label="Selected alerts"
        nameOf={({ subject }) => subject}
        hint=""
        full={`at most ${props.maximum}`}
        shown={mayWrite && state !== "resolved"}
        buttons={shared.map((verb) => (
          <button
            key={verb}
            type="button"
            className="button"
            aria-haspopup="dialog"
            onClick={() => setAsked({ verb, alerts: selected })}
          >
            {labelOf(verb, fix)}
          </button>
        ))}
      >
        <div className="grid gap-5">{list}</div>
      </SelectedRows>
      <AskedDialog
        asked={asked}
        fixes={fixes}
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
  const { title, why, howToFix, severity, count, allHref, mended } = props.group;
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
        {why} {howToFix} {mended ? <a href={mended.href}>{mended.label}</a> : null}
      </p>
      <ul className="mt-1.5 border-t border-line">{props.children}</ul>
    </section>
  );
}

/** Asks before something is done, and names each alert that it concerns. */
function AskedDialog(props: {
  readonly asked: Asked | null;
  readonly fixes: Fixes;
  submit: Submit;
  onClose: () => void;
}) {
  const { asked } = props;
  const [first] = asked?.alerts ?? [];
  if (!asked || !first) return null;
  const { verb, alerts } = asked;
  const fix = props.fixes[first.kind];
  const label = labelOf(verb, fix);
  const number = alerts.length === 1 ? "" : ` ${alerts.length} alerts`;
  const consequence = {
    fix: fix?.consequence ?? "",
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
