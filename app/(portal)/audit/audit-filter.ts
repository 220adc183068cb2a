import { z } from "zod";
import { type AuditKind, auditKinds } from "@/lib/platform/audit-log";
import type { AuditFilter } from "@/lib/queries/audit";

const text = z.string().max(200).catch("");
const id = z.uuid().nullable().catch(null);
const moment = z
  .union([z.iso.datetime({ local: true, offset: true }), z.iso.date()])
  .transform((value) => new Date(value))
  .nullable()
  .catch(null);
const presets: Record<string, number> = { "1h": 1, "24h": 24, "7d": 168, "30d": 720, "90d": 2160 };

const shape = z.object({
  range: text,
  from: moment,
  to: moment,
  actor: text,
  target: text,
  role: id,
  scope: id,
  below: z.literal("1").nullable().catch(null),
  kind: z
    .enum(Object.keys(auditKinds) as [AuditKind, ...AuditKind[]])
    .nullable()
    .catch(null),
  outcome: z.enum(["Success", "Failure"]).nullable().catch(null),
});

/** The filter that an address names; what makes no sense in it is left out. */
export function auditFilter(
  query: Readonly<Record<string, string | string[] | undefined>>,
  fixed: Partial<AuditFilter> = {},
): AuditFilter {
  const { range, role, scope, below, from, ...rest } = shape.parse({ ...query });
  const hours = presets[range];
  return {
    ...rest,
    from: hours === undefined ? from : new Date(Date.now() - hours * 3_600_000),
    roleDefinitionId: role,
    resourceId: scope,
    below: below !== null,
    own: false,
    ...fixed,
  };
}
