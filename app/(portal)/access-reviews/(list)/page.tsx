import type { Metadata } from "next";
import { TableFrame } from "@/components/ui/lists/list-frame";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { application } from "@/lib/platform/application";
import { reviewsForMe, reviewsForMePageSize } from "@/lib/queries/access-reviews/reviews-for-me";
import { countedRows } from "@/lib/queries/count-rows";
import { pageLinks } from "@/lib/web/page-links";
import { oneId, type Query } from "@/lib/web/page-query";
import { requireCaller } from "@/lib/web/request";

export const metadata: Metadata = { title: "Access reviews" };

export default async function MyAccessReviewsPage(props: { searchParams: Promise<Query> }) {
  const query = await props.searchParams;
  const rows = await reviewsForMe(application().database, await requireCaller(), oneId(query, "after"));
  const last = rows.length === reviewsForMePageSize ? rows.at(-1) : undefined;
  return (
    <>
      <PageHeader title="Access reviews" description="Access that you are asked to review." />
      {rows.length === 0 ? (
        <EmptyState title="Nothing to review">
          When an administrator asks you whether access is still needed, it is listed here.
        </EmptyState>
      ) : (
        <TableFrame
          label="Access reviews"
          head={["Review", "Resource", "End", "Answered"]}
          total={{ count: rows[0]?.total ?? 0, most: countedRows, one: "review", many: "reviews" }}
          pages={pageLinks({
            query,
            cursor: "after",
            address: (cursor) => (cursor ? `/access-reviews?after=${cursor}` : "/access-reviews"),
            next: last?.id ?? null,
          })}
        >
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <a href={`/access-reviews/${row.id}`} className="font-medium">
                  <Name of={row.name} />
                </a>
              </td>
              <td>
                <Name of={row.resourceName} />
              </td>
              <td>
                <Moment value={row.endsAt} />
              </td>
              <td>
                <span className={`badge ${row.decided === row.items ? "badge-success" : "badge-warning"}`}>
                  {row.decided === row.items ? "✓ All" : row.decided} of {row.items}
                </span>
              </td>
            </tr>
          ))}
        </TableFrame>
      )}
    </>
  );
}
