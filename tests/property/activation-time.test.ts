import fc from "fast-check";
import { expect, it } from "vitest";
import { activationSchedule, shortestActivation } from "@/lib/domain/gate/activation-time";
import { activationTimeFailures } from "@/lib/domain/gate/policy-rules";
import { addMinutes } from "@/lib/domain/time/schedule";

const start = new Date("2026-03-02T09:00:00Z");
const minutes = fc.integer({ min: 1, max: 600 });
/** The time that an eligibility has left, in milliseconds; null for one without an end. */
const left = fc.option(fc.integer({ min: -600_000, max: 36_000_000 }));
const ending = (milliseconds: number | null) => ({
  startsAt: addMinutes(start, -60),
  endsAt: milliseconds === null ? null : new Date(start.getTime() + milliseconds),
});
const settings = { activationMaximumMinutes: 480 };
const failures = (durationMinutes: number, eligibility: ReturnType<typeof ending>, from = start) =>
  activationTimeFailures(settings, {
    durationMinutes,
    eligibility,
    schedule: activationSchedule(from, durationMinutes, eligibility),
  });

it("an activation never outlasts what was asked for, and at most with its eligibility, by five minutes less", () => {
  fc.assert(
    fc.property(minutes, left, (asked, rest) => {
      const eligibility = ending(rest);
      const { startsAt, endsAt } = activationSchedule(start, asked, eligibility);
      expect(startsAt).toEqual(start);
      expect(endsAt > startsAt).toBe(true);
      expect(endsAt <= addMinutes(start, asked)).toBe(true);
      expect(endsAt >= addMinutes(start, asked - 5)).toBe(true);
      if (eligibility.endsAt && failures(asked, eligibility).length === 0)
        expect(endsAt <= eligibility.endsAt).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

it("the whole minutes that an eligibility has left can be used, by a code typed within five minutes", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 28_800_000 }),
      fc.integer({ min: 0, max: 299_999 }),
      (rest, typing) => {
        const offered = Math.max(1, Math.floor(rest / 60_000));
        const eligibility = ending(rest);
        const from = new Date(start.getTime() + Math.min(typing, rest - 1));
        expect(failures(offered, eligibility, from)).toEqual([]);
      },
    ),
    { numRuns: 2000 },
  );
});

it("what was allowed stays allowed while an eligibility gets more time, unless it is shorter than half an hour", () => {
  fc.assert(
    fc.property(minutes, left, fc.integer({ min: 0, max: 600_000 }), (asked, rest, more) => {
      if (rest === null || failures(asked, ending(rest)).length > 0) return;
      const allowed = failures(asked, ending(rest + more)).length === 0;
      expect(allowed).toBe(asked >= shortestActivation(start, ending(rest + more)));
    }),
    { numRuns: 2000 },
  );
});
