import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ExportPlan,
  type ExportTiming,
  exportNotice,
  exportPlanFaults,
  listOfContents,
  nextSending,
  normalExportPlan,
  pageOfExport,
  timingInWords,
} from "@/lib/domain/notifications/export-schedule";
import { formatIn } from "@/lib/domain/time/moment-format";
import { timesIn } from "@/lib/domain/time/reader-times";

const plan: ExportPlan = {
  ...{ contents: "Assignments", includeBelow: false, frequency: "Weekly", day: 1, hour: 7 },
  recipientIds: ["a"],
};
const daily = (hour: number): ExportTiming => ({ frequency: "Daily", day: null, hour });
const weekly = (day: number, hour: number): ExportTiming => ({ frequency: "Weekly", day, hour });
const monthly = (day: number, hour: number): ExportTiming => ({ frequency: "Monthly", day, hour });
const next = (timing: ExportTiming, zone: string, after: string) =>
  nextSending(timing, zone, new Date(after)).toISOString().slice(0, 16);

describe("the next sending", () => {
  it("is at the hour of the day, of the day of the week from Monday, or of the month", () => {
    // A Tuesday.
    const now = "2026-11-24T09:00:00Z";
    expect(next(daily(10), "UTC", now)).toBe("2026-11-24T10:00");
    expect(next(daily(8), "UTC", now)).toBe("2026-11-25T08:00");
    expect(next(weekly(2, 10), "UTC", now)).toBe("2026-11-24T10:00");
    expect(next(weekly(1, 10), "UTC", now)).toBe("2026-11-30T10:00");
    expect(next(weekly(7, 0), "UTC", now)).toBe("2026-11-29T00:00");
    expect(next(monthly(24, 10), "UTC", now)).toBe("2026-11-24T10:00");
    expect(next(monthly(24, 9), "UTC", now)).toBe("2026-12-24T09:00");
    expect(next(monthly(1, 0), "UTC", "2026-12-01T00:00:00Z")).toBe("2027-01-01T00:00");
  });

  it("is after now, never at it: a schedule that has just been sent is not due again", () => {
    expect(next(daily(9), "UTC", "2026-11-24T09:00:00Z")).toBe("2026-11-25T09:00");
    expect(next(daily(9), "UTC", "2026-11-24T08:59:59.999Z")).toBe("2026-11-24T09:00");
  });

  it("is by the clock on the wall of its zone, whose day may be another", () => {
    expect(next(daily(7), "Asia/Tokyo", "2026-11-24T22:30:00Z")).toBe("2026-11-25T22:00");
    expect(next(daily(7), "Pacific/Kiritimati", "2026-11-24T09:00:00Z")).toBe("2026-11-24T17:00");
    expect(next(weekly(1, 0), "Pacific/Kiritimati", "2026-11-24T09:00:00Z")).toBe("2026-11-29T10:00");
    expect(next(daily(23), "Pacific/Pago_Pago", "2026-11-24T09:00:00Z")).toBe("2026-11-24T10:00");
    expect(next(daily(7), "Asia/Kathmandu", "2026-11-24T00:00:00Z")).toBe("2026-11-24T01:15");
  });

  it("keeps its hour when clocks are changed", () => {
    expect(next(daily(7), "Europe/Berlin", "2026-10-24T06:00:00Z")).toBe("2026-10-25T06:00");
    expect(next(daily(7), "Europe/Berlin", "2026-03-28T07:00:00Z")).toBe("2026-03-29T05:00");
  });

  it("that the clock skips is the next moment, and one that comes twice is the first", () => {
    // In Berlin there is no 02:00 on 29 March, and there are two on 25 October.
    expect(next(daily(2), "Europe/Berlin", "2026-03-28T12:00:00Z")).toBe("2026-03-29T01:00");
    expect(next(daily(2), "Europe/Berlin", "2026-10-24T12:00:00Z")).toBe("2026-10-25T00:00");
    expect(next(daily(2), "Europe/Berlin", "2026-10-25T00:00:00Z")).toBe("2026-10-26T01:00");
  });

  it("is, in every zone and of every plan, the first such hour that is to come", () => {
    const timing = fc.oneof(
      fc.nat(23).map(daily),
      fc.tuple(fc.integer({ min: 1, max: 7 }), fc.nat(23)).map(([day, hour]) => weekly(day, hour)),
      fc.tuple(fc.integer({ min: 1, max: 28 }), fc.nat(23)).map(([day, hour]) => monthly(day, hour)),
    );
    const zone = fc.constantFrom(
      "UTC",
      "Europe/Berlin",
      "America/New_York",
      "Asia/Kolkata",
      "Pacific/Auckland",
    );
    const time = fc.date({
      ...{ min: new Date("2026-01-01"), max: new Date("2030-01-01"), noInvalidDate: true },
    });
    const longest = { Daily: 25, Weekly: 7 * 24 + 1, Monthly: 31 * 24 + 1 };
    fc.assert(
      fc.property(timing, zone, time, (each, timeZone, now) => {
        const at = nextSending(each, timeZone, now);
        const away = at.getTime() - now.getTime();
        expect(away > 0 && away <= longest[each.frequency] * 3_600_000).toBe(true);
        const format = formatIn(timesIn(timeZone));
        const day = new Date(`${format.day(at)}T00:00:00Z`);
        if (each.frequency === "Weekly") expect(((day.getUTCDay() + 6) % 7) + 1).toBe(each.day);
        if (each.frequency === "Monthly") expect(day.getUTCDate()).toBe(each.day);
        const [hour, minutes] = format.time(at).split(":").map(Number);
        expect(minutes).toBe(0);
        // The hour that a clock skips is the one exception.
        expect([each.hour, each.hour + 1]).toContain(hour);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a plan", () => {
  const fields = (of: Partial<ExportPlan>) => exportPlanFaults({ ...plan, ...of }).map(({ field }) => field);

  it("may be saved with a content, a time and one to ten people", () => {
    expect(exportPlanFaults(plan)).toEqual([]);
    const people = (count: number) => Array.from({ length: count }, (_, index) => `p${index}`);
    expect(fields({ recipientIds: people(10) })).toEqual([]);
    expect(fields({ recipientIds: people(11) })).toEqual(["recipientIds"]);
    expect(fields({ recipientIds: [] })).toEqual(["recipientIds"]);
    expect(exportPlanFaults({ ...plan, recipientIds: [] })[0]?.message).toBe("Choose at least one person.");
  });

  it("has an hour from 0 to 23", () => {
    for (const hour of [0, 23]) expect(fields({ hour })).toEqual([]);
    for (const hour of [-1, 24, 1.5, Number.NaN]) expect(fields({ hour })).toEqual(["hour"]);
  });

  it("has a day of the week, or one that every month has, and none if it is daily", () => {
    for (const day of [1, 7]) expect(fields({ day })).toEqual([]);
    for (const day of [0, 8, 1.5, null]) expect(fields({ day })).toEqual(["day"]);
    for (const day of [1, 28]) expect(fields({ frequency: "Monthly", day })).toEqual([]);
    for (const day of [0, 29, null]) expect(fields({ frequency: "Monthly", day })).toEqual(["day"]);
    expect(fields({ frequency: "Daily", day: null })).toEqual([]);
    const message = (of: Partial<ExportPlan>) => exportPlanFaults({ ...plan, ...of })[0]?.message;
    expect(message({ day: 8 })).toBe("Choose a day from 1 to 7.");
    expect(message({ frequency: "Monthly", day: 29 })).toBe("Choose a day from 1 to 28.");
  });

  it("has contents and a frequency that there are", () => {
    const made = { contents: "Everything", frequency: "Hourly" } as unknown as Partial<ExportPlan>;
    expect(fields(made)).toEqual(["contents", "frequency"]);
  });

  it("is kept in one form: each recipient once, and no day where there is none", () => {
    expect(normalExportPlan({ ...plan, recipientIds: ["b", "a", "b"] })).toEqual({
      ...plan,
      recipientIds: ["a", "b"],
    });
    expect(normalExportPlan({ ...plan, frequency: "Daily", day: 3 }).day).toBeNull();
  });

  it("is said in words", () => {
    expect(timingInWords(daily(7))).toBe("Every day at 07:00");
    expect(timingInWords(weekly(1, 13))).toBe("Every Monday at 13:00");
    expect(timingInWords(weekly(7, 0))).toBe("Every Sunday at 00:00");
    expect(timingInWords({ ...weekly(1, 0), day: null })).toBe("Every Monday at 00:00");
    expect(timingInWords(monthly(28, 9))).toBe("On day 28 of each month at 09:00");
  });
});

describe("the mail of an export", () => {
  it("leads to the page that exports the same by hand", () => {
    expect(pageOfExport("s1", "RoleSettings", true)).toBe("/resources/s1/settings");
    expect(pageOfExport("s1", "Assignments", false)).toBe("/resources/s1/assignments");
    expect(pageOfExport("s1", "Assignments", true)).toBe("/resources/s1/assignments?where=below");
    expect(pageOfExport("s1", "Eligible", false)).toBe("/resources/s1/assignments?tab=eligible");
    expect(pageOfExport("s1", "Active", true)).toBe("/resources/s1/assignments?tab=active&where=below");
  });

  it("says what it has, of where, when it is sent and for whom", () => {
    const schedule = {
      ...{ contents: "Eligible" as const, includeBelow: true, resourceId: "s1", resourceName: "Production" },
      ...{ administratorName: "Max", words: "Every Monday at 07:00" },
    };
    expect(exportNotice(schedule)).toEqual({
      ...{ category: "exports", title: "Assignments of Production" },
      body: "The attached file has what you may read now.",
      facts: [
        { label: "Export", value: "Eligible assignments" },
        { label: "Where", value: "With everything below" },
        { label: "Sent", value: "Every Monday at 07:00" },
        { label: "Administrator", value: "Max" },
      ],
      href: "/resources/s1/assignments?tab=eligible&where=below",
    });
    const settings = exportNotice({ ...schedule, contents: "RoleSettings", includeBelow: false });
    expect(settings.title).toBe("Role settings of Production");
    expect(settings.facts[1]).toEqual({ label: "Where", value: "This resource" });
    expect(listOfContents("Active")).toBe("Assignments");
  });
});
