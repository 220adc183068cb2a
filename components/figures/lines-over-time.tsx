"use client";

import { addressOf, Drawing, type DrawingSize, Grid, useScripts } from "@/components/figures/drawing";
import { useTimesLanguage } from "@/components/ui/reader-times";
import { dashes, linear, momentRow, place, ticksTo } from "@/lib/domain/figures/plot";
import { countedShort } from "@/lib/domain/text/number-format";
import { dayInWords } from "@/lib/domain/time/day-words";

interface Lines {
  /** Milliseconds since 1970. The last one is now. */
  readonly moments: readonly number[];
  readonly series: readonly {
    readonly label: string;
    readonly values: readonly number[];
    /** The address of the list of a moment, with `#` for the moment. */
    readonly address: string;
  }[];
  /** Half the usual height. */
  readonly low?: boolean;
}

const margin = { top: 14, right: 44, bottom: 24, left: 42 };

/** A line for each series over time. */
export function LinesOverTime(props: Lines) {
  return <Drawing low={props.low} draw={(size) => <Plot {...props} size={size} />} />;
}

function Plot({ moments, series, size }: Lines & { size: DrawingSize }) {
  const linked = useScripts();
  const language = useTimesLanguage();
  const { width, height } = size;
  const ticks = ticksTo(Math.max(4, ...series.flatMap(({ values }) => values)));
  const x = linear([moments[0] ?? 0, moments.at(-1) ?? 1], [margin.left + 6, width - margin.right]);
  const y = linear([0, ticks.at(-1) ?? 1], [height - margin.bottom, margin.top]);
  const step = (width - margin.left - margin.right) / Math.max(1, moments.length - 1);
  const every = Math.max(1, Math.ceil(56 / step));
  return (
    <>
      <Grid ticks={ticks} y={y} from={margin.left} to={width - margin.right} name={countedShort} />
      {moments.map((moment, index) =>
        (moments.length - 1 - index) % every === 0 ? (
          <text key={moment} x={place(x(moment))} y={height - 6} textAnchor="middle">
            {dayInWords(moment, false, language)}
          </text>
        ) : null,
      )}
      {series.map(({ label, values, address }, order) => {
        const colour = `var(--chart-${order + 1})`;
        const points = moments.map((moment, at) => `${place(x(moment))},${place(y(values[at] ?? 0))}`);
        return (
          <g key={label}>
            <path
              d={`M${points.join("L")}`}
              fill="none"
              stroke={colour}
              strokeWidth="2"
              strokeDasharray={dashes[order]}
            />
            <path
              d={points.map((point) => `M${point}h0`).join("")}
              stroke={colour}
              strokeWidth="6"
              strokeLinecap="round"
            />
            {(linked ? moments : []).map((moment, at) => (
              <a key={moment} href={addressOf(address, momentRow(moments, at))} tabIndex={-1}>
                <title>{`${label}, ${dayInWords(moment, false, language)}: ${values[at] ?? 0}`}</title>
                <circle cx={place(x(moment))} cy={place(y(values[at] ?? 0))} r="9" fill="transparent" />
              </a>
            ))}
            <text
              x={width - margin.right + 9}
              y={place(y(values.at(-1) ?? 0) + 4)}
              style={{ fill: colour, fontWeight: 600 }}
            >
              {countedShort(values.at(-1) ?? 0)}
            </text>
          </g>
        );
      })}
    </>
  );
}
