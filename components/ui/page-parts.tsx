import { Inbox } from "lucide-react";
import Link from "next/link";

export interface Crumb {
  readonly href: string;
  readonly label: string;
}

/** The way from Home to this page; every page has one, in the same place and look. */
export function Breadcrumb({ trail, title }: { trail: readonly Crumb[]; title: string }) {
  return (
    <nav aria-label="Breadcrumb">
      <ol className="breadcrumb">
        {[{ href: "/", label: "Home" }, ...trail].map((crumb) => (
          <li key={crumb.href}>
            <Link href={crumb.href}>{crumb.label}</Link>
          </li>
        ))}
        <li aria-current="page">{title}</li>
      </ol>
    </nav>
  );
}

/** The title of a page with the way to it (`trail`, less Home and the page), what it is about, and what can be done. */
export function PageHeader(props: {
  title: string;
  trail?: readonly Crumb[] | null;
  description?: React.ReactNode;
  children?: React.ReactNode;
}) {
  return (
    <header className="mb-5">
      {props.trail === null ? null : <Breadcrumb trail={props.trail ?? []} title={props.title} />}
      <div className="flex flex-wrap items-start gap-3">
        <div className="min-w-0 flex-1 basis-72">
          <h1 className="wrap-anywhere">{props.title}</h1>
          {props.description ? (
            <div className="mt-1 max-w-prose text-muted wrap-anywhere">{props.description}</div>
          ) : null}
        </div>
        {props.children ? <div className="flex flex-wrap gap-2">{props.children}</div> : null}
      </div>
    </header>
  );
}

/** Nothing to show: says so, and what to do next. */
export function EmptyState({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="card grid justify-items-center py-10 text-center">
      <Inbox aria-hidden size={26} className="mb-2 text-muted" />
      <p className="font-semibold">{title}</p>
      <div className="mt-1 max-w-prose text-muted">{children}</div>
    </div>
  );
}

/** Tabs that are links, so that each has an address. */
export function LinkTabs({
  label,
  tabs,
}: {
  label: string;
  tabs: { href: string; label: string; icon?: React.ReactNode; current: boolean }[];
}) {
  return (
    <nav aria-label={label} className="mb-4 overflow-x-auto border-b border-line">
      {tabs.map((tab) => (
        <Link key={tab.href} href={tab.href} className="tab" aria-current={tab.current ? "page" : undefined}>
          {tab.icon}
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}

/** The names of a table's columns for the style sheet, which sets them over each value on a narrow screen. */
function columnNames(head: readonly string[]): React.CSSProperties {
  return Object.fromEntries(head.map((text, index) => [`--head-${index + 1}`, JSON.stringify(text)]));
}

/** A table in a region of its own that scrolls by itself on narrow screens, and can be reached by keyboard. */
export function TableRegion({
  label,
  head,
  children,
}: {
  label: string;
  head: string[];
  children: React.ReactNode;
}) {
  return (
    <section aria-label={label} tabIndex={0} className="table-region">
      <table className="table" style={columnNames(head)}>
        <thead>
          <tr>
            {head.map((text) => (
              <th key={text} scope="col">
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

/** On to the next part of a list, or back to its beginning. */
export function Pager({ first, next }: { first: string | null; next: string | null }) {
  if (first === null && next === null) return null;
  return (
    <nav aria-label="Pages" className="mt-3 flex justify-end gap-2">
      {first ? (
        <Link className="button" href={first}>
          First page
        </Link>
      ) : null}
      {next ? (
        <Link className="button" href={next}>
          Next page
        </Link>
      ) : null}
    </nav>
  );
}

/** A search that is a plain form: works without scripts, and has an address. */
export function SearchForm(props: {
  action: string;
  value: string;
  label: string;
  hidden?: Record<string, string>;
  children?: React.ReactNode;
}) {
  return (
    <form action={props.action} className="mb-3 flex flex-wrap items-end gap-2">
      {Object.entries(props.hidden ?? {}).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <label className="grow sm:max-w-xs">
        <span className="label">{props.label}</span>
        {/* Anew for another search, so that it shows what the list is filtered by, whichever link led there. */}
        <input key={props.value} className="input" type="search" name="search" defaultValue={props.value} />
      </label>
      {props.children}
      <button type="submit" className="button">
        Search
      </button>
    </form>
  );
}
