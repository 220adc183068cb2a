import {
  type ApprovalStage,
  anyLacksDeciders,
  bothStages,
  type Deciders,
  stagesWeakened,
} from "@/lib/domain/roles/approval-settings";
import { activationTakesResistant, assignmentTakesResistant } from "@/lib/domain/roles/factors-asked";
import {
  bothNotifications,
  defaultNotificationSettings,
  type NotificationSettings,
} from "@/lib/domain/roles/notification-settings";
import { notificationsWeakened } from "@/lib/domain/roles/notification-weakened";
import { sameValue } from "@/lib/domain/roles/same-value";

/**
 * The role settings of one role at one scope (docs/role-settings.md). Durations are in the unit that the name says; a
 * maximum of `null` days means that permanent is allowed.
 */
export interface RoleSettings {
  readonly activationMaximumMinutes: number;
  readonly activationRequiresMfa: boolean;
  /**
   * Whether only phishing-resistant factors are accepted. Kept, without effect, while MFA is not
   * required.
   */
  readonly activationPhishingResistant: boolean;
  readonly activationRequiresJustification: boolean;
  readonly activationRequiresTicket: boolean;
  readonly approvalRequired: boolean;
  /** In order. They are kept, without effect, while approval is not required. */
  readonly approvalStages: readonly ApprovalStage[];
  /** Whether an approver must prove a second factor for each decision. */
  readonly approvalRequiresStepUp: boolean;
  /** Whether a member must prove a second factor again after approval. Without effect unless `asksFreshCode`. */
  readonly provisioningRequiresMfa: boolean;
  /**
   * How long an activation may last whose member approves it in an emergency; null if nobody may. Kept,
   * without effect, while approval is not required.
   */
  readonly breakGlassMaximumMinutes: number | null;
  readonly eligibleMaximumDays: number | null;
  readonly activeMaximumDays: number | null;
  readonly assignmentRequiresMfa: boolean;
  /** The same as on activation. */
  readonly assignmentPhishingResistant: boolean;
  readonly assignmentRequiresJustification: boolean;
  readonly notifications: NotificationSettings;
}

export const defaultRoleSettings: RoleSettings = {
  activationMaximumMinutes: 480,
  activationRequiresMfa: true,
  activationPhishingResistant: false,
  activationRequiresJustification: true,
  activationRequiresTicket: false,
  approvalRequired: false,
  approvalStages: [],
  approvalRequiresStepUp: false,
  provisioningRequiresMfa: false,
  breakGlassMaximumMinutes: null,
  eligibleMaximumDays: 365,
  activeMaximumDays: 180,
  assignmentRequiresMfa: false,
  assignmentPhishingResistant: false,
  assignmentRequiresJustification: true,
  notifications: defaultNotificationSettings,
};

/** The settings of a role that nobody has edited: roles that write authorisation require MFA on assignment. */
export function defaultSettingsOf(role: { readonly writesAuthorization: boolean }): RoleSettings {
  return { ...defaultRoleSettings, assignmentRequiresMfa: role.writesAuthorization };
}

export const minimumActivationMinutes = 30;
export const maximumActivationMinutes = 1440;
export const activationStepMinutes = 30;

function lesser(left: number | null, right: number | null): number | null {
  if (left === null) return right;
  return right === null ? left : Math.min(left, right);
}

/** The settings that judge a request, as the request and the log store them, without recipients of notifications. */
export function judgingSettings({
  notifications: _,
  ...rules
}: RoleSettings): Omit<RoleSettings, "notifications"> {
  return rules;
}

/** The settings that a member sees when they activate. They do not include approvers and recipients. */
export type ActivationRules = Pick<
  RoleSettings,
  | "activationMaximumMinutes"
  | "activationRequiresMfa"
  | "activationPhishingResistant"
  | "activationRequiresJustification"
  | "activationRequiresTicket"
  | "approvalRequired"
  | "provisioningRequiresMfa"
>;

export function activationRules(settings: RoleSettings): ActivationRules {
  return {
    activationMaximumMinutes: settings.activationMaximumMinutes,
    activationRequiresMfa: settings.activationRequiresMfa,
    activationPhishingResistant: settings.activationPhishingResistant,
    activationRequiresJustification: settings.activationRequiresJustification,
    activationRequiresTicket: settings.activationRequiresTicket,
    approvalRequired: settings.approvalRequired,
    provisioningRequiresMfa: settings.provisioningRequiresMfa,
  };
}

/** The stages that an activation passes under these settings; empty if no approval is required. */
export function stagesInForce(settings: RoleSettings): readonly ApprovalStage[] {
  return settings.approvalRequired ? settings.approvalStages : [];
}

/** How long an emergency activation may last under both. Every level that requires approval must allow it. */
function lesserBreakGlass(left: RoleSettings, right: RoleSettings): number | null {
  const requiring = [left, right].filter((level) => level.approvalRequired);
  const counting = requiring.length === 0 ? [left, right] : requiring;
  return counting.reduce<number | null>(
    (least, { breakGlassMaximumMinutes: own }) =>
      least === null || own === null ? null : Math.min(least, own),
    Number.MAX_SAFE_INTEGER,
  );
}

