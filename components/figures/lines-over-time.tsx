import { scaleLinear, scaleTime } from "d3-scale";
import { line } from "d3-shape";
import { ChartFrame } from "@/components/figures/chart-frame";
import { type PlotSize, plotSizes } from "@/components/figures/series";
import { counted, countedShort } from "@/lib/domain/text/number-format";
import { dayInWords } from "@/lib/domain/time/moment-format";

export interface TimeSeries {
  readonly label: string;
  readonly values: readonly number[];
  /** The link to the list for a moment, or for now. */
  readonly href: (when: Date | "now") => string;
}

const dashes = ["", "5 4"];

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}

function Plot(props: { moments: readonly Date[]; series: readonly TimeSeries[]; size: PlotSize }) {
  const { moments, series } = props;
  const { width, height } = props.size;
  const margin = { top: 14, right: 44, bottom: 24, left: 34 };
  const most = Math.max(4, ...series.flatMap(({ values }) => values));
  const x = scaleTime([moments[0] ?? 0, moments.at(-1) ?? 1], [margin.left, width - margin.right]);
  const y = scaleLinear([0, most], [height - margin.bottom, margin.top]).nice(4);
  const draw = line<number>((_, index) => x(moments[index] ?? 0), y);
  const every = Math.ceil(moments.length / (width > 500 ? 7 : 4));
  return (
    <svg aria-hidden viewBox={`0 0 ${width} ${height}`} className={`chart h-auto w-full ${props.size.shown}`}>
      {y
        .ticks(4)
        .filter(Number.isInteger)
        .map((tick) => (
          <g key={tick}>
            <line x1={margin.left} x2={width - margin.right} y1={y(tick)} y2={y(tick)} stroke="var(--line)" />
            <text x={margin.left - 8} y={y(tick) + 4} textAnchor="end">
              {countedShort(tick)}
            </text>
          </g>
        ))}
      {moments.map((moment, index) =>
        (moments.length - 1 - index) % every === 0 ? (
          <text key={moment.getTime()} x={x(moment)} y={height - 6} textAnchor="middle">
            {dayInWords(moment)}
          </text>
        ) : null,
      )}
      {series.map(({ label, values, href }, index) => {
        const colour = `var(--chart-${index + 1})`;
        return (
          <g key={label}>
            <path
              d={draw([...values]) ?? ""}
              fill="none"
              stroke={colour}
              strokeWidth="2.25"
              strokeDasharray={dashes[index]}
            />
            {moments.map((moment, at) => (
              <a key={moment.getTime()} href={href(at === moments.length - 1 ? "now" : moment)} tabIndex={-1}>
                <title>{`${label}, ${dayOf(moment)}: ${values[at] ?? 0}`}</title>
                <circle cx={x(moment)} cy={y(values[at] ?? 0)} r="10" fill="transparent" />
                <circle
                  cx={x(moment)}
                  cy={y(values[at] ?? 0)}
                  r="3"
                  fill={index === 0 ? colour : "var(--surface)"}
                  stroke={colour}
                  strokeWidth="1.5"
                />
              </a>
            ))}
            <text
              x={width - margin.right + 9}
              y={y(values.at(-1) ?? 0) + 4}
              style={{ fill: colour, fontWeight: 650 }}
            >
              {countedShort(values.at(-1) ?? 0)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

/** A line for each series over time. The last moment is now. */
export function LinesOverTime(props: {
  id: string;
  title: string;
  summary: string;
  empty: string;
  className?: string;
  moments: readonly Date[];
  series: readonly TimeSeries[];
}) {
  const { moments, series } = props;
  return (
    <ChartFrame
      id={props.id}
      title={props.title}
      className={props.className}
      summary={props.summary}
      empty={series.every(({ values }) => values.every((value) => value === 0)) ? props.empty : null}
      legend={series.map(({ label, values, href }, index) => ({
        index,
        label,
        href: href("now"),
        value: `${counted(values.at(-1) ?? 0)} now`,
        dash: dashes[index] ?? "",
      }))}
      table={{
        head: ["Day", ...series.map(({ label }) => label)],
        rows: moments.map((moment, index) => [
          { text: dayOf(moment) },
          ...series.map(({ values, href }) => ({
            text: values[index] ?? 0,
            href: href(index === moments.length - 1 ? "now" : moment),
          })),
        ]),
      }}
    >
      {Object.values(plotSizes).map((size) => (
        <Plot key={size.width} moments={moments} series={series} size={size} />
      ))}
    </ChartFrame>
  );
}
