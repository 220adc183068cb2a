"use client";

import { startTransition, useEffect, useLayoutEffect, useRef, useState } from "react";

/** The size of a chart over time before its card is measured, and without scripts. */
const usual = 640;
const height = 240;
const lowHeight = 120;

/** The size of a drawing. */
export interface DrawingSize {
  readonly width: number;
  readonly height: number;
}

/**
 * A drawing over the whole width of its card, always of the same height. It is sent at a usual width and then
 * rendered again at its own, so that its text has the size of the text around it.
 */
export function Drawing(props: {
  readonly draw: (size: DrawingSize) => React.ReactNode;
  readonly low?: boolean;
}) {
  const high = props.low ? lowHeight : height;
  const frame = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(usual);
  useLayoutEffect(() => {
    const { current } = frame;
    if (!current) return;
    const measured = new ResizeObserver(([entry]) => {
      const wide = Math.round(entry?.contentRect.width ?? 0);
      if (wide > 0) setWidth(wide);
    });
    measured.observe(current);
    return () => measured.disconnect();
  }, []);
  return (
    <div ref={frame} className="drawing" data-low={props.low || undefined}>
      <svg aria-hidden viewBox={`0 0 ${width} ${high}`} className="chart" preserveAspectRatio="xMinYMid meet">
        {props.draw({ width, height: high })}
      </svg>
    </div>
  );
}

/**
 * Whether the page's script runs. Links from single pieces of a chart are rendered only then. Before that, the
 * legend and the title link to the same lists. The page answers clicks and keys in between.
 */
export function useScripts(): boolean {
  const [run, setRun] = useState(false);
  useEffect(() => startTransition(() => setRun(true)), []);
  return run;
}

/** The address of a list for one row of a chart. `#` stands for the row in `template`. */
export function addressOf(template: string, row: string): string {
  return template.replaceAll("%23", encodeURIComponent(row));
}

/** The lines across a drawing, each with its number. */
export function Grid(props: {
  readonly ticks: readonly number[];
  readonly y: (value: number) => number;
  readonly from: number;
  readonly to: number;
  readonly name: (tick: number) => string;
}) {
  const { ticks, y, from, to } = props;
  return (
    <>
      <path
        d={ticks.map((tick) => `M${from},${Math.round(y(tick)) + 0.5}H${to}`).join("")}
        stroke="var(--line)"
      />
      {ticks.map((tick) => (
        <text key={tick} x={from - 8} y={Math.round(y(tick)) + 4} textAnchor="end">
          {props.name(tick)}
        </text>
      ))}
    </>
  );
}
