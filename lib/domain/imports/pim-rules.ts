import { z } from "zod";
import {
  type DirectNumbers,
  eligibleAndActiveDays,
  minutesOf,
  nearestMinutes,
} from "@/lib/domain/imports/pim-durations";
import {
  type NotificationEvent,
  type NotificationRecipient,
  type NotificationRule,
  notificationEventNames,
  notificationRecipientNames,
} from "@/lib/domain/roles/notification-settings";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";

/** A stage of an approval in a file. Its approvers are named by the ids that they have there. */
export interface NamedStage {
  readonly approvers: readonly string[];
  readonly timeoutHours: number;
  readonly escalation: readonly string[];
}

/** The settings in PIM's rules, and what Postern cannot express of them, in words. */
export interface RulesRead {
  readonly settings: Partial<Omit<RoleSettings, "approvalStages" | "notifications">>;
  /** Null: the rules do not mention approvers. */
  readonly stages: readonly NamedStage[] | null;
  readonly notifications: readonly {
    readonly event: NotificationEvent;
    readonly recipient: NotificationRecipient;
    readonly rule: NotificationRule;
  }[];
  readonly notes: readonly string[];
}

const texts = z.array(z.string().max(320)).max(100).nullish();
const approvers = z
  .array(z.object({ id: z.string().max(1_000).nullish() }))
  .max(100)
  .nullish();
const stage = z.object({
  approvalStageTimeOutInDays: z.number().nullish(),
  isApproverJustificationRequired: z.boolean().nullish(),
  escalationTimeInMinutes: z.number().nullish(),
  isEscalationEnabled: z.boolean().nullish(),
  primaryApprovers: approvers,
  escalationApprovers: approvers,
});

/** One rule, with the fields of any kind of rule. */
export const pimRule = z.object({
  id: z.string().max(200),
  isExpirationRequired: z.boolean().nullish(),
  maximumDuration: z.string().max(50).nullish(),
  enabledRules: texts,
  isEnabled: z.boolean().nullish(),
  claimValue: z.string().max(200).nullish(),
  isDefaultRecipientsEnabled: z.boolean().nullish(),
  notificationLevel: z.string().max(50).nullish(),
  notificationRecipients: texts,
  setting: z
    .object({
      isApprovalRequired: z.boolean().nullish(),
      isApprovalRequiredForExtension: z.boolean().nullish(),
      approvalStages: z.array(stage).max(10).nullish(),
    })
    .nullish(),
});
type PimRule = z.infer<typeof pimRule>;

type Read = Partial<RulesRead>;
const only = (settings: RulesRead["settings"], ...notes: (string | null)[]): Read => ({
  settings,
  notes: notes.filter((note) => note !== null),
});

/** What an enablement rule requires, and which parts are unknown or not supported here. */
function enabled<Name extends keyof RoleSettings>(
  { enabledRules }: PimRule,
  known: Readonly<Record<string, Name>>,
  where: string,
): Read {
  const given = enabledRules ?? [];
  const settings = Object.fromEntries(
    Object.entries(known).map(([name, setting]) => [setting, given.includes(name)]),
  );
  const strange = given.filter((name) => !Object.hasOwn(known, name));
  return only(
    settings,
    strange.length > 0
      ? `${strange.join(", ")} is required ${where} there, which Postern has no setting for.`
      : null,
  );
}

const hoursOfDays = (days: number | null | undefined) =>
  Math.min(30, Math.max(1, Math.round(days ?? 1))) * 24;

function approval({ setting }: PimRule): Read {
  if (!setting) return {};
  const forExtension = setting.isApprovalRequiredForExtension
    ? "There an extension takes an approval as well. Here it takes one wherever an activation does."
    : null;
  if (!setting.isApprovalRequired) return only({ approvalRequired: false }, forExtension);
  const ids = (list: z.infer<typeof approvers>) => (list ?? []).flatMap(({ id }) => (id ? [id] : []));
  const stages = (setting.approvalStages ?? []).map((each): NamedStage => {
    const escalates = each.isEscalationEnabled === true && ids(each.escalationApprovers).length > 0;
    const hours = hoursOfDays(each.approvalStageTimeOutInDays);
    return {
      approvers: ids(each.primaryApprovers),
      timeoutHours: escalates
        ? Math.min(hours, Math.max(1, Math.ceil((each.escalationTimeInMinutes ?? 0) / 60)))
        : hours,
      escalation: escalates ? ids(each.escalationApprovers) : [],
    };
  });
  const long = (setting.approvalStages ?? []).some(
    ({ approvalStageTimeOutInDays: days }) => (days ?? 1) > 30 || (days ?? 1) < 1,
  );
  return {
    ...only(
      { approvalRequired: true },
      forExtension,
      long ? "A stage of an approval waits between a day and 30 days here." : null,
    ),
    stages,
  };
}

