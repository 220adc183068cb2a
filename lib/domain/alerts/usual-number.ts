/** How many times as often as usual is unusual. */
const timesUsual = 3;
/** How many of somebody's weeks with an activation are needed to know their habits. */
const neededWeeks = 4;
/** How many other people who activated are needed for a comparison. */
const neededOthers = 5;

/** The median of some numbers; for an even count the lower middle one. Null for an empty list. */
export function lowerMedian(numbers: readonly number[]): number | null {
  const sorted = numbers.toSorted((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/**
 * The usual number for somebody who activated this often in the last seven days, if that is unusual. Null if it is
 * not unusual, or if too little is known. It is unusual if it is at least three times each of the two known medians:
 * that of their own weeks before, and that of the other people in these seven days. A median of zero counts as one.
 */
export function usualIfExceeded(
  count: number,
  ownWeeks: readonly number[],
  others: readonly number[],
): number | null {
  const own = ownWeeks.filter((week) => week > 0).length >= neededWeeks ? lowerMedian(ownWeeks) : null;
  const theirs = others.length >= neededOthers ? lowerMedian(others) : null;
  const known = [own, theirs].filter((median) => median !== null);
  if (known.length === 0) return null;
  const usual = Math.max(1, ...known);
  return count >= timesUsual * usual ? usual : null;
}
