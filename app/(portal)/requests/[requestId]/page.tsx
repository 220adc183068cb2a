import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { RequestTable } from "@/components/assignments/request-table";
import { ActivateNow } from "@/components/requests/activate-now";
import { CancelButton } from "@/components/requests/cancel-button";
import { DecisionSelection } from "@/components/requests/decision-selection";
import { Reason } from "@/components/requests/reason";
import { RequestCard } from "@/components/requests/request-card";
import { selectableOf } from "@/components/requests/request-line";
import { RequestStory } from "@/components/requests/request-story";
import { StatusBadge } from "@/components/requests/status-badge";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { PageHeader } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import { extendsActivation } from "@/lib/domain/requests/request-subject";
import { requestTypeInWords } from "@/lib/domain/requests/request-words";
import { isUuid } from "@/lib/domain/text/uuid";
import { isolated } from "@/lib/domain/text/visible-text";
import { hoursInWords } from "@/lib/domain/time/schedule";
import { factorState } from "@/lib/identity/factor-state";
import { application } from "@/lib/platform/application";
import { type OneRequest, oneRequest } from "@/lib/queries/requests/one-request";
import { isCancelable } from "@/lib/queries/requests/requests";
import { onePage } from "@/lib/web/page-links";
import { readerTimeZone } from "@/lib/web/reader-zone";
import { requireCaller } from "@/lib/web/request";
import { decide, prepareDecision } from "../../approvals/actions";
import { cancel, prepareProvisioning, provision } from "../../my-requests/actions";
import { toActivate } from "../../my-requests/to-activate";
import {
  decide as decideExtension,
  prepareDecision as prepareExtension,
} from "../../resources/[resourceId]/assignments/requests/actions";

export const metadata: Metadata = { title: "Request" };

/** One request: what is asked, its story, and the decision or the code in place for whomever it waits for. */
export default async function RequestPage({ params }: { params: Promise<{ requestId: string }> }) {
  const { requestId } = await params;
  const caller = await requireCaller();
  const { database } = application();
  const [found, factor] = await Promise.all([
    isUuid(requestId) ? oneRequest(database, caller, requestId) : null,
    factorState(database, caller),
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
            hasFactor={factor.enrolled}
            provision={provision}
            prepareProvisioning={prepareProvisioning}
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
      {activation ? (
        <DecisionSelection
          list={`${caller.userId} ${here}`}
          requests={[]}
          selectable={false}
          maximum={1}
          hasFactor={factor.enrolled}
          decide={decide}
          prepare={prepareDecision}
        >
          <div className="card max-w-4xl p-0">
            <RequestCard request={selectableOf(activation, zone)} shown={activation} selectable={false} />
          </div>
        </DecisionSelection>
      ) : extension ? (
        <RequestTable
          rows={[extension]}
          pages={onePage}
          now={found.now}
          selecting={false}
          hasFactor={factor.enrolled}
          submit={decideExtension}
          prepare={prepareExtension}
          returnPath={here}
        />
      ) : (
        <Story of={found} />
      )}
    </>
  );
}

/** What is asked and what became of it, for whoever has nothing to decide. */
function Story({ of: { request } }: { of: OneRequest }) {
  const facts: [string, React.ReactNode][] = [
    ["Member", <PrincipalName key="member" of={request.member} inline former />],
    ["Role", <Name key="role" of={request.roleName} />],
    [
      "Resource",
      <Link key="resource" href={`/resources/${request.resourceId}`}>
        <Name of={request.resourceName} />
      </Link>,
    ],
    ["Asked", <Moment key="asked" value={request.createdAt} />],
    ...(extendsActivation(request) && request.endsAt
      ? [["Until", <Moment key="until" value={request.endsAt} />] as [string, React.ReactNode]]
      : request.durationMinutes
        ? [["For", hoursInWords(request.durationMinutes / 60)] as [string, React.ReactNode]]
        : []),
  ];
  return (
    <div className="card grid max-w-4xl gap-4">
      <div>
        <StatusBadge status={request.status} />
        <RequestStory {...request} />
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
