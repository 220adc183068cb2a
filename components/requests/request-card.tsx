import type { SelectableRequest } from "@/components/requests/decision";
import { DecisionButtons } from "@/components/requests/decisions";
import { Reason } from "@/components/requests/reason";
import { FormerNames, PrincipalWithFormer } from "@/components/ui/former-names";
import { Icon } from "@/components/ui/icon";
import { RowCheckbox } from "@/components/ui/lists/list-selection";
import { Moment } from "@/components/ui/moment";
import { LongText, Name } from "@/components/ui/name";
import { PrincipalName, PrincipalNames } from "@/components/ui/principal-name";
import { historyPage } from "@/lib/domain/audit/history-page";
import { isolated } from "@/lib/domain/text/visible-text";
import { ageInWords, hoursInWords } from "@/lib/domain/time/schedule";
import type { RequestToDecide } from "@/lib/queries/requests/approvals";

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div className="contents">
      <dt className="text-muted">{label}</dt>
      <dd className="wrap-anywhere">{children}</dd>
    </div>
  );
}

/** A request for the reader to decide: member, role, scope, time, reason and the other deciders. */
export function RequestCard(props: {
  request: SelectableRequest;
  shown: RequestToDecide;
  selectable: boolean;
  /** Whether the reader may open people's histories. */
  histories: boolean;
  /** Whether it leads to the page of the request. */
  linked?: boolean;
}) {
  const { request, shown } = props;
  const begins = shown.codeAfterApproval ? "when they enter a new code after the approval" : "approval";
  return (
    <article
      aria-label={request.title}
      className="@container grid gap-3 px-4 py-4 has-checked:bg-sunken sm:px-5"
    >
      <header className="flex flex-wrap items-start gap-x-3 gap-y-2">
        {props.selectable ? (
          <RowCheckbox id={request.id} label={`Select ${request.title}`} className="self-start sm:mt-1" />
        ) : null}
        <div className="min-w-0 flex-1 basis-64">
          <h2 className="wrap-anywhere">
            <PrincipalName
              of={shown.member}
              inline
              href={props.histories ? historyPage(shown.member.id) : undefined}
            />{" "}
            {shown.extends ? "asks to extend" : "asks for"} <Name of={shown.roleName} />
          </h2>
          <p className="my-0.5 flex flex-wrap gap-1.5 empty:hidden">
            <FormerNames of={shown.member} />
          </p>
          <p className="text-muted wrap-anywhere">
            on <Name of={shown.resourceName} /> · <code>{shown.scope}</code>
          </p>
        </div>
        <DecisionButtons request={request} />
      </header>
      <Reason text={shown.justification} />
      {(shown.held && !shown.extends) || shown.eligibleUntil ? (
        <ul className="grid gap-1">
          {shown.held && !shown.extends ? (
            <li className="badge badge-warning justify-self-start whitespace-normal">
              <Icon name="triangle-alert" size={13} />
              <span>They already hold this role here</span>
            </li>
          ) : null}
          {shown.eligibleUntil ? (
            <li className="badge badge-warning justify-self-start whitespace-normal">
              <Icon name="triangle-alert" size={13} />
              <span>
                Their eligibility ends before that: <Moment value={shown.eligibleUntil} />
              </span>
            </li>
          ) : null}
        </ul>
      ) : null}
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 @[52rem]:grid-cols-[auto_minmax(0,1fr)_auto_minmax(0,1fr)]">
        {shown.extends ? (
          <Fact label="Until">
            <Moment value={shown.extends.endsAt} /> instead of <Moment value={shown.extends.presentEnd} />
            {shown.codeAfterApproval ? ", when they enter a new code after the approval" : ""}
          </Fact>
        ) : (
          <Fact label="For">
            {hoursInWords(shown.durationMinutes / 60)}
            {shown.startsAt ? (
              <>
                {" "}
                from <Moment value={shown.startsAt} />, or from {begins} if that is later
              </>
            ) : (
              ` from ${begins}`
            )}
          </Fact>
        )}
        <Fact label="Times out">
          <Moment value={shown.expiresAt} />
        </Fact>
        <Fact label="Asked">
          <Moment value={shown.createdAt} />
          {props.linked ? (
            <>
              <span className="max-sm:hidden"> · </span>
              <a
                className="tap max-sm:block"
                href={`/requests/${request.id}`}
                aria-label={`Open the request: ${request.title}`}
              >
                Open the request
              </a>
            </>
          ) : null}
        </Fact>
        <Fact label="Identity verified">
          {shown.provedAt && shown.provedMinutesAgo !== null ? (
            <>
              {ageInWords(shown.provedMinutesAgo)} ago, <Moment value={shown.provedAt} />
            </>
          ) : (
            "Not with a second factor"
          )}
        </Fact>
        {shown.ticketNumber ? (
          <Fact label="Ticket">
            <Name of={shown.ticketNumber} />
            {shown.ticketSystem ? ` in ${isolated(shown.ticketSystem)}` : ""}
          </Fact>
        ) : null}
        <Fact label="Recent">
          {shown.recentCount === 0
            ? "Not activated here in the last 90 days"
            : `Activated here ${shown.recentCount === 1 ? "once" : `${shown.recentCount} times`} in 90 days`}
          {shown.recent.map((each) => (
            <span key={each.startsAt.toISOString()} className="block text-muted">
              <Moment value={each.startsAt} /> until <Moment value={each.endsAt} />
            </span>
          ))}
        </Fact>
        <Fact label="Decided by">
          {shown.stages > 1 ? `Stage ${shown.stage} of ${shown.stages}: ` : ""}
          {shown.approvalsNeeded} of{" "}
          {shown.deciders.length > 0 ? <PrincipalNames of={shown.deciders} /> : "nobody who can decide"}
          {shown.approvalsGiven > 0 ? `, ${shown.approvalsGiven} given` : ""}
          {shown.escalated ? <span className="badge badge-warning ml-2">Escalated</span> : null}
          {shown.approvalsGiven >= shown.approvalsNeeded ? (
            <span className="mt-0.5 block text-muted">
              An earlier approval counts again, so this stage has enough approvals. Approve once more to
              continue.
            </span>
          ) : null}
          {shown.asAdministrator ? (
            <span className="mt-0.5 block text-muted">
              Too few of them can decide, so an active administrator may decide instead.
            </span>
          ) : null}
        </Fact>
        {shown.decisions.length > 0 ? (
          <Fact label="So far">
            {shown.decisions.map((each) => (
              <span key={`${each.stage} ${each.by.id}`} className="block">
                <PrincipalWithFormer of={each.by} inline /> approved: <LongText of={each.justification} />
                {each.counts ? null : (
                  <span className="block">
                    <span className="badge badge-warning whitespace-normal">
                      No longer an approver: does not count
                    </span>
                  </span>
                )}
              </span>
            ))}
          </Fact>
        ) : null}
      </dl>
    </article>
  );
}
