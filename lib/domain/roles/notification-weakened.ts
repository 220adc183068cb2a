import { mailAddressOf, readMailAddress } from "@/lib/domain/people/mail-address";
import {
  type NotificationRule,
  type NotificationSettings,
  notificationEventNames,
  notificationEvents,
  notificationRecipientNames,
  notificationRecipients,
} from "@/lib/domain/roles/notification-settings";

/** A mail domain in one spelling: lower case, and as in DNS if it is not ASCII. */
export function mailDomain(text: string): string {
  const typed = text.trim().toLowerCase();
  // A URL may contain more than a host. None of that belongs to a domain, so such text is left as it
  // is.
  if (/[/?#@:\\%]/.test(typed)) return typed;
  return URL.canParse(`http://${typed}`) ? new URL(`http://${typed}`).hostname : typed;
}

function domainOf(address: string): string {
  return mailDomain(address.slice(address.lastIndexOf("@") + 1));
}

/** Whether an edit of one rule weakens it: a recipient is removed, or mail may leave the allowed domains. */
function ruleWeakened(
  before: NotificationRule,
  after: NotificationRule,
  allowed: readonly string[] | null,
): boolean {
  const written = (rule: NotificationRule) => new Set(rule.additionalAddresses.map(mailAddressOf));
  const [notifiedBefore, notifiedAfter] = [written(before), written(after)];
  const domains = allowed && new Set(allowed.map(mailDomain));
  return (
    (before.defaultRecipients && !after.defaultRecipients) ||
    (!before.criticalOnly && after.criticalOnly) ||
    [...notifiedBefore].some((text) => !notifiedAfter.has(text)) ||
    [...notifiedAfter].some(
      (text) => !notifiedBefore.has(text) && domains !== null && !domains.has(domainOf(text)),
    )
  );
}

/**
 * Whether an edit removes recipients or adds an address outside the allowed mail domains, in any rule.
 * If `allowed` is null, the domains are not known. If it is empty, none is allowed.
 */
export function notificationsWeakened(
  before: NotificationSettings,
  after: NotificationSettings,
  allowed: readonly string[] | null,
): boolean {
  return notificationEventNames.some((event) =>
    notificationRecipientNames.some((recipient) =>
      ruleWeakened(before[event][recipient], after[event][recipient], allowed),
    ),
  );
}

export const maximumAdditionalAddresses = 10;

/** Every fault of notification settings, in words, one per rule; empty if they may be saved. */
export function notificationFaults(settings: NotificationSettings): string[] {
  return notificationEventNames.flatMap((event) =>
    notificationRecipientNames.flatMap((recipient) => {
      const { additionalAddresses } = settings[event][recipient];
      const where = `${notificationEvents[event]}, ${notificationRecipients[recipient].toLowerCase()}`;
      if (additionalAddresses.length > maximumAdditionalAddresses)
        return [`${where}: enter at most ${maximumAdditionalAddresses} extra addresses.`];
      const wrong = additionalAddresses.find((text) => !readMailAddress(text).ok);
      if (wrong === undefined) return [];
      return [`${where}: “${wrong.slice(0, 80)}” is not an email address. Separate addresses with commas.`];
    }),
  );
}
