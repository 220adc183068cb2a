import { SeverityBadge } from "@/components/alerts/severity-badge";
import { Name, Sentence } from "@/components/ui/name";
import { alertSentence } from "@/lib/domain/alerts/alert-sentence";
import { principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import type { AlertRow } from "@/lib/queries/alerts/alerts";

/** The person or thing that an alert concerns, as plain text. */
export function alertSubject(alert: AlertRow): string {
  const place = isolated(alert.resourceName);
  if (alert.principal) {
    const role = alert.roleName ? `, ${isolated(alert.roleName)}` : "";
    return `${principalText(alert.principal)}${role} on ${place}`;
  }
  return alert.roleName ? `${isolated(alert.roleName)} on ${place}` : place;
}

/** One alert of its group: the person, what happened, and where to look. `children` say when. */
export function AlertLine(props: {
  readonly alert: AlertRow;
  readonly mayReadPeople: boolean;
  readonly mayWriteRoleSettings: boolean;
  /** Shows its severity, if it differs from its group's. */
  readonly marked: boolean;
  readonly children: React.ReactNode;
}) {
  const { alert } = props;
  const roleHref = `/resources/${alert.resourceId}/roles/${alert.roleDefinitionId}`;
  return (
    <div className="min-w-0 wrap-anywhere">
      <p>
        {props.marked ? (
          <>
            <SeverityBadge severity={alert.severity} />{" "}
          </>
        ) : null}
        <Sentence
          of={alertSentence(alert.kind, alert.details, {
            principal: alert.principal && principalText(alert.principal),
            role: alert.roleName && isolated(alert.roleName),
            resource: isolated(alert.resourceName),
          })}
        />
      </p>
      <p className="flex flex-wrap items-center gap-x-3 text-muted">
        {props.children}
        {props.mayReadPeople && alert.principal ? (
          <a className="tap" href={`/people/${alert.principal.id}`}>
            <Name of={alert.principal.displayName} />
          </a>
        ) : null}
        {alert.roleDefinitionId ? (
          <a className="tap" href={roleHref}>
            <Name of={alert.roleName} />
          </a>
        ) : null}
        <a className="tap" href={`/resources/${alert.resourceId}`}>
          <Name of={alert.resourceName} />
        </a>
        {alert.kind === "ActivationWithoutMfa" && alert.roleDefinitionId ? (
          <a className="tap" href={`${roleHref}/settings`}>
            Role settings
          </a>
        ) : null}
        {alert.kind === "BreakGlass" ? (
          <a className="tap" href={`/requests/${alert.details.requestId}`}>
            Request and review
          </a>
        ) : null}
        {alert.kind === "ConflictingRoles" ? (
          <a
            className="tap"
            href={`/resources/${alert.resourceId}/conflicting-roles/${alert.details.ruleId}`}
          >
            Rule and roles
          </a>
        ) : null}
        {alert.kind === "ConflictingRoles" && props.mayWriteRoleSettings && alert.principal ? (
          <a
            className="tap"
            href={`/resources/${alert.resourceId}/conflicting-roles/${alert.details.ruleId}/exceptions/new?for=${alert.principal.id}`}
          >
            Request exception
          </a>
        ) : null}
        {alert.kind === "ActivatesOften" && alert.principal ? (
          <a
            className="tap"
            href={`/audit?${new URLSearchParams({ target: alert.principal.email ?? alert.principal.displayName, kind: "RoleActivated,ActivationExtended" })}`}
          >
            Activations
          </a>
        ) : null}
        {alert.kind === "RepeatedFailedStepUps" && alert.principal ? (
          <a
            className="tap"
            href={`/audit?${new URLSearchParams({ actor: alert.principal.email ?? alert.principal.displayName, kind: "StepUpFailed" })}`}
          >
            Refused codes
          </a>
        ) : null}
      </p>
    </div>
  );
}
