import type { Metadata } from "next";
import Link from "next/link";
import { Icon } from "@/components/ui/icon";
import { Moment, momentInWords } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { EmptyState, PageHeader, Pager, SearchForm, TableRegion } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import { type AccessFilter, accessColumns, newestFirst } from "@/lib/domain/figures/access-filter";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { type AccessPage, listAccess } from "@/lib/queries/assignments/access";
import { accessAddress, accessFilter, accessParameters, whenInAddress } from "@/lib/web/access-address";
import { parseOrder, sortableHead } from "@/lib/web/list-order";
import { requireCaller } from "@/lib/web/request";
import { SavedFiltersOf } from "../filters/saved-filters-of";

export const metadata: Metadata = { title: "All assignments" };

const badges = {
  Eligible: "badge",
  Assigned: "badge badge-warning",
  Activated: "badge badge-accent",
} as const;
const kinds = { User: "User", Group: "Group", ServicePrincipal: "Service principal" } as const;

export default async function AllAssignmentsPage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const caller = await requireCaller();
  const query = await props.searchParams;
  const filter = accessFilter(query);
  const after = typeof query.after === "string" ? query.after : "";
  const page = await listAccess(application().database, caller, filter, after);
  const { search: _search, state: _state, when: _when, ...kept } = accessParameters(filter);
  const next = new URLSearchParams({ ...accessParameters(filter), after: page?.next ?? "" });
  return (
    <>
      <PageHeader
        title="All assignments"
        trail={[{ href: "/dashboard", label: "Dashboard" }]}
        description="Everyone's eligible and active assignments, on every resource whose assignments you may read."
      />
      <SearchForm action="/assignments" value={filter.search} label="Search members and roles" hidden={kept}>
        <label className="w-full sm:w-auto">
          <span className="label">Type</span>
          <select className="input" name="state" defaultValue={filter.state ?? ""}>
            <option value="">Every type</option>
            <option value="Eligible">Eligible</option>
            <option value="Assigned">Active, assigned</option>
            <option value="Activated">Active, activated</option>
            <option value="Active">Active, either way</option>
          </select>
        </label>
        <label className="w-full sm:w-auto">
          <span className="label">In effect</span>
          <select className="input" name="when" defaultValue={whenInAddress(filter.when)}>
            {filter.when instanceof Date ? (
              <option value={whenInAddress(filter.when)}>On {await momentInWords(filter.when)}</option>
            ) : null}
            <option value="now">Now</option>
            <option value="any">At any time</option>
          </select>
        </label>
      </SearchForm>
      {page ? <Narrowed filter={filter} page={page} /> : null}
      <SavedFiltersOf list="access" base="/assignments" query={accessParameters(filter)} />
      {page?.rows.length ? (
        <TableRegion
          label="Assignments"
          head={[
            "Member",
            "Kind",
            "Role",
            "STATE",
            "Resource",
            "Start",
            sortableHead(filter.order, "end", "End", (sort) =>
              accessAddress({ ...filter, order: parseOrder(accessColumns, sort, newestFirst) }),
            ),
          ]}
        >
          {page.rows.map((row) => (
            <tr key={row.id}>
              <td className="font-medium">
                <PrincipalName of={row.member} />
              </td>
              <td>{kinds[row.member.type]}</td>
              <td>
                <Link href={`/resources/${row.resourceId}/roles/${row.roleDefinitionId}`} prefetch={false}>
                  <Name of={row.roleName} />
                </Link>
              </td>
              <td>
                <span className={badges[row.state]}>{row.state}</span>
              </td>
              <td>
                <Link href={`/resources/${row.resourceId}`} prefetch={false}>
                  <Name of={row.resourceName} />
                </Link>
              </td>
              <td>
                <Moment value={row.startsAt} />
              </td>
              <td>
                <Moment value={row.endsAt} />
              </td>
            </tr>
          ))}
        </TableRegion>
      ) : (
        <EmptyState title="No assignments">
          Nothing that you may read matches. <Link href="/assignments">Clear the filters</Link> to see
          everything.
        </EmptyState>
      )}
      <Pager first={after ? accessAddress(filter) : null} next={page?.next ? `/assignments?${next}` : null} />
    </>
  );
}

/** The filters that the form does not show, each with a link that removes it. */
function Narrowed({ filter, page }: { filter: AccessFilter; page: AccessPage }) {
  const started =
    filter.from === filter.to
      ? `Started on ${filter.from}`
      : `Started ${filter.from ?? "…"} to ${filter.to ?? "…"}`;
  const place = `On ${isolated(page.resourceName ?? "")}${filter.below ? " and below" : ""}`;
  const all: (readonly [label: string, without: Partial<AccessFilter>] | null)[] = [
    page.resourceName ? [place, { resourceId: null, below: false }] : null,
    page.roleName ? [`Role ${isolated(page.roleName)}`, { roleDefinitionId: null }] : null,
    filter.from || filter.to ? [`${started} (UTC)`, { from: null, to: null }] : null,
    filter.createdWithinDays
      ? [`Created in the last ${filter.createdWithinDays} days`, { createdWithinDays: null }]
      : null,
    filter.endsWithinDays ? [`Ends within ${filter.endsWithinDays} days`, { endsWithinDays: null }] : null,
    filter.withoutMfa === "people"
      ? ["Held by people without an authenticator app", { withoutMfa: null }]
      : null,
    filter.withoutMfa === "settings"
      ? ["Role settings without MFA on activation", { withoutMfa: null }]
      : null,
  ];
  const parts = all.filter((part) => part !== null);
  if (parts.length === 0) return null;
  return (
    <ul aria-label="Filters" className="mb-3 flex flex-wrap gap-2">
      {parts.map(([label, without]) => (
        <li key={label} className="badge badge-accent gap-1.5 py-0.5">
          {label}
          <Link
            href={accessAddress({ ...filter, ...without })}
            aria-label={`Remove the filter: ${label}`}
            className="grid place-items-center text-accent-strong touch:-my-2 touch:-mr-2 touch:size-[2.9rem]"
          >
            <Icon name="x" size={14} />
          </Link>
        </li>
      ))}
    </ul>
  );
}
