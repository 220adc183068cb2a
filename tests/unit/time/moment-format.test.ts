import { describe, expect, it } from "vitest";
import { dayInWords, inWords, momentFormat } from "@/lib/domain/time/moment-format";

const moment = new Date("2026-03-02T23:30:00Z");

describe("times in words", () => {
  it("are in the zone that is asked for, whatever name it goes by", () => {
    expect(inWords(moment, "UTC")).toBe("2 Mar 2026, 23:30");
    expect(inWords(moment, "Asia/Calcutta")).toBe("3 Mar 2026, 05:00");
    expect(inWords(moment, "Asia/Kolkata")).toBe("3 Mar 2026, 05:00");
  });

  it("are in UTC where there is no such zone", () => {
    expect(momentFormat("Mars/Olympus")).toBeNull();
    expect(inWords(moment, "Mars/Olympus")).toBe("2 Mar 2026, 23:30");
  });

  it("share one format a zone, and keep no more than a bound of what is made up", () => {
    expect(momentFormat("Europe/Paris")).toBe(momentFormat("Europe/Paris"));
    for (let index = 0; index < 2_000; index += 1) momentFormat(`Mars/${index}`);
    expect(momentFormat("Europe/Oslo")).toBe(momentFormat("Europe/Oslo"));
  });

  it("name days with their weekday where there is room", () => {
    expect([dayInWords(moment), dayInWords(moment, true)]).toEqual(["2 Mar", "Mon 2 Mar"]);
  });
});
