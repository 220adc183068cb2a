import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { breakGlassFailures, breakGlassMaximum, longestBreakGlass } from "@/lib/domain/requests/break-glass";
import { strictest, weakenedSettings } from "@/lib/domain/roles/role-settings";
import { addMinutes } from "@/lib/domain/time/schedule";
import { settings } from "../support/arbitraries";

const now = new Date("2026-03-02T09:00:00Z");
const levels = fc.array(settings, { minLength: 1, maxLength: 4 });

describe("break-glass", () => {
  it("is allowed just where every level that requires approval allows it, as long as the shortest says", () => {
    fc.assert(
      fc.property(levels, (each) => {
        const requiring = each.filter(({ approvalRequired }) => approvalRequired);
        const caps = requiring.map(({ breakGlassMaximumMinutes }) => breakGlassMaximumMinutes ?? 0);
        const least = Math.min(
          ...caps,
          ...each.map(({ activationMaximumMinutes }) => activationMaximumMinutes),
        );
        const allowed = requiring.length > 0 && least > 0;
        expect(breakGlassMaximum(strictest(each))).toBe(allowed ? least : null);
        expect(breakGlassMaximum(strictest(each.toReversed()))).toBe(allowed ? least : null);
      }),
    );
  });

  it("passes no duration beyond the cap, the role's maximum or what was asked for, and nothing of another start", () => {
    fc.assert(
      fc.property(
        settings,
        fc.integer({ min: 1, max: 2000 }),
        fc.oneof(fc.integer({ min: -10, max: 2000 }), fc.double()),
        fc.option(fc.integer({ min: -100, max: 100 })),
        fc.boolean(),
        (role, asked, minutes, startsIn, extendsActivation) => {
          const startsAt = startsIn === null ? null : addMinutes(now, startsIn);
          const request = { extendsActivation, startsAt, durationMinutes: asked };
          const passes = breakGlassFailures(role, request, minutes, now).length === 0;
          const longest = longestBreakGlass(role, asked) ?? 0;
          const later = startsAt !== null && startsAt > now;
          const fits = Number.isInteger(minutes) && minutes >= Math.min(30, longest) && minutes <= longest;
          expect(passes).toBe(longest > 0 && !extendsActivation && !later && fits);
          if (!passes) return;
          expect(role.approvalRequired).toBe(true);
          expect(minutes).toBeLessThanOrEqual(role.activationMaximumMinutes);
          expect(minutes).toBeLessThanOrEqual(role.breakGlassMaximumMinutes ?? 0);
        },
      ),
    );
  });

  it("weakens role settings when it is allowed or may last longer, where approval stays required", () => {
    fc.assert(
      fc.property(settings, fc.constantFrom(null, 30, 60), (role, breakGlassMaximumMinutes) => {
        const weakened = weakenedSettings(role, { ...role, breakGlassMaximumMinutes });
        const before = role.breakGlassMaximumMinutes ?? 0;
        expect(weakened.includes("breakGlassMaximumMinutes")).toBe((breakGlassMaximumMinutes ?? 0) > before);
      }),
    );
  });
});
