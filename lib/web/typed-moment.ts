/** The value submitted for a typed moment that could not be read. No form accepts it as a moment. */
export const unreadMoment = "unread";

const ending = "Local";

/** The field into which a moment is typed, in the reader's zone. */
export function typedMomentName(name: string): string {
  return `${name}${ending}`;
}

/** No clock is further from UTC. */
const farthestZone = 16 * 3_600_000;

/** Whether a typed moment, in some zone, is the moment that the script computed from it. */
function reads(typed: unknown, moment: unknown): boolean {
  if (typeof typed !== "string" || typeof moment !== "string") return false;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/.test(typed)) return false;
  return Math.abs(Date.parse(`${typed}Z`) - Date.parse(moment)) <= farthestZone;
}

/**
 * The fields of a form, with typed moments marked as unread unless the page's script read exactly what is
 * shown. It may not have run, the year may have more than four digits, or an older moment may still be there.
 * Otherwise an empty moment would mean "at once" or "permanently", and an older one a date that nobody sees.
 */
export function withUnreadMoments(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const unread = Object.keys(fields).filter(
    (typed) =>
      typed.endsWith(ending) &&
      fields[typed] !== "" &&
      !reads(fields[typed], fields[typed.slice(0, -ending.length)]),
  );
  return {
    ...fields,
    ...Object.fromEntries(unread.map((typed) => [typed.slice(0, -ending.length), unreadMoment])),
  };
}
