import type { Metadata } from "next";
import { z } from "zod";
import { FavouriteLinks } from "@/components/resources/favourite-links";
import { iconOfType } from "@/components/resources/resource-icon";
import { ResourceTree } from "@/components/resources/resource-tree";
import { shownNode, shownPart } from "@/components/resources/shown-tree";
import { Icon } from "@/components/ui/icon";
import { type Filter, FilterChips } from "@/components/ui/lists/chips";
import { DataTable } from "@/components/ui/lists/data-table";
import { EmptyState, LinkTabs, PageHeader, SearchForm } from "@/components/ui/page-parts";
import type { OwnTypes } from "@/lib/domain/resources/own-type";
import { openNodes } from "@/lib/domain/resources/resource-tree";
import { resourceTypeInWords } from "@/lib/domain/resources/resource-type";
import { visible } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { favouriteResources } from "@/lib/queries/resources/favourite-resources";
import { rootToAddTo } from "@/lib/queries/resources/own-types";
import { countedResources, listResources, resourceColumns } from "@/lib/queries/resources/resource-list";
import { childrenOf, treeTop } from "@/lib/queries/resources/resource-tree";
import { parseOrder, sortableHead } from "@/lib/web/list-order";
import { queryText } from "@/lib/web/page-query";
import { type Query, withQuery } from "@/lib/web/query-address";
import { requireCaller } from "@/lib/web/request";
import { SavedFiltersOf } from "../../filters/saved-filters-of";
import { typesInWords } from "../types-in-words";
import { readChildren } from "./actions";

export const metadata: Metadata = { title: "Resources" };

const shape = z.object({
  view: queryText,
  search: queryText,
  type: queryText,
  sort: queryText,
  after: queryText,
  before: queryText,
  open: queryText,
});

export default async function ResourcesPage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const caller = await requireCaller();
  const query = shape.parse(await props.searchParams);
  const rights = await rootToAddTo(application().database, caller);
  const list = query.view === "list" || query.search !== "" || query.type !== "";
  return (
    <>
      <PageHeader title="Resources" description="Every resource on which you hold or can activate a role.">
        {rights ? (
          <>
            <a className="button" href="/resources/retired">
              Retired
            </a>
            <a className="button" href="/organisation/resource-types">
              Types
            </a>
            <a className="button button-primary" href={`/resources/${rights.rootId}/add`}>
              Add resource
            </a>
          </>
        ) : null}
      </PageHeader>
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
      {Object.entries(query).every(([name, value]) => value === "" || name === "view" || name === "open") ? (
        <Favourites caller={caller} />
      ) : null}
      {list ? (
        <FlatList caller={caller} query={query} />
      ) : (
        <Tree caller={caller} open={query.open} add={rights} />
      )}
    </>
  );
}

const nothing = (
  <EmptyState title="No resources yet">
    You hold no role and are eligible for none. Ask an administrator to make you eligible.
  </EmptyState>
);

/** The resources that the reader starred, before everything else. */
async function Favourites({ caller }: { caller: Caller }) {
  const resources = await favouriteResources(application().database, caller);
  if (resources.length === 0) return null;
  return (
    <section aria-label="Favourite resources" className="mb-4 flex items-start gap-2">
      <Icon name="star" size={16} className="mt-1.5 shrink-0 text-muted max-sm:hidden" />
      <FavouriteLinks resources={resources} types={await typesInWords()} />
    </section>
  );
}

