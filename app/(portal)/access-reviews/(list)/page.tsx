import type { Metadata } from "next";
import Link from "next/link";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { EmptyState, PageHeader, TableRegion } from "@/components/ui/page-parts";
import { application } from "@/lib/platform/application";
import { reviewsForMe } from "@/lib/queries/access-reviews/access-review-items";
import { requireCaller } from "@/lib/web/request";

export const metadata: Metadata = { title: "Access reviews" };

export default async function MyAccessReviewsPage() {
  const rows = await reviewsForMe(application().database, await requireCaller());
  return (
    <>
      <PageHeader title="Access reviews" description="Access that you are asked to review." />
      {rows.length === 0 ? (
        <EmptyState title="Nothing to review">
          When an administrator asks you whether access is still needed, it is listed here.
        </EmptyState>
      ) : (
        <TableRegion label="Access reviews" head={["Review", "Resource", "End", "Answered"]}>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <Link href={`/access-reviews/${row.id}`} className="font-medium">
                  <Name of={row.name} />
                </Link>
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
        </TableRegion>
      )}
    </>
  );
}
