"use client";

import { fillOf, seriesColour } from "@/components/figures/series";

const strokes = [
  null,
  "M-1,7 l8,-8 M-1,1 l2,-2 M5,7 l2,-2",
  "M0,3 h6",
  "M3,0 v6",
  "M-1,-1 l8,8 M-1,5 l2,2 M5,-1 l2,2",
  "M0,3 h6 M3,0 v6",
];

/** The id prefix of the fill patterns shared by all drawings of a page. The style sheet of charts uses it. */
const seriesPatternsId = "series-patterns";

/** The fill patterns. Rendered once on each page that has charts. */
export function SeriesPatterns() {
  return (
    <svg aria-hidden width="0" height="0" className="absolute">
      <defs>
        {strokes.map((stroke, index) => (
          <pattern
            key={seriesColour(index)}
            id={`${seriesPatternsId}-${index + 1}`}
            width="6"
            height="6"
            patternUnits="userSpaceOnUse"
          >
            <rect width="6" height="6" fill={seriesColour(index)} />
            {stroke ? <path d={stroke} stroke="var(--surface)" strokeWidth="1.1" fill="none" /> : null}
          </pattern>
        ))}
      </defs>
    </svg>
  );
}

/** The colour and pattern of a series, beside its name. */
export function Swatch({ index, dash }: { index: number; dash?: string }) {
  if (dash !== undefined)
    return (
      <svg aria-hidden width="26" height="10" className="shrink-0">
        <path d="M0,5 h26" stroke={seriesColour(index)} strokeWidth="2.25" strokeDasharray={dash} />
      </svg>
    );
  return (
    <svg aria-hidden width="14" height="14" className="shrink-0">
      <rect width="14" height="14" rx="3" fill={fillOf(index)} />
    </svg>
  );
}
