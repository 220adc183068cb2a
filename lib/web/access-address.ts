import { z } from "zod";
import {
  type AccessFilter,
  accessTimes,
  allAccess,
  newestFirst,
  wantedStates,
} from "@/lib/domain/assignments/access-filter";
import { longestSearch } from "@/lib/domain/text/limits";
import { orderText } from "@/lib/domain/text/list-order";
import { dayShape, momentShape } from "@/lib/domain/time/date-in-address";
import { parseOrder } from "@/lib/web/list-order";

const days = z.coerce.number().int().min(1).max(366).nullable().catch(null);
const day = dayShape.nullable().catch(null);
const moment = momentShape.nullable().catch(null);
const id = z.uuid().nullable().catch(null);
const shape = z.object({
  resource: id,
  below: z.literal("1").nullable().catch(null),
  role: id,
  state: z.enum(wantedStates).nullable().catch(null),
  kind: z.enum(["User", "Group", "ServicePrincipal"]).nullable().catch(null),
  when: z.union([z.enum(accessTimes), momentShape]).catch("now"),
  from: day,
  to: day,
  created: days,
  ends: days,
  endsFrom: moment,
  endsTo: moment,
  mfa: z.enum(["people", "resistant", "settings"]).nullable().catch(null),
  search: z
    .string()
    .max(longestSearch)
    .transform((value) => value.replaceAll("\0", "").trim())
    .catch(""),
  sort: z.string().catch(""),
});

/** The filter in an address. Invalid parts are left out. */
export function accessFilter(
  query: Readonly<Record<string, string | string[] | undefined>>,
  timeZone = "UTC",
): AccessFilter {
  const read = shape.parse({ ...query });
  return {
    resourceId: read.resource,
    below: read.below !== null,
    roleDefinitionId: read.role,
    state: read.state,
    kind: read.kind,
    when: read.when,
    from: read.from,
    to: read.to,
    timeZone,
    createdWithinDays: read.created,
    endsWithinDays: read.ends,
    endsBetween: read.endsFrom && read.endsTo ? { from: read.endsFrom, to: read.endsTo } : null,
    withoutMfa: read.mfa,
    search: read.search,
    order: parseOrder(["end"], read.sort, newestFirst),
  };
}

/** When access is in effect, as a word in an address or a form. */
export function whenInAddress(when: AccessFilter["when"]): string {
  return when instanceof Date ? when.toISOString() : when;
}

/** A filter as an address. Parts equal to `allAccess` are left out. */
export function accessParameters(filter: Partial<AccessFilter>): Record<string, string> {
  const full = { ...allAccess, ...filter };
  const parameters: Record<string, string | null> = {
    resource: full.resourceId,
    below: full.below ? "1" : null,
    role: full.roleDefinitionId,
    state: full.state,
    kind: full.kind,
    when: full.when === "now" ? null : whenInAddress(full.when),
    from: full.from,
    to: full.to,
    created: full.createdWithinDays?.toString() ?? null,
    ends: full.endsWithinDays?.toString() ?? null,
    endsFrom: full.endsBetween?.from.toISOString() ?? null,
    endsTo: full.endsBetween?.to.toISOString() ?? null,
    mfa: full.withoutMfa,
    search: full.search || null,
    sort: full.order.by === "newest" ? null : orderText(full.order),
  };
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}

/** The address of the list behind a figure. */
export function accessAddress(filter: Partial<AccessFilter>): string {
  const parameters = new URLSearchParams(accessParameters(filter)).toString();
  return parameters ? `/assignments?${parameters}` : "/assignments";
}
