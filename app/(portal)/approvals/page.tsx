import type { Metadata } from "next";
import { z } from "zod";
import { DecisionSelection } from "@/components/requests/decision-selection";
import { RequestCard } from "@/components/requests/request-card";
import { selectableOf } from "@/components/requests/request-line";
import { ReviewsToClose } from "@/components/requests/reviews-to-close";
import { ExceptionsToDecide } from "@/components/roles/exceptions-to-decide";
import { ListFrame } from "@/components/ui/lists/list-frame";
import { EmptyState, PageHeader, SearchForm } from "@/components/ui/page-parts";
import { Section } from "@/components/ui/section";
import { countedAtMost } from "@/lib/domain/requests/waiting";
import { longestSearch } from "@/lib/domain/text/limits";
import { maximumDecisions } from "@/lib/operations/requests/decide-requests";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { approvalsPageSize, requestsToDecide } from "@/lib/queries/requests/approvals";
import { reviewsToClose } from "@/lib/queries/requests/break-glass";
import { exceptionsToDecide } from "@/lib/queries/roles/exceptions-to-decide";
import { pageLinks } from "@/lib/web/page-links";
import { readerTimes } from "@/lib/web/reader-zone";
import { requireCaller } from "@/lib/web/request";
import { opensHistories } from "../audit/histories";
import { ifWaiting, waitingForMe } from "../frame-data";
import { decide, prepareDecision } from "./actions";
import { ExtensionsToDecide } from "./extensions-to-decide";

export const metadata: Metadata = { title: "Approve requests" };

/** How many open reviews, and how many exceptions, are shown at a time, longest open first. */
const mostReviews = 20;

const query = z.object({
  search: z.string().max(longestSearch).catch(""),
  after: z.uuid().nullable().catch(null),
  extensionsAfter: z.uuid().nullable().catch(null),
});

export default async function ApprovalsPage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const caller = await requireCaller();
  const { database } = application();
  const asked = await props.searchParams;
  const { search, after, extensionsAfter } = query.parse(asked);
  const [{ rows }, waiting, factor, reviews, exceptions, histories] = await Promise.all([
    requestsToDecide(database, caller, { search: search.replaceAll("\0", "").trim(), after }),
    waitingForMe(),
    ownsFactor(database, caller),
    ifWaiting("emergencies", () => reviewsToClose(database, caller, mostReviews), []),
    ifWaiting("exceptions", () => exceptionsToDecide(database, caller, mostReviews), []),
    opensHistories(),
  ]);
  const times = await readerTimes();
  const requests = rows.map((row) => selectableOf(row, times));
  const last = rows.length === approvalsPageSize ? rows.at(-1) : undefined;
  // The page has two lists. Paging through one leaves the other where it is.
  const page = (changes: { after?: string | null; extensionsAfter?: string | null }) => {
    const places = { search, after, extensionsAfter, ...changes };
    const parts = Object.entries(places).flatMap(([name, value]) => (value ? [[name, value] as const] : []));
    return `/approvals?${new URLSearchParams(parts.map(([name, value]) => [name, value]))}`;
  };
  const pages = pageLinks({
    query: asked,
    cursor: "after",
    address: (cursor) => page({ after: cursor }),
    next: last?.id ?? null,
  });
  const searching = search !== "" || after !== null;
  // A single row can still be part of a selection that spans several pages or searches.
  const selectable = rows.length > 1 || (rows.length > 0 && searching);
  return (
    <>
      <PageHeader
        title="Approve requests"
        description="Requests that wait for your decision. You cannot decide on your own requests."
      />
      {reviews.length > 0 ? (
        <Section id="emergencies" title="Emergency activations to review" className="mb-5">
          <ReviewsToClose reviews={reviews.slice(0, mostReviews)} />
          {reviews.length > mostReviews ? (
            <p className="mt-2 text-muted">More are open. Close these to see the next ones.</p>
          ) : null}
        </Section>
      ) : null}
      {exceptions.length > 0 ? (
        <Section id="exceptions" title="Exceptions from conflict rules" className="mb-5">
          <ExceptionsToDecide exceptions={exceptions.slice(0, mostReviews)} />
          {exceptions.length > mostReviews ? (
            <p className="mt-2 text-muted">More wait. Decide these to see the next ones.</p>
          ) : null}
        </Section>
      ) : null}
      {rows.length > 1 || searching ? (
        <SearchForm action="/approvals" value={search} label="Search requests" />
      ) : null}
      <DecisionSelection
        list={`${caller.userId} /approvals`}
        requests={requests}
        selectable={selectable}
        maximum={maximumDecisions}
        hasFactor={factor}
        decide={decide}
        prepare={prepareDecision}
      >
        {rows.length === 0 && !searching && waiting.extensions > 0 ? (
          <p className="card py-4 text-muted">No activations wait for you.</p>
        ) : rows.length === 0 ? (
          <ListFrame pages={pages}>
            <EmptyState title={searching ? "Nothing found" : "No requests to approve"}>
              {searching
                ? "No waiting request matches this search."
                : "Requests for roles that you approve are listed here."}
            </EmptyState>
          </ListFrame>
        ) : (
          <ListFrame
            total={
              search
                ? null
                : { count: waiting.activations, most: countedAtMost, one: "request", many: "requests" }
            }
            pages={pages}
          >
            <div className="card grid grid-cols-[minmax(0,1fr)] divide-y divide-line p-0">
              {rows.map((row, index) => {
                const request = requests[index];
                return request ? (
                  <RequestCard
                    key={row.id}
                    request={request}
                    shown={row}
                    selectable={selectable}
                    histories={histories}
                    linked
                  />
                ) : null;
              })}
            </div>
          </ListFrame>
        )}
      </DecisionSelection>
      <ExtensionsToDecide
        hasFactor={factor}
        query={asked}
        count={waiting.extensions}
        page={(cursor) => page({ extensionsAfter: cursor })}
      />
    </>
  );
}