/**
 * The stricter of two scopes' settings, rule by rule (docs/rules.md, rule 4). It has the approvals and
 * the recipients of both.
 */
export function stricterOf(left: RoleSettings, right: RoleSettings): RoleSettings {
  return {
    activationMaximumMinutes: Math.min(left.activationMaximumMinutes, right.activationMaximumMinutes),
    activationRequiresMfa: left.activationRequiresMfa || right.activationRequiresMfa,
    activationPhishingResistant: activationTakesResistant(left) || activationTakesResistant(right),
    activationRequiresJustification:
      left.activationRequiresJustification || right.activationRequiresJustification,
    activationRequiresTicket: left.activationRequiresTicket || right.activationRequiresTicket,
    approvalRequired: left.approvalRequired || right.approvalRequired,
    approvalStages: bothStages(stagesInForce(left), stagesInForce(right)),
    approvalRequiresStepUp:
      (left.approvalRequired && left.approvalRequiresStepUp) ||
      (right.approvalRequired && right.approvalRequiresStepUp),
    provisioningRequiresMfa: left.provisioningRequiresMfa || right.provisioningRequiresMfa,
    breakGlassMaximumMinutes: lesserBreakGlass(left, right),
    eligibleMaximumDays: lesser(left.eligibleMaximumDays, right.eligibleMaximumDays),
    activeMaximumDays: lesser(left.activeMaximumDays, right.activeMaximumDays),
    assignmentRequiresMfa: left.assignmentRequiresMfa || right.assignmentRequiresMfa,
    assignmentPhishingResistant: assignmentTakesResistant(left) || assignmentTakesResistant(right),
    assignmentRequiresJustification:
      left.assignmentRequiresJustification || right.assignmentRequiresJustification,
    notifications: bothNotifications(left.notifications, right.notifications),
  };
}

/** The strictest settings of several levels, rule by rule, in any order. Throws if there are none. */
export function strictest(levels: readonly RoleSettings[]): RoleSettings {
  if (levels.length === 0) throw new Error("no level has settings");
  return levels.reduce(stricterOf);
}

/** The settings that an edit changes, in the order of the page. */
export function changedSettings(before: RoleSettings, after: RoleSettings): (keyof RoleSettings)[] {
  return (Object.keys(defaultRoleSettings) as (keyof RoleSettings)[]).filter(
    (name) => !sameValue(before[name], after[name]),
  );
}

/** The facts by which a weakening is judged. Null is unknown, and nothing counts as weaker because of it. */
export interface WeakeningFacts {
  readonly deciders: Deciders | null;
  /** The stages of other levels, above and below. */
  readonly otherLevels: readonly (readonly ApprovalStage[])[];
  /** Domains to which mail may go without a code. If empty, every added address requires one. */
  readonly allowedMailDomains: readonly string[] | null;
}

const nothingKnown: WeakeningFacts = { deciders: null, otherLevels: [], allowedMailDomains: null };

/**
 * The settings that an edit weakens: a requirement is switched off, a duration gets longer, an approval
 * gets easier or is taken from somebody who can decide, or a notice goes to fewer people or out of the
 * organisation. Such an edit requires a step-up.
 */
export function weakenedSettings(
  before: RoleSettings,
  after: RoleSettings,
  { deciders, otherLevels, allowedMailDomains }: WeakeningFacts = nothingKnown,
): (keyof RoleSettings)[] {
  const strictest = stricterOf(before, after);
  return changedSettings(before, after).filter((name) => {
    switch (name) {
      case "notifications":
        return notificationsWeakened(before.notifications, after.notifications, allowedMailDomains);
      case "approvalRequired":
        return (
          !after.approvalRequired ||
          (deciders !== null && anyLacksDeciders(after.approvalStages, [], deciders))
        );
      case "approvalStages":
        return (
          before.approvalRequired &&
          after.approvalRequired &&
          stagesWeakened(before.approvalStages, after.approvalStages, deciders, otherLevels)
        );
      case "activationPhishingResistant":
        return activationTakesResistant(before) && !activationTakesResistant(after);
      case "assignmentPhishingResistant":
        return assignmentTakesResistant(before) && !assignmentTakesResistant(after);
      case "approvalRequiresStepUp":
        return before.approvalRequired && after.approvalRequired && !after.approvalRequiresStepUp;
      default:
        return strictest[name] !== after[name];
    }
  });
}

/** Merges an edit into a newer version. What the edit changed stays; the rest comes from the newer version. */
export function mergedSettings(before: RoleSettings, mine: RoleSettings, theirs: RoleSettings): RoleSettings {
  const kept = Object.fromEntries(changedSettings(before, mine).map((name) => [name, mine[name]]));
  return { ...theirs, ...kept };
}
