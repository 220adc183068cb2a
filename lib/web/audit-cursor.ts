import type { AuditCursor } from "@/lib/queries/audit/audit-places";

/** The place as an address encodes it. */
export function auditCursorText({ occurredAtMicroseconds, sequence }: AuditCursor): string {
  return `${occurredAtMicroseconds}-${sequence}`;
}

/** The place in an address; null if it is invalid. */
export function parseAuditCursor(text: string): AuditCursor | null {
  const [, occurredAtMicroseconds, sequence] = /^(\d{1,16})-(\d{1,18})$/.exec(text) ?? [];
  return occurredAtMicroseconds && sequence
    ? { occurredAtMicroseconds: BigInt(occurredAtMicroseconds), sequence: BigInt(sequence) }
    : null;
}
