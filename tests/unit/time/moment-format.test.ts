import { describe, expect, it } from "vitest";
import { dayInWords, dayOfReader, exactMoment } from "@/lib/domain/time/day-words";
import {
  formatIn,
  inOnePart,
  inReadersZone,
  inTwoParts,
  inWords,
  inZoneOfMail,
  zoneFormat,
} from "@/lib/domain/time/moment-format";
import { dayText, momentText } from "@/lib/domain/time/moment-text";
import {
  isTimesLanguage,
  langOf,
  type TimesLanguage,
  timesIn,
  timesLanguageNames,
} from "@/lib/domain/time/reader-times";
import { timeZones, zoneOfBrowser } from "@/lib/domain/time/time-zone";

const moment = new Date("2026-03-02T23:30:00Z");

describe("times in words", () => {
  it("are in the zone that is asked for, whatever name it goes by", () => {
    expect(inWords(moment, timesIn("UTC"))).toBe("2 Mar 2026, 23:30");
    expect(inWords(moment, timesIn("Asia/Calcutta"))).toBe("3 Mar 2026, 05:00");
    expect(inWords(moment, timesIn("Asia/Kolkata"))).toBe("3 Mar 2026, 05:00");
  });

  it("are in UTC where there is no such zone", () => {
    expect(zoneFormat(timesIn("Mars/Olympus"))).toBeNull();
    expect(inWords(moment, timesIn("Mars/Olympus"))).toBe("2 Mar 2026, 23:30");
  });

  it("share one format a zone, and keep no more than a bound of what is made up", () => {
    expect(zoneFormat(timesIn("Europe/Paris"))).toBe(zoneFormat(timesIn("Europe/Paris")));
    for (let index = 0; index < 2_000; index += 1) zoneFormat(timesIn(`Mars/${index}`));
    expect(zoneFormat(timesIn("Europe/Oslo"))).toBe(zoneFormat(timesIn("Europe/Oslo")));
    const all = timesLanguageNames.flatMap((language) => timeZones.map((zone) => ({ zone, language })));
    for (const times of all.slice(0, 1_400)) zoneFormat(times);
    const further = all.slice(1_400, 1_410);
    for (const times of further) expect(zoneFormat(times)).not.toBe(zoneFormat(times));
    expect(zoneFormat(timesIn("Europe/Oslo"))).toBe(zoneFormat(timesIn("Europe/Oslo")));
  });

  it("name days with their weekday where there is room", () => {
    expect([dayInWords(moment), dayInWords(moment, true)]).toEqual(["2 Mar", "Mon 2 Mar"]);
  });

  it("name the day on which a moment lies for its reader, or in UTC where there is no such zone", () => {
    expect(dayOfReader(moment, timesIn("Asia/Kolkata"))).toBe("3 Mar");
    expect(dayOfReader(moment, { zone: "Asia/Kolkata", language: "de" })).toBe("3. März");
    expect(dayOfReader(moment, timesIn("Mars/Olympus"))).toBe("2 Mar");
    expect(dayOfReader(moment, { zone: "Mars/Olympus", language: "iso" })).toBe("02/03");
  });

  it("are exact to the second in UTC, and short in texts that may be read anywhere", () => {
    expect(exactMoment(new Date("2026-03-02T23:30:07.891Z"))).toBe("2026-03-02 23:30:07 UTC");
    expect(dayText(moment)).toBe("2 Mar 2026");
  });

  it("are put into the reader's zone where a text says them in UTC", () => {
    const locked = `Locked until ${momentText(moment)}.`;
    expect(locked).toBe("Locked until 2 Mar 2026, 23:30 UTC.");
    expect(inReadersZone(locked, timesIn("Asia/Kolkata"))).toBe(
      "Locked until 3\u00a0Mar\u00a02026,\u00a005:00.",
    );
    expect(
      inReadersZone("It ends at 31 Dec 2026, 23:00 UTC, or 1 Sep 2026, 00:00 UTC.", timesIn("Europe/Berlin")),
    ).toBe("It ends at 1\u00a0Jan\u00a02027,\u00a000:00, or 1\u00a0Sept\u00a02026,\u00a002:00.");
    expect(
      inReadersZone("Ends 99 Mar 2026, 23:30 UTC. 112 Mar 2026, 23:30 UTC", timesIn("Europe/Berlin")),
    ).toBe("Ends 99 Mar 2026, 23:30 UTC. 112 Mar 2026, 23:30 UTC");
  });
});

describe("the language of times", () => {
  const written = (language: TimesLanguage) => {
    const format = formatIn({ zone: "Asia/Kolkata", language });
    return [format.moment(moment), format.time(moment), format.longDay(moment), format.offset(moment)];
  };

  it("writes them as its readers do, and as ISO 8601", () => {
    expect(written("de")).toEqual(["03.03.2026, 05:00", "05:00", "Dienstag, 3. März 2026", "UTC+05:30"]);
    expect(written("en-US")).toEqual([
      "Mar 3, 2026, 5:00 AM",
      "5:00 AM",
      "Tuesday, March 3, 2026",
      "UTC+05:30",
    ]);
    expect(written("iso")).toEqual(["2026-03-03 05:00", "05:00", "Tuesday 2026-03-03", "UTC+05:30"]);
    expect(dayInWords(moment, true, "fr")).toBe("lun. 2 mars");
    expect(dayInWords(moment, false, "iso")).toBe("02/03");
  });

  it("counts days and types times alike in every one, and names the language where it is not the page's", () => {
    for (const language of timesLanguageNames) {
      expect(formatIn({ zone: "Asia/Kolkata", language }).day(moment)).toBe("2026-03-03");
      expect(formatIn({ zone: "Mars/Olympus", language }).moment(moment)).toMatch(/\d/);
    }
    expect([langOf({ language: "de" }), langOf({ language: "iso" }), langOf({ language: "en-GB" })]).toEqual([
      "de",
      undefined,
      undefined,
    ]);
    expect(["de", "iso", "xx", "toString", "DE"].filter(isTimesLanguage)).toEqual(["de", "iso"]);
  });

  it("is that of the times in a text as well", () => {
    const text = `Locked until ${momentText(moment)}.`;
    expect(inReadersZone(text, { zone: "UTC", language: "de" })).toBe("Locked until 02.03.2026,\u00a023:30.");
    expect(inZoneOfMail(text, { zone: "UTC", language: "iso" })).toBe(
      "Locked until 2026-03-02 23:30 UTC+00:00.",
    );
  });
});

it("takes the name of a zone from a browser, by its former name too, and nothing else", () => {
  for (const name of ["Europe/Berlin", "Asia/Kolkata", "America/Argentina/Buenos_Aires", "UTC"])
    expect(zoneOfBrowser(name)).toBe(name);
  expect(zoneOfBrowser("Asia/Calcutta")).toBe("Asia/Kolkata");
  for (const name of [undefined, "", "+05:30", "Mars/Phobos", "Europe/Berlin\n", `Europe/${"x".repeat(80)}`])
    expect(zoneOfBrowser(name)).toBeNull();
});

it("a time breaks between its day and its hour alone", () => {
  expect(inTwoParts("2 Mar 2026, 09:30")).toBe("2\u00a0Mar\u00a02026, 09:30");
  expect(inTwoParts("2026-03-02 09:30")).toBe("2026-03-02 09:30");
  expect(inTwoParts("2 Mar")).toBe("2\u00a0Mar");
  expect(inOnePart("2 Mar 2026, 09:30")).toBe("2\u00a0Mar\u00a02026,\u00a009:30");
});
