/** The value submitted for a typed moment that could not be read. No form accepts it as a moment. */
export const unreadMoment = "unread";

const ending = "Local";

/** The field into which a moment is typed, in the reader's zone. */
export function typedMomentName(name: string): string {
  return `${name}${ending}`;
}

/**
 * The fields of a form, with typed but unread moments marked as unread: the page's script did not run. Otherwise an
 * empty moment would mean "at once" or "permanently", which nobody asked for.
 */
export function withUnreadMoments(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const unread = Object.keys(fields).filter(
    (typed) => typed.endsWith(ending) && fields[typed] !== "" && !fields[typed.slice(0, -ending.length)],
  );
  return {
    ...fields,
    ...Object.fromEntries(unread.map((typed) => [typed.slice(0, -ending.length), unreadMoment])),
  };
}
