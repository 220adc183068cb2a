import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDaysTo, dayOf, startOfDay } from "@/lib/domain/time/reader-day";
import { timeZones } from "@/lib/domain/time/time-zone";

const zone = fc.constantFrom(...timeZones);
const day = fc
  .integer({ min: 0, max: 6_000 })
  .map((days) => new Date(Date.UTC(2022, 0, 1 + days)).toISOString().slice(0, 10));
const hours = (from: string, timeZone: string) =>
  (startOfDay(addDaysTo(from, 1), timeZone).getTime() - startOfDay(from, timeZone).getTime()) / 3_600_000;

describe("a day of the reader", () => {
  it("begins where the day before it ends, in every zone", () => {
    fc.assert(
      fc.property(zone, day, (timeZone, of) => {
        const start = startOfDay(of, timeZone);
        expect(dayOf(start, timeZone)).toBe(of);
        expect(dayOf(new Date(start.getTime() - 1), timeZone)).toBe(addDaysTo(of, -1));
        expect([22, 22.5, 23, 23.5, 24, 24.5, 25, 26]).toContain(hours(of, timeZone));
      }),
      { numRuns: 400 },
    );
  });

  it("has 23 hours when summer time begins and 25 when it ends", () => {
    expect(hours("2026-03-29", "Europe/Berlin")).toBe(23);
    expect(hours("2026-10-25", "Europe/Berlin")).toBe(25);
    expect(hours("2026-11-27", "Europe/Berlin")).toBe(24);
    expect(startOfDay("2026-11-27", "Europe/Berlin").toISOString()).toBe("2026-11-26T23:00:00.000Z");
    expect(startOfDay("2026-11-27", "Asia/Kolkata").toISOString()).toBe("2026-11-26T18:30:00.000Z");
  });

  it("begins after the gap where the clock skips midnight", () => {
    expect(startOfDay("2026-04-24", "Africa/Cairo").toISOString()).toBe("2026-04-23T22:00:00.000Z");
    expect(hours("2026-04-24", "Africa/Cairo")).toBe(23);
  });
});
