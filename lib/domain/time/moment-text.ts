/** The months as a text names them, in their order. */
export const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** A day in UTC in a text that may be read anywhere: 2 Mar 2026. */
export function dayText(time: Date): string {
  return momentText(time).replace(/,.*/, "");
}

/** A time in a text that may be read anywhere, such as a mail. It is in UTC and says so. */
export function momentText(time: Date): string {
  const text = time.toISOString();
  return `${time.getUTCDate()} ${months[time.getUTCMonth()]} ${text.slice(0, 4)}, ${text.slice(11, 16)} UTC`;
}