async function Tree(props: { caller: Caller; open: string; add: { readonly rootId: string } | null }) {
  const { caller, open, add } = props;
  const { database } = application();
  const top = await treeTop(database, caller);
  if (!top) return nothing;
  const wanted = open === "" ? top.open : openNodes(open);
  const [below, types] = await Promise.all([childrenOf(database, caller, wanted), typesInWords()]);
  const parts = Object.fromEntries([...below].map(([id, part]) => [id, shownPart(part, types)]));
  return (
    <>
      <SearchForm action="/resources" value="" label="Search by name or scope" hidden={{ view: "list" }} />
      <ResourceTree
        key={caller.userId}
        root={shownNode(top.root, types)}
        parts={parts}
        readChildren={readChildren}
      />
      {add && !top.root.hasChildren ? (
        <EmptyState title="Only the organisation itself so far">
          Add what people get access to, such as a database or a cluster, or{" "}
          <a href="/import">import what you have in Azure</a>.
          <p className="mt-4">
            <a className="button button-primary" href={`/resources/${add.rootId}/add`}>
              Add the first resource
            </a>
          </p>
        </EmptyState>
      ) : null}
    </>
  );
}

async function FlatList({ caller, query }: { caller: Caller; query: z.infer<typeof shape> }) {
  const { search, type, sort } = query;
  const byName = { by: "name", descending: false } as const;
  // The best match first, for a search without a chosen order.
  const order = search && !sort ? null : parseOrder(resourceColumns, sort, byName);
  const page = await listResources(application().database, caller, { search, type, order }, query);
  if (page.types.length === 0) return nothing;
  const types = await typesInWords();
  const filter = { view: "list", search, type, sort };
  const address = (changes: Query) => withQuery("/resources", filter, changes);
  const sorted = (by: (typeof resourceColumns)[number], label: string) =>
    sortableHead(order ?? { by: "best", descending: false }, by, label, (next) => address({ sort: next }));
  return (
    <>
      <FilterChips
        action="/resources"
        query={filter}
        search={{ label: "Search by name or scope", value: search }}
        filters={[typeFilter(type, page.types, types)]}
      />
      <SavedFiltersOf list="resources" base="/resources" query={filter} />
      {page.rows.length === 0 ? (
        <EmptyState title="No resource matches">
          No resource that you may see has this name, scope or type.{" "}
          <a href="/resources?view=list">Clear the filters</a> to see everything.
        </EmptyState>
      ) : (
        <DataTable
          label="Resources"
          head={[sorted("name", "Resource"), sorted("type", "Type"), "In", sorted("scope", "Scope")]}
          total={{ count: page.total, most: countedResources, one: "resource", many: "resources" }}
          pages={{
            first: page.previous ? address({}) : null,
            previous: page.previous ? address({ before: page.previous }) : null,
            next: page.next ? address({ after: page.next }) : null,
          }}
          rows={page.rows.map((row) => [
            row.id,
            {
              text: visible(row.displayName),
              href: `/resources/${row.id}`,
              icon: iconOfType(row.resourceType, types),
            },
            resourceTypeInWords(row.resourceType, types),
            row.parentName === null ? null : { text: visible(row.parentName) },
            { text: "", scope: row.scope },
          ])}
        />
      )}
    </>
  );
}

function typeFilter(type: string, types: readonly string[], own: OwnTypes): Filter {
  const named = namedTypes(types, own);
  return {
    kind: "fields",
    names: ["type"],
    label: "Type",
    active: type === "" ? null : (named.find(([each]) => each === type)?.[1] ?? type),
    fields: (
      <label>
        <span className="label">Resource type</span>
        <select key={type} className="input" name="type" defaultValue={type}>
          <option value="">Any type</option>
          {named.map(([each, name]) => (
            <option key={each} value={each}>
              {name}
            </option>
          ))}
        </select>
      </label>
    ),
  };
}

/** Resource types with their display names. The type is added where names are equal or missing. */
function namedTypes(types: readonly string[], own: OwnTypes): [type: string, name: string][] {
  const named = types.map((type): [string, string] => [type, resourceTypeInWords(type, own)]);
  return named
    .map(([type, name]): [string, string] => {
      const alone = named.every(([other, another]) => other === type || another !== name);
      return [type, alone ? name : `${name} (${type})`];
    })
    .sort(([, left], [, right]) => left.localeCompare(right, "en"));
}
