import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exceedsPeriod } from "@/lib/domain/time/period";
import { endOfTerm, termsWithin, usualTerm } from "@/lib/web/assignment-terms";

const types = ["Eligible", "Active"] as const;
const maximums = [15, 30, 90, 180, 365, null] as const;

describe("the durations of Add assignments", () => {
  it("never lead past the maximum of the role settings, whenever one starts", () => {
    const start = fc.date({ min: new Date("2024-01-01"), max: new Date("2060-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(start, (startsAt) => {
        for (const type of types)
          for (const maximum of maximums)
            for (const term of termsWithin(type, maximum)) {
              const endsAt = endOfTerm(startsAt, term);
              expect(exceedsPeriod({ startsAt, endsAt }, maximum)).toBe(false);
              expect(endsAt > startsAt).toBe(true);
            }
      }),
    );
  });

  it("begin with a day for active access, and with the longest for eligible access", () => {
    expect(maximums.map((maximum) => usualTerm("Active", maximum)?.label)).toEqual(Array(6).fill("1 day"));
    expect(maximums.map((maximum) => usualTerm("Eligible", maximum)?.label)).toEqual([
      "15 days",
      "1 month",
      "3 months",
      "6 months",
      "1 year",
      "1 year",
    ]);
  });

  it("count months as the calendar does, and show whole minutes", () => {
    const month = termsWithin("Eligible", 30).find(({ value }) => value === "30");
    if (!month) throw new Error("There is no month.");
    expect(endOfTerm(new Date(2027, 0, 31, 9, 30, 12), month)).toEqual(new Date(2027, 1, 28, 9, 30));
  });
});
