import type { RuleFailure } from "@/lib/domain/gate/operation-error";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { addMinutes, minutesInWords } from "@/lib/domain/time/schedule";

/** What limits how long a running activation can be extended. */
export interface ExtensionLimits {
  readonly presentEnd: Date;
  /** When its eligibility ends; null if it has no end. */
  readonly eligibleUntil: Date | null;
  /** When the member's next access to the same role at the same resource begins; null if there is none. */
  readonly nextStart: Date | null;
}

/** The whole minutes from a moment to a later end: the duration of a request to extend, from when it is made. */
export function minutesUntil(now: Date, endsAt: Date): number {
  return Math.ceil((endsAt.getTime() - now.getTime()) / 60_000);
}

/**
 * The latest end that an activation can be extended to at a moment. From that moment, an extension may
 * last no longer than an activation may. It ends with the eligibility at the latest, and before the
 * next activation of the same role.
 */
export function latestEnd(
  settings: Pick<RoleSettings, "activationMaximumMinutes">,
  { eligibleUntil, nextStart }: ExtensionLimits,
  now: Date,
): Date {
  const ends = [addMinutes(now, settings.activationMaximumMinutes), eligibleUntil, nextStart];
  return new Date(Math.min(...ends.flatMap((end) => (end === null ? [] : [end.getTime()]))));
}

/** The most whole minutes by which an activation can be extended; zero if it cannot be. */
export function longestExtension(
  settings: Pick<RoleSettings, "activationMaximumMinutes">,
  limits: ExtensionLimits,
  now: Date,
): number {
  const milliseconds = latestEnd(settings, limits, now).getTime() - limits.presentEnd.getTime();
  return Math.max(0, Math.floor(milliseconds / 60_000));
}

/** Every rule about its times that an extension of a running activation fails; empty if it is allowed. */
export function extensionTimeFailures(
  settings: Pick<RoleSettings, "activationMaximumMinutes">,
  limits: ExtensionLimits,
  endsAt: Date,
  now: Date,
): RuleFailure[] {
  const failures: RuleFailure[] = [];
  const { presentEnd, eligibleUntil, nextStart } = limits;
  // "At most" counts from the present end, as the choices do.
  const most = (until: Date) => {
    const left = Math.floor((until.getTime() - presentEnd.getTime()) / 60_000);
    return left > 0 ? `Extend by at most ${minutesInWords(left)}.` : "It cannot be extended.";
  };
  if (endsAt <= presentEnd)
    failures.push({
      rule: "ExpirationRule",
      field: "duration",
      message: "Choose an end later than the present one.",
    });
  const longest = addMinutes(now, settings.activationMaximumMinutes);
  if (endsAt > longest)
    failures.push({
      rule: "ExpirationRule",
      field: "duration",
      message: `From now it may last at most ${minutesInWords(settings.activationMaximumMinutes)}. ${most(longest)}`,
    });
  if (eligibleUntil !== null && endsAt > eligibleUntil)
    failures.push({
      rule: "EligibilityRule",
      field: "duration",
      message: `Your eligibility ends before that. ${most(eligibleUntil)}`,
    });
  if (nextStart !== null && endsAt > nextStart)
    failures.push({
      rule: "OverlapRule",
      field: "duration",
      message: `This role begins again for you before that. ${most(nextStart)}`,
    });
  return failures;
}
