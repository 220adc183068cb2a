import { mailAddressOf } from "@/lib/domain/people/mail-address";
import { mailDomain } from "@/lib/domain/people/mail-domain";
import {
  type NotificationRule,
  type NotificationSettings,
  notificationEventNames,
  notificationRecipientNames,
} from "@/lib/domain/roles/notification-settings";

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
