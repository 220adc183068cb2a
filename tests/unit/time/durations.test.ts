import { expect, it } from "vitest";
import { dayShape, momentShape } from "@/lib/domain/time/date-in-address";
import { endOfPeriod, periodInWords } from "@/lib/domain/time/period";
import {
  addDays,
  addMinutes,
  ageInWords,
  hoursInWords,
  isInEffect,
  latestStart,
  minutesInWords,
  overlap,
  sameSchedule,
  scheduleFault,
} from "@/lib/domain/time/schedule";
import { isTimeZone, timeZones } from "@/lib/domain/time/time-zone";

const now = new Date("2026-03-02T09:00:00Z");
const at = (minutes: number) => addMinutes(now, minutes);

it.each([
  [1, "1 minute"],
  [59, "59 minutes"],
  [60, "1 hour"],
  [61, "1 hour 1 minute"],
  [80, "1 hour 20 minutes"],
  [90, "1.5 hours"],
  [120, "2 hours"],
  [135, "2 hours 15 minutes"],
])("writes %i minutes as %s", (minutes, words) => {
  expect(minutesInWords(minutes)).toBe(words);
  expect(hoursInWords(minutes / 60)).toBe(words);
});

it.each([
  [0, "0 minutes"],
  [1, "1 minute"],
  [59, "59 minutes"],
  [60, "1 hour"],
  [48 * 60 - 1, "47 hours"],
  [48 * 60, "2 days"],
  [4 * 1_440 - 1, "3 days"],
])("writes an age of %i minutes as %s", (minutes, words) => {
  expect(ageInWords(minutes)).toBe(words);
});

it("knows a schedule by both its moments", () => {
  const schedule = { startsAt: now, endsAt: at(60) };
  expect(sameSchedule(schedule, { startsAt: at(0), endsAt: at(60) })).toBe(true);
  expect(sameSchedule(schedule, { ...schedule, startsAt: at(1) })).toBe(false);
  expect(sameSchedule(schedule, { ...schedule, endsAt: at(61) })).toBe(false);
  expect(sameSchedule(schedule, { ...schedule, endsAt: null })).toBe(false);
  expect(sameSchedule({ ...schedule, endsAt: null }, { ...schedule, endsAt: null })).toBe(true);
});

it("counts the start and not the end", () => {
  const schedule = { startsAt: now, endsAt: at(60) };
  expect([-1, 0, 59, 60].map((minutes) => isInEffect(schedule, at(minutes)))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(isInEffect({ startsAt: now, endsAt: null }, at(1e6))).toBe(true);
  expect(overlap(schedule, { startsAt: at(60), endsAt: null })).toBe(false);
  expect(overlap(schedule, { startsAt: at(59), endsAt: null })).toBe(true);
  expect(overlap({ startsAt: at(59), endsAt: null }, schedule)).toBe(true);
  expect(overlap(schedule, { startsAt: at(30), endsAt: at(30) })).toBe(false);
});

it("takes a start within a year, and an end after the start and in the future", () => {
  const fault = (startsAt: Date, endsAt: Date | null) =>
    scheduleFault({ startsAt, endsAt }, now)?.field ?? null;
  expect(fault(latestStart(now), null)).toBeNull();
  expect(fault(new Date(latestStart(now).getTime() + 1), null)).toBe("startsAt");
  expect(fault(now, now)).toBe("endsAt");
  expect(fault(now, at(1))).toBeNull();
  expect(scheduleFault({ startsAt: at(-60), endsAt: now }, now)?.message).toContain("in the future");
  expect(fault(at(-60), at(1))).toBeNull();
});

it("takes a period of role settings by its longest months, and any other by its days", () => {
  const daysOf = (period: number) =>
    (endOfPeriod(now, period).getTime() - addMinutes(now, 120).getTime()) / 86_400_000;
  expect([15, 30, 90, 180, 365].map((period) => [periodInWords(period), daysOf(period)])).toEqual([
    ["15 days", 15],
    ["1 month", 31],
    ["3 months", 92],
    ["6 months", 184],
    ["1 year", 366],
  ]);
  expect([periodInWords(45), endOfPeriod(now, 45)]).toEqual(["45 days", addMinutes(addDays(now, 45), 120)]);
});

it("reads no year that PostgreSQL and JavaScript write differently", () => {
  const reads = (year: string) => [
    dayShape.safeParse(`${year}-06-02`).success,
    momentShape.safeParse(`${year}-06-02T09:00:00Z`).success,
  ];
  expect(["0000", "0001", "9998", "9999"].map(reads)).toEqual([
    [false, false],
    [true, true],
    [true, true],
    [false, false],
  ]);
  expect(momentShape.parse("2026-03-02T09:00:00+02:00").toISOString()).toBe("2026-03-02T07:00:00.000Z");
  // The year counts in UTC.
  expect(momentShape.safeParse("9998-12-31T23:30:00-01:00").success).toBe(false);
});

it("takes a time zone by its own name alone", () => {
  expect(timeZones.every(isTimeZone)).toBe(true);
  expect(timeZones.filter((name) => name === "UTC")).toHaveLength(1);
  for (const name of ["", "utc", "+02:00", "Mars/Olympus", "europe/berlin"])
    expect(isTimeZone(name)).toBe(false);
});