function context({ isEnabled, claimValue }: PimRule): Read {
  if (!isEnabled) return {};
  return only(
    { activationRequiresMfa: true },
    `There the authentication context ${claimValue || "of Conditional Access"} decides which factors count. Here Multi-Factor Authentication is required, with any factor; choose phishing-resistant factors in the settings if that is intended.`,
  );
}

function longestActivation({ maximumDuration, isExpirationRequired }: PimRule): Read {
  const permanent =
    isExpirationRequired === false ? "There an activation may be permanent. Here it ends." : null;
  const minutes = minutesOf(maximumDuration);
  if (minutes === null) return only({}, permanent, unreadable(maximumDuration));
  const nearest = nearestMinutes(minutes);
  const note =
    nearest === minutes
      ? null
      : `An activation lasts ${minutes} minutes at most there. Here it is between half an hour and 24 hours, in steps of half an hour.`;
  return only({ activationMaximumMinutes: nearest }, permanent, note);
}

function longest(name: keyof DirectNumbers, { isExpirationRequired, maximumDuration }: PimRule): Read {
  if (isExpirationRequired === false) return only({ [name]: null });
  const minutes = minutesOf(maximumDuration);
  if (minutes === null) return only({}, unreadable(maximumDuration));
  const { days, exact } = eligibleAndActiveDays(name, minutes);
  const noun = name === "eligibleMaximumDays" ? "An eligible assignment" : "An active assignment";
  const note = exact
    ? null
    : `${noun} lasts ${Math.round(minutes / 1_440)} days at most there, which Postern cannot set exactly.`;
  return only({ [name]: days }, note);
}

const unreadable = (text: string | null | undefined) =>
  text ? `The duration ${text} is not understood, so it is left as it is here.` : null;

function notification(rule: PimRule): Read {
  const [, recipient, event] = /^Notification_([A-Za-z]+)_(.+)$/.exec(rule.id) ?? [];
  const knownEvent = notificationEventNames.find((name) => name === event);
  const knownRecipient = notificationRecipientNames.find((name) => name === recipient);
  if (!knownEvent || !knownRecipient) return only({}, `The rule ${rule.id} is not known here.`);
  return {
    notifications: [
      {
        event: knownEvent,
        recipient: knownRecipient,
        rule: {
          defaultRecipients: rule.isDefaultRecipientsEnabled !== false,
          additionalAddresses: rule.notificationRecipients ?? [],
          criticalOnly: rule.notificationLevel?.toLowerCase() === "critical",
        },
      },
    ],
  };
}

function readRule(rule: PimRule): Read {
  switch (rule.id) {
    case "Expiration_EndUser_Assignment":
      return longestActivation(rule);
    case "Enablement_EndUser_Assignment":
      return enabled(
        rule,
        {
          MultiFactorAuthentication: "activationRequiresMfa",
          Justification: "activationRequiresJustification",
          Ticketing: "activationRequiresTicket",
        },
        "on activation",
      );
    case "Approval_EndUser_Assignment":
      return approval(rule);
    case "AuthenticationContext_EndUser_Assignment":
      return context(rule);
    case "Expiration_Admin_Eligibility":
      return longest("eligibleMaximumDays", rule);
    case "Expiration_Admin_Assignment":
      return longest("activeMaximumDays", rule);
    case "Enablement_Admin_Assignment":
      return enabled(
        rule,
        {
          MultiFactorAuthentication: "assignmentRequiresMfa",
          Justification: "assignmentRequiresJustification",
        },
        "on direct assignment",
      );
    case "Enablement_Admin_Eligibility":
      return enabled(rule, {}, "on eligible assignment");
    default:
      return rule.id.startsWith("Notification_")
        ? notification(rule)
        : only({}, `The rule ${rule.id} is not known here.`);
  }
}

/**
 * Reads PIM's rules as role settings. What Postern cannot express becomes a note, in words. Nothing is
 * left out silently.
 */
export function readPimRules(rules: readonly PimRule[]): RulesRead {
  const read = rules.map(readRule);
  const settings = Object.assign({}, ...read.map((each) => each.settings));
  return {
    // An authentication context replaces MFA there, so it counts whichever rule comes first.
    settings: read.some((each, index) => isContext(rules[index]) && each.settings?.activationRequiresMfa)
      ? { ...settings, activationRequiresMfa: true }
      : settings,
    stages: read.find((each) => each.stages)?.stages ?? null,
    notifications: read.flatMap((each) => each.notifications ?? []),
    notes: read.flatMap((each) => each.notes ?? []),
  };
}

const isContext = (rule: PimRule | undefined) => rule?.id === "AuthenticationContext_EndUser_Assignment";
