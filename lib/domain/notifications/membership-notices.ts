import {
  actorText,
  detailText,
  type EventFacts,
  type EventNotice,
  noticeOf,
  reasonText,
  targetText,
} from "@/lib/domain/notifications/event-facts";
import { isolated } from "@/lib/domain/text/visible-text";

/**
 * The notices about joining or leaving a group, directly or with another group: which one, by whom, and what it
 * grants.
 */
export function membershipNotices(event: EventFacts): EventNotice[] {
  const joined = event.kind === "GroupMemberAdded";
  if (!joined && event.kind !== "GroupMemberRemoved") return [];
  const name = detailText(event, "groupName");
  const group = name === null ? "a group" : `the group ${isolated(name)}`;
  const through = event.details.memberType === "Group";
  const who = through ? `${targetText(event)}, a group of yours,` : "You";
  const whom = through ? targetText(event) : "you";
  const verb = through ? (joined ? "is now" : "is no longer") : joined ? "are now" : "are no longer";
  const access = detailText(event, "accessInWords");
  const accessSentence =
    access === null
      ? "The group has no roles at present."
      : joined
        ? `It gives you: ${access}.`
        : `Through it you had: ${access}.`;
  const reason = reasonText(event);
  return [
    noticeOf(event, "target", "access", {
      title: `${who} ${verb} in ${group}`,
      body: `${actorText(event)} ${joined ? "added" : "removed"} ${whom}. ${accessSentence}${reason}`,
      href: "/my-roles",
    }),
  ];
}
