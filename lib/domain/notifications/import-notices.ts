import {
  detailText,
  type EventFacts,
  type EventNotice,
  noticeOf,
} from "@/lib/domain/notifications/event-facts";
import { counted } from "@/lib/domain/text/number-format";
import { isolated } from "@/lib/domain/text/visible-text";

const page = "/import/schedules";

/** The notices about a scheduled import: what differs, that it stopped or failed, and that it paused itself. */
export function importNotices(event: EventFacts): EventNotice[] {
  const name = isolated(detailText(event, "fileName") ?? "a scheduled import");
  if (event.kind === "ImportSchedulePaused") return pausedNotices(event, name);
  if (event.kind !== "ImportScheduleRan") return [];
  const importId = detailText(event, "importId");
  const ended = detailText(event, "told");
  const tell = (title: string, body: string) => [
    noticeOf(event, "scheduleAdministrator", "administration", {
      ...{ title, body, href: importId === null ? page : `/import/${importId}` },
    }),
  ];
  switch (ended) {
    case "Previewed":
      return tell(
        `${name} differs from Postern`,
        `${differences(event)} Nothing has changed yet. Check the preview, and apply it if it is right.`,
      );
    case "Applying":
      return tell(
        `${name} is being applied`,
        `${differences(event)} Changes that need no code are applied automatically.${waiting(event)}`,
      );
    case "OverLimit":
      return tell(
        `${name} has stopped: it would remove too many members`,
        `${differences(event)} That is more than it may remove by itself. Nothing was applied. Check whether the source is complete.`,
      );
    case "Failed":
      return tell(
        `${name} could not run`,
        `${isolated(detailText(event, "reason") ?? "")} Nothing was changed. You are notified again if it runs and then fails anew, or pauses itself.`.trim(),
      );
    default:
      return [];
  }
}

function numberOf(event: EventFacts, name: string): number {
  const value = event.details[name];
  return typeof value === "number" ? value : 0;
}

/** "3 rows to add, 1 to change, 2 members to remove, 1 invalid." */
function differences(event: EventFacts): string {
  const parts = (
    [
      ["add", "to add"],
      ["change", "to change"],
      ["remove", "to remove"],
      ["bad", "invalid"],
    ] as const
  ).flatMap(([key, words]) => {
    const count = numberOf(event, key);
    return count === 0 ? [] : [`${counted(count)} ${words}`];
  });
  return `Rows: ${parts.join(", ")}.`;
}

function waiting(event: EventFacts): string {
  const count = numberOf(event, "needCode");
  if (count === 0) return "";
  return count === 1
    ? " One row waits for you to confirm it with a code."
    : ` ${counted(count)} rows wait for you to confirm them with a code.`;
}

function pausedNotices(event: EventFacts, name: string): EventNotice[] {
  const reason = detailText(event, "pauseReason");
  if (reason === null) return [];
  const who = isolated(detailText(event, "administratorName") ?? "Somebody");
  const title = `A scheduled import was paused: ${name}`;
  const after = "It reads nothing until an administrator resumes it. It then runs for them.";
  const words = (own: boolean) => {
    if (reason === "Failed") return `It failed several times in a row. ${after}`;
    if (reason === "Disabled") return `It ran for ${who}, who was disabled. ${after}`;
    return own
      ? `It ran for you, and you may no longer import. ${after}`
      : `It ran for ${who}, who may no longer import. ${after}`;
  };
  const notice = (own: boolean) => ({ title, body: words(own), href: page });
  return [
    noticeOf(event, "scheduleAdministrator", "administration", notice(true)),
    noticeOf(event, "administrators", "administration", notice(false)),
  ];
}
