import { z } from "zod";
import { kindsNamed } from "@/lib/domain/audit/kind-filter";
import { isUuid } from "@/lib/domain/text/uuid";
import { dayShape, momentShape } from "@/lib/domain/time/date-in-address";
import { addDaysTo, type Day, dayOf, startOfDay } from "@/lib/domain/time/reader-day";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import type { Database } from "@/lib/platform/database";
import { databaseNow, readOnce } from "@/lib/platform/transaction";
import { type AuditFilter, wholeLog } from "@/lib/queries/audit/audit-conditions";
import { readerTimes } from "@/lib/web/reader-zone";

/** The query of an address of the log. */
export type Query = Readonly<Record<string, string | string[] | undefined>>;

/** PostgreSQL does not store NUL in text. */
const text = z
  .string()
  .max(500)
  .transform((value) => value.replaceAll("\0", "").trim())
  .catch("");
const bound = z.union([dayShape, momentShape]).nullable().catch(null);
const kinds = z
  .union([z.string(), z.array(z.string()).transform((values) => values.join(","))])
  .transform((value) => (value.length > 5_000 ? [] : kindsNamed(value)))
  .catch([]);

const shape = z.object({
  range: text,
  from: bound,
  to: bound,
  actor: text,
  target: text,
  ticket: text,
  approver: text,
  role: text,
  scope: text,
  below: z.literal("1").nullable().catch(null),
  kind: kinds,
  outcome: z.enum(["Success", "Failure"]).nullable().catch(null),
});

/** Ranges of whole days of the reader, as days before today: from the first to the last one. */
const dayRanges: Readonly<Record<string, readonly [first: number, last: number]>> = {
  today: [0, 0],
  yesterday: [1, 1],
  "7d": [6, 0],
  "30d": [29, 0],
  "90d": [89, 0],
};
const hourRanges: Readonly<Record<string, number>> = { "1h": 1, "24h": 24 };

/** The days of a filter are those of the reader's zone, counted from the database's now. */
export interface ReaderClock {
  readonly now: Date;
  readonly times: ReaderTimes;
}

export async function readerClock(database: Database): Promise<ReaderClock> {
  return { now: await readOnce(database, databaseNow), times: await readerTimes() };
}

/**
 * The times of a filter. Typed days take precedence over a range by name. A day includes all of it; a time is
 * the exact end of the range.
 */
function times(
  { range, from, to }: { range: string; from: Day | Date | null; to: Day | Date | null },
  { now, times: { zone } }: ReaderClock,
): Pick<AuditFilter, "from" | "to" | "lastHours"> {
  const start = (day: Day) => startOfDay(day, zone);
  const days = dayRanges[range];
  const dated = from !== null || to !== null;
  if (days && !dated) {
    const today = dayOf(now, zone);
    const [first, last] = days;
    return {
      from: start(addDaysTo(today, -first)),
      to: start(addDaysTo(today, 1 - last)),
      lastHours: null,
    };
  }
  const hours = hourRanges[range];
  if (hours !== undefined && !dated) return { from: null, to: null, lastHours: hours };
  return {
    from: typeof from === "string" ? start(from) : from,
    to: typeof to === "string" ? start(addDaysTo(to, 1)) : to,
    lastHours: null,
  };
}

/**
 * Reads the filter from an address. `role` is an id or part of a name, `scope` an id or a full scope, `kind` kinds and
 * groups of kinds. Ignores values that are not valid.
 */
export function auditFilter(query: Query, clock: ReaderClock, fixed: Partial<AuditFilter> = {}): AuditFilter {
  const { range, from, to, role, scope, below, kind, ...rest } = shape.parse({ ...query });
  return {
    ...wholeLog,
    ...rest,
    ...times({ range, from, to }, clock),
    ...(isUuid(role) ? { roleDefinitionId: role } : { roleName: role }),
    ...(isUuid(scope) ? { resourceId: scope } : { scope }),
    kinds: kind,
    below: below !== null,
    ...fixed,
  };
}
