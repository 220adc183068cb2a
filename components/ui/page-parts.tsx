import Link from "next/link";

/** The title of a page, what it is about, and what can be done on it. */
export function PageHeader(props: {
  title: string;
  description?: React.ReactNode;
  children?: React.ReactNode;
}) {
  return (
    <header className="mb-5 flex flex-wrap items-start gap-3">
      <div className="min-w-0 grow">
        <h1>{props.title}</h1>
        {props.description ? <p className="mt-1 text-muted">{props.description}</p> : null}
      </div>
      <div className="flex flex-wrap gap-2">{props.children}</div>
    </header>
  );
}

export function EmptyState({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="card py-10 text-center">
      <p className="font-semibold">{title}</p>
      <p className="mx-auto mt-1 max-w-prose text-muted">{children}</p>
    </div>
  );
}

/** Tabs that are links, so that each has an address. */
export function LinkTabs({
  label,
  tabs,
}: {
  label: string;
  tabs: { href: string; label: string; current: boolean }[];
}) {
  return (
    <nav aria-label={label} className="mb-4 overflow-x-auto border-b border-line">
      {tabs.map((tab) => (
        <Link key={tab.href} href={tab.href} className="tab" aria-current={tab.current ? "page" : undefined}>
          {tab.label}
        </Link>
      ))}
    </nav>
  );
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
      <table className="table">
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
        <input className="input" type="search" name="search" defaultValue={props.value} />
      </label>
      {props.children}
      <button type="submit" className="button">
        Search
      </button>
    </form>
  );
}
