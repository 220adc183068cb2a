/**
 * The number of series that can be distinguished. Each has a colour, and a pattern if colours are forced or
 * more contrast is requested.
 */
export const seriesCount = 6;

/** The colour of a series. */
export function seriesColour(index: number): string {
  return `var(--chart-${(index % seriesCount) + 1})`;
}

/** A solid tint, or the pattern that the style sheet sets for the series. */
export function fillOf(index: number): string {
  return `var(--series-${(index % seriesCount) + 1}, ${seriesColour(index)})`;
}
