const minute = 60_000;
const units = [
  ["year", 365 * 24 * 60 * minute],
  ["month", 30 * 24 * 60 * minute],
  ["day", 24 * 60 * minute],
  ["hour", 60 * minute],
  ["minute", minute],
] as const;

/** How far a moment is from now, in words and whole units: "in 5 days", "3 hours ago", "now" within a minute. */
export function distanceInWords(moment: Date, now: Date): string {
  const difference = moment.getTime() - now.getTime();
  const unit = units.find(([, length]) => Math.abs(difference) >= length);
  if (!unit) return "now";
  const [name, length] = unit;
  const count = Math.floor(Math.abs(difference) / length);
  const words = `${count} ${name}${count === 1 ? "" : "s"}`;
  return difference > 0 ? `in ${words}` : `${words} ago`;
}
