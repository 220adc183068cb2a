import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { DecideReviewForm } from "@/components/access-reviews/decide-review-form";
import {
  DecisionCell,
  ItemCells,
  itemColumns,
  MemberCell,
  ThroughGroup,
} from "@/components/access-reviews/item-cells";
import { ItemFilterForm } from "@/components/access-reviews/item-filter-form";
import { PrincipalWithFormer } from "@/components/ui/former-names";
import { TableFrame } from "@/components/ui/lists/list-frame";
import { Moment } from "@/components/ui/moment";
import { LongText, Name } from "@/components/ui/name";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { withoutAnswerWords } from "@/lib/domain/access-reviews/access-review-words";
import { isUuid } from "@/lib/domain/text/uuid";
import { application } from "@/lib/platform/application";
import { itemPageSize, itemsForMe } from "@/lib/queries/access-reviews/access-review-items";
import { countedRows } from "@/lib/queries/count-rows";
import { pageLinks } from "@/lib/web/page-links";
import { asTitle } from "@/lib/web/page-title";
import { requireCaller } from "@/lib/web/request";
import { decide, takeRecommended, undoRecommended } from "../actions";
import { itemsFilter } from "../items-filter";

interface Parameters {
  params: Promise<{ reviewId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** Read once for the page and its title, whose parameters are the same objects. */
const readReview = cache(async (params: Parameters["params"], searchParams: Parameters["searchParams"]) => {
  const { reviewId } = await params;
  const filter = itemsFilter(await searchParams);
  const caller = await requireCaller();
  const review = isUuid(reviewId) ? await itemsForMe(application().database, caller, reviewId, filter) : null;
  return { review, filter };
});

export async function generateMetadata({ params, searchParams }: Parameters): Promise<Metadata> {
  const { review } = await readReview(params, searchParams);
  return review ? { title: asTitle(review.name) } : {};
}

export default async function MyAccessReviewPage(props: Parameters) {
  const { review, filter } = await readReview(props.params, props.searchParams);
  const query = await props.searchParams;
  if (!review) notFound();
  const base = `/access-reviews/${review.id}`;
  const open = review.state === "InProgress";
  const last = review.rows.length === itemPageSize ? review.rows.at(-1) : undefined;
  const href = (after: string | null) =>
    `${base}?${new URLSearchParams({ search: filter.search, show: filter.show ?? "", ...(after ? { after } : {}) })}`;
  const table = (
    <TableFrame
      label="To review"
      head={[...itemColumns, "Decision"]}
      total={{ count: review.total, most: countedRows, one: "assignment", many: "assignments" }}
      pages={pageLinks({ query, cursor: "after", address: href, next: last ? String(last.position) : null })}
    >
      {review.rows.map((item) => (
        <tr key={item.id}>
          {open ? (
            <td>
              {item.decidedAt ? (
                <input type="hidden" name="seen" value={`${item.id} ${item.decidedAt.toISOString()}`} />
              ) : null}
              <label className="flex items-start gap-3">
                <input
                  type="checkbox"
                  name="itemIds"
                  value={item.id}
                  data-recommendation={item.recommendation}
                  data-answered={item.decision ?? undefined}
                  className="mt-0.5 size-4 accent-(--accent)"
                />
                <span>
                  <PrincipalWithFormer className="font-medium" of={item.member} />
                  <span className="sr-only">
                    , <Name of={item.roleName} /> on <Name of={item.resourceName} />
                    {item.group ? (
                      <>
                        {" "}
                        through <Name of={item.group.displayName} />
                      </>
                    ) : null}
                  </span>
                </span>
              </label>
              {item.group ? (
                <div className="pl-7">
                  <ThroughGroup item={item} />
                </div>
              ) : null}
            </td>
          ) : (
            <MemberCell item={item} />
          )}
          <ItemCells item={item} />
          <DecisionCell item={item} />
        </tr>
      ))}
    </TableFrame>
  );
  return (
    <>
      <PageHeader
        title={review.name}
        trail={[{ href: "/access-reviews", label: "Access reviews" }]}
        description={
          open ? (
            <>
              Is this access to <Name of={review.resource.displayName} /> still needed? Decide by{" "}
              <Moment value={review.endsAt} />. You can change your answers until then. If nobody answers:{" "}
              {withoutAnswerWords[review.withoutAnswer].toLowerCase()}.
            </>
          ) : (
            <>This review has ended. Decisions can no longer be changed.</>
          )
        }
      >
        <span className={`badge ${review.decided === review.items ? "badge-success" : "badge-warning"}`}>
          {review.decided} of {review.items} answered
        </span>
      </PageHeader>
      {review.late && open ? (
        <p className="banner mb-4">
          You became a reviewer after this review started. Your decisions are marked, and an administrator
          checks them before they are applied.
        </p>
      ) : null}
      {review.description ? (
        <p className="card mb-4 max-w-3xl wrap-anywhere whitespace-pre-line">
          <LongText of={review.description} />
        </p>
      ) : null}
      <ItemFilterForm action={base} filter={filter} outcomes={false} />
      {review.rows.length === 0 ? (
        <EmptyState title="Nothing matches">Clear the search, or show everything.</EmptyState>
      ) : open ? (
        <DecideReviewForm
          reviewId={review.id}
          reasonRequired={review.justificationRequired}
          submit={decide}
          takeRecommended={takeRecommended}
          undoRecommended={undoRecommended}
          taken={review.taken}
        >
          {table}
        </DecideReviewForm>
      ) : (
        table
      )}
    </>
  );
}
