import { z } from "zod";
import { dayShape, momentShape } from "@/lib/domain/activation/date-in-address";
import { type ListOrder, orderText, parseOrder } from "@/lib/domain/list-order";

/** Which access a list or a figure shows. Each part narrows it, and each can stand in an address. */
export interface AccessFilter {
  /** Held at this resource, and `below` it too; everywhere when null. */
  readonly resourceId: string | null;
  readonly below: boolean;
  readonly roleDefinitionId: string | null;
  readonly state: WantedState | null;
  /** In effect now or at a moment; or at any time, past and future included. */
  readonly when: "now" | "any" | Date;
  /** Started within these days (UTC), the last day included. */
  readonly from: string | null;
  readonly to: string | null;
  readonly createdWithinDays: number | null;
  /** Ends within so many days. Activations, which last hours, are left out unless they are asked for. */
  readonly endsWithinDays: number | null;
  /** Held by somebody without an authenticator app, or eligible under role settings without MFA. */
  readonly withoutMfa: "people" | "settings" | null;
  /** Part of a member's or a role's name. */
  readonly search: string;
  /**
   * The order of a list: newest first, or by the end. Permanent access comes last, or first if the order is reversed.
   */
  readonly order: ListOrder<AccessColumn>;
}

/** The columns by which the list of all access can be sorted: those with an index. */
export const accessColumns = ["newest", "end"] as const;
export type AccessColumn = (typeof accessColumns)[number];
export const newestFirst: ListOrder<AccessColumn> = { by: "newest", descending: true };

export const accessStates = ["Eligible", "Assigned", "Activated"] as const;
export type AccessState = (typeof accessStates)[number];
/** One state, or both active ones. */
export const wantedStates = [...accessStates, "Active"] as const;
export type WantedState = (typeof wantedStates)[number];

export const allAccess: AccessFilter = {
  resourceId: null,
  below: false,
  roleDefinitionId: null,
  state: null,
  when: "now",
  from: null,
  to: null,
  createdWithinDays: null,
  endsWithinDays: null,
  withoutMfa: null,
  search: "",
  order: newestFirst,
};

const days = z.coerce.number().int().min(1).max(366).nullable().catch(null);
const day = dayShape.nullable().catch(null);
const id = z.uuid().nullable().catch(null);
const shape = z.object({
  resource: id,
  below: z.literal("1").nullable().catch(null),
  role: id,
  state: z.enum(wantedStates).nullable().catch(null),
  when: z.union([z.enum(["now", "any"]), momentShape]).catch("now"),
  from: day,
  to: day,
  created: days,
  ends: days,
  mfa: z.enum(["people", "settings"]).nullable().catch(null),
  search: z
    .string()
    .max(200)
    .transform((value) => value.replaceAll("\0", "").trim())
    .catch(""),
  sort: z.string().catch(""),
});

/** The filter in an address. Invalid parts are left out. */
export function accessFilter(query: Readonly<Record<string, string | string[] | undefined>>): AccessFilter {
  const read = shape.parse({ ...query });
  return {
    resourceId: read.resource,
    below: read.below !== null,
    roleDefinitionId: read.role,
    state: read.state,
    when: read.when,
    from: read.from,
    to: read.to,
    createdWithinDays: read.created,
    endsWithinDays: read.ends,
    withoutMfa: read.mfa,
    search: read.search,
    order: parseOrder(["end"], read.sort, newestFirst),
  };
}

/** `when`, as addresses and forms write it. */
export function whenInAddress(when: AccessFilter["when"]): string {
  return when instanceof Date ? when.toISOString() : when;
}

/** A filter as an address, without the parts that equal `allAccess`. */
export function accessParameters(filter: Partial<AccessFilter>): Record<string, string> {
  const full = { ...allAccess, ...filter };
  const parameters: Record<string, string | null> = {
    resource: full.resourceId,
    below: full.below ? "1" : null,
    role: full.roleDefinitionId,
    state: full.state,
    when: full.when === "now" ? null : whenInAddress(full.when),
    from: full.from,
    to: full.to,
    created: full.createdWithinDays?.toString() ?? null,
    ends: full.endsWithinDays?.toString() ?? null,
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
