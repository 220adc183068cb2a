import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { DecisionCell, ItemCells, itemColumns, MemberCell } from "@/components/access-reviews/item-cells";
import { ItemFilterForm } from "@/components/access-reviews/item-filter-form";
import { OutcomeBadge, StateBadge } from "@/components/access-reviews/review-badges";
import { trailInside } from "@/components/resources/resource-trail";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { TextAreaField } from "@/components/ui/forms/dialog-fields";
import { TableFrame } from "@/components/ui/lists/list-frame";
import { Moment } from "@/components/ui/moment";
import { Name, Sentence } from "@/components/ui/name";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import { permissionsToReview } from "@/lib/domain/access-reviews/access-review";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import { action } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import {
  countReviewItems,
  itemPageSize,
  listReviewItems,
} from "@/lib/queries/access-reviews/access-review-items";
import { findAccessReview } from "@/lib/queries/access-reviews/access-reviews";
import { countedRows } from "@/lib/queries/count-rows";
import { pageLinks } from "@/lib/web/page-links";
import { asTitle } from "@/lib/web/page-title";
import { requireCaller } from "@/lib/web/request";
import { itemsFilter } from "../../../../access-reviews/items-filter";
import { mayAtResource, openResource } from "../../../open-resource";
import { remind, resetAnswers } from "../actions";
import { ReviewActions } from "./review-actions";
import { ReviewFacts } from "./review-facts";

