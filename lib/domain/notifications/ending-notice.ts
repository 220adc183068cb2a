import type { Notice } from "@/lib/domain/notifications/notice";
import { isolated } from "@/lib/domain/text/visible-text";
import { formatIn } from "@/lib/domain/time/moment-format";
import { timesIn } from "@/lib/domain/time/reader-times";

/** What ends on one day at a place and below it. */
export interface EndingDay {
  readonly resourceId: string;
  readonly resourceName: string;
  readonly scope: string;
  readonly eligible: number;
  readonly active: number;
  /** The day, from its beginning to that of the next day in the organisation's zone. */
  readonly from: Date;
  readonly to: Date;
}

const counted = (number: number, one: string) => `${number} ${number === 1 ? one : `${one}s`}`;

/** The notice to an administrator of what ends on one day, with the list of it. */
export function endingNotice(ending: EndingDay, timeZone: string): Notice {
  const { eligible, active, resourceName, scope, resourceId, from, to } = ending;
  const all = eligible + active;
  const day = formatIn(timesIn(timeZone)).longDay(from);
  const parts = [
    eligible > 0 ? counted(eligible, "eligible assignment") : null,
    active > 0 ? counted(active, "active assignment") : null,
  ].filter((part) => part !== null);
  const list = {
    resource: resourceId,
    below: "1",
    when: "current",
    endsFrom: from.toISOString(),
    endsTo: to.toISOString(),
  };
  return {
    category: "administration",
    title: `${counted(all, "assignment")} ${all === 1 ? "ends" : "end"} on ${day}: ${isolated(resourceName)}`,
    body: `${parts.join(" and ")}, on ${isolated(resourceName)} and below. Extend what is still needed.`,
    facts: [
      { label: "Resource", value: resourceName },
      { label: "Scope", value: scope },
      { label: "Day", value: day },
      { label: "Eligible", value: String(eligible) },
      { label: "Active", value: String(active) },
    ],
    href: `/assignments?${new URLSearchParams(list)}`,
  };
}
