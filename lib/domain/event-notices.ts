import { accessNotices } from "@/lib/domain/access-notices";
import type { EventFacts, EventNotice } from "@/lib/domain/event-facts";
import { membershipNotices } from "@/lib/domain/membership-notices";
import { oversightNotices } from "@/lib/domain/oversight-notices";
import { requestNotices } from "@/lib/domain/request-notices";
import { securityNotices } from "@/lib/domain/security-notices";
import { settingsNotices } from "@/lib/domain/settings-notices";

/**
 * Whom to tell of an event of the log, the most personal first, and what; empty for what nobody is told of. A kind is
 * told of by at most one of the lists.
 */
export function noticesOf(event: EventFacts): EventNotice[] {
  return [
    ...securityNotices(event),
    ...requestNotices(event),
    ...accessNotices(event),
    ...membershipNotices(event),
    ...oversightNotices(event),
    ...settingsNotices(event),
  ];
}
