import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ExtendButton } from "@/components/activation/extend-button";
import { RequestTable } from "@/components/assignments/request-table";
import { RequestSteps } from "@/components/audit/request-steps";
import { ActivateNow } from "@/components/requests/activate-now";
import { CancelButton } from "@/components/requests/cancel-button";
import { DecisionSelection } from "@/components/requests/decision-selection";
import { Reason } from "@/components/requests/reason";
import { RequestCard } from "@/components/requests/request-card";
import { selectableOf } from "@/components/requests/request-line";
import { StatusBadge } from "@/components/requests/status-badge";
import { WhoDecides } from "@/components/requests/who-decides";
import { Moment } from "@/components/ui/moment";
import { Name, Sentence } from "@/components/ui/name";
import { PageHeader } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import { historyPage } from "@/lib/domain/audit/history-page";
import { isWaiting } from "@/lib/domain/requests/request-state";
import { requestTypeInWords } from "@/lib/domain/requests/request-words";
import { isUuid } from "@/lib/domain/text/uuid";
import { isolated } from "@/lib/domain/text/visible-text";
import { hoursInWords } from "@/lib/domain/time/schedule";
import { factorState } from "@/lib/identity/factor-state";
import { application } from "@/lib/platform/application";
import { type OneRequest, oneRequest } from "@/lib/queries/requests/one-request";
import { isCancelable } from "@/lib/queries/requests/requests";
import { onePage } from "@/lib/web/page-links";
import type { Query } from "@/lib/web/page-query";
import { readerTimeZone } from "@/lib/web/reader-zone";
import { requireCaller } from "@/lib/web/request";
import { decide, prepareDecision } from "../../approvals/actions";
import { opensHistories } from "../../audit/histories";
import { cancel, prepareProvisioning, provision } from "../../my-requests/actions";
import { toActivate } from "../../my-requests/to-activate";
import {
  extend,
  prepareExtension as prepareExtendingActivation,
  readExtension,
} from "../../my-roles/actions";
import {
  decide as decideExtension,
  prepareDecision as prepareExtension,
} from "../../resources/[resourceId]/assignments/requests/actions";

export const metadata: Metadata = { title: "Request" };

/**
 * One request: what is asked, its story, who may decide now, and the decision or the code in place for whomever it waits
 * for.
 */
export default async function RequestPage(props: {
  params: Promise<{ requestId: string }>;
  searchParams: Promise<Query>;
}) {
  const { requestId } = await props.params;
  /** The mail that asks for the code leads to its dialog. */
  const activate = (await props.searchParams).activate === "1";
  const caller = await requireCaller();
  const { database } = application();
  const [found, factor, histories] = await Promise.all([
    isUuid(requestId) ? oneRequest(database, caller, requestId) : null,
    factorState(database, caller),
    opensHistories(),
  ]);
  if (!found) notFound();
  const { request, activation, extension, own } = found;
  const zone = await readerTimeZone();
  const here = `/requests/${request.id}`;
  const approved = own ? toActivate(request) : null;
  return (
    <>
      <PageHeader
        title={`${requestTypeInWords(request)}: ${isolated(request.roleName)} on ${isolated(request.resourceName)}`}
        trail={
          own
            ? [{ href: "/my-requests", label: "My requests" }]
            : [{ href: "/approvals", label: "Approve requests" }]
        }
      >
        {approved ? (
          <ActivateNow
            primary
            request={approved}
            open={activate}
            base={here}
            hasFactor={factor.enrolled}
            provision={provision}
            prepareProvisioning={prepareProvisioning}
          />
        ) : null}
        {own && request.runningId ? (
          <ExtendButton
            assignmentId={request.runningId}
            roleName={request.roleName}
            resourceName={request.resourceName}
            hasFactor={factor.enrolled}
            extend={extend}
            prepareExtension={prepareExtendingActivation}
            readExtension={readExtension}
          />
        ) : null}
        {own && request.requestorId === caller.userId && isCancelable(request) ? (
          <CancelButton
            requestId={request.id}
            roleName={request.roleName}
            resourceName={request.resourceName}
            submit={cancel}
          />
        ) : null}
      </PageHeader>
      {extension ? (
        <div className="mb-5">
          <RequestTable
            rows={[extension]}
            pages={onePage}
            now={found.now}
            selecting={false}
            hasFactor={factor.enrolled}
            submit={decideExtension}
            prepare={prepareExtension}
            returnPath={here}
            histories={histories}
          />
        </div>
      ) : null}
      {/* It stays when the request is decided, so that its dialog can say what became of it. */}
      <DecisionSelection
        list={`${caller.userId} ${here}`}
        requests={[]}
        selectable={false}
        maximum={1}
        hasFactor={factor.enrolled}
        decide={decide}
        prepare={prepareDecision}
      >
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          {activation ? (
            <div className="card p-0">
              <RequestCard
                request={selectableOf(activation, zone)}
                shown={activation}
                selectable={false}
                histories={histories}
              />
            </div>
          ) : (
            <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
              {extension ? null : <Facts of={found} histories={histories} />}
              <WhoDecides request={request} stage={found.openStage} />
            </div>
          )}
          <RequestSteps request={request} steps={found.story} />
        </div>
      </DecisionSelection>
    </>
  );
}

/** What is asked and what became of it, for whoever has nothing to decide. */
function Facts({ of: { request, own }, histories }: { of: OneRequest; histories: boolean }) {
  const facts: [string, React.ReactNode][] = [
    [
      "Member",
      <PrincipalName
        key="member"
        of={request.member}
        inline
        former
        href={histories ? historyPage(request.member.id) : undefined}
      />,
    ],
    ["Role", <Name key="role" of={request.roleName} />],
    [
      "Resource",
      <a key="resource" href={`/resources/${request.resourceId}`}>
        <Name of={request.resourceName} />
      </a>,
    ],
    ["Asked", <Moment key="asked" value={request.createdAt} />],
    ...(request.ticketNumber
      ? [
          [
            "Ticket",
            <Name key="ticket" of={[request.ticketSystem, request.ticketNumber].filter(Boolean).join(" ")} />,
          ] as [string, React.ReactNode],
        ]
      : []),
    ...(request.startsAt && request.status !== "PendingApproval"
      ? [["From", <Moment key="from" value={request.startsAt} />] as [string, React.ReactNode]]
      : []),
    ...(request.endsAt
      ? [["Until", <Moment key="until" value={request.endsAt} />] as [string, React.ReactNode]]
      : request.durationMinutes
        ? [["For", hoursInWords(request.durationMinutes / 60)] as [string, React.ReactNode]]
        : []),
  ];
  return (
    <div className="card grid gap-4">
      <div>
        <StatusBadge status={request.status} own={own} />
        {request.failureReasons.map((reason) => (
          <p key={reason} className="mt-1 wrap-anywhere">
            <Sentence of={reason} />
          </p>
        ))}
        {isWaiting(request.status)
          ? request.lapsed.map((each) => (
              <p key={each.id} className="mt-1 text-muted wrap-anywhere">
                <PrincipalName of={each} inline /> approved, but is no longer an approver, so this does not
                count
              </p>
            ))
          : null}
      </div>
      <Reason text={request.justification} />
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        {facts.map(([label, value]) => (
          <div key={label} className="contents">
            <dt className="text-muted">{label}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
