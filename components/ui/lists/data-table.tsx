"use client";

import { Icon } from "@/components/ui/icon";
import type { IconName } from "@/components/ui/icon-names";
import { TableFrame } from "@/components/ui/lists/list-frame";
import { longName, Name, Sentence } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";

/** A value of a table. What people typed is escaped by `visible` before it comes here, and isolated here. */
export interface Value {
  readonly text: string;
  /** The text is a sentence with isolated names in it (`isolated`), not a name. */
  readonly sentence?: boolean;
  readonly href?: string | undefined;
  /** Shown before the text, and within its badge. */
  readonly icon?: IconName;
  /** Less prominent than the others, and on one line: a short word for what is usual or does not apply. */
  readonly quiet?: boolean;
  /** The link is an action of the row. This is what it is about, for its name. */
  readonly action?: string;
  /** The classes of a badge. */
  readonly badge?: string;
  /** A moment in ISO 8601. `text` shows it in the reader's zone. */
  readonly moment?: string;
  /** A second line: some words, or a scope whose beginning may be cut off. */
  readonly note?: string | null;
  readonly scope?: string;
  /** Uses the whole width on a narrow screen. */
  readonly wide?: boolean;
}

export type Cell =
  | string
  | number
  | null
  | Value
  | { readonly who: PrincipalIdentity; readonly href?: string }
  /** For the few rows that need more than text, such as those that wait for the reader. */
  | { readonly node: React.ReactNode; readonly wide?: boolean };

/**
 * A list as data. The server sends each row once, as plain values, and not as a tree of elements beside its
 * HTML. This halves the size of a full page.
 */
export function DataTable({
  rows,
  ...frame
}: Omit<React.ComponentProps<typeof TableFrame>, "children"> & {
  readonly rows: readonly (readonly [key: string, ...cells: Cell[]])[];
}) {
  return (
    <TableFrame {...frame}>
      {rows.map(([key, ...cells]) => (
        <tr key={key}>
          {cells.map((cell, index) => (
            <DataCell key={`${key} ${columnName(frame.head, index)}`} cell={cell} />
          ))}
        </tr>
      ))}
    </TableFrame>
  );
}

function columnName(head: React.ComponentProps<typeof TableFrame>["head"], index: number): string {
  const column = head[index];
  return typeof column === "string" ? column : (column?.label ?? "");
}

function DataCell({ cell }: { cell: Cell }) {
  if (cell === null || typeof cell !== "object") return <td>{cell}</td>;
  if ("who" in cell)
    return (
      <td>
        <PrincipalName of={cell.who} href={cell.href} />
      </td>
    );
  if ("node" in cell) return <td className={cell.wide ? "cell-wide" : undefined}>{cell.node}</td>;
  const classes = [cell.quiet ? "quiet" : "", cell.wide || cell.scope ? "cell-wide" : ""];
  return (
    <td className={classes.filter(Boolean).join(" ") || undefined}>
      {cell.icon && cell.badge === undefined ? <Icon name={cell.icon} className="cell-icon" /> : null}
      {cell.text ? <Words of={cell} /> : null}
      {cell.note ? (
        <span className="cell-note">
          <bdi {...lookOf(cell.note)}>{cell.note}</bdi>
        </span>
      ) : null}
      {cell.scope ? (
        <code className="cell-scope">
          <bdi>{cell.scope}</bdi>
        </code>
      ) : null}
    </td>
  );
}

/** A list shows only the first lines of a long text. */
const lookOf = (text: string) => (text.length > longName ? { className: "long-name", title: text } : {});

function Words({ of }: { of: Value }) {
  if (of.moment)
    return (
      <time dateTime={of.moment} title={`${of.moment.replace("T", " ").slice(0, 19)} UTC`}>
        {of.text}
      </time>
    );
  if (of.badge !== undefined)
    return (
      <span className={`badge ${of.badge}`.trim()}>
        {of.icon ? <Icon name={of.icon} size={13} /> : null}
        {of.text}
      </span>
    );
  if (of.action !== undefined && of.href)
    return (
      <a className="row-action" href={of.href} aria-label={`${of.text} ${of.action}`}>
        {of.text}
      </a>
    );
  const text = of.sentence ? (
    <span {...lookOf(of.text)}>
      <Sentence of={of.text} />
    </span>
  ) : (
    <Name of={of.text} />
  );
  return of.href ? <a href={of.href}>{text}</a> : text;
}
