/** What is submitted in place of a moment that was typed and cannot be read; no form takes it for a moment. */
export const unreadMoment = "unread";

const ending = "Local";

/** The name of the field in which a moment is typed, in the reader's zone. */
export function typedMomentName(name: string): string {
  return `${name}${ending}`;
}

/**
 * The fields of a form, with each moment that was typed but never read, because the page's script did not run, marked
 * as unread: an empty moment means "at once" or "permanently", and nobody asked for that.
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
