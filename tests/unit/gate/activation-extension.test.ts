import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ExtensionLimits,
  extensionTimeFailures,
  latestEnd,
  longestExtension,
  minutesUntil,
} from "@/lib/domain/gate/activation-extension";
import { addMinutes } from "@/lib/domain/time/schedule";

const now = new Date("2026-03-02T09:00:00Z");
const settings = { activationMaximumMinutes: 120 };
const presentEnd = addMinutes(now, 30);
const free: ExtensionLimits = { presentEnd, eligibleUntil: null, nextStart: null };
const rulesOf = (limits: ExtensionLimits, endsAt: Date) =>
  extensionTimeFailures(settings, limits, endsAt, now).map(({ rule }) => rule);

describe("an extension of a running activation", () => {
  it("is later than the present end, and lasts the maximum from now at most, to the moment", () => {
    expect(rulesOf(free, presentEnd)).toEqual(["ExpirationRule"]);
    expect(rulesOf(free, new Date(presentEnd.getTime() + 1))).toEqual([]);
    expect(rulesOf(free, addMinutes(now, 120))).toEqual([]);
    expect(rulesOf(free, new Date(addMinutes(now, 120).getTime() + 1))).toEqual(["ExpirationRule"]);
  });

  it("ends with the eligibility, and before the next activation, at the latest", () => {
    const limit = addMinutes(now, 60);
    for (const [limits, rule] of [
      [{ ...free, eligibleUntil: limit }, "EligibilityRule"],
      [{ ...free, nextStart: limit }, "OverlapRule"],
    ] as const) {
      expect(rulesOf(limits, limit)).toEqual([]);
      expect(rulesOf(limits, new Date(limit.getTime() + 1))).toEqual([rule]);
    }
  });

  it("is reported with every rule that it fails, and with what is left", () => {
    const limits = { presentEnd, eligibleUntil: addMinutes(now, 60), nextStart: presentEnd };
    expect(extensionTimeFailures(settings, limits, addMinutes(now, 121), now)).toEqual([
      {
        ...{ rule: "ExpirationRule", field: "duration" },
        message: "From now it may last at most 2 hours. Extend by at most 1.5 hours.",
      },
      {
        ...{ rule: "EligibilityRule", field: "duration" },
        message: "Your eligibility ends before that. Extend by at most 30 minutes.",
      },
      {
        ...{ rule: "OverlapRule", field: "duration" },
        message: "This role begins again for you before that. It cannot be extended.",
      },
    ]);
  });

  it("is offered as long as it is allowed, and stays allowed while a code is typed", () => {
    const minutes = fc.integer({ min: 0, max: 300 });
    fc.assert(
      fc.property(
        minutes,
        fc.option(minutes),
        fc.option(minutes),
        fc.integer({ min: 0, max: 5 }),
        (end, eligible, next, later) => {
          const limits = {
            presentEnd: addMinutes(now, end),
            eligibleUntil: eligible === null ? null : addMinutes(now, eligible),
            nextStart: next === null ? null : addMinutes(now, next),
          };
          const longest = longestExtension(settings, limits, now);
          const at = addMinutes(now, later);
          if (longest > 0) {
            const offered = addMinutes(limits.presentEnd, longest);
            expect(extensionTimeFailures(settings, limits, offered, at)).toEqual([]);
            expect(offered <= latestEnd(settings, limits, now)).toBe(true);
          }
          const more = addMinutes(limits.presentEnd, longest + 1);
          expect(extensionTimeFailures(settings, limits, more, now)).not.toEqual([]);
        },
      ),
    );
  });

  it("lasts whole minutes from when it is asked for, rounded up", () => {
    expect(minutesUntil(now, addMinutes(now, 90))).toBe(90);
    expect(minutesUntil(now, new Date(addMinutes(now, 90).getTime() - 1))).toBe(90);
    expect(minutesUntil(now, new Date(addMinutes(now, 90).getTime() + 1))).toBe(91);
  });
});
