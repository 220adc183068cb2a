import type { AccessState } from "@/lib/domain/assignments/access-filter";

export interface DayCount {
  readonly day: string;
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly count: number;
}

export interface RoleCount {
  readonly id: string;
  readonly roleName: string;
  readonly eligible: number;
  readonly active: number;
}

/** The figures of a resource, or of the whole organisation, over what the caller may read. */
export interface AccessFigures {
  /** The days (UTC) of the activations, today last. */
  readonly days: readonly string[];
  readonly activations: readonly DayCount[];
  readonly states: Readonly<Record<AccessState, number>>;
  /** Roles by number of assignments, most first, ten at the most. */
  readonly roles: readonly RoleCount[];
  readonly newAssignments: number;
  readonly endingSoon: number;
  readonly pendingRequests: number;
  /** Standing access week by week, now last. */
  readonly standing: readonly StandingPoint[];
}

/** Who could prove a second factor, and which role settings in use ask for one. */
export interface MfaCoverage {
  readonly people: number;
  readonly peopleWithFactor: number;
  /** Roles, each at a resource, that somebody is eligible for now. */
  readonly settings: number;
  readonly settingsWithMfa: number;
}

/** How many moments, a week apart, show standing access over time. */
export const standingPoints = 14;

export interface StandingPoint {
  readonly at: Date;
  readonly eligible: number;
  readonly assigned: number;
}
