import type { Metadata } from "next";
import Link from "next/link";
import { z } from "zod";
import { ResourceIcon } from "@/components/resources/resource-icon";
import { ResourceTree } from "@/components/resources/resource-tree";
import { Icon } from "@/components/ui/icon";
import { Name } from "@/components/ui/name";
import { EmptyState, LinkTabs, PageHeader, Pager, SearchForm, TableRegion } from "@/components/ui/page-parts";
import { openNodes } from "@/lib/domain/resources/resource-tree";
import { resourceTypeInWords } from "@/lib/domain/resources/resource-type";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { listResources, resourceColumns } from "@/lib/queries/resources/resource-list";
import { childrenOf, treeTop } from "@/lib/queries/resources/resource-tree";
import { parseOrder, sortableHead } from "@/lib/web/list-order";
import { requireCaller } from "@/lib/web/request";
import { SavedFiltersOf } from "../../filters/saved-filters-of";
import { readChildren } from "./actions";

export const metadata: Metadata = { title: "Resources" };

const text = z
  .string()
  .max(2000)
  .transform((value) => value.replaceAll("\0", "").trim())
  .catch("");
const shape = z.object({ view: text, search: text, type: text, sort: text, after: text, open: text });

export default async function ResourcesPage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const caller = await requireCaller();
  const query = shape.parse(await props.searchParams);
  const list = query.view === "list" || query.search !== "" || query.type !== "";
  return (
    <>
      <PageHeader title="Resources" description="Every resource on which you hold or can activate a role." />
      <LinkTabs
        label="Resources"
        tabs={[
          { href: "/resources", label: "Tree", icon: <Icon name="folder-tree" size={16} />, current: !list },
          {
            href: "/resources?view=list",
            label: "List",
            icon: <Icon name="list" size={16} />,
            current: list,
          },
        ]}
      />
      {list ? <FlatList caller={caller} query={query} /> : <Tree caller={caller} open={query.open} />}
    </>
  );
}

const nothing = (
  <EmptyState title="No resources yet">
    You hold no role and are eligible for none. Ask an administrator to make you eligible.
  </EmptyState>
);

async function Tree({ caller, open }: { caller: Caller; open: string }) {
  const { database } = application();
  const top = await treeTop(database, caller);
  if (!top) return nothing;
  const wanted = open === "" ? top.open : openNodes(open);
  const parts = Object.fromEntries(await childrenOf(database, caller, wanted));
  return (
    <>
      <SearchForm action="/resources" value="" label="Search by name or scope" hidden={{ view: "list" }} />
      <ResourceTree key={caller.userId} root={top.root} parts={parts} readChildren={readChildren} />
    </>
  );
}

async function FlatList(props: { caller: Caller; query: z.infer<typeof shape> }) {
  const { search, type, sort, after } = props.query;
  const order = parseOrder(resourceColumns, sort, { by: "name", descending: false });
  const page = await listResources(application().database, props.caller, {
    search,
    type,
    order,
    after,
  });
  if (page.types.length === 0) return nothing;
  const address = (changes: { sort?: string; after?: string }) =>
    `/resources?${new URLSearchParams({ view: "list", search, type, sort, ...changes })}`;
  const sorted = (by: (typeof resourceColumns)[number], label: string) =>
    sortableHead(order, by, label, (next) => address({ sort: next }));
  return (
    <>
      <SearchForm
        action="/resources"
        value={search}
        label="Search by name or scope"
        hidden={{ view: "list", sort }}
      >
        <label className="w-full sm:w-auto sm:max-w-xs">
          <span className="label">Type</span>
          <select key={type} className="input" name="type" defaultValue={type}>
            <option value="">Every type</option>
            {namedTypes(page.types).map(([each, name]) => (
              <option key={each} value={each}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </SearchForm>
      <SavedFiltersOf list="resources" base="/resources" query={{ view: "list", search, type, sort }} />
      {page.rows.length === 0 ? (
        <EmptyState title="No resource matches">
          No resource that you may see has this name, scope or type.{" "}
          <Link href="/resources?view=list">Clear the filters</Link> to see everything.
        </EmptyState>
      ) : (
        <TableRegion
          label="Resources"
          head={[sorted("name", "Resource"), sorted("type", "Type"), "In", sorted("scope", "Scope")]}
        >
          {page.rows.map((row) => (
            <tr key={row.id}>
              <td>
                <span className="flex items-center gap-2">
                  <ResourceIcon type={row.resourceType} />
                  <Link
                    href={`/resources/${row.id}`}
                    prefetch={false}
                    className="font-medium wrap-anywhere sm:min-w-48"
                  >
                    <Name of={row.displayName} />
                  </Link>
                </span>
              </td>
              <td title={row.resourceType} className="sm:whitespace-nowrap">
                {resourceTypeInWords(row.resourceType)}
              </td>
              <td>
                <Name of={row.parentName} />
              </td>
              <td className="cell-wide max-w-none">
                <code>{row.scope}</code>
              </td>
            </tr>
          ))}
        </TableRegion>
      )}
      <Pager first={after ? address({}) : null} next={page.next ? address({ after: page.next }) : null} />
    </>
  );
}

/** Resource types with their display names. The type is added where names are equal or missing. */
function namedTypes(types: readonly string[]): [type: string, name: string][] {
  const named = types.map((type): [string, string] => [type, resourceTypeInWords(type)]);
  return named
    .map(([type, name]): [string, string] => {
      const alone = named.every(([other, another]) => other === type || another !== name);
      return [type, alone ? name : `${name} (${type})`];
    })
    .sort(([, left], [, right]) => left.localeCompare(right, "en"));
}
