import type { Metadata } from "next";
import { memberViews } from "@/components/assignments/member-views";
import { AccessList } from "@/components/assignments/members-list";
import { packMembers } from "@/components/assignments/packed-members";
import { Icon } from "@/components/ui/icon";
import { type Filter, FilterChips } from "@/components/ui/lists/chips";
import { ExportLinks } from "@/components/ui/lists/export-links";
import { momentInWords } from "@/components/ui/moment";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { type AccessFilter, accessColumns, newestFirst } from "@/lib/domain/assignments/access-filter";
import { principalTypes } from "@/lib/domain/people/principal";
import { isolated } from "@/lib/domain/text/visible-text";
import { formatIn } from "@/lib/domain/time/moment-format";
import { application } from "@/lib/platform/application";
import { confirmingIssuers } from "@/lib/platform/confirming-providers";
import { type AccessPage, listAccess } from "@/lib/queries/assignments/access";
import { readPeopleRights } from "@/lib/queries/people/people";
import { accessAddress, accessFilter, accessParameters, whenInAddress } from "@/lib/web/access-address";
import { parseOrder, sortableHead } from "@/lib/web/list-order";
import { readerTimes } from "@/lib/web/reader-zone";
import { requireCaller } from "@/lib/web/request";
import { opensHistories } from "../audit/histories";
import { SavedFiltersOf } from "../filters/saved-filters-of";

export const metadata: Metadata = { title: "All assignments" };

export default async function AllAssignmentsPage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const caller = await requireCaller();
  const query = await props.searchParams;
  const times = await readerTimes();
  const filter = accessFilter(query, times.zone);
  const { configuration, database } = application();
  const at = {
    after: typeof query.after === "string" ? query.after : "",
    before: typeof query.before === "string" ? query.before : "",
  };
  const [page, rights, histories] = await Promise.all([
    listAccess(database, caller, filter, at, confirmingIssuers(configuration.identityProviders)),
    readPeopleRights(database, caller),
    opensHistories(),
  ]);
  const parameters = accessParameters(filter);
  const beside = (place: { after: string } | { before: string }) =>
    `/assignments?${new URLSearchParams({ ...parameters, ...place })}`;
  return (
    <>
      <PageHeader
        title="All assignments"
        trail={[{ href: "/dashboard", label: "Dashboard" }]}
        description="Everyone's eligible and active assignments, on every resource whose assignments you may read."
      />
      <FilterChips
        action="/assignments"
        query={parameters}
        search={{ label: "Search members and roles", value: filter.search }}
        filters={await filtersOf(filter)}
      />
      {page ? <Narrowed filter={filter} page={page} /> : null}
      <SavedFiltersOf list="access" base="/assignments" query={parameters} />
      {page?.rows.length ? (
        <AccessList
          packed={packMembers(await memberViews(page.rows, { resource: null, now: page.now }))}
          actions={null}
          label="Assignments"
          tab="all"
          total={{ ...page.total, one: "assignment", many: "assignments" }}
          pages={{
            first: page.previous ? accessAddress(filter) : null,
            previous: page.previous ? beside({ before: page.previous }) : null,
            next: page.next ? beside({ after: page.next }) : null,
          }}
          aside={<ExportLinks address={`/assignments/export?${new URLSearchParams(parameters)}`} />}
          oneRole={false}
          resourceId=""
          linkPeople={rights.read}
          histories={histories}
          sorted={[
            {
              by: "end",
              ...sortableHead(filter.order, "end", "End", (sort) =>
                accessAddress({ ...filter, order: parseOrder(accessColumns, sort, newestFirst) }),
              ),
            },
          ]}
        />
      ) : (
        <EmptyState title="No assignments">
          Nothing that you may read matches. <a href="/assignments">Clear the filters</a> to see everything.
        </EmptyState>
      )}
    </>
  );
}

const states = {
  Eligible: "Eligible",
  Assigned: "Active, assigned",
  Activated: "Active, activated",
  Active: "Active, either way",
} as const;
const times = { now: "Now", current: "Now or later", ended: "Ended", any: "At any time" } as const;

const choicesOf = (named: Readonly<Record<string, string>>) =>
  Object.entries(named).map(([value, label]) => ({ value, label }));

async function filtersOf({ state, kind, when }: AccessFilter): Promise<Filter[]> {
  const any = { value: "", label: "Any" };
  const then =
    when instanceof Date ? [{ value: whenInAddress(when), label: `On ${await momentInWords(when)}` }] : [];
  const one = { kind: "one", usual: "" } as const;
  return [
    { ...one, name: "state", label: "State", value: state ?? "", choices: [any, ...choicesOf(states)] },
    { ...one, name: "kind", label: "Kind", value: kind ?? "", choices: [any, ...choicesOf(principalTypes)] },
    {
      kind: "one",
      name: "when",
      label: "In effect",
      usual: "now",
      value: whenInAddress(when),
      choices: [...then, ...choicesOf(times)],
    },
  ];
}

/** The filters that the form does not show, each with a link that removes it. */
async function Narrowed({ filter, page }: { filter: AccessFilter; page: AccessPage }) {
  const started =
    filter.from === filter.to
      ? `Started on ${filter.from}`
      : `Started ${filter.from ?? "…"} to ${filter.to ?? "…"}`;
  const times = await readerTimes();
  const moment = (of: Date) => formatIn(times).moment(of);
  const ending = filter.endsBetween
    ? `Ends ${moment(filter.endsBetween.from)} to ${moment(filter.endsBetween.to)}`
    : "";
  const place = `On ${isolated(page.resourceName ?? "")}${filter.below ? " and below" : ""}`;
  const all: (readonly [label: string, without: Partial<AccessFilter>] | null)[] = [
    page.resourceName ? [place, { resourceId: null, below: false }] : null,
    page.roleName ? [`Role ${isolated(page.roleName)}`, { roleDefinitionId: null }] : null,
    filter.from || filter.to ? [started, { from: null, to: null }] : null,
    filter.createdWithinDays
      ? [`Created in the last ${filter.createdWithinDays} days`, { createdWithinDays: null }]
      : null,
    filter.endsWithinDays ? [`Ends within ${filter.endsWithinDays} days`, { endsWithinDays: null }] : null,
    filter.endsBetween ? [ending, { endsBetween: null }] : null,
    filter.withoutMfa === "people" ? ["Held by people without a second factor", { withoutMfa: null }] : null,
    filter.withoutMfa === "resistant"
      ? ["Held by people without a phishing-resistant factor", { withoutMfa: null }]
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
        <li key={label} className="badge gap-1.5 py-0.5">
          {label}
          <a
            href={accessAddress({ ...filter, ...without })}
            aria-label={`Remove the filter: ${label}`}
            className="grid place-items-center text-text touch:-my-2 touch:-mr-2 touch:size-[2.9rem]"
          >
            <Icon name="x" size={14} />
          </a>
        </li>
      ))}
    </ul>
  );
}
