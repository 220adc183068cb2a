import { readMailAddress } from "@/lib/domain/people/mail-address";
import {
  type NotificationSettings,
  notificationEventNames,
  notificationEvents,
  notificationRecipientNames,
  notificationRecipients,
} from "@/lib/domain/roles/notification-settings";

/** The most extra addresses that one rule may name (docs/rules.md, 4). */
const maximumAdditionalAddresses = 10;

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
