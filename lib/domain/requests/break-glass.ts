import type { RuleFailure } from "@/lib/domain/gate/operation-error";
import { minimumActivationMinutes, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { minutesInWords } from "@/lib/domain/time/schedule";

/* Break-glass: a member approves their own waiting request in an emergency, the only exception to rule
   7 of docs/rules.md (docs/decisions/break-glass.md). */

type Limits = Pick<
  RoleSettings,
  "approvalRequired" | "activationMaximumMinutes" | "breakGlassMaximumMinutes"
>;

/** How long an emergency activation may last under these settings, in minutes; null if break-glass is not allowed. */
export function breakGlassMaximum(settings: Limits): number | null {
  const { approvalRequired, breakGlassMaximumMinutes, activationMaximumMinutes } = settings;
  if (!approvalRequired || breakGlassMaximumMinutes === null) return null;
  return Math.min(breakGlassMaximumMinutes, activationMaximumMinutes);
}

/** The same for one request, and never longer than was requested. */
export function longestBreakGlass(settings: Limits, requestedMinutes: number): number | null {
  const maximum = breakGlassMaximum(settings);
  return maximum === null ? null : Math.min(maximum, requestedMinutes);
}

/** The facts about a waiting request that break-glass judges. */
export interface RequestInEmergency {
  /** It asks to extend a running activation. */
  readonly extendsActivation: boolean;
  readonly startsAt: Date | null;
  readonly durationMinutes: number;
}

const failure = (rule: RuleFailure["rule"], field: RuleFailure["field"], message: string): RuleFailure => ({
  rule,
  field,
  message,
});

/**
 * Every rule of its own that break-glass fails, before any code is requested: the settings in force allow it, the
 * request is for an activation that begins now, and it lasts no longer than the cap and the requested duration.
 */
export function breakGlassFailures(
  settings: Limits,
  request: RequestInEmergency,
  durationMinutes: number,
  now: Date,
): RuleFailure[] {
  const longest = longestBreakGlass(settings, request.durationMinutes);
  const failures: RuleFailure[] = [];
  if (longest === null)
    failures.push(
      failure(
        "BreakGlassRule",
        "breakGlass",
        "The role settings do not allow break-glass. The request still waits for its approvers.",
      ),
    );
  if (request.extendsActivation)
    failures.push(
      failure(
        "BreakGlassRule",
        "breakGlass",
        "Only its approvers can approve a request to extend an activation.",
      ),
    );
  if (request.startsAt !== null && request.startsAt > now)
    failures.push(
      failure(
        "BreakGlassRule",
        "breakGlass",
        "This request asks for a later start. Cancel it and ask for a start now.",
      ),
    );
  if (longest !== null && durationMinutes > longest)
    failures.push(failure("ExpirationRule", "duration", `Choose at most ${minutesInWords(longest)}.`));
  else if (!Number.isInteger(durationMinutes) || durationMinutes < shortestOf(longest))
    failures.push(
      failure("ExpirationRule", "duration", `Choose at least ${minutesInWords(shortestOf(longest))}.`),
    );
  return failures;
}

/** The shortest duration: half an hour, or the requested one if that is shorter. */
function shortestOf(longest: number | null): number {
  return Math.max(1, Math.min(minimumActivationMinutes, longest ?? minimumActivationMinutes));
}

/** The conclusion of a review of an emergency activation. */
export const breakGlassOutcomes = ["Justified", "NotJustified"] as const;
export type BreakGlassOutcome = (typeof breakGlassOutcomes)[number];

export const breakGlassOutcomeWords: Readonly<Record<BreakGlassOutcome, string>> = {
  Justified: "Justified",
  NotJustified: "Not justified",
};
