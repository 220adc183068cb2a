"use client";

import { addressOf, Drawing, type DrawingSize, Grid, useScripts } from "@/components/figures/drawing";
import { fillOf } from "@/components/figures/series";
import { useTimesLanguage } from "@/components/ui/reader-times";
import { box, linear, place, ticksTo } from "@/lib/domain/figures/plot";
import { countedShort } from "@/lib/domain/text/number-format";
import { dayInWords } from "@/lib/domain/time/day-words";
import type { TimesLanguage } from "@/lib/domain/time/reader-times";

interface Stacked {
  readonly days: readonly string[];
  /** A count for each day. */
  readonly series: readonly { readonly label: string; readonly counts: readonly number[] }[];
  /** The address of a day's list, with `#` for the day. */
  readonly dayAddress: string;
}

/** `2026-03-02` as Mon 2 Mar, or as 2 Mar if there is little room. */
function dayName(day: string, long: boolean, language: TimesLanguage): string {
  return dayInWords(new Date(`${day}T00:00:00Z`), long, language);
}

const margin = { top: 16, right: 20, bottom: 24, left: 42 };

/**
 * Counts per day, stacked by series. A client component, so that the page contains the counts and one drawing:
 * a path for each series, and one link for each day.
 */
export function StackedDays(props: Stacked) {
  return <Drawing draw={(size) => <Days {...props} size={size} />} />;
}

function Days({ days, series, dayAddress, size }: Stacked & { size: DrawingSize }) {
  const linked = useScripts();
  const language = useTimesLanguage();
  const { width, height } = size;
  const sums = days.map((_, day) => series.reduce((sum, { counts }) => sum + (counts[day] ?? 0), 0));
  const ticks = ticksTo(Math.max(4, ...sums));
  const y = linear([0, ticks.at(-1) ?? 1], [height - margin.bottom, margin.top]);
  const step = (width - margin.left - margin.right) / Math.max(1, days.length);
  const bar = Math.min(56, step * (days.length > 10 ? 0.72 : 0.6));
  const left = (day: number) => margin.left + day * step + (step - bar) / 2;
  const base = days.map(() => 0);
  const paths = series.map(({ counts }) =>
    days
      .map((_, day) => {
        const count = counts[day] ?? 0;
        if (count === 0) return "";
        const bottom = y(base[day] ?? 0);
        base[day] = (base[day] ?? 0) + count;
        const top = y(base[day] ?? 0);
        return box(left(day), Math.min(top, bottom - 1), bar, Math.max(1, bottom - top));
      })
      .join(""),
  );
  // A date takes some fifty pixels.
  const every = Math.max(1, Math.ceil(52 / step));
  const long = step > 90;
  return (
    <>
      <Grid ticks={ticks} y={y} from={margin.left} to={width - margin.right} name={countedShort} />
      {series.map(({ label }, order) => (
        <path key={label} d={paths[order]} fill={fillOf(order)} stroke="var(--surface)" strokeWidth="0.5" />
      ))}
      {(linked ? days : []).map((day, index) => (
        <a key={day} href={addressOf(dayAddress, day)} tabIndex={-1}>
          <title>{`${dayName(day, true, language)}: ${sums[index]}`}</title>
          <path
            d={box(margin.left + index * step, margin.top, step, height - margin.top - margin.bottom)}
            fill="transparent"
          />
        </a>
      ))}
      {days.map((day, index) =>
        (days.length - 1 - index) % every === 0 ? (
          <text key={day} x={place(left(index) + bar / 2)} y={height - 6} textAnchor="middle">
            {dayName(day, long, language)}
          </text>
        ) : null,
      )}
      {days.length <= 10
        ? sums.map((sum, index) =>
            sum > 0 ? (
              <text
                key={days[index]}
                x={place(left(index) + bar / 2)}
                y={place(y(sum) - 4)}
                textAnchor="middle"
              >
                {countedShort(sum)}
              </text>
            ) : null,
          )
        : null}
    </>
  );
}
