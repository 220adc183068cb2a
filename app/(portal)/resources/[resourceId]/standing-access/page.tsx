import type { Metadata } from "next";
import { MemberSelection } from "@/components/assignments/member-selection";
import { memberParts } from "@/components/assignments/member-view";
import { StandingFilters } from "@/components/assignments/standing-filters";
import { StandingRows, standingHead } from "@/components/assignments/standing-table";
import { SeriesPatterns } from "@/components/figures/series-drawn";
import { StandingChart } from "@/components/figures/standing-chart";
import { StillCountingNote } from "@/components/figures/still-counting-note";
import { trailInside } from "@/components/resources/resource-trail";
import { TableFrame } from "@/components/ui/lists/list-frame";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { standingPoints } from "@/lib/domain/figures/access-figures";
import { principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import { maximumRows } from "@/lib/operations/gate/run-batch";
import { application } from "@/lib/platform/application";
import { confirmingIssuers } from "@/lib/platform/confirming-providers";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { listStandingAccess, mostBelow } from "@/lib/queries/assignments/standing-access";
import { accessFigures } from "@/lib/queries/figures/access-figures";
import { stillCounting } from "@/lib/queries/figures/still-counting";
import { readerTimeZone } from "@/lib/web/reader-zone";
import { requireCaller } from "@/lib/web/request";
import { SavedFiltersOf } from "../../../filters/saved-filters-of";
import { openResource } from "../../open-resource";
import { prepareEligible, previewEligible, submitEligible } from "./actions";
import { standingAddress, standingFilter, standingParameters, standingQuery } from "./standing-query";

export const metadata: Metadata = { title: "Reduce standing access" };

export default async function StandingAccessPage(props: {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { resourceId } = await props.params;
  const resource = await openResource(resourceId, "readAssignments");
  const query = standingQuery(await props.searchParams);
  const caller = await requireCaller();
  const { configuration, database } = application();
  const place = { resourceId: resource.id, below: true };
  const filter = standingFilter(query);
  const counting = await stillCounting(database, caller, place);
  const [page, figures, factor] = await Promise.all([
    listStandingAccess(
      database,
      caller,
      resource.id,
      filter,
      query,
      confirmingIssuers(configuration.identityProviders),
    ),
    counting
      ? null
      : accessFigures(database, caller, place, {
          days: 1,
          points: standingPoints,
          timeZone: await readerTimeZone(),
        }),
    ownsFactor(database, caller),
  ]);
  const base = `/resources/${resource.id}/standing-access`;
  const acts = resource.may.writeEligibility && resource.may.writeAssignment;
  const actions = { preview: previewEligible, prepare: prepareEligible, run: submitEligible };
  const proposed = page.rows.filter((row) => row.notProposed === null);
  return (
    <>
      <PageHeader
        title="Reduce standing access"
        trail={trailInside(resource)}
        description={`Who holds roles on ${isolated(resource.displayName)} and below without activating them, those that can do most first.`}
      />
      {figures ? (
        <>
          <SeriesPatterns />
          <StandingChart figures={figures} place={place} low className="mb-3" />
        </>
      ) : (
        <StillCountingNote />
      )}
      <details className="mb-4">
        <summary className="w-fit text-muted">How it works</summary>
        <ol className="mt-2 grid max-w-3xl list-decimal gap-2 pl-5">
          <li>Select whose roles should be eligible. What you leave stays as it is.</li>
          <li>The preview says who keeps what, until when, and who could not activate it yet.</li>
          <li>Once you confirm, the role ends, and its member activates it when they need it.</li>
        </ol>
        <p className="mt-3 max-w-3xl text-muted">
          Postern does not see what a role is used for elsewhere. It knows when its holder last did something
          here in Postern, and when they were last signed in.
        </p>
      </details>
      <StandingFilters
        action={base}
        query={standingParameters(query)}
        filter={filter}
        roles={figures?.assignedRoles ?? []}
        chosenRole={page.chosenRole}
      />
      <SavedFiltersOf list="standing" base={base} query={standingParameters(query)} />
      <MemberSelection
        list={`${caller.userId} ${base}`}
        verbs={acts ? ["Make eligible"] : []}
        maximumRows={maximumRows}
        hasFactor={factor}
        returnPath={standingAddress(base, query)}
        {...actions}
        makeEligible={actions}
        rows={
          acts
            ? proposed.map((row) => ({
                id: row.id,
                assignmentType: "Active" as const,
                parts: [
                  ...memberParts(row.member),
                  isolated(row.roleName),
                  `On ${isolated(row.resourceName)}`,
                ],
                name: `${isolated(row.roleName)} of ${principalText(row.member)} on ${isolated(row.resourceName)}`,
              }))
            : []
        }
      >
        {page.rows.length === 0 ? (
          <NothingStands filtered={Object.keys(standingParameters(query)).length > 0} clear={base} />
        ) : (
          <TableFrame
            label="Standing access"
            head={standingHead(acts)}
            total={{ ...page.total, one: "active assignment", many: "active assignments" }}
            pages={{
              first: page.previous ? standingAddress(base, query) : null,
              previous: page.previous ? standingAddress(base, query, { before: page.previous }) : null,
              next: page.next ? standingAddress(base, query, { after: page.next }) : null,
            }}
          >
            <StandingRows rows={page.rows} acts={acts} sees={page.sees} mostBelow={mostBelow} />
          </TableFrame>
        )}
      </MemberSelection>
    </>
  );
}

function NothingStands({ filtered, clear }: { filtered: boolean; clear: string }) {
  if (filtered)
    return (
      <EmptyState title="Nothing matches">
        No active assignment matches these filters. <a href={clear}>Clear the filters</a>
      </EmptyState>
    );
  return (
    <EmptyState title="No standing access">
      Nobody holds a role here or below without having activated it.
    </EmptyState>
  );
}
