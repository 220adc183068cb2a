/** So many times as often as usual is unusual. */
const timesUsual = 3;
/** So many of somebody's weeks with an activation are needed to know their habits. */
const neededWeeks = 4;
/** So many others who activated are needed to compare with. */
const neededOthers = 5;

/** The middle of some numbers; of an even number the lower one. Null of none. */
export function lowerMedian(numbers: readonly number[]): number | null {
  const sorted = numbers.toSorted((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/**
 * What is usual for somebody who activated so often in the last seven days, if that is unusual; null if it is not, or if
 * too little is known. It is unusual when it is three times as much as each of the two that are known: the median of
 * their own weeks before, and the median of the others in these seven days. A median of zero counts as one.
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
