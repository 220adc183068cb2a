import { periodInWords } from "@/lib/domain/time/period";

/** How long an assignment may last, as its form offers it. A period of role settings has the number that stores it. */
export interface Term {
  readonly value: string;
  readonly label: string;
  readonly hours?: number;
  readonly days?: number;
  readonly months?: number;
  /** The matching period of role settings. */
  readonly period: number;
}

const short: readonly Term[] = [
  { value: "8h", label: "8 hours", hours: 8, period: 1 },
  { value: "1", label: "1 day", days: 1, period: 1 },
  { value: "7", label: "7 days", days: 7, period: 7 },
];
const long: readonly Term[] = [
  { value: "15", label: periodInWords(15), days: 15, period: 15 },
  { value: "30", label: periodInWords(30), months: 1, period: 30 },
  { value: "90", label: periodInWords(90), months: 3, period: 90 },
  { value: "180", label: periodInWords(180), months: 6, period: 180 },
  { value: "365", label: periodInWords(365), months: 12, period: 365 },
];

/** The terms on offer within a maximum; null: permanent is allowed. Active access is offered for shorter ones. */
export function termsWithin(type: "Eligible" | "Active", maximum: number | null): readonly Term[] {
  const all = type === "Active" ? [...short, ...long] : long;
  return all.filter(({ period }) => period <= (maximum ?? 365));
}

/** The initial term of a form: a day for active access, otherwise the longest. */
export function usualTerm(type: "Eligible" | "Active", maximum: number | null): Term | undefined {
  const terms = termsWithin(type, maximum);
  return type === "Active" ? terms.find(({ value }) => value === "1") : terms.at(-1);
}

/** The end of a term, to the minute, in the calendar of the reader. */
export function endOfTerm(start: Date, { hours = 0, days = 0, months = 0 }: Term): Date {
  const end = new Date(start);
  end.setSeconds(0, 0);
  const day = end.getDate();
  end.setMonth(end.getMonth() + months);
  // 31 January plus a month is the last day of February.
  if (end.getDate() !== day) end.setDate(0);
  end.setDate(end.getDate() + days);
  return new Date(end.getTime() + hours * 60 * 60_000);
}
