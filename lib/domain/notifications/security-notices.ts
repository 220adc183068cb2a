import {
  actorText,
  detailTime,
  type EventFacts,
  type EventNotice,
  noticeOf,
  targetText,
} from "@/lib/domain/notifications/event-facts";
import { browserOf } from "@/lib/domain/people/browser";
import { visible } from "@/lib/domain/text/visible-text";
import { momentText } from "@/lib/domain/time/moment-text";

const notYou = "If this was not you, tell your administrators and end your other sessions.";

/** The notices about one's own sign-in and factors, always sent by mail too. */
export function securityNotices(event: EventFacts): EventNotice[] {
  const own = (title: string, body: string = notYou, audience: "actor" | "target" = "actor") => [
    noticeOf(event, audience, "security", { title, body, href: "/account/security" }),
  ];
  switch (event.kind) {
    case "SignIn":
      return newSignIn(event);
    case "SignInAttacked":
      return attacked(event);
    case "OneTimePasswordUsed":
      return own("Your one-time password was used", undefined, "target");
    case "WrongCodesGathered":
      return own(
        "Wrong codes were entered in your name",
        `${Number(event.details.failures) || "Several"} since the count began, the last from ${event.ipAddress ?? "an unknown address"}. Somebody who guesses at codes has your password or a session of yours: if it was not you, change your password.`,
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
        `${actorText(event, "An administrator")} issued ${event.details.signIn === "Invitation" ? "an invitation" : "a one-time password"} for your account. If you did not ask for it, tell another administrator: whoever has it can sign in as you.`,
        "target",
      );
    case "FactorPassIssued":
      return own(
        "A one-time pass was made for you",
        `${actorText(event, "An administrator")} made a pass with which you can set up a second factor${untilText(event, "expiresAt")}. If you did not ask for it, tell another administrator: whoever has it and your password can prove to be you.`,
        "target",
      );
    case "FactorPassRevoked":
      return own("Your one-time pass was revoked", "It can no longer be used.", "target");
    case "IdentityLinkIssued":
      return event.targetId === event.actorId
        ? []
        : own(
            `A link of your account to ${providerIn(event)} was issued`,
            `${actorText(event, "An administrator")} issued it. Whoever has it can sign in as you through ${providerIn(event)}. If you did not ask for it, tell another administrator.`,
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
    case "AuthenticatorEnrolled":
      return own("An authenticator app was set up for your account", `${countsText(event)}${notYou}`);
    case "AuthenticatorReplaced":
      return own("Your authenticator app was replaced");
    case "AuthenticatorRemoved":
      return own("Your authenticator app was removed");
    case "AuthenticatorReset":
      return own(
        "An administrator reset your second factors",
        `${actorText(event, "An administrator")} removed your authenticator app, recovery codes and passkeys. Set up a new one before you activate a role that needs it.`,
        "target",
      );
    case "FactorResetAsked":
      return resetAsked(event, own);
    case "FactorResetConfirmed":
      return own(
        "The reset of your second factors was confirmed",
        `${actorText(event, "A second administrator")} confirmed it. ${effectText(event)} ${stopIt}`,
        "target",
      );
    case "FactorResetStopped":
      return [
        ...own("You stopped the reset of your second factors", `They stay as they are. ${notYou}`, "target"),
        noticeOf(event, "administrators", "administration", {
          title: `${targetText(event, "Somebody")} stopped the reset of their second factors`,
          body: "They stay as they are. If that person did not ask for the reset, find out who did.",
          href: targetPage(event),
        }),
      ];
    case "FactorResetWithdrawn":
      return own(
        "The reset of your second factors was withdrawn",
        `${actorText(event, "An administrator")} withdrew it. Your factors stay as they are.`,
        "target",
      );
    case "FactorResetLapsed":
      return own(
        "The reset of your second factors lapsed",
        "Your factors stay as they are. If you have lost them, ask an administrator again.",
        "target",
      );
    case "PasskeyRegistered":
      return own(`A passkey was added to your account${passkeyName(event)}`, `${countsText(event)}${notYou}`);
    case "PasskeyRemoved":
      return own(`A passkey of yours was removed${passkeyName(event)}`);
    case "PasskeyCounterBack":
      return own(
        `A passkey of yours was refused${passkeyName(event)}`,
        "Its count of signatures went back, as it does when a passkey was copied. Remove it, and add a new one. If you did not use it just now, tell your administrators.",
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

const stopIt =
  "If you have your factors, stop it there. If you have lost them and asked for this, there is nothing to do.";

/** From when a reset takes effect, for its person. */
function effectText(event: EventFacts): string {
  const due = detailTime(event, "dueAt");
  return due === null
    ? "It takes effect once a second administrator has confirmed it. Until then your factors work."
    : `It takes effect on ${momentText(due)}. Until then your factors work.`;
}

const targetPage = ({ targetId }: EventFacts) => (targetId === null ? "/people" : `/people/${targetId}`);

/** Notifies the person of a reset that was asked for, and administrators where it waits for a second one. */
function resetAsked(
  event: EventFacts,
  own: (title: string, body: string, audience: "target") => EventNotice[],
): EventNotice[] {
  const by = actorText(event, "An administrator");
  const body = `${by} asked for it. ${effectText(event)} ${stopIt}`;
  const second = noticeOf(event, "administrators", "administration", {
    title: `A reset of the second factors of ${targetText(event, "somebody")} waits for a second administrator`,
    body: `${by} asked for it. First make sure that the request really comes from that person.`,
    href: targetPage(event),
  });
  return [
    ...own("A reset of your second factors was asked for", body, "target"),
    ...(event.details.takesTwo === true ? [second] : []),
  ];
}

function passkeyName({ details }: EventFacts): string {
  return typeof details.name === "string" ? `: ${visible(details.name)}` : "";
}

function untilText(event: EventFacts, name: string): string {
  const until = detailTime(event, name);
  return until === null ? "" : `, until ${momentText(until)}`;
}

/** From when a new factor counts, where it waits. */
function countsText(event: EventFacts): string {
  const from = detailTime(event, "countsFrom");
  return from === null ? "" : `It counts from ${momentText(from)}. `;
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

/** The person is notified each time, administrators of the first attack in an hour: the log lists the others. */
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

/** The identity provider that an event names. */
function providerIn({ details }: EventFacts): string {
  const { provider } = details;
  return typeof provider === "string" && provider !== "" ? visible(provider) : "an identity provider";
}

/** A change of the address is notified at the new and at the old address, where somebody who lost it can read it. */
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
