import { Moment } from "@/components/ui/moment";
import { LongText } from "@/components/ui/name";
import { PrincipalName, PrincipalNames } from "@/components/ui/principal-name";
import {
  coversWords,
  groupReviewWords,
  recurrenceWords,
  reviewerWords,
  withoutAnswerWords,
} from "@/lib/domain/access-reviews/access-review-words";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import type { findAccessReview } from "@/lib/queries/access-reviews/access-reviews";

type Review = NonNullable<Awaited<ReturnType<typeof findAccessReview>>>;
type Fact = [string, React.ReactNode];

/** When the series ends or ended; empty for a review that does not recur. */
function seriesFacts(review: Review): Fact[] {
  if (review.recurrence === "None") return [];
  if (review.seriesEndedAt) {
    return [
      [
        "Series ended",
        <span key="ended">
          <Moment value={review.seriesEndedAt} />
          <By of={review.seriesEndedBy} />
        </span>,
      ],
    ];
  }
  const place = `Number ${review.occurrence + 1}`;
  if (review.seriesTimes !== null) return [["Series", `${place} of ${review.seriesTimes}`]];
  if (review.seriesUntil === null) return [["Series", `${place}, without an end`]];
  return [
    [
      "Series",
      <span key="until">
        {place}, none starts after <Moment value={review.seriesUntil} />
      </span>,
    ],
  ];
}

function By({ of: somebody, words = "by" }: { of: PrincipalIdentity | null; words?: string }) {
  if (somebody === null) return null;
  return (
    <>
      {" "}
      {words} <PrincipalName of={somebody} inline />
    </>
  );
}

/** The reviewers of a review, as plain text. */
export function reviewersInWords({ reviewerKind, reviewers }: Review): string {
  const names = (reviewers ?? []).map(principalText).join(", ");
  if (reviewerKind === "Selected") return names || reviewerWords.Selected;
  return `${reviewerWords[reviewerKind]}${names ? `; otherwise ${names}` : ""}`;
}

/** The reviewers of a review, as page content. */
export function Reviewers({ review }: { review: Review }) {
  const { reviewerKind, reviewers } = review;
  const names = reviewers?.length ? <PrincipalNames of={reviewers} /> : null;
  if (reviewerKind === "Selected") return names ?? reviewerWords.Selected;
  return (
    <>
      {reviewerWords[reviewerKind]}
      {names ? <>; otherwise {names}</> : null}
    </>
  );
}

/** The progress of a review and its settings. */
export function ReviewFacts({ review, children }: { review: Review; children: React.ReactNode }) {
  const answered = review.items - review.decided(null);
  const share = review.items === 0 ? 0 : Math.round((100 * answered) / review.items);
  const results = [
    ["Kept", review.came("Kept")],
    ["Removed", review.came("Removed")],
    ["Failed", review.came("Failed")],
    ["Already gone", review.came("AlreadyGone")],
  ] as const;
  const facts: Fact[] = [
    ["Start", <Moment key="start" value={review.begunAt ?? review.startsAt} />],
    ["End", <Moment key="end" value={review.endsAt} />],
    ["Recurrence", recurrenceWords[review.recurrence]],
    ...seriesFacts(review),
    [
      "Scope",
      review.from
        ? `${isolated(review.from.displayName)} and everything below`
        : review.includeBelow
          ? "This resource and everything below"
          : "This resource",
    ],
    [
      "Covers",
      review.inactiveDays === null
        ? coversWords[review.covers]
        : `${coversWords[review.covers]}, unused for ${review.inactiveDays} days`,
    ],
    ["Access held by groups", groupReviewWords[review.eachMember ? "EachMember" : "AsOne"]],
    ["Roles", review.roleNames.length === 0 ? "Every role" : review.roleNames.join(", ")],
    ["Reviewers", <Reviewers key="reviewers" review={review} />],
    ...(review.informed?.length
      ? ([["Notified of the end", <PrincipalNames key="informed" of={review.informed} />]] as Fact[])
      : []),
    ["If nobody answers", withoutAnswerWords[review.withoutAnswer]],
    ["Results", review.applyAutomatically ? "Applied automatically" : "Applied by hand"],
    ...(review.createdBy
      ? ([["Started by", <PrincipalName key="by" of={review.createdBy} inline />]] as Fact[])
      : []),
    ...(review.takenOverAt
      ? ([
          [
            "Taken over",
            <span key="taken-over">
              <Moment value={review.takenOverAt} />
              <By of={review.takenOverBy} />
            </span>,
          ],
        ] as Fact[])
      : []),
    ...(review.stoppedAt
      ? ([
          [
            "Stopped",
            <span key="stopped">
              <Moment value={review.stoppedAt} />
              <By of={review.stoppedBy} />
              {review.stopReason ? (
                <>
                  : <LongText of={review.stopReason} />
                </>
              ) : null}
            </span>,
          ],
        ] as Fact[])
      : []),
    ...(review.appliedAt
      ? ([
          [
            "Applied",
            <span key="applied">
              <Moment value={review.appliedAt} />
              <By of={review.appliedBy} words="in the name of" />
            </span>,
          ],
        ] as Fact[])
      : []),
  ];
  return (
    <section aria-label="About this review" className="mb-5 grid gap-4 lg:grid-cols-[1fr_17rem]">
      <dl className="card grid grid-cols-2 content-start gap-x-6 gap-y-3 lg:grid-cols-3 2xl:grid-cols-4">
        {review.description ? (
          <div className="col-span-full">
            <dt className="text-muted">Description</dt>
            <dd className="wrap-anywhere whitespace-pre-line">
              <LongText of={review.description} />
            </dd>
          </div>
        ) : null}
        {facts.map(([term, value]) => (
          <div key={term} className="min-w-0">
            <dt className="text-muted">{term}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
      <div className="card self-start">
        <h2>Progress</h2>
        <p className="mt-1 text-2xl font-semibold tabular-nums">
          {answered} of {review.items}
        </p>
        <div aria-hidden className="my-2 h-2 rounded-full bg-sunken">
          <div className="h-full rounded-full bg-text" style={{ width: `${share}%` }} />
        </div>
        <p className="text-muted">
          {review.decided("Approve")} approved, {review.decided("Deny")} denied, {review.decided("DontKnow")}{" "}
          not known, {review.decided(null)} without an answer
        </p>
        {results.some(([, count]) => count > 0) ? (
          <p className="mt-3">
            {results
              .filter(([, count]) => count > 0)
              .map(([label, count]) => `${label}: ${count}`)
              .join(" · ")}
          </p>
        ) : null}
        <div className="mt-3 flex flex-wrap gap-2 empty:hidden">{children}</div>
      </div>
    </section>
  );
}
