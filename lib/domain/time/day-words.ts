import { type TimesLanguage, usualLanguage } from "@/lib/domain/time/reader-times";

/** The exact time in UTC, as shown on hover. */
export function exactMoment(value: Date): string {
  return `${value.toISOString().replace("T", " ").slice(0, 19)} UTC`;
}

const dayParts = { day: "numeric", month: "short", timeZone: "UTC" } as const;
const isoDays = { day: "2-digit", month: "2-digit", timeZone: "UTC" } as const;
const days = new Map<string, Intl.DateTimeFormat>();

/** A calendar day (`2026-03-02`, or its midnight in UTC): 2 Mar, or Mon 2 Mar if there is more room. */
export function dayInWords(
  value: Date | number,
  long = false,
  language: TimesLanguage = usualLanguage,
): string {
  const key = `${language} ${long}`;
  const [locale, parts] = language === "iso" ? ["sv", isoDays] : [language, dayParts];
  const format =
    days.get(key) ?? new Intl.DateTimeFormat(locale, long ? { ...parts, weekday: "short" } : parts);
  days.set(key, format);
  return format.format(value);
}
