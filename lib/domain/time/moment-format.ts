import { months } from "@/lib/domain/time/moment-text";

import { type ReaderTimes, type TimesLanguage, timesIn, usualLanguage } from "@/lib/domain/time/reader-times";

/** More than all names of time zones, each in two languages. Further formats are not cached. */
const maximumKept = 1_400;
const kept = new Map<string, ZoneFormat>();

const twoDigits = { month: "2-digit", day: "2-digit", year: "numeric" } as const;

/** How times are written in one time zone and language. Each format is made when it is first used. */
class ZoneFormat {
  readonly #timeZone: string;
  readonly #language: TimesLanguage;
  readonly #made = new Map<string, Intl.DateTimeFormat>();

  constructor({ zone, language }: ReaderTimes) {
    this.#timeZone = zone;
    this.#language = language;
    // Throws if there is no such zone.
    this.moment(new Date(0));
  }

  #format(name: string, options: Intl.DateTimeFormatOptions, locale: string): Intl.DateTimeFormat {
    const known = this.#made.get(name);
    if (known) return known;
    const made = new Intl.DateTimeFormat(locale, { ...options, timeZone: this.#timeZone });
    this.#made.set(name, made);
    return made;
  }

  /** 2 Mar 2026, 09:30. */
  moment(value: Date): string {
    if (this.#language === "iso") return `${this.day(value)} ${this.time(value)}`;
    return this.#format("moment", { dateStyle: "medium", timeStyle: "short" }, this.#language).format(value);
  }

  /** 09:30. */
  time(value: Date): string {
    const locale = this.#language === "iso" ? usualLanguage : this.#language;
    return this.#format("time", { timeStyle: "short" }, locale).format(value);
  }

  /** Monday 2 March 2026. */
  longDay(value: Date): string {
    if (this.#language === "iso")
      return `${this.#format("weekday", { weekday: "long" }, usualLanguage).format(value)} ${this.day(value)}`;
    const parts = { weekday: "long", day: "numeric", month: "long", year: "numeric" } as const;
    const text = this.#format("longDay", parts, this.#language).format(value);
    return this.#language === usualLanguage ? text.replace(",", "") : text;
  }

  /** The difference from UTC at a moment, such as UTC+02:00. */
  offset(value: Date): string {
    const parts = this.#format("offset", { timeZoneName: "longOffset" }, usualLanguage).formatToParts(value);
    return (parts.find(({ type }) => type === "timeZoneName")?.value ?? "").replace("GMT", "UTC");
  }

  /** 2026-03-02, whatever the language. */
  day(value: Date): string {
    const parts = this.#format("day", twoDigits, usualLanguage).formatToParts(value);
    const part = (name: Intl.DateTimeFormatPartTypes) => parts.find(({ type }) => type === name)?.value ?? "";
    return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`;
  }
}

/**
 * The format of times in an IANA time zone; null if there is no such zone. Each is made once, since one
 * takes tens of kilobytes outside the heap, and a page contains a hundred times.
 */
export function zoneFormat(times: ReaderTimes): ZoneFormat | null {
  const key = `${times.zone} ${times.language}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  try {
    const made = new ZoneFormat(times);
    if (kept.size < maximumKept) kept.set(key, made);
    return made;
  } catch {
    return null;
  }
}

/** The format of times for a reader; in UTC if there is no such zone. */
export function formatIn(times: ReaderTimes): ZoneFormat {
  return zoneFormat(times) ?? zoneFormat({ ...times, zone: "UTC" }) ?? new ZoneFormat(timesIn("UTC"));
}

/** A time for a reader, in words; in UTC if there is no such zone. */
export function inWords(value: Date, times: ReaderTimes): string {
  return formatIn(times).moment(value);
}

/** A time in words that can break only between its day and its hour, for the narrow columns of a table. */
export function inTwoParts(words: string): string {
  return words.replaceAll(/ (?!\d\d:)/g, "\u00a0");
}

/** A time in words that never breaks, within a sentence. */
export function inOnePart(words: string): string {
  return words.replaceAll(" ", "\u00a0");
}

const writtenMoment = new RegExp(
  `(?<!\\d)(\\d{1,2}) (${months.join("|")}) (\\d{4}), (\\d\\d:\\d\\d) UTC\\b`,
  "g",
);

/** A text whose times (`momentText`) are written for its reader, like the other times on the page. None breaks. */
export function inReadersZone(text: string, times: ReaderTimes): string {
  return replaceMoments(text, (at) => inOnePart(inWords(at, times)));
}

function replaceMoments(text: string, words: (at: Date) => string): string {
  return text.replaceAll(writtenMoment, (written, day, month, year, time) => {
    const at = new Date(
      `${year}-${String(months.indexOf(month) + 1).padStart(2, "0")}-${day.padStart(2, "0")}T${time}Z`,
    );
    return Number.isNaN(at.getTime()) ? written : words(at);
  });
}

/**
 * A text whose times (`momentText`) are in the recipient's zone. Each names its difference from UTC,
 * since a mail may be forwarded.
 */
export function inZoneOfMail(text: string, times: ReaderTimes): string {
  const format = formatIn(times);
  return replaceMoments(text, (at) => `${format.moment(at)} ${format.offset(at)}`);
}
