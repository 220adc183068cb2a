/** A place in the log. The log is ordered by time and, within one microsecond, by writing. */
export interface AuditCursor {
  /** Microseconds since 1970-01-01 UTC, as the database stores it. A `Date` is coarser. */
  readonly occurredAtMicroseconds: bigint;
  readonly sequence: bigint;
}

/** The place as an address carries it. */
export function auditCursorText({ occurredAtMicroseconds, sequence }: AuditCursor): string {
  return `${occurredAtMicroseconds}-${sequence}`;
}

/** The place in an address; null if it is not one. */
export function parseAuditCursor(text: string): AuditCursor | null {
  const [, occurredAtMicroseconds, sequence] = /^(\d{1,16})-(\d{1,18})$/.exec(text) ?? [];
  return occurredAtMicroseconds && sequence
    ? { occurredAtMicroseconds: BigInt(occurredAtMicroseconds), sequence: BigInt(sequence) }
    : null;
}
