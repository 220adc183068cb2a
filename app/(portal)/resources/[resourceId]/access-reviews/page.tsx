import type { Metadata } from "next";
import { StateBadge } from "@/components/access-reviews/review-badges";
import { trailInside } from "@/components/resources/resource-trail";
import { TableFrame } from "@/components/ui/lists/list-frame";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { EmptyState, PageHeader, SearchForm } from "@/components/ui/page-parts";
import { reviewStates } from "@/lib/domain/access-reviews/access-review";
import { recurrenceWords, reviewStateWords } from "@/lib/domain/access-reviews/access-review-words";
import { longestSearch } from "@/lib/domain/text/limits";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import {
  countAccessReviews,
  listAccessReviews,
  reviewPageSize,
} from "@/lib/queries/access-reviews/access-reviews";
import { countedRows } from "@/lib/queries/count-rows";
import { pageLinks } from "@/lib/web/page-links";
import { requireCaller } from "@/lib/web/request";
import { openResource } from "../../open-resource";

export const metadata: Metadata = { title: "Access reviews" };

export default async function AccessReviewsPage(props: {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "readAssignments");
  const query = await props.searchParams;
  const one = (name: string) => {
    const value = query[name];
    return typeof value === "string" ? value.replaceAll("\0", "").slice(0, longestSearch) : "";
  };
  const [search, after] = [one("search"), one("after")];
  const state = reviewStates.find((each) => each === one("state")) ?? "";
  const filter = { search, state, after } as const;
  const caller = await requireCaller();
  const { database } = application();
  const [rows, count] = await Promise.all([
    listAccessReviews(database, caller, resource.id, filter),
    countAccessReviews(database, caller, resource.id, filter),
  ]);
  const base = `/resources/${resource.id}/access-reviews`;
  const last = rows.length === reviewPageSize ? rows.at(-1) : undefined;
  const href = (cursor: string | null) =>
    `${base}?${new URLSearchParams({ search, state, ...(cursor ? { after: cursor } : {}) })}`;
  const filtered = search !== "" || state !== "" || after !== "";
  const mayStart = resource.may.writeEligibility || resource.may.writeAssignment;
  return (
    <>
      <PageHeader
        title="Access reviews"
        trail={trailInside(resource)}
        description={`Ask reviewers whether people still need their access to ${isolated(resource.displayName)}.`}
      >
        {mayStart ? (
          <a className="button button-primary" href={`${base}/new`}>
            New access review
          </a>
        ) : null}
      </PageHeader>
      <SearchForm action={base} value={search} label="Search reviews">
        <label>
          <span className="label">State</span>
          <select className="input" name="state" defaultValue={state}>
            <option value="">Any</option>
            {reviewStates.map((each) => (
              <option key={each} value={each}>
                {reviewStateWords[each]}
              </option>
            ))}
          </select>
        </label>
      </SearchForm>
      {rows.length === 0 ? (
        <EmptyState title={filtered ? "No review matches" : "No access reviews yet"}>
          {filtered
            ? "Clear the search, or choose any state."
            : mayStart
              ? "Start one to have access confirmed by managers, selected people or the members themselves."
              : "An administrator who may assign roles here can start one."}
        </EmptyState>
      ) : (
        <TableFrame
          label="Access reviews"
          head={["Name", "State", "Scope", "Start", "End", "Answered", "Recurrence"]}
          total={{ count, most: countedRows, one: "review", many: "reviews" }}
          pages={pageLinks({ query, cursor: "after", address: href, next: last?.id ?? null })}
        >
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <a href={`${base}/${row.id}`} className="font-medium">
                  <Name of={row.name} />
                </a>
                {row.from ? (
                  <span className="block text-muted">
                    Started on <Name of={row.from.displayName} />
                  </span>
                ) : null}
              </td>
              <td>
                <StateBadge state={row.state} stopped={row.stopped} />
              </td>
              <td>{row.from ? "From above" : row.includeBelow ? "Here and below" : "Here"}</td>
              <td>
                <Moment value={row.startsAt} />
              </td>
              <td>
                <Moment value={row.endsAt} />
              </td>
              <td className="tabular-nums">{row.items === 0 ? "–" : `${row.decided} of ${row.items}`}</td>
              <td>{recurrenceWords[row.recurrence]}</td>
            </tr>
          ))}
        </TableFrame>
      )}
    </>
  );
}
