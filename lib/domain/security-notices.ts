import { detailTime, type EventFacts, type EventNotice, noticeOf } from "@/lib/domain/event-facts";
import { momentText } from "@/lib/domain/notice";

const notYou = "If this was not you, tell your administrators and end your other sessions.";

/** What people are told of their own sign-in and factors, always and by mail too. */
export function securityNotices(event: EventFacts): EventNotice[] {
  const own = (title: string, body: string = notYou, audience: "actor" | "target" = "actor") => [
    noticeOf(event, audience, "security", { title, body, href: "/account/security" }),
  ];
  switch (event.kind) {
    case "SignIn":
      return event.fromNewAddress
        ? own(
            "You signed in from a new address",
            `From ${event.ipAddress ?? "an unknown address"}. ${notYou}`,
          )
        : [];
    case "AuthenticatorEnrolled":
      return own("An authenticator app was set up for your account");
    case "AuthenticatorReplaced":
      return own("Your authenticator app was replaced");
    case "AuthenticatorRemoved":
      return own("Your authenticator app was removed");
    case "AuthenticatorReset":
      return own(
        "An administrator reset your authenticator app",
        `${event.actorName ?? "An administrator"} did so. Set up a new one before you activate a role that needs it.`,
        "target",
      );
    case "RecoveryCodesReplaced":
      return own("You have new recovery codes", `The old ones no longer work. ${notYou}`);
    case "PasswordChanged":
      return own("Your password was changed");
    case "FactorLocked": {
      const until = detailTime(event, "lockedUntil");
      const how = until === null ? "" : `: no code is accepted until ${momentText(until)}`;
      return own("Your authenticator app is locked", `Too many wrong codes were entered${how}. ${notYou}`);
    }
    default:
      return [];
  }
}
