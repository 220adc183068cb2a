import { EventSentence } from "@/components/audit/event-list";
import { EmergencyBadge } from "@/components/requests/emergency-badge";
import { Moment } from "@/components/ui/moment";
import { LongText, Sentence } from "@/components/ui/name";
import { isOfBreakGlass } from "@/lib/domain/audit/event-row";
import { eventSentence } from "@/lib/domain/audit/event-sentence";
import { isWaiting } from "@/lib/domain/requests/request-state";
import type { RequestStep } from "@/lib/queries/requests/request-story";
import type { RequestRow } from "@/lib/queries/requests/requests";

/** What time has done to a request that is not in the log yet. Null if the log has it, or if nothing happened. */
function unrecorded(request: RequestRow, steps: readonly RequestStep[]): string | null {
  const has = (...kinds: readonly string[]) => steps.some(({ kind }) => kinds.includes(kind));
  if (request.status === "TimedOut" && !has("RequestTimedOut")) return "The request timed out";
  if (request.status === "Revoked" && !has("RequestRevoked")) return "The request was revoked";
  return null;
}

/** Why a step happened: the reason that its actor gave, or why the request ended by itself. */
function whyOf({ actorName, justification, details }: RequestStep): string[] {
  const of = (name: string): unknown =>
    typeof details === "object" && details !== null ? Reflect.get(details, name) : null;
  const [reason, reasons] = [of("reason"), of("reasons")];
  const stated = actorName !== null && justification ? [justification] : [];
  const found = [reason, ...(Array.isArray(reasons) ? reasons : [])];
  return [...new Set([...stated, ...found.filter((each) => typeof each === "string" && each !== "")])];
}

/** The story of a request, oldest first: each step with its actor, time and reason, and what the request waits for now. */
export function RequestSteps(props: {
  readonly request: RequestRow;
  readonly steps: readonly RequestStep[];
}) {
  const { request, steps } = props;
  const last = unrecorded(request, steps);
  return (
    <section className="card min-w-0" aria-labelledby="request-story">
      <h2 id="request-story" className="mb-2">
        Story
      </h2>
      <ol className="event-facts">
        {steps.map((step) => (
          <li key={step.id}>
            <Moment value={step.occurredAt} />
            <div className="min-w-0 wrap-anywhere">
              {isOfBreakGlass(step) ? (
                <>
                  <EmergencyBadge />{" "}
                </>
              ) : null}
              <EventSentence of={eventSentence(step)} />
              {whyOf(step).map((why) => (
                <p key={why} className="text-muted">
                  <LongText of={why} />
                </p>
              ))}
            </div>
          </li>
        ))}
        {last ? (
          <li>
            <Moment value={request.status === "TimedOut" ? request.expiresAt : null} />
            <div>
              {last}
              {request.failureReasons.map((reason) => (
                <p key={reason} className="text-muted">
                  <Sentence of={reason} />
                </p>
              ))}
            </div>
          </li>
        ) : null}
        {isWaiting(request.status) && request.expiresAt ? (
          <li>
            <Moment value={request.expiresAt} />
            <div className="text-muted">
              {request.status === "PendingApproval"
                ? "It times out then, if nobody decides"
                : "It times out then, if no code is entered"}
            </div>
          </li>
        ) : null}
      </ol>
    </section>
  );
}
