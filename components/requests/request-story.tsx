import { Moment } from "@/components/time/moment";
import { isWaiting, type RequestStatus } from "@/lib/domain/request-state";

/** What became of a request so far, or whom it waits for, below its status. */
export function RequestStory(props: {
  status: RequestStatus;
  startsAt: Date | null;
  expiresAt: Date | null;
  stage: number | null;
  stages: number | null;
  deciders: readonly string[];
  decisions: readonly { readonly name: string; readonly justification: string }[];
  lapsed: readonly string[];
  failureReasons: readonly string[];
}) {
  const { status, expiresAt, deciders, stage, stages } = props;
  const last = props.decisions.at(-1);
  return (
    <div className="mt-0.5 grid max-w-80 gap-0.5 text-[0.86rem] text-muted wrap-anywhere">
      {status === "PendingApproval" && deciders.length > 0 ? (
        <span>
          {stages !== null && stages > 1 ? `Stage ${stage} of ${stages}: ` : ""}
          {deciders.join(", ")}
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
        ? props.lapsed.map((name) => (
            <span key={name}>{name} approved, and is no longer an approver: that does not count</span>
          ))
        : null}
      {status === "ScheduleCreated" ? (
        <span>
          From <Moment value={props.startsAt} />
        </span>
      ) : null}
      {props.failureReasons.map((reason) => (
        <span key={reason}>{reason}</span>
      ))}
      {last ? (
        <span>
          {last.name}: {last.justification}
        </span>
      ) : null}
    </div>
  );
}
