import type { Metadata } from "next";
import { forbidden } from "next/navigation";
import { z } from "zod";
import { FilterChips } from "@/components/ui/lists/chips";
import { type Cell, DataTable } from "@/components/ui/lists/data-table";
import { EmptyState, LinkTabs, PageHeader } from "@/components/ui/page-parts";
import { missingFactors } from "@/lib/domain/people/missing-factor";
import type { PrincipalType } from "@/lib/domain/people/principal";
import { visible } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { confirmingIssuers } from "@/lib/platform/confirming-providers";
import {
  countedPeople,
  listPrincipals,
  type PeopleOrder,
  type PrincipalRow,
  peopleColumns,
} from "@/lib/queries/people/people";
import { parseOrder, type SortableHead, sortableHead } from "@/lib/web/list-order";
import { queryText } from "@/lib/web/page-query";
import { type Query, withQuery } from "@/lib/web/query-address";
import { requireCaller } from "@/lib/web/request";
import { SavedFiltersOf } from "../filters/saved-filters-of";

export const metadata: Metadata = { title: "People" };

const shape = z.object({
  type: z.enum(["User", "Group", "ServicePrincipal"]).catch("User"),
  status: z.enum(["enabled", "disabled", "all"]).catch("enabled"),
  factor: z.enum(["Any", "Own", "NoApp", "OnlyApp", "PhishingResistant"]).nullable().catch(null),
  search: queryText,
  sort: queryText,
  after: queryText,
  before: queryText,
});
const tabs: Record<PrincipalType, { label: string; one: string }> = {
  User: { label: "Users", one: "user" },
  Group: { label: "Groups", one: "group" },
  ServicePrincipal: { label: "Service principals", one: "service principal" },
};

type Sorted = (by: "name" | "email", label: string) => SortableHead;
const heads: Record<PrincipalType, (sorted: Sorted) => (string | SortableHead)[]> = {
  User: (sorted) => [sorted("name", "Name"), sorted("email", "Email"), "Second factor", "Status"],
  Group: (sorted) => [sorted("name", "Name"), "Members", "External id", "Status"],
  ServicePrincipal: (sorted) => [sorted("name", "Name"), "External id", "Status"],
};

function cellsOf(type: PrincipalType, row: PrincipalRow): Cell[] {
  const href = `/people/${row.id}`;
  const external: Cell = row.externalId ? { text: visible(row.externalId), wide: true } : "–";
  if (type === "Group") return [{ who: row.identity, href }, row.memberCount, external];
  if (type === "ServicePrincipal") return [{ who: row.identity, href }, external];
  return [
    { text: visible(row.displayName), href },
    { text: visible(row.email ?? ""), wide: true },
    row.hasFactor ? "Set up" : { text: "Not yet", quiet: true },
  ];
}

const status = ({ disabledAt }: PrincipalRow): Cell =>
  disabledAt === null ? { text: "Enabled", quiet: true } : { text: "Disabled", badge: "badge-danger" };

export default async function PeoplePage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const caller = await requireCaller();
  const query = shape.parse(await searchParams);
  const { type, status: shown, search, sort } = query;
  const without = type === "User" ? query.factor : null;
  const { configuration, database } = application();
  const issuers = confirmingIssuers(configuration.identityProviders);
  const byName: PeopleOrder = { by: "name", descending: false };
  // The best match first, for a search without a chosen order.
  const order = search && !sort ? null : parseOrder(peopleColumns[type], sort, byName);
  const found = await listPrincipals(
    database,
    caller,
    { type, status: shown, search, order, without, issuers },
    query,
  );
  if (!found) forbidden();
  const address = {
    type: type === "User" ? "" : type,
    status: shown === "enabled" ? "" : shown,
    factor: without ?? "",
    search,
    sort,
  };
  const href = (changes: Query) => withQuery("/people", address, changes);
  const { one } = tabs[type];
  return (
    <>
      <PageHeader title="People" description="Users, groups and service principals.">
        {found.mayWrite ? (
          <a className="button button-primary" href={`/people/new?type=${type}`}>
            New {one}
          </a>
        ) : null}
      </PageHeader>
      <LinkTabs
        label="Kinds"
        tabs={(Object.keys(tabs) as PrincipalType[]).map((each) => ({
          href: withQuery("/people", { type: each === "User" ? "" : each }),
          label: tabs[each].label,
          current: each === type,
        }))}
      />
      <FilterChips
        action="/people"
        query={address}
        search={{
          label: type === "User" ? "Search by name or email" : "Search by name or external id",
          value: search,
        }}
        filters={[
          {
            kind: "one",
            name: "status",
            label: "Status",
            usual: "enabled",
            value: shown,
            choices: [
              { value: "enabled", label: "Enabled" },
              { value: "disabled", label: "Disabled" },
              { value: "all", label: "All" },
            ],
          },
          ...(type === "User"
            ? [
                {
                  ...{ kind: "one" as const, name: "factor", label: "Second factor", usual: "" },
                  value: without ?? "",
                  choices: [
                    { value: "", label: "All" },
                    ...Object.entries(missingFactors).map(([value, label]) => ({ value, label })),
                  ],
                },
              ]
            : []),
        ]}
      />
      <SavedFiltersOf list="people" base="/people" query={address} />
      {found.rows.length === 0 ? (
        <EmptyState title={`No ${tabs[type].label.toLowerCase()}`}>
          {search || without || shown !== "enabled"
            ? "Nobody matches. Clear the search, or show all."
            : `Create a ${one}, or import them from another system.`}
        </EmptyState>
      ) : (
        <DataTable
          label={tabs[type].label}
          head={heads[type]((by, label) =>
            sortableHead(order ?? { by: "best", descending: false }, by, label, (next) =>
              href({ sort: next }),
            ),
          )}
          total={{ count: found.total, most: countedPeople, one, many: tabs[type].label.toLowerCase() }}
          pages={{
            first: found.previous ? href({}) : null,
            previous: found.previous ? href({ before: found.previous }) : null,
            next: found.next ? href({ after: found.next }) : null,
          }}
          rows={found.rows.map((row) => [row.id, ...cellsOf(type, row), status(row)])}
        />
      )}
    </>
  );
}
