import {
  actorText,
  detailText,
  type EventFacts,
  type EventNotice,
  noticeOf,
  roleText,
} from "@/lib/domain/notifications/event-facts";
import { mailAddressOf } from "@/lib/domain/people/mail-address";
import { notificationEventNames, notificationRecipientNames } from "@/lib/domain/roles/notification-settings";
import { defaultRoleSettings, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { roleSettingsShape } from "@/lib/domain/roles/role-settings-shape";
import { isolated } from "@/lib/domain/text/visible-text";

/** The settings in an audit event; null if they cannot be read. */
function settingsIn(event: EventFacts, name: "before" | "after"): RoleSettings | null {
  const kept = event.details[name];
  if (typeof kept !== "object" || kept === null) return null;
  const parsed = roleSettingsShape.safeParse({ ...defaultRoleSettings, ...kept });
  return parsed.success ? parsed.data : null;
}

/** The approvers of the settings before an edit. */
export function approversBefore(event: EventFacts): readonly string[] {
  const before = settingsIn(event, "before");
  return before?.approvalRequired ? before.approvalStages.flatMap((stage) => stage.approverIds) : [];
}

/** The addresses that got mail about an event before an edit, and get less or none after it. */
function removedAddresses(before: RoleSettings, after: RoleSettings): string[] {
  const removed = notificationEventNames.flatMap((kind) =>
    notificationRecipientNames.flatMap((recipient) => {
      const [old, rule] = [before.notifications[kind][recipient], after.notifications[kind][recipient]];
      const less = rule.criticalOnly && !old.criticalOnly;
      const left = less ? [] : rule.additionalAddresses.map(mailAddressOf);
      return old.additionalAddresses.filter((each) => !left.includes(mailAddressOf(each)));
    }),
  );
  return [...new Set(removed)];
}

const organisationParts: Readonly<Record<string, string>> = {
  displayName: "the organisation's name",
  timeZone: "its time zone",
  allowedMailDomains: "the domains to which role settings may send notifications",
  alertAddresses: "to which addresses alerts are mailed",
};

/** Which of the organisation's settings an event changed, in words. A general text if it does not say which. */
function organisationChanges({ details: { after } }: EventFacts): string {
  const changed = typeof after === "object" && after !== null ? Object.keys(after) : [];
  return changed.flatMap((name) => organisationParts[name] ?? []).join(" and ") || "its settings";
}

/** The addresses that got alerts before a change of the organisation's settings, and those that get them from now on. */
function alertAddressesIn({ details: { before, after } }: EventFacts): string[] {
  return [before, after].flatMap((settings) => {
    const kept = new Map(Object.entries(settings ?? {})).get("alertAddresses");
    return Array.isArray(kept) ? kept.filter((each) => typeof each === "string") : [];
  });
}

function directoryRefused(event: EventFacts): EventNotice[] {
  const name = detailText(event, "directoryName");
  const which = name === null ? "A directory" : `The directory ${isolated(name)}`;
  const sentences = [
    ...[detailText(event, "says"), detailText(event, "reason")],
    "Its page shows everything that it asked for and Postern did not apply.",
  ];
  return [
    noticeOf(event, "administrators", "administration", {
      title: `${which} was refused something`,
      body: sentences.filter((sentence) => sentence !== null).join(" "),
      href: "/organisation/directories",
    }),
  ];
}

/**
 * The notices about settings: to the former recipients of settings that notify fewer or other people
 * than before, so that nobody is muted without noticing; about the installation's own settings; and
 * about requests of a directory that were refused.
 */
export function settingsNotices(event: EventFacts): EventNotice[] {
  if (event.kind === "OrganisationUpdated")
    return [
      noticeOf(
        event,
        "administrators",
        "administration",
        {
          title: "The organisation's settings were changed",
          body: `${actorText(event, "Somebody")} changed ${organisationChanges(event)}. The log has them before and after.`,
          href: "/organisation",
        },
        { addresses: alertAddressesIn(event) },
      ),
    ];
  if (event.kind === "SignInRulesUpdated")
    return [
      noticeOf(event, "administrators", "administration", {
        title: "The rules for signing in and factors were changed",
        body: `${actorText(event, "Somebody")} changed them. The log has the rules before and after.`,
        href: "/organisation/sign-in",
      }),
    ];
  if (event.kind === "BackupRestored")
    return [
      noticeOf(event, "administrators", "administration", {
        title: "Postern was restored from a backup",
        body: "Everything is as it was at that time, which the log names. Access, passwords and factors that were removed or changed since are back: review them.",
        href: "/audit?kind=BackupRestored",
      }),
    ];
  if (event.kind === "DirectoryRefused") return directoryRefused(event);
  const { weakened } = event.details;
  if (event.kind !== "RoleSettingsUpdated" || !Array.isArray(weakened) || !weakened.includes("notifications"))
    return [];
  const [before, after] = [settingsIn(event, "before"), settingsIn(event, "after")];
  const words = {
    title: `Recipients of notifications about ${roleText(event)} were changed`,
    body: `${actorText(event, "Somebody")} removed recipients of notifications, or added an address outside the allowed mail domains. You were a recipient before.`,
    href: `/resources/${event.resourceId}/roles/${event.roleDefinitionId}/settings`,
  };
  const addresses = before && after ? removedAddresses(before, after) : [];
  return [
    noticeOf(event, "administrators", "administration", words, { addresses }),
    noticeOf(event, "approversBefore", "administration", words),
  ];
}
