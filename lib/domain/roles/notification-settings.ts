/** The events of notification settings (docs/role-settings.md), by ARM's names. */
export const notificationEvents = {
  Admin_Eligibility: "Member assigned as eligible",
  Admin_Assignment: "Member assigned as active",
  EndUser_Assignment: "Eligible member activates",
} as const;
export type NotificationEvent = keyof typeof notificationEvents;

/** The recipients, by ARM's names. */
export const notificationRecipients = {
  Admin: "Role administrator",
  Requestor: "Requestor",
  Approver: "Approver",
} as const;
export type NotificationRecipient = keyof typeof notificationRecipients;

/** ARM's rule `Notification_{recipient}_{event}`. */
export type NotificationRule = {
  /** Whether the default recipients are notified: the role's administrators, the requestor, the approvers. */
  readonly defaultRecipients: boolean;
  /** These addresses get mail as well. */
  readonly additionalAddresses: readonly string[];
  /** Only notify of what needs action: an activation that waits for approval, or an end that is near. */
  readonly criticalOnly: boolean;
};

export type NotificationSettings = Readonly<
  Record<NotificationEvent, Readonly<Record<NotificationRecipient, NotificationRule>>>
>;

const on: NotificationRule = { defaultRecipients: true, additionalAddresses: [], criticalOnly: false };
const toAll = { Admin: on, Requestor: on, Approver: on };
export const defaultNotificationSettings: NotificationSettings = {
  Admin_Eligibility: toAll,
  Admin_Assignment: toAll,
  EndUser_Assignment: toAll,
};

export const notificationEventNames = Object.keys(notificationEvents) as NotificationEvent[];
export const notificationRecipientNames = Object.keys(notificationRecipients) as NotificationRecipient[];

/** The importance of an event: critical if somebody must act. */
export type Importance = "Critical" | "Informational";

/** The recipients that one rule names for an event. */
export interface NotifiedBy {
  readonly recipient: NotificationRecipient;
  readonly defaultRecipients: boolean;
  readonly additionalAddresses: readonly string[];
}

/** Who is notified of an event under these settings, without rules that notify nobody. */
export function notifiedOf(
  settings: NotificationSettings,
  event: NotificationEvent,
  importance: Importance,
): NotifiedBy[] {
  return notificationRecipientNames
    .map((recipient) => ({ recipient, ...settings[event][recipient] }))
    .filter((rule) => importance === "Critical" || !rule.criticalOnly)
    .filter((rule) => rule.defaultRecipients || rule.additionalAddresses.length > 0)
    .map(({ recipient, defaultRecipients, additionalAddresses }) => ({
      recipient,
      defaultRecipients,
      additionalAddresses,
    }));
}

function changed(
  settings: NotificationSettings,
  change: (
    rule: NotificationRule,
    event: NotificationEvent,
    recipient: NotificationRecipient,
  ) => NotificationRule,
): NotificationSettings {
  const of = (event: NotificationEvent) => {
    const at = (recipient: NotificationRecipient) => change(settings[event][recipient], event, recipient);
    return { Admin: at("Admin"), Requestor: at("Requestor"), Approver: at("Approver") };
  };
  return {
    Admin_Eligibility: of("Admin_Eligibility"),
    Admin_Assignment: of("Admin_Assignment"),
    EndUser_Assignment: of("EndUser_Assignment"),
  };
}

/** The settings with one rule replaced. */
export function withNotificationRule(
  settings: NotificationSettings,
  event: NotificationEvent,
  recipient: NotificationRecipient,
  rule: NotificationRule,
): NotificationSettings {
  return changed(settings, (old, ofEvent, ofRecipient) =>
    ofEvent === event && ofRecipient === recipient ? rule : old,
  );
}

/** Combines two scopes' settings: the recipients of either are notified. */
export function bothNotifications(
  left: NotificationSettings,
  right: NotificationSettings,
): NotificationSettings {
  return changed(left, (rule, event, recipient) => {
    const other = right[event][recipient];
    return {
      defaultRecipients: rule.defaultRecipients || other.defaultRecipients,
      additionalAddresses: [...new Set([...rule.additionalAddresses, ...other.additionalAddresses])].sort(),
      criticalOnly: rule.criticalOnly && other.criticalOnly,
    };
  });
}
