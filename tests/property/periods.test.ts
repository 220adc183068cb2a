import fc from "fast-check";
import { expect, it } from "vitest";
import { assignmentFailures } from "@/lib/domain/gate/policy-rules";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDaysTo, dayOf, startOfDay } from "@/lib/domain/time/reader-day";
import { addDays, scheduleFault } from "@/lib/domain/time/schedule";

const zones = ["UTC", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Australia/Lord_Howe"];
const zone = fc.constantFrom(...zones, "Antarctica/Troll", "Asia/Kolkata", "Pacific/Kiritimati");
const day = fc
  .integer({ min: 0, max: 3_000 })
  .map((days) => new Date(Date.UTC(2026, 0, 1 + days)).toISOString().slice(0, 10));
const minuteOfDay = fc.integer({ min: 0, max: 24 * 60 - 1 });

/** The same day so many months later, or the last day of that month. */
function monthsLater(from: string, months: number): string {
  const [year = 0, month = 0, date = 0] = from.split("-").map(Number);
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, last))).toISOString().slice(0, 10);
}

/** The moment at which the clock of a zone shows a time of day; for a skipped hour, equally long after the change. */
function at(of: string, minutes: number, timeZone: string): Date {
  const moment = new Date(startOfDay(of, timeZone).getTime() + minutes * 60_000);
  const shown = new Intl.DateTimeFormat("en-GB", { timeStyle: "short", timeZone }).format(moment);
  const [hours = 0, rest = 0] = shown.split(":").map(Number);
  const difference = minutes - (hours * 60 + rest);
  return new Date(moment.getTime() + (Math.abs(difference) > 180 ? 0 : difference) * 60_000);
}

const failures = (period: number, startsAt: Date, endsAt: Date) =>
  assignmentFailures(
    { ...defaultRoleSettings, eligibleMaximumDays: period },
    {
      assignmentType: "Eligible",
      schedule: { startsAt, endsAt },
      justification: "Cover",
      stepUp: [],
      provedBy: null,
    },
  );

const periods = fc.constantFrom([30, 1], [90, 3], [180, 6], [365, 12]);

it("allows the same day and time so many months later, in every zone and over every change of the clock", () => {
  fc.assert(
    fc.property(zone, day, minuteOfDay, periods, (timeZone, from, minutes, [period = 0, months = 0]) => {
      const start = at(from, minutes, timeZone);
      const end = at(monthsLater(from, months), minutes, timeZone);
      expect(failures(period, start, end)).toEqual([]);
      expect(failures(period, start, addDays(end, months === 1 ? 5 : 6))).toHaveLength(1);
    }),
    { numRuns: 400 },
  );
});

it("allows the fifteenth day at the same time, and not the sixteenth", () => {
  fc.assert(
    fc.property(zone, day, minuteOfDay, (timeZone, from, minutes) => {
      const start = at(from, minutes, timeZone);
      expect(failures(15, start, at(addDaysTo(from, 15), minutes, timeZone))).toEqual([]);
      expect(failures(15, start, at(addDaysTo(from, 16), minutes, timeZone))).toHaveLength(1);
    }),
    { numRuns: 200 },
  );
});

it("lets something start on the same day next year", () => {
  fc.assert(
    fc.property(zone, day, minuteOfDay, (timeZone, from, minutes) => {
      const now = at(from, minutes, timeZone);
      const startsAt = at(monthsLater(from, 12), minutes, timeZone);
      expect(scheduleFault({ startsAt, endsAt: null }, now)).toBeNull();
      expect(dayOf(startsAt, timeZone) > from).toBe(true);
    }),
    { numRuns: 200 },
  );
});
