const whole = new Intl.NumberFormat("en-GB");
const short = new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 1 });

/** A count with its thousands set apart: 4,470. */
export function counted(count: number): string {
  return whole.format(count);
}

/** A short count, for an axis: 4.5k. */
export function countedShort(count: number): string {
  return short.format(count);
}
