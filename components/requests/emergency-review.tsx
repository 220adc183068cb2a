import { CloseReview } from "@/components/requests/close-review";
import { EmergencyBadge } from "@/components/requests/emergency-badge";
import { PrincipalWithFormer } from "@/components/ui/former-names";
import { Moment } from "@/components/ui/moment";
import { LongText } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { breakGlassOutcomeWords } from "@/lib/domain/requests/break-glass";
import type { EmergencyReview as Review } from "@/lib/queries/requests/break-glass";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** What a member did in an emergency, and its review: closed, by whom and why, or open, with a **Close review** button. */
export function EmergencyReview(props: {
  readonly review: Review;
  readonly own: boolean;
  readonly close: (form: FormData) => Promise<FormOutcome>;
}) {
  const { review, own } = props;
  const { closed } = review;
  const facts: [string, React.ReactNode][] = [
    ["Approved by", <PrincipalWithFormer key="by" of={review.member} inline />],
    ["At", <Moment key="at" value={review.usedAt} />],
    [review.active ? "Active until" : "Ended", <Moment key="until" value={review.endsAt} />],
    ["Emergency", <LongText key="reason" of={review.reason} />],
    ...(closed
      ? ([
          ["Outcome", breakGlassOutcomeWords[closed.outcome]],
          ["Closed by", <PrincipalName key="closer" of={closed.by} inline />],
          ["Closed", <Moment key="closed" value={closed.at} />],
          ["Note", <LongText key="note" of={closed.note} />],
        ] as [string, React.ReactNode][])
      : []),
  ];
  return (
    <section className="card grid min-w-0 gap-3" aria-labelledby="emergency-review">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 id="emergency-review">Approved in an emergency</h2>
        <EmergencyBadge open={closed === null} />
      </div>
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
        {facts.map(([label, value]) => (
          <div key={label} className="contents">
            <dt className="text-muted">{label}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
      {review.mayClose ? (
        <div>
          <CloseReview review={review} close={props.close} />
        </div>
      ) : closed ? null : (
        <p className="text-muted">
          {own
            ? "The review stays open until an approver or an administrator closes it. You cannot use break-glass for this role again before."
            : "An approver of the request or an administrator of the resource closes the review."}
        </p>
      )}
    </section>
  );
}
