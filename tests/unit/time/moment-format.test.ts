import { describe, expect, it } from "vitest";
import { dayInWords, inReadersZone, inWords, momentText, zoneFormat } from "@/lib/domain/time/moment-format";
import { zoneOfBrowser } from "@/lib/domain/time/time-zone";

const moment = new Date("2026-03-02T23:30:00Z");

describe("times in words", () => {
  it("are in the zone that is asked for, whatever name it goes by", () => {
    expect(inWords(moment, "UTC")).toBe("2 Mar 2026, 23:30");
    expect(inWords(moment, "Asia/Calcutta")).toBe("3 Mar 2026, 05:00");
    expect(inWords(moment, "Asia/Kolkata")).toBe("3 Mar 2026, 05:00");
  });

  it("are in UTC where there is no such zone", () => {
    expect(zoneFormat("Mars/Olympus")).toBeNull();
    expect(inWords(moment, "Mars/Olympus")).toBe("2 Mar 2026, 23:30");
  });

  it("share one format a zone, and keep no more than a bound of what is made up", () => {
    expect(zoneFormat("Europe/Paris")).toBe(zoneFormat("Europe/Paris"));
    for (let index = 0; index < 2_000; index += 1) zoneFormat(`Mars/${index}`);
    expect(zoneFormat("Europe/Oslo")).toBe(zoneFormat("Europe/Oslo"));
  });

  it("name days with their weekday where there is room", () => {
    expect([dayInWords(moment), dayInWords(moment, true)]).toEqual(["2 Mar", "Mon 2 Mar"]);
  });

  it("are put into the reader's zone where a text says them in UTC", () => {
    const locked = `Locked until ${momentText(moment)}.`;
    expect(locked).toBe("Locked until 2 Mar 2026, 23:30 UTC.");
    expect(inReadersZone(locked, "Asia/Kolkata")).toBe("Locked until 3 Mar 2026, 05:00.");
    expect(
      inReadersZone("It ends at 31 Dec 2026, 23:00 UTC, or 1 Sep 2026, 00:00 UTC.", "Europe/Berlin"),
    ).toBe("It ends at 1 Jan 2027, 00:00, or 1 Sept 2026, 02:00.");
    expect(inReadersZone("Ends 99 Mar 2026, 23:30 UTC. 112 Mar 2026, 23:30 UTC", "Europe/Berlin")).toBe(
      "Ends 99 Mar 2026, 23:30 UTC. 112 Mar 2026, 23:30 UTC",
    );
  });
});

it("takes the name of a zone from a browser, in either spelling, and nothing else", () => {
  for (const name of [
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Calcutta",
    "America/Argentina/Buenos_Aires",
    "UTC",
  ])
    expect(zoneOfBrowser(name)).toBe(name);
  for (const name of [undefined, "", "+05:30", "Mars/Phobos", "Europe/Berlin\n", `Europe/${"x".repeat(80)}`])
    expect(zoneOfBrowser(name)).toBeNull();
});
