/** A place in the log, which is in the order of time and, within one microsecond, of writing. */
export interface AuditCursor {
  /** Microseconds since 1970-01-01 UTC: finer than a `Date` can say, as the database keeps it. */
  readonly occurredAtMicroseconds: bigint;
  readonly sequence: bigint;
}

/** The place as an address carries it. */
export function auditCursorText({ occurredAtMicroseconds, sequence }: AuditCursor): string {
  return `${occurredAtMicroseconds}-${sequence}`;
}

/** The place that an address names; null when it makes no sense. */
export function parseAuditCursor(text: string): AuditCursor | null {
  const [, occurredAtMicroseconds, sequence] = /^(\d{1,16})-(\d{1,18})$/.exec(text) ?? [];
  return occurredAtMicroseconds && sequence
    ? { occurredAtMicroseconds: BigInt(occurredAtMicroseconds), sequence: BigInt(sequence) }
    : null;
}
