import Link from "next/link";
import { SeverityBadge } from "@/components/alerts/severity-badge";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { TextAreaField } from "@/components/ui/field";
import { Name, Sentence } from "@/components/ui/name";
import { alertDescriptions, alertSentence } from "@/lib/domain/alerts/alerts";
import { principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import type { AlertRow } from "@/lib/queries/alerts/alerts";
import type { FormOutcome } from "@/lib/web/form-outcome";

type Submit = (form: FormData) => Promise<FormOutcome>;

/** An alert: its severity, its cause, where to look, and the actions. */
export function AlertCard(props: {
  alert: AlertRow;
  state: "open" | "dismissed" | "resolved";
  mayWrite: boolean;
  mayReadPeople: boolean;
  actions: { readonly fix: Submit; readonly dismiss: Submit; readonly reopen: Submit };
  /** When it was raised and how it was closed. */
  children: React.ReactNode;
}) {
  const { alert, actions } = props;
  const { title, severity, why, howToFix, fix } = alertDescriptions[alert.kind];
  const fields = { alertId: alert.id };
  return (
    <article className="card grid gap-3 md:grid-cols-[1fr_auto]" aria-label={`${severity}: ${title}`}>
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-2">
          <SeverityBadge severity={severity} />
          <h2>{title}</h2>
        </div>
        <p className="mt-1.5 wrap-anywhere">
          <Sentence
            of={alertSentence(alert.kind, alert.details, {
              principal: alert.principal && principalText(alert.principal),
              role: alert.roleName && isolated(alert.roleName),
              resource: isolated(alert.resourceName),
            })}
          />
        </p>
        <p className="mt-1 text-muted">
          {why} {howToFix}
        </p>
        <p className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-muted">
          {props.children}
          <Link className="tap" href={`/resources/${alert.resourceId}`}>
            <Name of={alert.resourceName} />
          </Link>
          {props.mayReadPeople && alert.principal ? (
            <Link className="tap" href={`/people/${alert.principal.id}`}>
              <Name of={alert.principal.displayName} />
            </Link>
          ) : null}
          {alert.roleDefinitionId ? (
            <Link className="tap" href={`/resources/${alert.resourceId}/roles/${alert.roleDefinitionId}`}>
              <span>
                <Name of={alert.roleName} /> members
              </span>
            </Link>
          ) : null}
          {alert.kind === "ActivationWithoutMfa" && alert.roleDefinitionId ? (
            <Link
              className="tap"
              href={`/resources/${alert.resourceId}/roles/${alert.roleDefinitionId}/settings`}
            >
              Role settings
            </Link>
          ) : null}
          {alert.kind === "RepeatedFailedStepUps" && alert.principal ? (
            <Link
              className="tap"
              href={`/audit?${new URLSearchParams({ actor: alert.principal.displayName, kind: "StepUpFailed" })}`}
            >
              Refused codes
            </Link>
          ) : null}
        </p>
      </div>
      {props.mayWrite && props.state !== "resolved" ? (
        <div className="flex flex-wrap content-start gap-2 md:justify-end">
          {fix && props.state === "open" ? (
            <ConfirmButton
              label={fix.label}
              title={`${fix.label}?`}
              description={fix.consequence}
              submit={actions.fix}
              fields={fields}
            />
          ) : null}
          {props.state === "open" ? (
            <ConfirmButton
              label="Dismiss"
              title={`Dismiss "${title}"?`}
              description="It stays in the history with your reason. It is not raised again while its cause remains."
              submit={actions.dismiss}
              fields={fields}
            >
              <TextAreaField label="Reason" name="reason" maxLength={2000} required />
            </ConfirmButton>
          ) : (
            <ConfirmButton
              label="Reopen"
              title={`Reopen "${title}"?`}
              description="It is shown among the open alerts again."
              submit={actions.reopen}
              fields={fields}
            />
          )}
        </div>
      ) : null}
    </article>
  );
}
