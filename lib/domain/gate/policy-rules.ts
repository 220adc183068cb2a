import { minutesLeft, shortestActivation } from "@/lib/domain/gate/activation-time";
import type { RuleFailure } from "@/lib/domain/gate/operation-error";
import { resistsPhishing, type StepUpMethod } from "@/lib/domain/gate/step-up-method";
import { activationTakesResistant, assignmentTakesResistant } from "@/lib/domain/roles/factors-asked";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { exceedsPeriod, periodInWords } from "@/lib/domain/time/period";
import { minutesInWords, type Schedule } from "@/lib/domain/time/schedule";

/**
 * Why granting access requires a proof of the person who grants it: the role settings require it, or
 * one of the cases of rule 8 does (docs/rules.md).
 */
export type StepUpReason =
  | "RoleSettings"
  /** The role settings require it, and accept only phishing-resistant factors. */
  | "PhishingResistant"
  | "ToOneself"
  | "OutlastsAuthority"
  /** It makes somebody eligible, or for longer, for a role that can write authorisation. */
  | "RoleGivesAccess"
  | "WidensRoleInUse";

const stepUpMessages: Readonly<Record<Exclude<StepUpReason, "RoleSettings" | "PhishingResistant">, string>> =
  {
    ToOneself: "This gives access to yourself: verify your identity with a second factor.",
    OutlastsAuthority:
      "This access lasts longer than your own authority: verify your identity with a second factor.",
    RoleGivesAccess:
      "This lets somebody activate a role that can give access to others: verify your identity with a second factor.",
    WidensRoleInUse:
      "This gives more to everybody who has the role: verify your identity with a second factor.",
  };

export const mfaFailure: RuleFailure = {
  rule: "MfaRule",
  field: "code",
  message: "Verify your identity with a second factor.",
};
export const passkeyFailure: RuleFailure = {
  rule: "MfaRule",
  field: "passkey",
  message:
    "The role settings accept only a phishing-resistant factor here, such as a passkey. Verify your identity with one.",
};

/** Why direct assignments require a proof by the role settings in force; empty if they do not. */
export function reasonsOfSettings(
  settings: Pick<RoleSettings, "assignmentRequiresMfa" | "assignmentPhishingResistant">,
): StepUpReason[] {
  if (!settings.assignmentRequiresMfa) return [];
  return assignmentTakesResistant(settings) ? ["RoleSettings", "PhishingResistant"] : ["RoleSettings"];
}

/**
 * The same with what is always a reason (`alwaysStepUp`). An eligibility that takes a proof takes it by a factor that
 * would do to give the role directly: the settings' choice of factors would be worth little otherwise.
 */
export function reasonsToAssign(
  assignmentType: "Eligible" | "Active",
  settings: Parameters<typeof reasonsOfSettings>[0],
  always: readonly StepUpReason[],
): StepUpReason[] {
  const bySettings = reasonsOfSettings(settings);
  if (assignmentType === "Active") return [...new Set([...bySettings, ...always])];
  const factors = bySettings.filter((reason) => reason === "PhishingResistant");
  return [...new Set([...(always.includes("RoleGivesAccess") ? factors : []), ...always])];
}

/** Why handing over eligibility for a role that can write authorisation takes a proof, under these settings. */
export function reasonsToHandEligibility(settings: Parameters<typeof reasonsOfSettings>[0]): StepUpReason[] {
  return reasonsToAssign("Eligible", settings, ["RoleGivesAccess"]);
}

/** Whether a proof is missing according to these failures, and whether it must be by a phishing-resistant factor. */
export function proofNeeded(failures: readonly RuleFailure[]): {
  readonly needsProof: boolean;
  readonly needsResistant: boolean;
} {
  return {
    needsProof: failures.some(({ rule }) => rule === "MfaRule"),
    needsResistant: failures.some(({ field }) => field === "passkey"),
  };
}

/** What is missing from a required proof; empty if it was given by an accepted factor. */
export function factorFailures(provedBy: StepUpMethod | null, resistantOnly: boolean): RuleFailure[] {
  if (resistantOnly) return resistsPhishing(provedBy) ? [] : [passkeyFailure];
  return provedBy === null ? [mfaFailure] : [];
}

const justificationFailure: RuleFailure = {
  rule: "JustificationRule",
  field: "justification",
  message: "Give a reason.",
};

function blank(text: string | null): boolean {
  return text === null || text.trim() === "";
}

/** The facts about an activation that are judged. */
export interface ActivationFacts {
  readonly schedule: Schedule;
  readonly durationMinutes: number;
  /** When its eligibility is in effect. */
  readonly eligibility: Schedule;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
  /** The factor of the proof that was spent; null without one. */
  readonly provedBy: StepUpMethod | null;
}

/** The rules about its times that an activation fails. They are known before any code is requested. */
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

/** What is left to say about an eligibility that does not cover the time of an activation. */
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
  facts: Pick<ActivationFacts, "justification" | "ticketNumber" | "ticketSystem" | "provedBy">,
): RuleFailure[] {
  const failures: RuleFailure[] = [];
  if (settings.activationRequiresJustification && blank(facts.justification)) {
    failures.push(justificationFailure);
  }
  if (settings.activationRequiresTicket && blank(facts.ticketNumber)) {
    failures.push({ rule: "TicketingRule", field: "ticketNumber", message: "Enter the ticket number." });
  }
  if (settings.activationRequiresTicket && blank(facts.ticketSystem)) {
    failures.push({ rule: "TicketingRule", field: "ticketSystem", message: "Name the ticket system." });
  }
  if (settings.activationRequiresMfa)
    failures.push(...factorFailures(facts.provedBy, activationTakesResistant(settings)));
  return failures;
}

/** The facts about an administrator's assignment, or a change of one, that are judged. */
export interface AssignmentFacts {
  readonly assignmentType: "Eligible" | "Active";
  readonly schedule: Schedule;
  readonly justification: string | null;
  /** Why it requires a proof; empty if it does not. */
  readonly stepUp: readonly StepUpReason[];
  readonly provedBy: StepUpMethod | null;
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
      message: `The role settings do not allow ${facts.schedule.endsAt === null ? "a permanent assignment" : "that length"}: choose an end at most ${periodInWords(maximumDays)} after the start.`,
    });
  }
  if (active) failures.push(...directAssignmentFailures(settings, facts));
  else failures.push(...stepUpFailures(facts));
  return failures;
}

/** The rules that a direct assignment fails apart from its times: the required reason and proof. */
export function directAssignmentFailures(
  settings: Pick<RoleSettings, "assignmentRequiresJustification">,
  facts: Pick<AssignmentFacts, "justification" | "stepUp" | "provedBy">,
): RuleFailure[] {
  const failures: RuleFailure[] = [];
  if (settings.assignmentRequiresJustification && blank(facts.justification)) {
    failures.push(justificationFailure);
  }
  return [...failures, ...stepUpFailures(facts)];
}

function stepUpFailures({ stepUp, provedBy }: Pick<AssignmentFacts, "stepUp" | "provedBy">): RuleFailure[] {
  if (stepUp.length === 0) return [];
  const failures = factorFailures(provedBy, stepUp.includes("PhishingResistant"));
  const always = stepUp.flatMap((reason) =>
    reason === "RoleSettings" || reason === "PhishingResistant" ? [] : [stepUpMessages[reason]],
  );
  return failures.map((failure) =>
    failure === mfaFailure && always[0] !== undefined ? { ...failure, message: always[0] } : failure,
  );
}
