const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const month = 30.44 * day;
const year = 365.25 * day;

function amount(length: number): readonly [number, string] | null {
  if (length < minute) return null;
  if (length < hour) return [Math.floor(length / minute), "minute"];
  if (length < day) return [Math.floor(length / hour), "hour"];
  if (length < 60 * day) return [Math.floor(length / day), "day"];
  if (length < 18 * month) return [Math.round(length / month), "month"];
  return [Math.round(length / year), "year"];
}

/**
 * The distance of a moment from now: "in 5 days", "3 hours ago", "now" within a minute. Minutes, hours and days are
 * whole; beyond sixty days it is the nearest month or year.
 */
export function distanceInWords(moment: Date, now: Date): string {
  const difference = moment.getTime() - now.getTime();
  const found = amount(Math.abs(difference));
  if (!found) return "now";
  const [count, name] = found;
  const words = `${count} ${name}${count === 1 ? "" : "s"}`;
  return difference > 0 ? `in ${words}` : `${words} ago`;
}
