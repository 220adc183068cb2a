import { isolated } from "@/lib/domain/text/visible-text";
import { formatIn } from "@/lib/domain/time/moment-format";
import { addDaysTo, dayOf } from "@/lib/domain/time/reader-day";
import { timesIn } from "@/lib/domain/time/reader-times";

/** What a scheduled export has, in the words of its form and of its mail. */
export const exportContents = {
  Assignments: "Current assignments",
  Eligible: "Eligible assignments",
  Active: "Active assignments",
  RoleSettings: "Role settings",
} as const;
export type ExportContents = keyof typeof exportContents;
export const exportContentNames = Object.keys(exportContents) as ExportContents[];

export const exportFrequencies = ["Daily", "Weekly", "Monthly"] as const;
export type ExportFrequency = (typeof exportFrequencies)[number];

/** Monday is day 1. */
export const weekdays = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
] as const;

export const exportLimits = {
  atResource: 10,
  recipients: 10,
  /** The last day that every month has. */
  dayOfMonth: 28,
  /** The largest attachment of a mail. A larger file must be exported from the page. */
  rows: 5_000,
  bytes: 5_000_000,
  /** How long making one file may take. */
  makingMilliseconds: 20_000,
  minutesBetweenRequests: 60,
} as const;

/** When a schedule sends: on a day of the week (from Monday, 1) or of the month; every day if there is none. */
export interface ExportTiming {
  readonly frequency: ExportFrequency;
  readonly day: number | null;
  readonly hour: number;
}

/** What somebody chooses for a schedule. */
export interface ExportPlan extends ExportTiming {
  readonly contents: ExportContents;
  readonly includeBelow: boolean;
  readonly recipientIds: readonly string[];
}

/** Why a schedule is paused. */
export const pauseReasons = {
  ByHand: "By an administrator.",
  RightLost: "Its administrator could no longer edit role settings here. Resume it to take it over.",
  Disabled: "Its administrator was disabled. Resume it to take it over.",
} as const;
export type PauseReason = keyof typeof pauseReasons;

/** The result of the last sending for one recipient. */
export const exportOutcomes = {
  Waiting: "Waits to be sent",
  Sent: "Sent",
  LinkSent: "Sent as a link: the file is too large for mail",
  NotAllowed: "Not sent: may not read this here",
  Disabled: "Not sent: disabled",
  Muted: "Not sent: does not want exports by mail",
  Failed: "The mail server did not accept it",
} as const;
export type ExportOutcome = keyof typeof exportOutcomes;

/** A plan in its canonical form: without a day if it needs none, and with every recipient once. */
export function normalExportPlan({ recipientIds, ...plan }: ExportPlan): ExportPlan {
  return {
    ...plan,
    day: plan.frequency === "Daily" ? null : plan.day,
    recipientIds: [...new Set(recipientIds)].sort(),
  };
}

const whole = (value: number | null, least: number, most: number) =>
  value !== null && Number.isInteger(value) && value >= least && value <= most;

/** What is wrong with a plan, by form field. */
export function exportPlanFaults(plan: ExportPlan): { field: string; message: string }[] {
  const { contents, frequency, day, hour, recipientIds } = plan;
  const most = frequency === "Weekly" ? weekdays.length : exportLimits.dayOfMonth;
  const checks: readonly (readonly [boolean, string, string])[] = [
    [exportContentNames.includes(contents), "contents", "Choose what to export."],
    [exportFrequencies.includes(frequency), "frequency", "Choose how often."],
    [frequency === "Daily" || whole(day, 1, most), "day", `Choose a day from 1 to ${most}.`],
    [whole(hour, 0, 23), "hour", "Choose an hour of the day."],
    [recipientIds.length > 0, "recipientIds", "Choose at least one person."],
    [
      recipientIds.length <= exportLimits.recipients,
      "recipientIds",
      `Choose at most ${exportLimits.recipients} people.`,
    ],
  ];
  return checks.flatMap(([right, field, message]) => (right ? [] : [{ field, message }]));
}

const minute = 60_000;
const hours = 60 * minute;

/** The first moment of an hour of a day in a time zone, or the end of the gap if the clock skips it. */
function momentOf(day: string, hour: number, timeZone: string): Date {
  const wanted = `${day} ${String(hour).padStart(2, "0")}:00`;
  const format = formatIn(timesIn(timeZone));
  const there = Date.parse(`${wanted.replace(" ", "T")}:00Z`);
  // No zone's clock is further from UTC.
  let before = there - 16 * hours;
  let at = there + 16 * hours;
  while (at - before > minute) {
    const middle = new Date(before + Math.floor((at - before) / minute / 2) * minute);
    if (`${format.day(middle)} ${format.time(middle)}` < wanted) before = middle.getTime();
    else at = middle.getTime();
  }
  return new Date(at);
}

function isOnDay({ frequency, day }: ExportTiming, date: string): boolean {
  const at = new Date(`${date}T00:00:00Z`);
  if (frequency === "Daily") return true;
  return frequency === "Weekly" ? (at.getUTCDay() || 7) === day : at.getUTCDate() === day;
}

/** When a schedule sends next after a moment. It follows local time, so its hour stays the same when the clocks change. */
export function nextSending(timing: ExportTiming, timeZone: string, after: Date): Date {
  const today = dayOf(after, timeZone);
  for (let days = 0; days <= 62; days += 1) {
    const date = addDaysTo(today, days);
    if (!isOnDay(timing, date)) continue;
    const at = momentOf(date, timing.hour, timeZone);
    if (at > after) return at;
  }
  throw new Error("a schedule without a day");
}

/** "Every Monday at 07:00". */
export function timingInWords({ frequency, day, hour }: ExportTiming): string {
  const at = `at ${String(hour).padStart(2, "0")}:00`;
  if (frequency === "Daily") return `Every day ${at}`;
  if (frequency === "Weekly") return `Every ${weekdays[(day ?? 1) - 1]} ${at}`;
  return `On day ${day} of each month ${at}`;
}

/** The lists in their own words, as the log names exports. */
export function listOfContents(contents: ExportContents): "Assignments" | "Role settings" {
  return contents === "RoleSettings" ? "Role settings" : "Assignments";
}

/** The page from which the same file is exported by hand. */
export function pageOfExport(resourceId: string, contents: ExportContents, includeBelow: boolean): string {
  const base = `/resources/${resourceId}`;
  if (contents === "RoleSettings") return `${base}/settings`;
  const tab = { Assignments: "all", Eligible: "eligible", Active: "active" }[contents];
  const query = new URLSearchParams({
    ...(tab === "all" ? {} : { tab }),
    ...(includeBelow ? { where: "below" } : {}),
  }).toString();
  return `${base}/assignments${query ? `?${query}` : ""}`;
}

/** The mail that carries such an export. */
export function exportNotice(schedule: {
  readonly contents: ExportContents;
  readonly includeBelow: boolean;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly administratorName: string;
  readonly words: string;
}) {
  const { contents, includeBelow, resourceId, resourceName } = schedule;
  return {
    category: "exports" as const,
    title: `${listOfContents(contents)} of ${isolated(resourceName)}`,
    body: "The attached file has what you may read now.",
    facts: [
      { label: "Export", value: exportContents[contents] },
      { label: "Where", value: includeBelow ? "With everything below" : "This resource" },
      { label: "Sent", value: schedule.words },
      { label: "Administrator", value: isolated(schedule.administratorName) },
    ],
    href: pageOfExport(resourceId, contents, includeBelow),
  };
}

/** The text of the same mail without the file. */
export const withoutFile =
  "The file is too large for mail. Open the page and export it from there: it has what you may read then.";
