import { RequestExtensionOrRenewal } from "@/components/assignments/request-extension-or-renewal";
import { LongText } from "@/components/ui/name";
import type { RenewalState } from "@/lib/queries/assignments/renewals";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** The button that requests more time, if possible, and the state of the last request. */
export function RenewalCell(props: {
  state: RenewalState | undefined;
  id: string;
  roleName: string;
  resourceName: string;
  submit: (form: FormData) => Promise<FormOutcome>;
}) {
  const { state } = props;
  if (!state || (!state.offer && !state.request && !state.renewed)) return null;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {state.offer ? (
        <RequestExtensionOrRenewal
          offer={state.offer}
          assignmentType={state.assignmentType}
          id={props.id}
          roleName={props.roleName}
          resourceName={props.resourceName}
          proposedEnd={state.proposedEnd.toISOString()}
          maximumDays={state.maximumDays}
          submit={props.submit}
        />
      ) : null}
      <RequestBadge state={state} />
    </div>
  );
}

function RequestBadge({ state: { request, renewed } }: { state: RenewalState }) {
  if (!request) return renewed ? <span className="badge badge-success">✓ Renewed</span> : null;
  const noun = request.asked === "Extend" ? "Extension" : "Renewal";
  switch (request.status) {
    case "PendingApproval":
      return <span className="badge badge-warning">⏳ {noun} requested</span>;
    case "ScheduleCreated":
    case "Provisioned":
      return (
        <span className="badge badge-success">✓ {request.asked === "Extend" ? "Extended" : "Renewed"}</span>
      );
    case "Denied":
      // An administrator has renewed it directly since, so that counts now.
      return renewed ? (
        <span className="badge badge-success">✓ Renewed</span>
      ) : (
        <span className="grid justify-items-start gap-0.5">
          <span className="badge badge-danger">✕ {noun} denied</span>
          {request.reason ? (
            <span className="text-muted">
              <LongText of={request.reason} />
            </span>
          ) : null}
        </span>
      );
    default:
      return renewed ? <span className="badge badge-success">✓ Renewed</span> : null;
  }
}
