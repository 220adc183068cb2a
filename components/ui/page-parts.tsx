import { Icon } from "@/components/ui/icon";
import { SearchField } from "@/components/ui/lists/search-field";
import { TableScroller } from "@/components/ui/lists/table-scroller";
import { Name, Sentence } from "@/components/ui/name";
import type { SortableHead } from "@/lib/web/list-order";

export interface Crumb {
  readonly href: string;
  readonly label: string;
}

/** The path from Home to this page, in the same place and form on every page. */
export function Breadcrumb({ trail, title }: { trail: readonly Crumb[]; title: string }) {
  return (
    <nav aria-label="Breadcrumb">
      <ol className="breadcrumb">
        {[{ href: "/", label: "Home" }, ...trail].map((crumb) => (
          <li key={crumb.href}>
            <a href={crumb.href}>
              <Name of={crumb.label} />
            </a>
          </li>
        ))}
        <li aria-current="page">
          <span>
            <Sentence of={title} />
          </span>
        </li>
      </ol>
    </nav>
  );
}

/** A title with more characters than this has smaller letters. */
const longTitle = 100;

/** The title of a page, its breadcrumb (`trail`, without Home and the page itself), its description and its actions. */
export function PageHeader(props: {
  title: string;
  trail?: readonly Crumb[] | null;
  description?: React.ReactNode;
  children?: React.ReactNode;
}) {
  return (
    <header className="mb-5">
      {props.trail === null ? null : <Breadcrumb trail={props.trail ?? []} title={props.title} />}
      <div className="page-head">
        <div>
          <h1 className={`wrap-anywhere ${props.title.length > longTitle ? "long-title" : ""}`}>
            <Sentence of={props.title} />
          </h1>
          {props.description ? (
            <div className="mt-1 max-w-3xl text-pretty text-muted wrap-anywhere">
              {typeof props.description === "string" ? (
                <Sentence of={props.description} />
              ) : (
                props.description
              )}
            </div>
          ) : null}
        </div>
        {props.children ? <div className="page-actions">{props.children}</div> : null}
      </div>
    </header>
  );
}

/** Says that there is nothing to show, and what to do next. */
export function EmptyState({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="grid justify-items-center py-10 text-center">
      <Icon name="inbox" size={26} className="mb-2 text-muted" />
      <p className="font-semibold">{title}</p>
      <div className="mt-1 max-w-prose text-pretty text-muted wrap-anywhere">{children}</div>
    </div>
  );
}

/** Tabs as links, so that each has an address. */
export function LinkTabs({
  label,
  tabs,
}: {
  label: string;
  tabs: { href: string; label: string; icon?: React.ReactNode; current: boolean }[];
}) {
  return (
    <nav aria-label={label} className="mb-4 flex flex-wrap border-b border-line">
      {tabs.map((tab) => (
        <a key={tab.href} href={tab.href} className="tab" aria-current={tab.current ? "page" : undefined}>
          {tab.icon}
          {tab.label}
        </a>
      ))}
    </nav>
  );
}

type Head = string | SortableHead;

const nameOf = (head: Head) => (typeof head === "string" ? head : head.label);

/** The column names of a table, as CSS properties. On a narrow screen they are shown above each value. */
function columnNames(head: readonly Head[]): React.CSSProperties {
  return Object.fromEntries(head.map((each, index) => [`--head-${index + 1}`, JSON.stringify(nameOf(each))]));
}

/** A table in its own region, which scrolls on narrow screens and can be reached by keyboard. */
export function TableRegion({
  label,
  head,
  children,
}: {
  label: string;
  /** The columns. Sortable ones are links. */
  head: readonly Head[];
  children: React.ReactNode;
}) {
  const sortable = head.filter((each) => typeof each !== "string");
  return (
    <>
      {sortable.length > 0 ? (
        // For screens that are too narrow for column headers.
        <nav aria-label={`Order of ${label}`} className="mb-2 flex flex-wrap items-center gap-x-4 sm:hidden">
          <span className="text-muted">Sort by</span>
          {sortable.map((each) => (
            <SortLink key={each.label} head={each} />
          ))}
        </nav>
      ) : null}
      <TableScroller label={label}>
        <table className="table" style={columnNames(head)}>
          <thead>
            <tr>
              {head.map((each) =>
                typeof each === "string" ? (
                  <th key={each} scope="col">
                    {each}
                  </th>
                ) : (
                  <th key={each.label} scope="col" aria-sort={each.sorted ?? "none"}>
                    <span className="sm:hidden">{each.label}</span>
                    <span className="max-sm:hidden">
                      <SortLink head={each} />
                    </span>
                  </th>
                ),
              )}
            </tr>
          </thead>
          <tbody>{children}</tbody>
        </table>
      </TableScroller>
    </>
  );
}

const arrows = { ascending: "arrow-up", descending: "arrow-down", none: "chevrons-up-down" } as const;

function SortLink({ head }: { head: SortableHead }) {
  const arrow = arrows[head.sorted ?? "none"];
  return (
    <a
      href={head.href}
      data-keeps-scroll=""
      className={`sort-link ${head.sorted ? "sort-link-current" : ""}`}
      aria-current={head.sorted ? "true" : undefined}
    >
      {head.label}
      <Icon name={arrow} size={14} />
    </a>
  );
}

/** Links to the neighbouring pages of a list (`pageLinks`). */
export function Pager(links: { first: string | null; previous?: string | null; next: string | null }) {
  const shown = [
    ["First page", links.first],
    ["Previous page", links.previous],
    ["Next page", links.next],
  ] as const;
  if (shown.every(([, href]) => !href)) return null;
  return (
    <nav aria-label="Pages" className="mt-3 flex flex-wrap justify-end gap-2">
      {shown.map(([label, href]) =>
        href ? (
          <a key={label} className="button" href={href}>
            {label}
          </a>
        ) : null,
      )}
    </nav>
  );
}

/** A search as a plain form. It works without scripts, and has an address. */
export function SearchForm(props: {
  action: string;
  value: string;
  label: string;
  hidden?: Record<string, string>;
  children?: React.ReactNode;
}) {
  return (
    <form action={props.action} className="filter-line">
      {Object.entries(props.hidden ?? {}).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <SearchField label={props.label} value={props.value}>
        {props.children}
      </SearchField>
    </form>
  );
}
