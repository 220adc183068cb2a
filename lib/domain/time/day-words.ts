import { type ReaderTimes, type TimesLanguage, usualLanguage } from "@/lib/domain/time/reader-times";

/** The exact time in UTC, as shown on hover. */
export function exactMoment(value: Date): string {
  return `${value.toISOString().replace("T", " ").slice(0, 19)} UTC`;
}

const dayParts = { day: "numeric", month: "short" } as const;
const isoDays = { day: "2-digit", month: "2-digit" } as const;
const kept = new Map<string, Intl.DateTimeFormat>();
/** More than all zones in a few languages. Further formats are not kept, since one takes tens of kilobytes. */
const mostKept = 1_400;

function dayFormat(timeZone: string, language: TimesLanguage, long: boolean): Intl.DateTimeFormat {
  const key = `${timeZone} ${language} ${long}`;
  const known = kept.get(key);
  if (known) return known;
  const [locale, parts] = language === "iso" ? ["sv", isoDays] : [language, dayParts];
  const options = long ? { ...parts, timeZone, weekday: "short" as const } : { ...parts, timeZone };
  const made = new Intl.DateTimeFormat(locale, options);
  if (kept.size < mostKept) kept.set(key, made);
  return made;
}

/** A calendar day (`2026-03-02`, or its midnight in UTC): 2 Mar, or Mon 2 Mar if there is more room. */
export function dayInWords(
  value: Date | number,
  long = false,
  language: TimesLanguage = usualLanguage,
): string {
  return dayFormat("UTC", language, long).format(value);
}

/** The day on which a moment lies for a reader: 2 Mar. In UTC where an old browser does not know the zone. */
export function dayOfReader(moment: Date, { zone, language }: ReaderTimes): string {
  try {
    return dayFormat(zone, language, false).format(moment);
  } catch {
    return dayInWords(moment, false, language);
  }
}
