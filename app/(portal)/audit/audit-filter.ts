import { z } from "zod";
import { isUuid } from "@/lib/domain/text/uuid";
import { dayShape, momentShape } from "@/lib/domain/time/date-in-address";
import { type AuditKind, auditKinds } from "@/lib/platform/audit-log";
import { type AuditFilter, wholeLog } from "@/lib/queries/audit/audit-conditions";

/** PostgreSQL does not store NUL in text. */
const text = z
  .string()
  .max(500)
  .transform((value) => value.replaceAll("\0", "").trim())
  .catch("");
const dayMilliseconds = 86_400_000;
const moment = momentShape.nullable();
const day = dayShape.transform((value) => new Date(value));
const from = z.union([day, moment]).catch(null);
/** A date includes the whole day. A time is the exact end of the range. */
const to = z
  .union([day.transform((value) => new Date(value.getTime() + dayMilliseconds)), moment])
  .catch(null);
const presets: Record<string, number> = { "1h": 1, "24h": 24, "7d": 168, "30d": 720, "90d": 2160 };

const shape = z.object({
  range: text,
  from,
  to,
  actor: text,
  target: text,
  role: text,
  scope: text,
  below: z.literal("1").nullable().catch(null),
  kind: z
    .enum(Object.keys(auditKinds) as [AuditKind, ...AuditKind[]])
    .nullable()
    .catch(null),
  outcome: z.enum(["Success", "Failure"]).nullable().catch(null),
});

/**
 * Reads the filter from an address. `role` is an id or part of a name, `scope` an id or a full scope. Ignores values
 * that are not valid.
 */
export function auditFilter(
  query: Readonly<Record<string, string | string[] | undefined>>,
  fixed: Partial<AuditFilter> = {},
): AuditFilter {
  const { range, role, scope, below, ...rest } = shape.parse({ ...query });
  const hours = presets[range];
  return {
    ...wholeLog,
    ...rest,
    ...(hours === undefined ? {} : { from: null, to: null, lastHours: hours }),
    ...(isUuid(role) ? { roleDefinitionId: role } : { roleName: role }),
    ...(isUuid(scope) ? { resourceId: scope } : { scope }),
    below: below !== null,
    ...fixed,
  };
}
