"use client";

import { useEffect, useRef, useState } from "react";
import { TableOpened } from "@/components/figures/chart-table";
import { Linked } from "@/components/figures/few-rows";
import { SaveImage } from "@/components/figures/save-image";
import { Swatch } from "@/components/figures/series-drawn";
import { Icon } from "@/components/ui/icon";

export interface LegendEntry {
  readonly index: number;
  readonly label: string;
  readonly value: string;
  /** The dash pattern, for a line. */
  readonly dash?: string;
  readonly href?: string | null;
}

/**
 * A series by its name, cut after two lines. The cut is inside the link, which is a box of its own and would be
 * shown whole.
 */
function LegendName({ label, href }: Pick<LegendEntry, "label" | "href">) {
  const name = (
    <span className="line-clamp-2" title={label}>
      {label}
    </span>
  );
  return href ? (
    <a href={href} className="tap min-w-0">
      {name}
    </a>
  ) : (
    name
  );
}

/** Renders what `ChartFrame` shows in the browser, so that a page sends only the words (docs/decisions/speed.md). */
export interface FrameProps {
  /** Identifies the drawing's parts and files. Unique on the page. */
  readonly id: string;
  readonly title: string;
  /** The chart in one sentence. */
  readonly summary: string;
  readonly summaryHref?: string;
  /** The data as a table, which is closed at first. */
  readonly table: React.ReactNode;
  readonly legend?: readonly LegendEntry[];
  readonly empty?: string | null;
  readonly className?: string;
  readonly children: React.ReactNode;
  /** Shown after the legend. */
  readonly after?: React.ReactNode;
}

export function DrawnFrame(props: FrameProps & { readonly csv: string | null }) {
  return (
    <figure className={`card @container m-0 flex flex-col ${props.className ?? ""}`} id={props.id}>
      <div className="mb-1 flex items-start gap-x-3">
        <h2 className="min-w-0 grow">{props.title}</h2>
        {props.empty ? null : (
          <div className="-mt-1 -mr-2 flex shrink-0">
            <SaveImage figureId={props.id} title={props.title} legend={props.legend ?? []} />
            {props.csv ? <CsvLink id={props.id} title={props.title} href={props.csv} /> : null}
          </div>
        )}
      </div>
      {props.empty ? (
        <p className="grid grow place-content-center py-8 text-center text-muted">{props.empty}</p>
      ) : (
        <>
          <p className="mb-3 text-muted">
            <Linked text={props.summary} href={props.summaryHref} />
          </p>
          {props.children}
          {props.legend ? (
            <ul className="mt-3 flex flex-wrap gap-x-5 gap-y-1.5 touch:gap-y-0">
              {props.legend.map((entry) => (
                <li key={entry.label} className="flex max-w-full min-w-0 items-center gap-2 wrap-anywhere">
                  <Swatch index={entry.index} dash={entry.dash} />
                  <LegendName label={entry.label} href={entry.href} />
                  <span className="flex-none text-muted tabular-nums">{entry.value}</span>
                </li>
              ))}
            </ul>
          ) : null}
          {props.after}
          <ClosedTable>{props.table}</ClosedTable>
        </>
      )}
    </figure>
  );
}

/** The table of a chart, which is closed at first. */
function ClosedTable({ children }: { children: React.ReactNode }) {
  const details = useRef<HTMLDetailsElement>(null);
  const [opened, setOpened] = useState(false);
  // Opened before the script ran.
  useEffect(() => {
    if (details.current?.open) setOpened(true);
  }, []);
  return (
    <details ref={details} className="mt-auto pt-3" onToggle={() => setOpened(true)}>
      <summary className="w-fit text-muted">Show as table</summary>
      <TableOpened value={opened}>{children}</TableOpened>
    </details>
  );
}

/** The data of a figure, as a file. */
export function CsvLink({ id, title, href }: { id: string; title: string; href: string }) {
  return (
    <a
      className="button button-quiet px-2 text-muted"
      href={href}
      download={`${id}.csv`}
      aria-label={`Download ${title} as CSV`}
    >
      <Icon name="download" size={15} /> <span className="hidden @md:inline">CSV</span>
    </a>
  );
}
