import { detailText, type EventFacts, type EventNotice, nameOf, noticeOf } from "@/lib/domain/event-facts";

/** What a person is told of a group that they, or a group of theirs, joined or left: which, by whom, and what it gives. */
export function membershipNotices(event: EventFacts): EventNotice[] {
  const joined = event.kind === "GroupMemberAdded";
  if (!joined && event.kind !== "GroupMemberRemoved") return [];
  const group = detailText(event, "groupName") ?? "a group";
  const through = event.details.memberType === "Group";
  const who = through ? `${nameOf(event.targetName)}, a group of yours,` : "You";
  const whom = through ? nameOf(event.targetName) : "you";
  const verb = through ? (joined ? "is now" : "is no longer") : joined ? "are now" : "are no longer";
  const given = detailText(event, "accessInWords");
  const gives =
    given === null
      ? "The group has no roles at present."
      : joined
        ? `It gives you: ${given}.`
        : `Through it you had: ${given}.`;
  const reason = event.justification ? ` Reason: ${event.justification}` : "";
  return [
    noticeOf(event, "target", "access", {
      title: `${who} ${verb} in the group ${group}`,
      body: `${event.actorName ?? "Postern"} ${joined ? "added" : "removed"} ${whom}. ${gives}${reason}`,
      href: "/my-roles",
    }),
  ];
}
