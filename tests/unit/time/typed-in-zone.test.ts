import fc from "fast-check";
import { expect, it } from "vitest";
import { timeZones } from "@/lib/domain/time/time-zone";
import { momentTyped, typedIn } from "@/lib/domain/time/typed-in-zone";

const read = (text: string, zone: string) => momentTyped(text, zone)?.toISOString() ?? null;

it("reads what a clock in the zone shows, and nothing that is no date and time", () => {
  expect(read("2026-03-02T09:30", "Asia/Kolkata")).toBe("2026-03-02T04:00:00.000Z");
  expect(read("2026-03-02T09:30", "UTC")).toBe("2026-03-02T09:30:00.000Z");
  expect(read("2026-03-02T09:30:15", "UTC")).toBe("2026-03-02T09:30:15.000Z");
  expect(read("2026-03-02T09:30:15.123", "UTC")).toBe("2026-03-02T09:30:15.123Z");
  expect(read("2026-07-02T09:30:15.5", "America/New_York")).toBe("2026-07-02T13:30:15.500Z");
  for (const text of [
    ...["", "2026-02-31T09:30Z", "2026-13-01T09:30", "12026-03-02T09:30", "soon", "2026-03-02"],
    ...["+002026-03-02T09:30", "2026-03-02T09:30:15.1234", "2026-03-02T09:30:15."],
  ])
    expect(read(text, "Europe/Berlin")).toBeNull();
});

it("reads no moment so far away that a clock nearby shows another number of digits", () => {
  for (const zone of ["UTC", "Pacific/Kiritimati", "Etc/GMT+12"]) {
    for (const text of ["9999-12-31T23:59", "9999-01-01T00:00", "0000-01-01T00:00"])
      expect(read(text, zone)).toBeNull();
    expect(read("9998-12-31T23:59", zone)).toMatch(/^999[89]-/);
    expect(read("0001-01-02T00:00", zone)).toMatch(/^0001-01-0/);
  }
});

it("reads the first and the last moment of the years that it takes", () => {
  expect(read("0001-01-01T00:00", "UTC")).toBe("0001-01-01T00:00:00.000Z");
  expect(read("9998-12-31T23:59:59.999", "UTC")).toBe("9998-12-31T23:59:59.999Z");
});

it("takes the first of an hour that comes twice, and what is as long after the change for one that is skipped", () => {
  expect(read("2026-10-25T02:30", "Europe/Berlin")).toBe("2026-10-25T00:30:00.000Z");
  expect(read("2026-03-29T02:30", "Europe/Berlin")).toBe("2026-03-29T01:30:00.000Z");
  // Half an hour, and a whole day that an island skipped.
  expect(read("2026-10-04T02:15", "Australia/Lord_Howe")).toBe("2026-10-03T15:45:00.000Z");
  expect(read("2011-12-31T00:00", "Pacific/Apia")).toBe("2011-12-30T10:00:00.000Z");
});

it("gives back what it shows, for every zone and minute, but the second of an hour that comes twice", () => {
  const minutes = fc.date({
    min: new Date("1975-01-01T00:00:00Z"),
    max: new Date("2100-01-01T00:00:00Z"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(fc.constantFrom(...timeZones), minutes, (zone, at) => {
      const moment = new Date(Math.floor(at.getTime() / 60_000) * 60_000);
      const shown = typedIn(moment, zone);
      const found = momentTyped(shown, zone);
      expect(found && typedIn(found, zone)).toBe(shown);
      expect(found?.getTime()).toBeLessThanOrEqual(moment.getTime());
    }),
  );
});
