import type { PrincipalType } from "@/lib/domain/people/principal";
import type { ListOrder } from "@/lib/domain/text/list-order";

/** Which access a list or a figure shows. Each part narrows it. */
export interface AccessFilter {
  /** Held at this resource, and `below` it too; everywhere when null. */
  readonly resourceId: string | null;
  readonly below: boolean;
  readonly roleDefinitionId: string | null;
  readonly state: WantedState | null;
  /** Held by a user, a group or a service principal. */
  readonly kind: PrincipalType | null;
  /** In effect now or at a moment; now or scheduled; ended; or at any time, past and future. */
  readonly when: AccessTime | Date;
  /** Started within these days of `timeZone`, the last day included. */
  readonly from: string | null;
  readonly to: string | null;
  /** The reader's IANA time zone, whose days these are. It is not part of an address. */
  readonly timeZone: string;
  readonly createdWithinDays: number | null;
  /** Ends within this many days. Activations, which last hours, are left out unless they are requested. */
  readonly endsWithinDays: number | null;
  /** Ends from one moment to before another. Activations are left out in the same way. */
  readonly endsBetween: { readonly from: Date; readonly to: Date } | null;
  /**
   * Held by somebody without a second factor or without a phishing-resistant one, or eligible under role settings
   * without MFA.
   */
  readonly withoutMfa: "people" | "resistant" | "settings" | null;
  /** Part of a member's name or address, or of a role's name. */
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

export const accessTimes = ["now", "current", "ended", "any"] as const;
export type AccessTime = (typeof accessTimes)[number];

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
  kind: null,
  when: "now",
  from: null,
  to: null,
  timeZone: "UTC",
  createdWithinDays: null,
  endsWithinDays: null,
  endsBetween: null,
  withoutMfa: null,
  search: "",
  order: newestFirst,
};