interface Parameters {
  params: Promise<{ resourceId: string; reviewId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const open = cache(async (resourceId: string, reviewId: string) =>
  findAccessReview(application().database, await requireCaller(), resourceId, reviewId),
);

export async function generateMetadata({ params }: Parameters): Promise<Metadata> {
  const { resourceId, reviewId } = await params;
  const resource = await mayAtResource(resourceId, "readAssignments");
  const review = resource && (await open(resource.id, reviewId));
  return review ? { title: asTitle(review.name) } : {};
}

export default async function AccessReviewPage(props: Parameters) {
  const { resourceId, reviewId } = await props.params;
  const resource = await openResource(resourceId, "readAssignments");
  const caller = await requireCaller();
  const { database } = application();
  const review = await open(resource.id, reviewId);
  if (!review) notFound();
  const query = await props.searchParams;
  const filter = itemsFilter(query);
  const place = { resourceId: resource.id, reviewId: review.id };
  const [rows, count] = await Promise.all([
    listReviewItems(database, caller, place, filter),
    countReviewItems(database, caller, place, filter),
  ]);
  const list = `/resources/${resource.id}/access-reviews`;
  const base = `${list}/${review.id}`;
  const last = rows.length === itemPageSize ? rows.at(-1) : undefined;
  const href = (after: string | null) =>
    `${base}?${new URLSearchParams({ search: filter.search, show: filter.show ?? "", ...(after ? { after } : {}) })}`;
  // A review that was started at a resource above is stopped and applied there.
  const mayChange =
    review.from === null &&
    permissionsToReview(review.covers).every((permission) =>
      permission === action.writeEligibility ? resource.may.writeEligibility : resource.may.writeAssignment,
    );
  const running = mayChange && review.state === "InProgress";
  const administrator = review.takenOverBy ?? review.createdBy;
  return (
    <>
      <PageHeader
        title={review.name}
        trail={trailInside(resource, { href: list, label: "Access reviews" })}
        description={<StateBadge state={review.state} stopped={review.stoppedAt !== null} />}
      >
        <ReviewActions review={review} resourceId={resource.id} mayChange={mayChange} />
      </PageHeader>
      {review.from ? (
        <p className="banner mb-4">
          <span>
            Started on <Name of={review.from.displayName} /> for everything below it. This page shows the part
            on <Name of={resource.displayName} /> and below.{" "}
            {review.from.readable ? (
              <a href={`/resources/${review.from.id}/access-reviews/${review.id}`}>Open the whole review</a>
            ) : null}
          </span>
        </p>
      ) : null}
      {review.startHeldAt && review.state === "NotStarted" ? (
        <p className="banner mb-4">
          <span>
            It has not started, because <Administrator of={administrator} /> may no longer start it here.
            Another administrator can take it over.
          </span>
        </p>
      ) : null}
      {review.applyHeldAt && review.state === "Completed" ? (
        <p className="banner mb-4">
          <span>
            {review.administratorMay && review.lateDecisions > 0 ? (
              `It was not fully applied automatically: ${review.lateDecisions} of its decisions come from reviewers who joined after it started. `
            ) : (
              <>
                It could not be applied automatically: <Administrator of={review.appliedBy} /> may no longer
                remove assignments here.{" "}
              </>
            )}
            Any administrator of this resource can apply it.
          </span>
        </p>
      ) : null}
      <ReviewFacts review={review}>
        {running && review.decided(null) > 0 ? (
          <ConfirmButton
            label="Remind reviewers"
            title="Remind the reviewers?"
            description="Reviewers with something left to answer are notified now. This can be done once an hour."
            submit={remind}
            fields={{ reviewId: review.id }}
          />
        ) : null}
        {running && review.decided(null) < review.items ? (
          <ConfirmButton
            label="Reset answers"
            title={`Reset all answers of ${isolated(review.name)}?`}
            description="Every answer is taken back, and the reviewers can answer again. Answers about your own access stay."
            submit={resetAnswers}
            fields={{ reviewId: review.id }}
          >
            <TextAreaField name="reason" label="Reason" maxLength={2000} />
          </ConfirmButton>
        ) : null}
      </ReviewFacts>
      {review.begunAt === null ? (
        <EmptyState title="It has not started">
          {review.stoppedAt ? (
            "It was stopped before it started, so nothing was reviewed."
          ) : (
            <>
              The list of who has access is taken when it starts, on <Moment value={review.startsAt} />.
            </>
          )}
        </EmptyState>
      ) : (
        <>
          <ItemFilterForm action={base} filter={filter} outcomes />
          {rows.length === 0 ? (
            <EmptyState title="Nothing matches">Clear the search, or show everything.</EmptyState>
          ) : (
            <TableFrame
              label="Under review"
              head={[...itemColumns, "Decision", ...(review.state === "InProgress" ? [] : ["Result"])]}
              total={{ count, most: countedRows, one: "assignment", many: "assignments" }}
              pages={pageLinks({
                query,
                cursor: "after",
                address: href,
                next: last ? String(last.position) : null,
              })}
            >
              {rows.map((item) => (
                <tr key={item.id}>
                  <MemberCell item={item} />
                  <ItemCells item={item} />
                  <DecisionCell item={item}>
                    {running && item.decision !== null ? (
                      <ConfirmButton
                        label="Reset"
                        subject={`: ${principalText(item.member)}, ${isolated(item.roleName)}${item.group ? `, through ${principalText(item.group)}` : ""}`}
                        title={`Reset the answer about ${principalText(item.member)}?`}
                        description="The answer is taken back, and the reviewers can answer again."
                        submit={resetAnswers}
                        fields={{ reviewId: review.id, itemId: item.id }}
                      >
                        <TextAreaField name="reason" label="Reason" maxLength={2000} />
                      </ConfirmButton>
                    ) : null}
                  </DecisionCell>
                  {review.state === "InProgress" ? null : (
                    <td>
                      <OutcomeBadge outcome={item.outcome} />
                      {item.outcomeMessage ? (
                        <span className="block max-w-56">
                          <Sentence of={item.outcomeMessage} />
                        </span>
                      ) : null}
                    </td>
                  )}
                </tr>
              ))}
            </TableFrame>
          )}
        </>
      )}
    </>
  );
}

function Administrator({ of: somebody }: { of: PrincipalIdentity | null }) {
  return somebody ? <PrincipalName of={somebody} inline /> : "its administrator";
}
