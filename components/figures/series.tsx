/**
 * The number of series that can be told apart. Each has a colour, and a pattern where colours are forced or more
 * contrast is asked for.
 */
export const seriesCount = 6;

const strokes = [
  null,
  "M-1,7 l8,-8 M-1,1 l2,-2 M5,7 l2,-2",
  "M0,3 h6",
  "M3,0 v6",
  "M-1,-1 l8,8 M-1,5 l2,2 M5,-1 l2,2",
  "M0,3 h6 M3,0 v6",
];

function token(index: number): string {
  return `var(--chart-${(index % seriesCount) + 1})`;
}

/** The id prefix of the fill patterns shared by all drawings of a page. The style sheet of charts names them. */
const seriesPatternsId = "series-patterns";

/** The fill patterns. Rendered once on each page that has charts. */
export function SeriesPatterns() {
  return (
    <svg aria-hidden width="0" height="0" className="absolute">
      <defs>
        {strokes.map((stroke, index) => (
          <pattern
            key={token(index)}
            id={`${seriesPatternsId}-${index + 1}`}
            width="6"
            height="6"
            patternUnits="userSpaceOnUse"
          >
            <rect width="6" height="6" fill={token(index)} />
            {stroke ? <path d={stroke} stroke="var(--surface)" strokeWidth="1.1" fill="none" /> : null}
          </pattern>
        ))}
      </defs>
    </svg>
  );
}

/** A solid tint, or the pattern that the style sheet sets for the series. */
export function fillOf(index: number): string {
  return `var(--series-${(index % seriesCount) + 1}, ${token(index)})`;
}

/** The colour and pattern of a series, beside its name. */
export function Swatch({ index, dash }: { index: number; dash?: string }) {
  if (dash !== undefined)
    return (
      <svg aria-hidden width="26" height="10" className="shrink-0">
        <path d="M0,5 h26" stroke={token(index)} strokeWidth="2.25" strokeDasharray={dash} />
      </svg>
    );
  return (
    <svg aria-hidden width="14" height="14" className="shrink-0">
      <rect width="14" height="14" rx="3" fill={fillOf(index)} />
    </svg>
  );
}
