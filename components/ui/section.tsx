/** A part of a page under its own heading. `aside` is at the end of the heading's line. */
export function Section(props: {
  readonly id: string;
  readonly title: string;
  readonly aside?: React.ReactNode;
  readonly className?: string;
  readonly children: React.ReactNode;
}) {
  return (
    <section aria-labelledby={props.id} className={props.className}>
      <div className="mb-2 flex min-h-7 flex-wrap items-baseline justify-between gap-x-4">
        <h2 id={props.id}>{props.title}</h2>
        {props.aside}
      </div>
      {props.children}
    </section>
  );
}

/** Rows between hairlines, in one frame. */
export function Rows({ label, children }: { label?: string; children: React.ReactNode }) {
  return (
    <ul aria-label={label} className="rows card">
      {children}
    </ul>
  );
}

/**
 * A row: what it is about, and at its end the actions. On a phone they are below texts of several lines
 * (`long`), and beside short ones.
 */
export function Row(props: {
  readonly children: React.ReactNode;
  readonly end?: React.ReactNode;
  readonly long?: boolean;
}) {
  return (
    <li className="rows-line">
      <div className={props.long ? "rows-long" : "rows-words"}>{props.children}</div>
      {props.end ? <div className="rows-end">{props.end}</div> : null}
    </li>
  );
}
