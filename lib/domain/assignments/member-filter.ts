import type { AccessState, AccessTime, WantedState } from "@/lib/domain/assignments/access-filter";
import type { PrincipalType } from "@/lib/domain/people/principal";
import type { ListOrder } from "@/lib/domain/text/list-order";

/** The quick states of a list of members. */
export const memberTabs = ["all", "eligible", "active", "expired"] as const;
export type MemberTab = (typeof memberTabs)[number];

/** Where a listed assignment was given: here or above, only here, or here or below. */
export const memberPlaces = ["above", "here", "below"] as const;
export type MemberPlace = (typeof memberPlaces)[number];

/** The columns by which a list of members can be sorted: those with an index, and the name. */
export const memberColumns = ["member", "start", "end"] as const;
export type MemberOrder = ListOrder<(typeof memberColumns)[number]>;

export interface MemberFilter {
  readonly tab: MemberTab;
  readonly where: MemberPlace;
  /** One role's members; null for every role. */
  readonly roleDefinitionId: string | null;
  /** One state within the tab. */
  readonly state: AccessState | null;
  readonly kind: PrincipalType | null;
  /** Part of a member's name or address, or of a role's name. */
  readonly search: string;
  readonly order: MemberOrder;
}

/** The columns by which such a list can be sorted. Lists of what lies below have one order, which an index reads. */
export function sortableColumns(where: MemberPlace): readonly MemberOrder["by"][] {
  return where === "below" ? ["end"] : memberColumns;
}

/**
 * First to end first, permanent last. Among ended ones, the latest first. The list of all begins with
 * permanent access and ends with expired access.
 */
export function usualOrder(tab: MemberTab): MemberOrder {
  return { by: "end", descending: tab === "expired" || tab === "all" };
}

/** The states in which a tab can be narrowed further. */
export const statesOfTab = {
  all: ["Eligible", "Assigned", "Activated"],
  eligible: [],
  active: ["Assigned", "Activated"],
  expired: ["Eligible", "Assigned", "Activated"],
} as const satisfies Record<MemberTab, readonly AccessState[]>;

/** The access of a tab and a state. A state that the tab does not have is left out. */
export function accessOf({ tab, state }: Pick<MemberFilter, "tab" | "state">): {
  readonly state: WantedState | null;
  readonly when: AccessTime;
} {
  const states: readonly AccessState[] = statesOfTab[tab];
  const narrowed = state !== null && states.includes(state) ? state : null;
  switch (tab) {
    case "all":
      return { state: narrowed, when: "any" };
    case "eligible":
      return { state: "Eligible", when: "current" };
    case "active":
      return { state: narrowed ?? "Active", when: "current" };
    case "expired":
      return { state: narrowed, when: "ended" };
  }
}
