import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ExtendButton } from "@/components/activation/extend-button";
import { RequestTable } from "@/components/assignments/request-table";
import { RequestSteps } from "@/components/audit/request-steps";
import { ActivateNow } from "@/components/requests/activate-now";
import { BreakGlass } from "@/components/requests/break-glass";
import { CancelButton } from "@/components/requests/cancel-button";
import { DecisionSelection } from "@/components/requests/decision-selection";
import { EmergencyReview } from "@/components/requests/emergency-review";
import { RequestCard } from "@/components/requests/request-card";
import { selectableOf } from "@/components/requests/request-line";
import { WhoDecides } from "@/components/requests/who-decides";
import { PageHeader } from "@/components/ui/page-parts";
import { requestTypeInWords } from "@/lib/domain/requests/request-words";
import { isUuid } from "@/lib/domain/text/uuid";
import { isolated } from "@/lib/domain/text/visible-text";
import { factorState } from "@/lib/identity/factors/factor-state";
import { application } from "@/lib/platform/application";
import { breakGlassTerms, reviewOf } from "@/lib/queries/requests/break-glass";
import { oneRequest } from "@/lib/queries/requests/one-request";
import { isCancelable } from "@/lib/queries/requests/requests";
import { onePage } from "@/lib/web/page-links";
import type { Query } from "@/lib/web/page-query";
import { readerTimes } from "@/lib/web/reader-zone";
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
import { approveInEmergency, closeReview, prepareEmergency } from "./actions";
import { Facts } from "./facts";

export const metadata: Metadata = { title: "Request" };

/**
 * One request: what is requested, its story, who may decide now, and the decision or the code in place for the
 * person it waits for.
 */
export default async function RequestPage(props: {
  params: Promise<{ requestId: string }>;
  searchParams: Promise<Query>;
}) {
  const { requestId } = await props.params;
  /** The mail that asks for the code links to its dialog. */
  const query = await props.searchParams;
  const activate = query.activate === "1";
  const caller = await requireCaller();
  const { database } = application();
  const [found, factor, histories] = await Promise.all([
    isUuid(requestId) ? oneRequest(database, caller, requestId) : null,
    factorState(database, caller),
    opensHistories(),
  ]);
  if (!found) notFound();
  const { request, activation, extension, own } = found;
  const times = await readerTimes();
  const here = `/requests/${request.id}`;
  const approved = own ? toActivate(request) : null;
  const [terms, review] = await Promise.all([
    own && request.status === "PendingApproval" ? breakGlassTerms(database, caller, request.id) : null,
    request.emergency ? reviewOf(database, caller, request.id) : null,
  ]);
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
        {terms ? (
          <BreakGlass
            request={{
              ...{ id: request.id, roleName: request.roleName, resourceName: request.resourceName },
              ...terms,
            }}
            hasFactor={factor.enrolled}
            open={query.emergency === "1"}
            approve={approveInEmergency}
            prepare={prepareEmergency}
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
      {/* It stays when the request is decided, so that its dialog can show the result. */}
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
                request={selectableOf(activation, times)}
                shown={activation}
                selectable={false}
                histories={histories}
              />
            </div>
          ) : (
            <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
              {extension ? null : <Facts of={found} histories={histories} />}
              {review ? <EmergencyReview review={review} own={own} close={closeReview} /> : null}
              <WhoDecides request={request} stage={found.openStage} />
            </div>
          )}
          <RequestSteps request={request} steps={found.story} />
        </div>
      </DecisionSelection>
    </>
  );
}
