import {
  actorText,
  type EventFacts,
  type EventNotice,
  noticeOf,
  targetText,
} from "@/lib/domain/notifications/event-facts";
import { factorNotices } from "@/lib/domain/notifications/factor-notices";
import { notYou, ownNotice } from "@/lib/domain/notifications/own-notice";
import { browserOf } from "@/lib/domain/people/browser";
import { visible } from "@/lib/domain/text/visible-text";

/** The notices about one's own sign-in and factors, always sent by mail too. */
export function securityNotices(event: EventFacts): EventNotice[] {
  const own = ownNotice(event);
  switch (event.kind) {
    case "SignIn":
      return newSignIn(event);
    case "SignInAttacked":
      return attacked(event);
    case "PrincipalCreated":
      return accountsOfProvider(event);
    case "OneTimePasswordUsed":
      return own("Your one-time password was used", undefined, "target");
    case "WrongCodesGathered":
      return own(
        "Wrong codes were entered in your name",
        `${Number(event.details.failures) || "Several"} since the count began, the last from ${event.ipAddress ?? "an unknown address"}. Anyone who guesses codes has your password or one of your sessions. If it was not you, change your password.`,
        "target",
      );
    case "SessionsEndedByAdministrator":
      return own(
        typeof event.details.endedSessionId === "string"
          ? "An administrator ended a session of yours"
          : "An administrator ended your sessions",
        `${actorText(event, "An administrator")} signed you out${typeof event.details.endedSessionId === "string" ? " of one browser" : " everywhere"}. You can sign in again. If you do not know why, ask them.`,
        "target",
      );
    case "SignInIssued":
      return own(
        "A new way to sign in was issued for you",
        `${actorText(event, "An administrator")} issued ${event.details.signIn === "Invitation" ? "an invitation" : "a one-time password"} for your account. If you did not ask for it, tell another administrator: anyone who has it can sign in as you.`,
        "target",
      );
    case "IdentityLinkIssued":
      return event.targetId === event.actorId
        ? []
        : own(
            `A link of your account to ${providerIn(event)} was issued`,
            `${actorText(event, "An administrator")} issued it. Anyone who has it can sign in as you through ${providerIn(event)}. If you did not ask for it, tell another administrator.`,
            "target",
          );
    case "IdentityLinked":
      return own(
        `Your account was linked to ${providerIn(event)}`,
        typeof event.details.directoryName === "string"
          ? `It was linked at your first sign-in, since the directory ${visible(event.details.directoryName)} knows you by it. ${notYou}`
          : `You can sign in through it from now on. ${notYou}`,
        "target",
      );
    case "IdentityUnlinked":
      return own(
        `Your account is no longer linked to ${providerIn(event)}`,
        `${actorText(event, "Somebody")} removed the link. ${notYou}`,
        "target",
      );
    case "PrincipalUpdated":
      return addressChanged(event);
    case "PasswordChanged":
      return own("Your password was changed");
    default:
      return factorNotices(event);
  }
}

/** A sign-in from an address or with a browser that is new for the person. */
function newSignIn(event: EventFacts): EventNotice[] {
  const { fromNewAddress, withNewBrowser } = event;
  if (!fromNewAddress && !withNewBrowser) return [];
  const title = !withNewBrowser
    ? "You signed in from a new address"
    : fromNewAddress
      ? "You signed in from a new address, with a new browser"
      : "You signed in with a new browser";
  const browser = browserOf(event.userAgent ?? "") ?? "an unknown browser";
  const body = `With ${browser}, from ${event.ipAddress ?? "an unknown address"}. ${notYou} Your sign-ins of the last 90 days are listed under Sessions.`;
  return [
    noticeOf(
      event,
      "actor",
      "security",
      { title, body, href: "/account/sessions" },
      { portalOnly: event.mailedLately },
    ),
  ];
}

/** The person is notified each time, and administrators of the first attack in an hour. The log lists the others. */
function attacked(event: EventFacts): EventNotice[] {
  const who = targetText(event, "an account that does not exist");
  const at = event.details.what === "Address" ? `from ${event.ipAddress ?? "one address"}` : `at ${who}`;
  const body =
    "This does not slow browsers that were signed in before. A new browser may have to wait a few minutes.";
  const owner = noticeOf(event, "target", "security", {
    title: "Somebody is guessing your password",
    body,
    href: "/account/security",
  });
  const administrators = noticeOf(event, "administrators", "administration", {
    title: `Passwords are being guessed ${at}`,
    body: `${body} There may be more: the log lists every refused sign-in.`,
    href: "/audit?kind=SignInFailed",
  });
  return [
    ...(event.targetId === null ? [] : [owner]),
    ...(event.details.administrators === true ? [administrators] : []),
  ];
}

/** Administrators are notified of the last account that a provider may make within an hour. */
function accountsOfProvider(event: EventFacts): EventNotice[] {
  const { lastInHour } = event.details;
  if (typeof lastInHour !== "number") return [];
  const notice = noticeOf(event, "administrators", "administration", {
    title: `${providerIn(event)} has made ${lastInHour} accounts within an hour`,
    body: "It makes no more until the hour is over. None of them has any access. If you did not expect so many people, the provider or its configuration may be wrong. Disable the new accounts, and let the provider refuse unknown people.",
    href: "/audit?kind=PrincipalCreated",
  });
  return [notice];
}

/** The identity provider that an event names. */
function providerIn({ details }: EventFacts): string {
  const { provider } = details;
  return typeof provider === "string" && provider !== "" ? visible(provider) : "an identity provider";
}

/** A change of the address is notified at both the new and the old address, so that somebody who lost it can read it. */
function addressChanged(event: EventFacts): EventNotice[] {
  const email = (name: string) => {
    const value = event.details[name];
    const text = typeof value === "object" && value !== null && "email" in value ? value.email : null;
    return typeof text === "string" ? text : null;
  };
  const [before, after] = [email("before"), email("after")];
  if (before === null || after === null || before.toLowerCase() === after.toLowerCase()) return [];
  const notice = noticeOf(event, "target", "security", {
    title: "Your email address was changed",
    body: `From ${visible(before)} to ${visible(after)}, by ${actorText(event, "an administrator")}. You sign in with the new one. If you did not ask for it, tell another administrator.`,
    href: "/account/security",
  });
  return [{ ...notice, addresses: [before] }];
}
