import type { Metadata } from "next";
import Link from "next/link";
import { forbidden } from "next/navigation";
import { z } from "zod";
import { StatusBadge } from "@/components/people/status-badge";
import { FilterChips } from "@/components/ui/chips";
import { ListFrame } from "@/components/ui/list-frame";
import { Name } from "@/components/ui/name";
import { EmptyState, LinkTabs, PageHeader } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import type { PrincipalType } from "@/lib/domain/people/principal";
import { application } from "@/lib/platform/application";
import {
  countedPeople,
  listPrincipals,
  type PeopleOrder,
  type PrincipalRow,
  peopleColumns,
} from "@/lib/queries/people/people";
import { parseOrder, type SortableHead, sortableHead } from "@/lib/web/list-order";
import { type Query, withQuery } from "@/lib/web/query-address";
import { requireCaller } from "@/lib/web/request";
import { SavedFiltersOf } from "../filters/saved-filters-of";

export const metadata: Metadata = { title: "People" };

const text = z
  .string()
  .max(2_000)
  .transform((value) => value.replaceAll("\0", "").trim())
  .catch("");
const shape = z.object({
  type: z.enum(["User", "Group", "ServicePrincipal"]).catch("User"),
  status: z.enum(["enabled", "disabled", "all"]).catch("enabled"),
  search: text,
  sort: text,
  after: text,
  before: text,
});
const tabs: Record<PrincipalType, { label: string; one: string }> = {
  User: { label: "Users", one: "user" },
  Group: { label: "Groups", one: "group" },
  ServicePrincipal: { label: "Service principals", one: "service principal" },
};

type Sorted = (by: "name" | "email", label: string) => SortableHead;
const heads: Record<PrincipalType, (sorted: Sorted) => (string | SortableHead)[]> = {
  User: (sorted) => [sorted("name", "Name"), sorted("email", "Email"), "Authenticator app", "Status"],
  Group: (sorted) => [sorted("name", "Name"), "Members", "External id", "Status"],
  ServicePrincipal: (sorted) => [sorted("name", "Name"), "External id", "Status"],
};

function Cells({ type, row }: { type: PrincipalType; row: PrincipalRow }) {
  const external = <td>{row.externalId ? <code>{row.externalId}</code> : "–"}</td>;
  if (type === "Group")
    return (
      <>
        <td>{row.memberCount}</td>
        {external}
      </>
    );
  if (type === "ServicePrincipal") return external;
  return (
    <>
      <td className="cell-wide">{row.email}</td>
      <td>{row.hasAuthenticator ? "Set up" : <span className="text-muted">Not yet</span>}</td>
    </>
  );
}

export default async function PeoplePage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const caller = await requireCaller();
  const query = shape.parse(await searchParams);
  const { type, status, search, sort } = query;
  const byName: PeopleOrder = { by: "name", descending: false };
  // The best first, of a search that nobody sorted otherwise.
  const order = search && !sort ? null : parseOrder(peopleColumns[type], sort, byName);
  const found = await listPrincipals(application().database, caller, { type, status, search, order }, query);
  if (!found) forbidden();
  const address = {
    type: type === "User" ? "" : type,
    status: status === "enabled" ? "" : status,
    search,
    sort,
  };
  const href = (changes: Query) => withQuery("/people", address, changes);
  const { one } = tabs[type];
  return (
    <>
      <PageHeader title="People" description="Users, groups and service principals.">
        {found.mayWrite ? (
          <Link className="button button-primary" href={`/people/new?type=${type}`}>
            New {one}
          </Link>
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
            value: status,
            choices: [
              { value: "enabled", label: "Enabled" },
              { value: "disabled", label: "Disabled" },
              { value: "all", label: "All" },
            ],
          },
        ]}
      />
      <SavedFiltersOf list="people" base="/people" query={address} />
      {found.rows.length === 0 ? (
        <EmptyState title={`No ${tabs[type].label.toLowerCase()}`}>
          {search || status !== "enabled"
            ? "Nobody matches. Clear the search, or show all."
            : `Create a ${one}, or import them from another system.`}
        </EmptyState>
      ) : (
        <ListFrame
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
        >
          {found.rows.map((row) => (
            <tr key={row.id}>
              <td>
                {type === "User" ? (
                  <Link href={`/people/${row.id}`} className="font-medium">
                    <Name of={row.displayName} />
                  </Link>
                ) : (
                  <PrincipalName className="font-medium" of={row.identity} href={`/people/${row.id}`} />
                )}
              </td>
              <Cells type={type} row={row} />
              <td>
                <StatusBadge disabled={row.disabledAt !== null} />
              </td>
            </tr>
          ))}
        </ListFrame>
      )}
    </>
  );
}
