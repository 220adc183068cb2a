import type { Schedule } from "@/lib/domain/time/schedule";

/** The built-in role Owner, by Azure's own id. */
export const ownerRoleId = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";

/** An active assignment of Owner at the root to a user who is not disabled. */
export interface RootOwner extends Schedule {
  readonly assignmentId: string;
  readonly principalId: string;
}

/**
 * Whether a change of one assignment would leave no permanent active Owner at the root (docs/rules.md, rule 11).
 * `after` is the assignment after the change; null if it is removed.
 */
export function wouldLoseLastOwner(
  owners: readonly RootOwner[],
  assignmentId: string,
  after: Schedule | null,
  now: Date,
): boolean {
  const lasting = lastingAt(now);
  if (!owners.some((owner) => owner.assignmentId === assignmentId && lasting(owner))) return false;
  if (after !== null && lasting(after)) return false;
  return !owners.some((owner) => owner.assignmentId !== assignmentId && lasting(owner));
}

/** Whether disabling a user would leave no permanent active Owner at the root. */
export function disablingLosesLastOwner(
  owners: readonly RootOwner[],
  principalId: string,
  now: Date,
): boolean {
  const lasting = owners.filter(lastingAt(now));
  return (
    lasting.some((owner) => owner.principalId === principalId) &&
    lasting.every((owner) => owner.principalId === principalId)
  );
}

function lastingAt(now: Date) {
  return (schedule: Schedule) => schedule.endsAt === null && schedule.startsAt <= now;
}
