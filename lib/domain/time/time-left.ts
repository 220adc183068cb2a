/** From when on what is left counts as ending soon. */
const soonMilliseconds = 10 * 60_000;

export function endsSoon(milliseconds: number): boolean {
  return milliseconds <= soonMilliseconds;
}

/** The time left in a few letters, rounded down: "2 d 3 h", "1 h 12 min", "9 min", "under 1 min". */
export function shortTimeLeft(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return "under 1 min";
  const [days, hours, rest] = [Math.floor(minutes / 1_440), Math.floor(minutes / 60) % 24, minutes % 60];
  const parts = [
    [days, "d"],
    [hours, "h"],
    [days > 0 ? 0 : rest, "min"],
  ] as const;
  return parts.flatMap(([count, unit]) => (count > 0 ? [`${count} ${unit}`] : [])).join(" ");
}
