import { DeleteReview } from "@/components/access-reviews/delete-review";
import { EditReview } from "@/components/access-reviews/edit-review";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { TextAreaField } from "@/components/ui/forms/dialog-fields";
import { nextReviewState } from "@/lib/domain/access-reviews/access-review";
import { isolated } from "@/lib/domain/text/visible-text";
import type { findAccessReview } from "@/lib/queries/access-reviews/access-reviews";
import {
  applyReview,
  deleteReview,
  editReview,
  endSeries,
  findPeople,
  findReviewers,
  stopReview,
  takeOverReview,
} from "../actions";
import { reviewersInWords } from "./review-facts";

/** What can be done with a review as a whole. */
export function ReviewActions(props: {
  readonly review: NonNullable<Awaited<ReturnType<typeof findAccessReview>>>;
  readonly resourceId: string;
  readonly mayChange: boolean;
}) {
  const { review, resourceId, mayChange } = props;
  const list = `/resources/${resourceId}/access-reviews`;
  const base = `${list}/${review.id}`;
  const orphaned = !review.administratorMay && nextReviewState(review.state, "stop") !== null;
  const retry = review.state === "Applied" && review.came("Failed") > 0;
  const mayApply =
    mayChange &&
    review.begunAt !== null &&
    (review.state === "Applied"
      ? retry
      : review.state === "Applying" || nextReviewState(review.state, "apply") !== null);
  return (
    <>
      {review.begunAt ? (
        <>
          <a className="button" href={`${base}/export?format=csv`} download>
            Export CSV
          </a>
          <a className="button" href={`${base}/export?format=jsonl`} download>
            Export JSON Lines
          </a>
        </>
      ) : null}
      {mayChange && nextReviewState(review.state, "stop") !== null && review.reviewers ? (
        <EditReview
          review={{
            id: review.id,
            name: review.name,
            version: review.version,
            description: review.description ?? "",
            endsAt: review.state === "InProgress" ? review.endsAt.toISOString() : null,
            reviewers: review.reviewers.map((each) => ({ ...each, disabled: false })),
            informed: (review.informed ?? []).map((each) => ({ ...each, disabled: false })),
          }}
          resourceId={resourceId}
          submit={editReview}
          search={findReviewers}
          findPeople={findPeople}
        />
      ) : null}
      {mayChange && review.state === "NotStarted" && review.occurrence === 0 ? (
        <DeleteReview review={{ id: review.id, name: review.name }} back={list} submit={deleteReview} />
      ) : null}
      {mayChange && review.seriesGoesOn && review.state !== "NotStarted" ? (
        <ConfirmButton
          label="End series"
          title={`End the series of ${isolated(review.name)}?`}
          description="A running review continues to its end. A planned one does not start, and no more follow."
          submit={endSeries}
          fields={{ reviewId: review.id }}
        >
          <TextAreaField name="reason" label="Reason" maxLength={2000} />
        </ConfirmButton>
      ) : null}
      {mayChange && orphaned ? (
        <ConfirmButton
          label="Take over"
          title={`Take over ${isolated(review.name)}?`}
          description={`It then starts, recurs and is applied in your name, with the same reviewers: ${reviewersInWords(review)}.`}
          submit={takeOverReview}
          fields={{ reviewId: review.id }}
        />
      ) : null}
      {mayChange && nextReviewState(review.state, "stop") !== null ? (
        <ConfirmButton
          label="Stop"
          title={`Stop ${isolated(review.name)}?`}
          description="No more decisions can be made, and its series ends. Decisions made so far are kept, and you can apply them by hand. Access without an answer stays as it is."
          submit={stopReview}
          fields={{ reviewId: review.id }}
        >
          <TextAreaField name="reason" label="Reason" maxLength={2000} />
        </ConfirmButton>
      ) : null}
      {mayApply ? (
        <ConfirmButton
          label={retry ? "Apply again" : "Apply"}
          title={`Apply ${isolated(review.name)}?`}
          description={
            retry
              ? "Removals that failed are tried again, in your name."
              : `Denied access is removed immediately, in your name and under the usual rules for removal. Everything else is kept.${
                  review.lateDecisions > 0
                    ? ` This includes ${review.lateDecisions} by reviewers who joined after it started.`
                    : ""
                }`
          }
          submit={applyReview}
          fields={{ reviewId: review.id }}
        />
      ) : null}
    </>
  );
}
