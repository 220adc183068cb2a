/** The signs that tell series apart: a colour of the theme and a pattern, so that neither has to carry it alone. */
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

/** The patterns of a drawing, under ids that begin with its own, to be filled with `fillOf`. */
export function SeriesPatterns({ id }: { id: string }) {
  return (
    <defs>
      {strokes.map((stroke, index) => (
        <pattern key={token(index)} id={`${id}-${index}`} width="6" height="6" patternUnits="userSpaceOnUse">
          <rect width="6" height="6" fill={token(index)} />
          {stroke ? <path d={stroke} stroke="var(--surface)" strokeWidth="1.1" fill="none" /> : null}
        </pattern>
      ))}
    </defs>
  );
}

export function fillOf(id: string, index: number): string {
  return `url(#${id}-${index % seriesCount})`;
}

/** The sign of a series beside its name. */
export function Swatch({ id, index, dash }: { id: string; index: number; dash?: string }) {
  if (dash !== undefined)
    return (
      <svg aria-hidden width="26" height="10" className="shrink-0">
        <path d="M0,5 h26" stroke={token(index)} strokeWidth="2.25" strokeDasharray={dash} />
      </svg>
    );
  return (
    <svg aria-hidden width="14" height="14" className="shrink-0">
      <SeriesPatterns id={`${id}-swatch-${index}`} />
      <rect width="14" height="14" rx="3" fill={fillOf(`${id}-swatch-${index}`, index)} />
    </svg>
  );
}
