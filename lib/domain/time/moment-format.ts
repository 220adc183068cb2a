/** More than all names of time zones. Formats beyond that are not kept. */
const maximumKept = 700;
const kept = new Map<string, ZoneFormat>();

/** How times are written in one time zone. Each format is made when it is first used. */
class ZoneFormat {
  readonly #timeZone: string;
  readonly #made = new Map<string, Intl.DateTimeFormat>();

  constructor(timeZone: string) {
    this.#timeZone = timeZone;
    // Throws if there is no such zone.
    this.moment(new Date(0));
  }

  #format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const known = this.#made.get(name);
    if (known) return known;
    const made = new Intl.DateTimeFormat("en-GB", { ...options, timeZone: this.#timeZone });
    this.#made.set(name, made);
    return made;
  }

  /** 2 Mar 2026, 09:30. */
  moment(value: Date): string {
    return this.#format("moment", { dateStyle: "medium", timeStyle: "short" }).format(value);
  }

  /** 09:30. */
  time(value: Date): string {
    return this.#format("time", { timeStyle: "short" }).format(value);
  }

  /** Monday 2 March 2026. */
  longDay(value: Date): string {
    const parts = { weekday: "long", day: "numeric", month: "long", year: "numeric" } as const;
    return this.#format("longDay", parts).format(value).replace(",", "");
  }

  /** The difference from UTC at a moment, such as UTC+02:00. */
  offset(value: Date): string {
    const parts = this.#format("offset", { timeZoneName: "longOffset" }).formatToParts(value);
    return (parts.find(({ type }) => type === "timeZoneName")?.value ?? "").replace("GMT", "UTC");
  }

  /** 2026-03-02. */
  day(value: Date): string {
    const parts = this.#format("day", { day: "2-digit", month: "2-digit", year: "numeric" }).formatToParts(
      value,
    );
    const part = (name: Intl.DateTimeFormatPartTypes) => parts.find(({ type }) => type === name)?.value ?? "";
    return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`;
  }
}

/**
 * The format of times in an IANA time zone; null if there is no such zone. Each is made once: one takes tens of
 * kilobytes outside the heap, and a page has a hundred times on it.
 */
export function zoneFormat(timeZone: string): ZoneFormat | null {
  const known = kept.get(timeZone);
  if (known !== undefined) return known;
  try {
    const made = new ZoneFormat(timeZone);
    if (kept.size < maximumKept) kept.set(timeZone, made);
    return made;
  } catch {
    return null;
  }
}

const utc = new ZoneFormat("UTC");

/** The format of times in a time zone; in UTC if there is no such zone. */
export function formatIn(timeZone: string): ZoneFormat {
  return zoneFormat(timeZone) ?? utc;
}

/** The exact time in UTC, as it stands on hover. */
export function exactMoment(value: Date): string {
  return `${value.toISOString().replace("T", " ").slice(0, 19)} UTC`;
}

/** A time in a time zone, in words; in UTC if there is no such zone. */
export function inWords(value: Date, timeZone: string): string {
  return formatIn(timeZone).moment(value);
}

const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** A time in words that breaks between its day and its hour alone, for the narrow columns of a table. */
export function inTwoParts(words: string): string {
  return words.replaceAll(/ (?!\d\d:)/g, "\u00a0");
}

/** A time in a text that is read anywhere, such as a mail. It is in UTC and says so. */
export function momentText(time: Date): string {
  const text = time.toISOString();
  return `${time.getUTCDate()} ${months[time.getUTCMonth()]} ${text.slice(0, 4)}, ${text.slice(11, 16)} UTC`;
}

const writtenMoment = new RegExp(
  `(?<!\\d)(\\d{1,2}) (${months.join("|")}) (\\d{4}), (\\d\\d:\\d\\d) UTC\\b`,
  "g",
);

/** A text with its times (`momentText`) in the reader's zone, as a page shows it beside other times. */
export function inReadersZone(text: string, timeZone: string): string {
  return replaceMoments(text, (at) => inWords(at, timeZone));
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
 * A text with its times (`momentText`) in the zone of whoever is sent it. Each names its difference from UTC, since a
 * mail is forwarded.
 */
export function inZoneOfMail(text: string, timeZone: string): string {
  const format = formatIn(timeZone);
  return replaceMoments(text, (at) => `${format.moment(at)} ${format.offset(at)}`);
}

const dayParts = { day: "numeric", month: "short", timeZone: "UTC" } as const;
const shortDay = new Intl.DateTimeFormat("en-GB", dayParts);
const longDay = new Intl.DateTimeFormat("en-GB", { ...dayParts, weekday: "short" });

/** A calendar day (`2026-03-02`, or its midnight in UTC): 2 Mar, or Mon 2 Mar where there is more room. */
export function dayInWords(value: Date | number, long = false): string {
  return (long ? longDay : shortDay).format(value);
}
