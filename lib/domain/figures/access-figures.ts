import type { AccessState } from "@/lib/domain/assignments/access-filter";
import type { PrincipalType } from "@/lib/domain/people/principal";
import { counted } from "@/lib/domain/text/number-format";

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

/** A role to choose. */
export interface NamedRole {
  readonly id: string;
  readonly roleName: string;
}

/** The figures of a resource, or of the whole organisation, over what the caller may read. */
export interface AccessFigures {
  /** The days (UTC) of the activations. Today is last. */
  readonly days: readonly string[];
  readonly activations: readonly DayCount[];
  /** Activations of the same number of days before, day by day. */
  readonly activationsBefore: readonly number[];
  readonly states: Readonly<Record<AccessState, number>>;
  /**
   * The same for users, groups and service principals, each with the figure of a week ago. Only kinds
   * that hold or held something.
   */
  readonly kinds: readonly KindFigures[];
  /** Roles by number of assignments, most first, at most ten. */
  readonly roles: readonly RoleCount[];
  /**
   * Roles to which somebody is assigned now, by name. Other roles are left out, since they would reveal
   * something about other places.
   */
  readonly assignedRoles: readonly NamedRole[];
  readonly newAssignments: number;
  /** The same for the thirty days before. */
  readonly newAssignmentsBefore: number;
  readonly endingSoon: number;
  readonly pendingRequests: number;
  /** Standing access week by week. Now is last. */
  readonly standing: readonly StandingPoint[];
}

/** How many people could prove a second factor, and which role settings in use require one. */
export interface MfaCoverage {
  readonly people: number;
  readonly peopleWithFactor: number;
  /** Roles, each at a resource, for which somebody is eligible now. */
  readonly settings: number;
  readonly settingsWithMfa: number;
}

/** How many moments, a week apart, show standing access over time. */
export const standingPoints = 14;

export interface StandingPoint {
  readonly at: Date;
  readonly eligible: number;
  readonly assigned: number;
  readonly activated: number;
}

/** A figure and the earlier one that it is compared with. */
export interface Compared {
  readonly now: number;
  readonly before: number;
}

/** What users, groups or service principals hold. */
export interface KindFigures {
  readonly kind: PrincipalType;
  /** Compared with a week ago. */
  readonly states: Readonly<Record<AccessState, Compared>>;
  /** New assignments of thirty days, compared with the thirty days before. */
  readonly made: Compared;
}

/** How a figure compares with an earlier one, in words: "12 more than a week ago". */
export function changeInWords(now: number, before: number, earlier: string): string {
  if (now === before) return `As many as ${earlier}`;
  return changeInParts({ now, before }, earlier).join(" ");
}

/** The same in two parts: "12 more", which is enough beside a figure, and "than a week ago". */
export function changeInParts({ now, before }: Compared, earlier: string): readonly [string, string] {
  if (now === before) return ["No change", `from ${earlier}`];
  const difference = counted(Math.abs(now - before));
  return [`${difference} ${now > before ? "more" : "fewer"}`, `than ${earlier}`];
}
