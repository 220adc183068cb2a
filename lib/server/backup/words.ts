import { exactMoment } from "@/lib/domain/time/day-words";
import type { BackupHeader } from "@/lib/server/backup/frames";

const many = (count: number, one: string, several = `${one}s`) => `${count} ${count === 1 ? one : several}`;
const moment = (text: string) => exactMoment(new Date(text));

/** What a backup contains, in one line. `It holds` or `This goes back to`. */
export function contentLine(
  beginning: "It holds" | "This goes back to",
  { madeAt, people, assignments, activeAssignments, eligibilities, events, lastEvent }: BackupHeader,
): string {
  const time = moment(madeAt);
  const content = [
    many(people, "person", "people"),
    `${many(eligibilities, "eligibility", "eligibilities")}`,
    `${many(assignments, "assignment")} (${activeAssignments} active)`,
    many(events, "event"),
  ].join(", ");
  const last = lastEvent ? `, the last ${lastEvent.kind} at ${moment(lastEvent.at)}` : "";
  return beginning === "It holds"
    ? `It holds what was acknowledged by ${time}: ${content}${last}.`
    : `This goes back to ${time}: ${content}${last}.`;
}

/** How long something took. */
export function secondsSince(begun: number): string {
  return ((performance.now() - begun) / 1_000).toFixed(1);
}
