import { CsvLink } from "@/components/figures/csv-link";
import { type ChartData, Linked } from "@/components/figures/few-rows";
import { SaveImage } from "@/components/figures/save-image";
import { Swatch } from "@/components/figures/series-drawn";

export interface LegendEntry {
  readonly index: number;
  readonly label: string;
  readonly value: string;
  /** The dash pattern, for a line. */
  readonly dash?: string;
  readonly href?: string | null;
}

/** A series by its name, cut after two lines: inside of the link, which is a box of its own and would be shown whole. */
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

/**
 * A chart in its card: title, legend, drawing, table and downloads. The drawing is hidden from screen readers, which
 * get the sentence and the table. Each figure links to its list.
 */
export function ChartFrame(props: {
  /** Identifies the drawing's parts and files. Unique on the page. */
  id: string;
  title: string;
  /** The chart in one sentence. */
  summary: string;
  summaryHref?: string;
  data: ChartData;
  /** The data as a table, which is closed at first. */
  table: React.ReactNode;
  legend?: readonly LegendEntry[];
  empty?: string | null;
  className?: string;
  children: React.ReactNode;
}) {
  return (
    <figure className={`card @container m-0 flex flex-col ${props.className ?? ""}`} id={props.id}>
      <div className="mb-1 flex items-start gap-x-3">
        <h2 className="min-w-0 grow">{props.title}</h2>
        {props.empty ? null : (
          <div className="-mt-1 -mr-2 flex shrink-0">
            <SaveImage
              figureId={props.id}
              title={props.title}
              legend={(props.legend ?? []).map(({ index, label, value, dash }) => ({
                index,
                label,
                value,
                dash,
              }))}
            />
            <CsvLink id={props.id} title={props.title} data={props.data} />
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
          <details className="mt-auto pt-3">
            <summary className="w-fit text-muted">Show as table</summary>
            {props.table}
          </details>
        </>
      )}
    </figure>
  );
}
