import { scaleBand, scaleLinear } from "d3-scale";
import { ChartFrame } from "@/components/figures/chart-frame";
import { fillOf, type PlotSize, plotSizes, seriesCount } from "@/components/figures/series";
import { counted, countedShort } from "@/lib/domain/text/number-format";
import { dayInWords } from "@/lib/domain/time/moment-format";

export interface DaySeries {
  readonly key: string;
  readonly label: string;
  /** One count for each day. */
  readonly counts: readonly number[];
  /** The link to the series' list for a day, or for all days. */
  readonly href: ((day: string | null) => string) | null;
}

interface Drawing {
  readonly id: string;
  readonly days: readonly string[];
  readonly series: readonly DaySeries[];
  /** The link to the list for a day, or for all days. */
  readonly dayHref: (day: string | null) => string;
}

const total = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

/** `2026-03-02` as Mon 2 Mar, or as 2 Mar where space is short. */
function dayName(day: string, long: boolean): string {
  return dayInWords(new Date(`${day}T00:00:00Z`), long);
}

function Plot({ days, series, dayHref, size }: Omit<Drawing, "id"> & { size: PlotSize }) {
  const { width, height } = size;
  const margin = { top: 16, right: 18, bottom: 24, left: 30 };
  const sums = days.map((_, index) => total(series.map(({ counts }) => counts[index] ?? 0)));
  const x = scaleBand(days, [margin.left, width - margin.right]).padding(days.length > 10 ? 0.25 : 0.35);
  const y = scaleLinear([0, Math.max(4, ...sums)], [height - margin.bottom, margin.top]).nice(4);
  // A narrow drawing fits four dates.
  const every = Math.ceil(days.length / (width > 500 ? 10 : 4));
  const ticks = y.ticks(4).filter(Number.isInteger);
  return (
    <svg aria-hidden viewBox={`0 0 ${width} ${height}`} className={`chart h-auto w-full ${size.shown}`}>
      {ticks.map((tick) => (
        <g key={tick}>
          <line x1={margin.left} x2={width - margin.right} y1={y(tick)} y2={y(tick)} stroke="var(--line)" />
          <text x={margin.left - 8} y={y(tick) + 4} textAnchor="end">
            {countedShort(tick)}
          </text>
        </g>
      ))}
      {days.map((day, index) => {
        let base = 0;
        const left = x(day) ?? 0;
        return (
          <a key={day} href={dayHref(day)} tabIndex={-1}>
            <title>
              {`${dayName(day, true)}: ${series
                .filter(({ counts }) => counts[index])
                .map(({ label, counts }) => `${label} ${counts[index]}`)
                .join(", ")}`}
            </title>
            <rect
              x={left}
              y={margin.top}
              width={x.bandwidth()}
              height={height - margin.top - margin.bottom}
              fill="transparent"
            />
            {series.map(({ key, counts }, order) => {
              const count = counts[index] ?? 0;
              if (count === 0) return null;
              const top = y(base + count);
              const bottom = y(base);
              base += count;
              return (
                <rect
                  key={key}
                  x={left}
                  y={Math.min(top + 0.75, bottom - 1.75)}
                  width={x.bandwidth()}
                  height={Math.max(1, bottom - top - 1.5)}
                  rx={2}
                  fill={fillOf(order)}
                />
              );
            })}
            {sums[index] && days.length <= 10 ? (
              <text x={left + x.bandwidth() / 2} y={y(sums[index]) - 4} textAnchor="middle">
                {countedShort(sums[index])}
              </text>
            ) : null}
          </a>
        );
      })}
      {days.map((day, index) =>
        (days.length - 1 - index) % every === 0 ? (
          <text key={day} x={(x(day) ?? 0) + x.bandwidth() / 2} y={height - 6} textAnchor="middle">
            {dayName(day, width > 500 && days.length <= 10)}
          </text>
        ) : null,
      )}
    </svg>
  );
}

/** Counts per day, stacked by series: the five largest, and the others together. */
export function StackedDays(
  props: Omit<Drawing, "series"> & {
    title: string;
    empty: string;
    series: readonly DaySeries[];
    className?: string;
  },
) {
  const { id, days, dayHref } = props;
  const sorted = [...props.series].sort((a, b) => total(b.counts) - total(a.counts));
  const rest = sorted.length > seriesCount ? sorted.slice(seriesCount - 1) : [];
  const series = rest.length
    ? [
        ...sorted.slice(0, seriesCount - 1),
        {
          key: "others",
          label: `${rest.length} others`,
          counts: days.map((_, index) => total(rest.map(({ counts }) => counts[index] ?? 0))),
          href: null,
        },
      ]
    : sorted;
  const all = total(series.flatMap(({ counts }) => counts));
  return (
    <ChartFrame
      id={id}
      title={props.title}
      className={props.className}
      empty={all === 0 ? props.empty : null}
      summaryHref={dayHref(null)}
      summary={`${all} in ${days.length} days, by day (UTC).`}
      legend={series.map(({ label, counts, href }, index) => ({
        index,
        label,
        value: counted(total(counts)),
        href: href?.(null) ?? null,
      }))}
      table={{
        head: ["Day", ...sorted.map(({ label }) => label), "All"],
        rows: days.map((day, index) => [
          { text: day },
          ...sorted.map(({ counts, href }) => ({
            text: counts[index] ?? 0,
            href: counts[index] && href ? href(day) : null,
          })),
          { text: total(sorted.map(({ counts }) => counts[index] ?? 0)), href: dayHref(day) },
        ]),
      }}
    >
      {Object.values(plotSizes).map((size) => (
        <Plot key={size.width} {...{ days, series, dayHref, size }} />
      ))}
    </ChartFrame>
  );
}
