import {
  actorText,
  detailText,
  type EventFacts,
  type EventNotice,
  noticeOf,
  reasonText,
  targetText,
  untilText,
} from "@/lib/domain/notifications/event-facts";
import { isolated } from "@/lib/domain/text/visible-text";

/** Why exceptions end as part of another change. */
const becauseText: Readonly<Record<string, string>> = {
  RuleChanged: " The roles of the rule were changed.",
  RuleRemoved: " The rule was removed.",
  Replaced: " A newer exception takes its place.",
  PrincipalDisabled: " The person or group was disabled.",
};

/**
 * The notices about exceptions from conflict rules: to those who may decide, to the person who asked,
 * and to those whom they name.
 */
export function conflictNotices(event: EventFacts): EventNotice[] {
  const rule = isolated(detailText(event, "ruleName") ?? "A rule");
  const place = isolated(event.resourceName ?? "a resource");
  const from = `from the conflict rule ${rule} on ${place}`;
  const exception = `exception for ${targetText(event)} ${from}`;
  const ruleId = detailText(event, "ruleId");
  const href = `/resources/${event.resourceId}/conflicting-roles/${ruleId}#exceptions`;
  const asker = (what: string, body: string) =>
    noticeOf(event, "exceptionAsker", "requests", { title: `Your ${exception} ${what}`, body, href });
  const others = (title: string) =>
    noticeOf(
      event,
      "exceptionDeciders",
      "administration",
      { title, body: reasonText(event).trim(), href },
      { portalOnly: true },
    );
  const named = (title: string, body: string) =>
    noticeOf(event, "target", "access", { title, body, href: "/my-roles" });
  switch (event.kind) {
    case "ConflictExceptionRequested":
      return [
        noticeOf(event, "exceptionDeciders", "decisions", {
          title: `${actorText(event, "Somebody")} requests an ${exception}`,
          body: `Requested${untilText(event)}. Another administrator approves or denies it.${reasonText(event)}`,
          href,
        }),
      ];
    case "ConflictExceptionApproved":
      return [
        asker("was approved", `${actorText(event)} approved it${untilText(event)}.${reasonText(event)}`),
        named(
          `You may hold roles together that the conflict rule ${rule} forbids`,
          `On ${place}${untilText(event)}. What you hold together must end by then.`,
        ),
        others(`${actorText(event)} approved the ${exception}`),
      ];
    case "ConflictExceptionDenied":
      return [
        asker("was denied", `${actorText(event)} denied it.${reasonText(event)}`),
        others(`${actorText(event)} denied the ${exception}`),
      ];
    case "ConflictExceptionWithdrawn":
      return [others(`${actorText(event)} withdrew the ${exception}`)];
    case "ConflictExceptionRevoked":
    case "ConflictExceptionExpired": {
      const revoked = event.kind === "ConflictExceptionRevoked";
      const what = revoked ? "was revoked" : "has ended";
      const because = becauseText[detailText(event, "because") ?? ""] ?? "";
      const by = revoked ? `${actorText(event)} ended it.${because}${reasonText(event)}` : "";
      const wasApproved = event.details.wasApproved === true;
      const left = wasApproved
        ? "Anyone who still holds both is reported as an alert."
        : "Nobody decided on it.";
      return [
        asker(what, `${by} ${left}`.trim()),
        ...(wasApproved && detailText(event, "because") !== "Replaced"
          ? [
              named(
                `Your exception ${from} ${what}`,
                `${by} Roles that conflict by this rule can no longer be held together.`.trim(),
              ),
            ]
          : []),
      ];
    }
    default:
      return [];
  }
}
