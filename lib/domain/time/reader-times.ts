/** The languages in which times can be written, as BCP 47 names, each with its own name for itself. */
export const timesLanguages = {
  "en-GB": "English",
  "en-US": "English (United States)",
  iso: "ISO 8601",
  cs: "čeština",
  da: "dansk",
  de: "Deutsch",
  es: "español",
  fr: "français",
  it: "italiano",
  nl: "Nederlands",
  nb: "norsk bokmål",
  pl: "polski",
  "pt-BR": "português (Brasil)",
  fi: "suomi",
  sv: "svenska",
  tr: "Türkçe",
  uk: "українська",
  ja: "日本語",
  ko: "한국어",
  "zh-CN": "中文",
} as const;

export type TimesLanguage = keyof typeof timesLanguages;
export const timesLanguageNames = Object.keys(timesLanguages) as readonly TimesLanguage[];

/** The language of times for people who have chosen none: that of the pages. */
export const usualLanguage: TimesLanguage = "en-GB";

/** Whether this is one of the languages in which times can be written. */
export function isTimesLanguage(name: string): name is TimesLanguage {
  return Object.hasOwn(timesLanguages, name);
}

/** How somebody sees times: in which IANA zone, and in which language. */
export interface ReaderTimes {
  readonly zone: string;
  readonly language: TimesLanguage;
}

/** What somebody chose under Profile. Null: the zone of the browser, the language of the pages. */
export interface ChosenTimes {
  readonly zone: string | null;
  readonly language: TimesLanguage | null;
}

/** Times of a zone in the language of the pages, for texts without a particular reader. */
export function timesIn(zone: string): ReaderTimes {
  return { zone, language: usualLanguage };
}

/** The value of `lang` for times, if their language differs from that of the page (WCAG 3.1.2). */
export function langOf({ language }: Pick<ReaderTimes, "language">): string | undefined {
  return language === "iso" || language === usualLanguage ? undefined : language;
}
