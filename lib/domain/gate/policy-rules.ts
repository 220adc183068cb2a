import { minutesLeft, shortestActivation } from "@/lib/domain/gate/activation-time";
import type { RuleFailure } from "@/lib/domain/gate/operation-error";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { exceedsPeriod, periodInWords } from "@/lib/domain/time/period";
import { minutesInWords, type Schedule } from "@/lib/domain/time/schedule";

/**
 * Why granting access takes a proof of whoever grants it: the role settings ask for it, or one of the cases of rule 8
 * (docs/rules.md).
 */
export type StepUpReason = "RoleSettings" | "ToOneself" | "OutlastsAuthority" | "WidensRoleInUse";

const stepUpMessages: Readonly<Record<Exclude<StepUpReason, "RoleSettings">, string>> = {
  ToOneself: "This gives access to yourself: verify your identity with a second factor.",
  OutlastsAuthority:
    "This access lasts longer than your own authority: verify your identity with a second factor.",
  WidensRoleInUse:
    "This gives more to everybody who has the role: verify your identity with a second factor.",
};

export const mfaFailure: RuleFailure = {
  rule: "MfaRule",
  field: "code",
  message: "Verify your identity with a second factor.",
};
const justificationFailure: RuleFailure = {
  rule: "JustificationRule",
  field: "justification",
  message: "Give a reason.",
};

function blank(text: string | null): boolean {
  return text === null || text.trim() === "";
}

/** The facts that an activation is judged by. */
export interface ActivationFacts {
  readonly schedule: Schedule;
  readonly durationMinutes: number;
  /** When its eligibility is in effect. */
  readonly eligibility: Schedule;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
  readonly proved: boolean;
}

/** The rules about its times that an activation fails. They are known before any code is asked for. */
export function activationTimeFailures(
  settings: Pick<RoleSettings, "activationMaximumMinutes">,
  {
    schedule,
    eligibility,
    durationMinutes,
  }: Pick<ActivationFacts, "schedule" | "eligibility" | "durationMinutes">,
): RuleFailure[] {
  const failures: RuleFailure[] = [];
  if (
    schedule.startsAt < eligibility.startsAt ||
    (eligibility.endsAt !== null && (schedule.endsAt === null || schedule.endsAt > eligibility.endsAt))
  ) {
    failures.push({ rule: "EligibilityRule", field: "duration", message: uncovered(schedule, eligibility) });
  }
  const shortest = shortestActivation(schedule.startsAt, eligibility);
  if (durationMinutes > settings.activationMaximumMinutes) {
    failures.push({
      rule: "ExpirationRule",
      field: "duration",
      message: `Choose at most ${minutesInWords(settings.activationMaximumMinutes)}.`,
    });
  } else if (!Number.isInteger(durationMinutes) || durationMinutes < shortest) {
    failures.push({
      rule: "ExpirationRule",
      field: "duration",
      message: `Choose at least ${minutesInWords(shortest)}.`,
    });
  }
  return failures;
}

/** What is left of an eligibility that does not cover the time of an activation. */
function uncovered(schedule: Schedule, eligibility: Schedule): string {
  if (schedule.startsAt < eligibility.startsAt) return "This eligibility begins later. Choose a later start.";
  const left = minutesLeft(schedule.startsAt, eligibility.endsAt);
  if (!left) return "This eligibility ends before that start. Choose an earlier start.";
  const words = minutesInWords(left);
  return `This eligibility ends ${words} after the start. Choose at most ${words}.`;
}

/**
 * Every rule that an activation fails under the settings in force (docs/role-settings.md); empty if it is allowed.
 */
export function activationFailures(settings: RoleSettings, facts: ActivationFacts): RuleFailure[] {
  return [...activationTimeFailures(settings, facts), ...activationFormFailures(settings, facts)];
}

/** The rules that an activation, or an extension of one, fails apart from its times: reason, ticket and proof. */
export function activationFormFailures(
  settings: RoleSettings,
  facts: Pick<ActivationFacts, "justification" | "ticketNumber" | "ticketSystem" | "proved">,
): RuleFailure[] {
  const failures: RuleFailure[] = [];
  if (settings.activationRequiresJustification && blank(facts.justification)) {
    failures.push(justificationFailure);
  }
  if (settings.activationRequiresTicket && blank(facts.ticketNumber)) {
    failures.push({ rule: "TicketingRule", field: "ticketNumber", message: "Give the ticket number." });
  }
  if (settings.activationRequiresTicket && blank(facts.ticketSystem)) {
    failures.push({ rule: "TicketingRule", field: "ticketSystem", message: "Name the ticket system." });
  }
  if (settings.activationRequiresMfa && !facts.proved) failures.push(mfaFailure);
  return failures;
}

/** The facts that an administrator's assignment, or a change of one, is judged by. */
export interface AssignmentFacts {
  readonly assignmentType: "Eligible" | "Active";
  readonly schedule: Schedule;
  readonly justification: string | null;
  /** Why it takes a proof; empty if it takes none. */
  readonly stepUp: readonly StepUpReason[];
  readonly proved: boolean;
}

/** Every rule that an administrator's assignment fails under the settings in force; empty if it is allowed. */
export function assignmentFailures(settings: RoleSettings, facts: AssignmentFacts): RuleFailure[] {
  const failures: RuleFailure[] = [];
  const active = facts.assignmentType === "Active";
  const maximumDays = active ? settings.activeMaximumDays : settings.eligibleMaximumDays;
  if (maximumDays !== null && exceedsPeriod(facts.schedule, maximumDays)) {
    failures.push({
      rule: "ExpirationRule",
      field: "endsAt",
      message: `The role settings do not allow ${facts.schedule.endsAt === null ? "a permanent assignment" : "so long"}: choose an end at most ${periodInWords(maximumDays)} after the start.`,
    });
  }
  if (active) failures.push(...directAssignmentFailures(settings, facts));
  else failures.push(...stepUpFailures(facts));
  return failures;
}

/** The rules that a direct assignment fails apart from its times: the required reason and proof. */
export function directAssignmentFailures(
  settings: Pick<RoleSettings, "assignmentRequiresJustification">,
  facts: Pick<AssignmentFacts, "justification" | "stepUp" | "proved">,
): RuleFailure[] {
  const failures: RuleFailure[] = [];
  if (settings.assignmentRequiresJustification && blank(facts.justification)) {
    failures.push(justificationFailure);
  }
  return [...failures, ...stepUpFailures(facts)];
}

function stepUpFailures({ stepUp, proved }: Pick<AssignmentFacts, "stepUp" | "proved">): RuleFailure[] {
  if (proved || stepUp.length === 0) return [];
  const always = stepUp.find((reason) => reason !== "RoleSettings");
  return [always === undefined ? mfaFailure : { ...mfaFailure, message: stepUpMessages[always] }];
}
