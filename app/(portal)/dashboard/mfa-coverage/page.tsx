import type { Metadata } from "next";
import { z } from "zod";
import { TableFrame } from "@/components/ui/lists/list-frame";
import { Name } from "@/components/ui/name";
import { EmptyState, LinkTabs, PageHeader, SearchForm } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { confirmingIssuers } from "@/lib/platform/confirming-providers";
import { type CoverageFilter, type CoveragePage, listCoverage } from "@/lib/queries/figures/coverage-list";
import { accessAddress } from "@/lib/web/access-address";
import { coverageAddress, coverageFilter, coverageParameters } from "@/lib/web/coverage-address";
import { pageLinks } from "@/lib/web/page-links";
import { requireCaller } from "@/lib/web/request";

export const metadata: Metadata = { title: "MFA coverage" };

const words = {
  people: {
    tab: "People with access",
    search: "Search by name or email",
    with: "With a second factor",
    without: "Without a second factor",
  },
  settings: {
    tab: "Role settings in use",
    search: "Search roles and resources",
    with: "MFA required on activation",
    without: "MFA not required on activation",
  },
} as const;

export default async function MfaCoveragePage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const caller = await requireCaller();
  const query = await props.searchParams;
  const filter = coverageFilter(query);
  const after = z.string().max(2_000).catch("").parse(query.after);
  const { configuration, database } = application();
  const issuers = confirmingIssuers(configuration.identityProviders);
  const page = await listCoverage(database, caller, filter, after, issuers);
  const { of, resourceId, below, covered } = filter;
  const { search: _search, mfa: _mfa, ...kept } = coverageParameters(filter);
  const rows = page ? page[of].length : 0;
  return (
    <>
      <PageHeader
        title="MFA coverage"
        trail={
          resourceId && page?.resourceName
            ? [{ href: `/resources/${resourceId}${below ? "?below=1" : ""}`, label: page.resourceName }]
            : [{ href: "/dashboard", label: "Dashboard" }]
        }
        description={`Who has a second factor, and which role settings require one, ${
          page?.resourceName
            ? `on ${isolated(page.resourceName)}${below ? " and below" : ""}`
            : "on every resource whose assignments you may read"
        }.`}
      />
      <LinkTabs
        label="What is covered"
        tabs={(["people", "settings"] as const).map((each) => ({
          href: coverageAddress({ of: each, resourceId, below }),
          label: words[each].tab,
          current: each === of,
        }))}
      />
      <SearchForm
        action="/dashboard/mfa-coverage"
        value={filter.search}
        label={words[of].search}
        hidden={kept}
      >
        <label className="w-full sm:w-auto">
          <span className="label">MFA</span>
          <select
            className="input"
            name="mfa"
            defaultValue={covered === null ? "" : covered ? "with" : "without"}
          >
            <option value="">All</option>
            <option value="with">{words[of].with}</option>
            <option value="without">{words[of].without}</option>
          </select>
        </label>
      </SearchForm>
      {page && rows > 0 ? (
        <Rows
          page={page}
          of={of}
          pages={pageLinks({
            query,
            cursor: "after",
            address: (cursor) =>
              `${coverageAddress(filter)}${cursor ? `&${new URLSearchParams({ after: cursor })}` : ""}`,
            next: page.next,
          })}
        />
      ) : (
        <EmptyState title={of === "people" ? "Nobody" : "No role settings"}>
          Nothing that you may read matches.{" "}
          <a href={coverageAddress({ of, resourceId, below })}>Clear the filters</a> to see everything.
        </EmptyState>
      )}
    </>
  );
}

function Rows({
  page,
  of,
  pages,
}: {
  page: CoveragePage;
  of: CoverageFilter["of"];
  pages: React.ComponentProps<typeof TableFrame>["pages"];
}) {
  if (of === "people")
    return (
      <TableFrame label="People with access" head={["Name", "Second factor"]} pages={pages}>
        {page.people.map((person) => (
          <tr key={person.id}>
            <td className="font-medium">
              <PrincipalName
                of={person.identity}
                href={page.mayReadPeople ? `/people/${person.id}` : undefined}
              />
            </td>
            <td>
              {person.hasFactor ? (
                <span className="badge badge-success">Set up</span>
              ) : (
                <span className="badge badge-warning">Not yet</span>
              )}
            </td>
          </tr>
        ))}
      </TableFrame>
    );
  return (
    <TableFrame
      label="Role settings in use"
      head={["Role", "Resource", "MFA on activation", "Eligible"]}
      pages={pages}
    >
      {page.settings.map((row) => (
        <tr key={`${row.resourceId} ${row.roleDefinitionId}`}>
          <td className="font-medium">
            <a href={`/resources/${row.resourceId}/roles/${row.roleDefinitionId}/settings`}>
              <Name of={row.roleName} />
            </a>
          </td>
          <td>
            <a href={`/resources/${row.resourceId}`}>
              <Name of={row.resourceName} />
            </a>
          </td>
          <td>
            {row.requiresMfa ? (
              <span className="badge badge-success">Required</span>
            ) : (
              <span className="badge badge-warning">Not required</span>
            )}
          </td>
          <td className="tabular-nums">
            <a
              href={accessAddress({
                resourceId: row.resourceId,
                roleDefinitionId: row.roleDefinitionId,
                state: "Eligible",
              })}
              className="tap-number"
            >
              {row.eligible}
            </a>
          </td>
        </tr>
      ))}
    </TableFrame>
  );
}
