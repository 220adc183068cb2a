/** The distance between two hours on a clock, at most twelve. */
function hoursApart(left: number, right: number): number {
  const distance = Math.abs(left - right) % 24;
  return Math.min(distance, 24 - distance);
}

/** An activation at least this many hours from every earlier one is outside someone's usual hours. */
export const usualWithinHours = 2;

/**
 * Why an activation is unusual, in words that end a sentence. Empty if it is not, or if there are too
 * few earlier activations to judge. Hours are those of the clock in `timeZone`, an IANA name.
 */
export function unusualReasons(
  activation: {
    readonly hour: number;
    /** It extends a running activation. Work that began at a usual hour may take longer, so the hour is not judged. */
    readonly extended?: boolean;
    readonly timeZone: string;
    readonly address: string;
    readonly addressKnown: boolean;
  },
  earlierHours: readonly number[],
  needed: number,
): string[] {
  if (earlierHours.length < needed) return [];
  const reasons: string[] = [];
  if (
    !activation.extended &&
    !earlierHours.some((hour) => hoursApart(hour, activation.hour) <= usualWithinHours)
  ) {
    const zone = activation.timeZone === "UTC" ? "UTC" : `(${activation.timeZone})`;
    reasons.push(`at ${String(activation.hour).padStart(2, "0")}:00 ${zone}, outside their usual hours`);
  }
  if (!activation.addressKnown)
    reasons.push(`from an address they had not used before (${activation.address})`);
  return reasons;
}
