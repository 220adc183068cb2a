import Link from "next/link";
import { SeverityBadge } from "@/components/alerts/severity-badge";
import { Name, Sentence } from "@/components/ui/name";
import { alertSentence } from "@/lib/domain/alerts/alerts";
import { principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import type { AlertRow } from "@/lib/queries/alerts/alerts";

/** Whom or what an alert concerns, as plain text. */
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
  /** Shows its severity, where it is not that of its group. */
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
          <Link className="tap" href={`/people/${alert.principal.id}`} prefetch={false}>
            <Name of={alert.principal.displayName} />
          </Link>
        ) : null}
        {alert.roleDefinitionId ? (
          <Link className="tap" href={roleHref} prefetch={false}>
            <Name of={alert.roleName} />
          </Link>
        ) : null}
        <Link className="tap" href={`/resources/${alert.resourceId}`} prefetch={false}>
          <Name of={alert.resourceName} />
        </Link>
        {alert.kind === "ActivationWithoutMfa" && alert.roleDefinitionId ? (
          <Link className="tap" href={`${roleHref}/settings`} prefetch={false}>
            Role settings
          </Link>
        ) : null}
        {alert.kind === "ConflictingRoles" ? (
          <Link
            className="tap"
            href={`/resources/${alert.resourceId}/conflicting-roles/${alert.details.ruleId}`}
            prefetch={false}
          >
            Rule and roles
          </Link>
        ) : null}
        {alert.kind === "ConflictingRoles" && props.mayWriteRoleSettings && alert.principal ? (
          <Link
            className="tap"
            href={`/resources/${alert.resourceId}/conflicting-roles/${alert.details.ruleId}/exceptions/new?for=${alert.principal.id}`}
            prefetch={false}
          >
            Request exception
          </Link>
        ) : null}
        {alert.kind === "RepeatedFailedStepUps" && alert.principal ? (
          <Link
            className="tap"
            href={`/audit?${new URLSearchParams({ actor: alert.principal.email ?? alert.principal.displayName, kind: "StepUpFailed" })}`}
            prefetch={false}
          >
            Refused codes
          </Link>
        ) : null}
      </p>
    </div>
  );
}
