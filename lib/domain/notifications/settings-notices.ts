import {
  actorText,
  type EventFacts,
  type EventNotice,
  noticeOf,
  roleText,
} from "@/lib/domain/notifications/event-facts";
import {
  notificationEventNames,
  notificationRecipientNames,
} from "@/lib/domain/notifications/notification-settings";
import { mailAddressOf } from "@/lib/domain/people/mail-address";
import { defaultRoleSettings, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { roleSettingsShape } from "@/lib/domain/roles/role-settings-shape";

/** The settings as an event of the log has them; null where it has none that can be read. */
function settingsIn(event: EventFacts, name: "before" | "after"): RoleSettings | null {
  const kept = event.details[name];
  if (typeof kept !== "object" || kept === null) return null;
  const parsed = roleSettingsShape.safeParse({ ...defaultRoleSettings, ...kept });
  return parsed.success ? parsed.data : null;
}

/** The approvers whom the settings named before an edit. */
export function approversBefore(event: EventFacts): readonly string[] {
  const before = settingsIn(event, "before");
  return before?.approvalRequired ? before.approvalStages.flatMap((stage) => stage.approverIds) : [];
}

/** The addresses that some rule told before an edit, and tells no more, or of less. */
function addressesTakenAway(before: RoleSettings, after: RoleSettings): string[] {
  const lost = notificationEventNames.flatMap((kind) =>
    notificationRecipientNames.flatMap((recipient) => {
      const [old, rule] = [before.notifications[kind][recipient], after.notifications[kind][recipient]];
      const less = rule.criticalOnly && !old.criticalOnly;
      const left = less ? [] : rule.additionalAddresses.map(mailAddressOf);
      return old.additionalAddresses.filter((each) => !left.includes(mailAddressOf(each)));
    }),
  );
  return [...new Set(lost)];
}

/**
 * Whom to tell of settings that tell fewer people, or others, than before: those who were told before, so that nobody is
 * muted unseen; and of the installation's own settings.
 */
export function settingsNotices(event: EventFacts): EventNotice[] {
  if (event.kind === "OrganisationUpdated")
    return [
      noticeOf(event, "administrators", "administration", {
        title: "The allowed mail domains were changed",
        body: `${actorText(event, "Somebody")} changed to which domains role settings may send notices.`,
        href: "/organisation",
      }),
    ];
  const { weakened } = event.details;
  if (event.kind !== "RoleSettingsUpdated" || !Array.isArray(weakened) || !weakened.includes("notifications"))
    return [];
  const [before, after] = [settingsIn(event, "before"), settingsIn(event, "after")];
  const words = {
    title: `Who is told about ${roleText(event)} was changed`,
    body: `${actorText(event, "Somebody")} took recipients of notices away, or added an address outside the allowed mail domains. You were told before.`,
    href: `/resources/${event.resourceId}/roles/${event.roleDefinitionId}/settings`,
  };
  const addresses = before && after ? addressesTakenAway(before, after) : [];
  return [
    noticeOf(event, "administrators", "administration", words, { addresses }),
    noticeOf(event, "approversBefore", "administration", words),
  ];
}
