import { accessNotices } from "@/lib/domain/notifications/access-notices";
import { breakGlassNotices } from "@/lib/domain/notifications/break-glass-notices";
import { conflictNotices } from "@/lib/domain/notifications/conflict-notices";
import type { EventFacts, EventNotice } from "@/lib/domain/notifications/event-facts";
import { exportNotices } from "@/lib/domain/notifications/export-notices";
import { importNotices } from "@/lib/domain/notifications/import-notices";
import { membershipNotices } from "@/lib/domain/notifications/membership-notices";
import { oversightNotices } from "@/lib/domain/notifications/oversight-notices";
import { requestNotices } from "@/lib/domain/notifications/request-notices";
import { securityNotices } from "@/lib/domain/notifications/security-notices";
import { settingsNotices } from "@/lib/domain/notifications/settings-notices";

/**
 * The notices of an event, the most personal first; empty if nobody is notified. Each kind of event belongs to at
 * most one of the lists.
 */
export function noticesOf(event: EventFacts): EventNotice[] {
  return [
    ...securityNotices(event),
    ...requestNotices(event),
    ...breakGlassNotices(event),
    ...accessNotices(event),
    ...membershipNotices(event),
    ...oversightNotices(event),
    ...settingsNotices(event),
    ...conflictNotices(event),
    ...exportNotices(event),
    ...importNotices(event),
  ];
}
