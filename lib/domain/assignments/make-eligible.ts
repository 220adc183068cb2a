import { addDays, type Schedule } from "@/lib/domain/time/schedule";

/** What would prevent members from activating a role that they hold now. */
export interface Readiness {
  /** Whether the member is a group. */
  readonly group: boolean;
  /** The enabled users concerned: the person, or those in the group, up to the number that is counted. */
  readonly people: number;
  /** Those of them who have no second factor that the activation accepts. */
  readonly withoutFactor: number;
  /** Whether a phishing-resistant factor is required. */
  readonly phishingResistant: boolean;
  /** Whether an activation requires approval, and whether fewer people can approve than must. */
  readonly approval: "None" | "Required" | "Short";
}

/** What the preview said about one assignment that is made eligible. A different result is refused. */
export interface ShownEligibility {
  /** The times of the assignment. */
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  /** Until when its member may activate the role; null: permanently. */
  readonly eligibleUntil: Date | null;
  /** The eligibility that they keep; null if they get one. */
  readonly keptId: string | null;
  /** The `readinessVersion` of those who would activate it. */
  readonly readiness: string;
}

/** How many people of a group are examined. */
export const mostPeopleLookedAt = 1_000;

/**
 * What a preview promised about the activation, as it comes back with the form. It does not change when
 * somebody joins a group meanwhile.
 */
export function readinessVersion({ withoutFactor, approval }: Readiness): string {
  return `${withoutFactor} ${approval}`;
}

/** What prevents activation, as sentences; empty if nothing does. */
export function obstacles(readiness: Readiness): string[] {
  const { group, people, withoutFactor, approval } = readiness;
  const factor = readiness.phishingResistant ? "phishing-resistant factor" : "second factor";
  const found: string[] = [];
  if (people === 0) found.push("Nobody is in this group, so nobody could activate it.");
  else if (withoutFactor > 0 && !group) found.push(`Cannot activate it yet: they have no ${factor}.`);
  else if (withoutFactor > 0) {
    const all = people === mostPeopleLookedAt ? `the first ${people.toLocaleString("en-US")}` : people;
    found.push(`${withoutFactor} of ${all} members cannot activate it yet: they have no ${factor}.`);
  }
  if (approval === "Required") found.push("Each activation takes an approval.");
  if (approval === "Short")
    found.push("Each activation takes an approval, and too few approvers can decide: administrators decide.");
  return found;
}

/** Whether somebody concerned could not activate the role now. */
export function lacksFactor({ people, withoutFactor }: Readiness): boolean {
  return people === 0 || withoutFactor > 0;
}

/**
 * When the eligibility ends that replaces standing access: as late as the role settings allow, and
 * never later than what it replaces, so that nobody escapes an end. To the minute. Null: permanent.
 */
export function eligibleUntil(
  access: Pick<Schedule, "endsAt">,
  startsAt: Date,
  maximumDays: number | null,
): Date | null {
  if (maximumDays === null) return access.endsAt;
  const longest = addDays(startsAt, maximumDays).getTime();
  const rounded = new Date(Math.floor(longest / 60_000) * 60_000);
  return access.endsAt !== null && access.endsAt < rounded ? access.endsAt : rounded;
}

/** Whether an end is later than that of the access that it replaces. */
export function outlivesReplaced(access: Pick<Schedule, "endsAt">, endsAt: Date | null): boolean {
  return access.endsAt !== null && (endsAt === null || endsAt > access.endsAt);
}
