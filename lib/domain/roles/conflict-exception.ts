import { textFault } from "@/lib/domain/text/names";
import { isolated } from "@/lib/domain/text/visible-text";
import { addDays } from "@/lib/domain/time/schedule";

export const exceptionStates = ["Waiting", "Approved", "Denied", "Withdrawn", "Revoked", "Expired"] as const;
export type ExceptionState = (typeof exceptionStates)[number];

export const exceptionLimits = {
  /** The longest exception, counted from the request. */
  days: 90,
  /** How many may wait or be in force for one rule. */
  open: 100,
  reason: 2_000,
} as const;

/** A rule that refused something, and for whom an exception from it would be. Null if for nobody in particular. */
export interface ExceptionWanted {
  readonly ruleId: string;
  readonly principalId: string | null;
}

/** How many rules are offered for an exception. */
export const mostExceptionsToAsk = 3;

/** A rule from which somebody may request an exception, and for whom. Null if for nobody in particular. */
export interface ExceptionToAsk extends ExceptionWanted {
  readonly ruleName: string;
  readonly resourceId: string;
}

/** The state at a moment. An exception that has reached its end is expired, whether or not that is recorded. */
export function exceptionStateAt(
  stored: { readonly state: ExceptionState; readonly endsAt: Date },
  now: Date,
): ExceptionState {
  const open = stored.state === "Waiting" || stored.state === "Approved";
  return open && stored.endsAt <= now ? "Expired" : stored.state;
}

/** Every fault of a reason for an exception, or for a decision on one. */
export function exceptionReasonFaults(reason: string | null): { field: string; message: string }[] {
  const message =
    reason === null || reason === "" || reason.length > exceptionLimits.reason
      ? `Say why, in at most ${exceptionLimits.reason} characters.`
      : textFault(reason);
  return message === null ? [] : [{ field: "justification", message }];
}

/** Every fault of an exception that is requested now, by field. */
export function exceptionFaults(
  asked: { readonly justification: string | null; readonly endsAt: Date },
  now: Date,
): { field: string; message: string }[] {
  const faults = exceptionReasonFaults(asked.justification);
  if (asked.endsAt <= now) faults.push({ field: "endsAt", message: "Choose an end in the future." });
  if (asked.endsAt > addDays(now, exceptionLimits.days))
    faults.push({
      field: "endsAt",
      message: `An exception lasts at most ${exceptionLimits.days} days. Choose an earlier end.`,
    });
  return faults;
}

/** Why somebody cannot do something with an exception in this state: what happened to it, and by whom. */
export function exceptionHasBecome(
  state: ExceptionState,
  by: { readonly decider: string | null; readonly ender: string | null },
): string {
  const decider = by.decider === null ? "Somebody" : isolated(by.decider);
  const ender = by.ender === null ? "Somebody" : isolated(by.ender);
  switch (state) {
    case "Waiting":
      return "This exception still waits for a decision.";
    case "Approved":
      return `${decider} has approved this exception.`;
    case "Denied":
      return `${decider} has denied this exception.`;
    case "Withdrawn":
      return `${ender} has withdrawn this exception.`;
    case "Revoked":
      return `${ender} has revoked this exception.`;
    case "Expired":
      return "This exception has ended.";
  }
}
