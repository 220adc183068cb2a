/** A linear scale: the position of a value between two positions of a drawing. */
export function linear(
  [from, to]: readonly [number, number],
  [start, end]: readonly [number, number],
): (value: number) => number {
  const length = to - from || 1;
  return (value) => start + ((value - from) / length) * (end - start);
}

/**
 * Whole numbers from zero to at least the largest value, in at most five even steps of 1, 2 or 5 times ten, a hundred
 * and so on.
 */
export function ticksTo(most: number): number[] {
  const rough = Math.max(1, most / 5);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * size).find((each) => each >= rough) ?? 10 * size;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}

/** A position of a drawing, to a tenth. This keeps the page short, and the difference is invisible. */
export function place(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** A rectangle as part of a path. */
export function box(left: number, top: number, width: number, height: number): string {
  return `M${place(left)},${place(top)}h${place(width)}v${place(height)}h${place(-width)}z`;
}

/** The dashes of each line, which distinguish the lines without colour. */
export const dashes: readonly string[] = ["", "5 4"];

/** The moment of a chart in an address. The last one is now. */
export function momentRow(moments: readonly number[], index: number): string {
  return index === moments.length - 1 ? "now" : new Date(moments[index] ?? 0).toISOString();
}
