/** A place in a list that is in the order of ends, what is permanent last, and of ids where ends are the same. */
export interface EndCursor {
  /** Microseconds since 1970-01-01 UTC, as fine as the database keeps it; null for what is permanent. */
  readonly endMicroseconds: bigint | null;
  readonly id: string;
}

/** The place as an address carries it. */
export function endCursorText({ endMicroseconds, id }: EndCursor): string {
  return `${endMicroseconds ?? "permanent"}~${id}`;
}

/** The place that an address names; null when it makes no sense. */
export function parseEndCursor(text: string): EndCursor | null {
  const [, end, id] =
    /^(\d{1,16}|permanent)~([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(text) ?? [];
  if (!end || !id) return null;
  return { endMicroseconds: end === "permanent" ? null : BigInt(end), id };
}
