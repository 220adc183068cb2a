import { Moment } from "@/components/ui/moment";
import { LongText, Sentence } from "@/components/ui/name";
import { PrincipalName, PrincipalNames } from "@/components/ui/principal-name";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { isWaiting, type RequestStatus } from "@/lib/domain/requests/request-state";

/** The progress of a request, or the people it waits for, below its status. */
export function RequestStory(props: {
  status: RequestStatus;
  startsAt: Date | null;
  expiresAt: Date | null;
  stage: number | null;
  stages: number | null;
  deciders: readonly PrincipalIdentity[];
  decisions: readonly { readonly by: PrincipalIdentity; readonly justification: string }[];
  lapsed: readonly PrincipalIdentity[];
  failureReasons: readonly string[];
}) {
  const { status, expiresAt, deciders, stage, stages } = props;
  const last = props.decisions.at(-1);
  const waits = isWaiting(status) || status === "ScheduleCreated";
  if (!waits && !last && props.failureReasons.length === 0) return null;
  return (
    <div className="mt-0.5 grid max-w-80 gap-0.5 text-[0.86rem] text-muted wrap-anywhere">
      {status === "PendingApproval" && deciders.length > 0 ? (
        <span>
          {stages !== null && stages > 1 ? `Stage ${stage} of ${stages}: ` : ""}
          <PrincipalNames of={deciders} />
          {expiresAt ? (
            <>
              , until <Moment value={expiresAt} />
            </>
          ) : null}
        </span>
      ) : null}
      {status === "PendingProvisioning" && expiresAt ? (
        <span>
          Until <Moment value={expiresAt} />, then it times out
        </span>
      ) : null}
      {isWaiting(status)
        ? props.lapsed.map((each) => (
            <span key={each.id}>
              <PrincipalName of={each} inline /> approved, but is no longer an approver, so this does not
              count
            </span>
          ))
        : null}
      {status === "ScheduleCreated" ? (
        <span>
          From <Moment value={props.startsAt} />
        </span>
      ) : null}
      {props.failureReasons.map((reason) => (
        <span key={reason}>
          <Sentence of={reason} />
        </span>
      ))}
      {last ? (
        <span>
          <PrincipalName of={last.by} inline />: <LongText of={last.justification} />
        </span>
      ) : null}
    </div>
  );
}
