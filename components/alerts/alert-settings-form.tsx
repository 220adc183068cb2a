"use client";

import { useState } from "react";
import { SeverityBadge } from "@/components/alerts/severity-badge";
import { CheckField, TextField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { weakensAlert } from "@/lib/domain/alerts/alert-setting";
import { alertDescriptions } from "@/lib/domain/alerts/alerts";
import { isolated } from "@/lib/domain/text/visible-text";
import type { AlertSettingView } from "@/lib/queries/alerts/alerts";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

/** Whether a form, as filled in, would raise an alert less often than its settings do. */
function raisesFewer(form: HTMLFormElement, settings: readonly AlertSettingView[]): boolean {
  const fields = new FormData(form);
  return settings.some(({ kind, ...before }) => {
    const number = (name: string, otherwise: number) => {
      const text = fields.get(`${kind}${name}`);
      return text === null ? otherwise : Number(text);
    };
    return weakensAlert(before, {
      enabled: fields.get(`${kind}Enabled`) === "on",
      threshold: number("Threshold", before.threshold),
      percent: number("Percent", before.percent),
    });
  });
}

/** Which kinds of alert are raised, and from which number and percentage. */
export function AlertSettingsForm(props: {
  resourceId: string;
  settings: readonly AlertSettingView[];
  /** The organisation's time zone, used for usual hours. */
  timeZone: string;
  mayWrite: boolean;
  hasFactor: boolean;
  save: (form: FormData) => Promise<FormOutcome>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
}) {
  const [weakens, setWeakens] = useState(false);
  const rows = props.settings.map(({ kind, enabled, threshold, percent, madeAt }) => {
    const description = alertDescriptions[kind];
    const origin =
      madeAt === null
        ? "Built-in default."
        : madeAt.id === props.resourceId
          ? "Set here."
          : `Set on ${isolated(madeAt.displayName)}.`;
    return (
      <section
        key={kind}
        className="grid gap-3 px-5 py-4 sm:grid-cols-[1fr_21rem] sm:gap-x-8"
        aria-label={description.title}
      >
        <div>
          <div className="flex flex-wrap items-center gap-2">
            <h2>{description.title}</h2>
            <SeverityBadge severity={description.severity} />
          </div>
          <p className="mt-1">{description.why}</p>
          <p className="mt-1 text-muted">{origin}</p>
        </div>
        <div className="grid content-start gap-3">
          <input
            type="hidden"
            name={`${kind}Shown`}
            value={`${enabled ? "on" : "off"} ${threshold} ${percent}`}
          />
          {description.lasts ? (
            <p className="text-muted">
              <input type="hidden" name={`${kind}Enabled`} value="on" />
              Always raised, and cannot be dismissed.
            </p>
          ) : (
            <CheckField
              label="Raise this alert"
              name={`${kind}Enabled`}
              defaultChecked={enabled}
              disabled={!props.mayWrite}
            />
          )}
          {description.threshold ? (
            <TextField
              label={description.threshold.label}
              name={`${kind}Threshold`}
              type="number"
              inputMode="numeric"
              min={1}
              max={description.threshold.maximum}
              defaultValue={threshold}
              disabled={!props.mayWrite}
            />
          ) : null}
          {description.threshold?.share ? (
            <TextField
              label={description.threshold.share}
              name={`${kind}Percent`}
              type="number"
              inputMode="numeric"
              min={0}
              max={100}
              defaultValue={percent}
              disabled={!props.mayWrite}
              hint="With 0, only the number counts."
            />
          ) : null}
          {kind === "UnusualActivation" ? (
            <p className="text-muted">
              Hours are in {props.timeZone.replaceAll("_", " ")}, the organisation's time zone.
            </p>
          ) : null}
        </div>
      </section>
    );
  });
  const list = <div className="card grid divide-y divide-line p-0">{rows}</div>;
  if (!props.mayWrite) return list;
  return (
    <ProtectedForm
      submit={props.save}
      prepare={props.prepare}
      needsCode={weakens}
      hasFactor={props.hasFactor}
      submitLabel="Save"
      returnPath={`/resources/${props.resourceId}/alerts/settings`}
    >
      <input type="hidden" name="resourceId" value={props.resourceId} />
      <div
        onChange={({ currentTarget }) => {
          const form = currentTarget.closest("form");
          if (form) setWeakens(raisesFewer(form, props.settings));
        }}
      >
        {list}
      </div>
    </ProtectedForm>
  );
}
