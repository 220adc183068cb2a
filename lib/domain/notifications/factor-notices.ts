import {
  actorText,
  detailTime,
  type EventFacts,
  type EventNotice,
  noticeOf,
  targetText,
} from "@/lib/domain/notifications/event-facts";
import { notYou, ownNotice } from "@/lib/domain/notifications/own-notice";
import { visible } from "@/lib/domain/text/visible-text";
import { momentText } from "@/lib/domain/time/moment-text";

/** The notices about one's own second factors. */
export function factorNotices(event: EventFacts): EventNotice[] {
  const own = ownNotice(event);
  switch (event.kind) {
    case "FactorPassIssued":
      return own(
        "A one-time pass was made for you",
        `${actorText(event, "An administrator")} made a pass with which you can set up a second factor${untilText(event, "expiresAt")}. If you did not ask for it, tell another administrator: anyone who has it and your password can pose as you.`,
        "target",
      );
    case "FactorPassRevoked":
      return own("Your one-time pass was revoked", "It can no longer be used.", "target");
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
      return resetAsked(event);
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
        "Its signature count went back, which happens if a passkey was copied. Remove it, and add a new one. If you did not use it just now, tell your administrators.",
        "target",
      );
    case "RecoveryCodesReplaced":
      return own("You have new recovery codes", `The old ones no longer work. ${notYou}`);
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

/** Notifies the person of a reset that was requested, and administrators if it waits for a second one. */
function resetAsked(event: EventFacts): EventNotice[] {
  const by = actorText(event, "An administrator");
  const body = `${by} asked for it. ${effectText(event)} ${stopIt}`;
  const second = noticeOf(event, "administrators", "administration", {
    title: `A reset of the second factors of ${targetText(event, "somebody")} waits for a second administrator`,
    body: `${by} asked for it. First make sure that the request really comes from that person.`,
    href: targetPage(event),
  });
  return [
    ...ownNotice(event)("A reset of your second factors was asked for", body, "target"),
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

/** From when a new factor counts, if it has to wait. */
function countsText(event: EventFacts): string {
  const from = detailTime(event, "countsFrom");
  return from === null ? "" : `It counts from ${momentText(from)}. `;
}
