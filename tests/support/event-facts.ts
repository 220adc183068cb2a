import type { EventFacts, EventNotice } from "@/lib/domain/notifications/event-facts";

/** An event of the log in which Max did something about Ada and the role Reader on Production. */
export function eventOf(kind: string, of: Partial<EventFacts> = {}): EventFacts {
  return {
    ...{ kind, details: {}, requestId: "q1", requestorId: "ada", justification: "Month end" },
    ...{ actorId: "max", actorName: "Max", actorEmail: null },
    ...{ targetId: "ada", targetName: "Ada", targetType: null, targetEmail: null, targetExternalId: null },
    ...{ roleDefinitionId: "d1", roleName: "Reader", eligibilityId: "e1" },
    ...{ resourceId: "s1", resourceName: "Production", scope: "/subscriptions/s1" },
    ...{ ipAddress: "203.0.113.7", userAgent: "Firefox", occurredAt: new Date("2026-11-24T09:00:00Z") },
    ...{ ofExtension: false, fromNewAddress: false, withNewBrowser: false, mailedLately: false },
    ...of,
  };
}

/** Notices as people read them: recipient, kind, title, body and link. */
export function asRead(notices: readonly EventNotice[]): readonly (readonly string[])[] {
  return notices.map(({ audience, notice: { category, title, body, href } }) => [
    ...[audience, category, title, body, href],
  ]);
}
