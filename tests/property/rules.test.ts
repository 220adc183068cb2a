import fc from "fast-check";
import { generateSync } from "otplib";
import { expect, it } from "vitest";
import { canonicalOperation } from "@/lib/domain/gate/canonical-operation";
import { provenStep } from "@/lib/domain/people/totp";
import { matchesPattern } from "@/lib/domain/roles/permissions";
import {
  mergedSettings,
  type RoleSettings,
  stricterOf,
  weakenedSettings,
} from "@/lib/domain/roles/role-settings";
import { csvText } from "@/lib/domain/text/comma-separated";
import { overlap } from "@/lib/domain/time/schedule";
import { safeReturnPath } from "@/lib/web/return-path";
import { settings } from "../support/arbitraries";

it("matches wildcards as a regular expression would, without regard to case", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "B", "/", "*"), maxLength: 8 });
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      const reference = new RegExp(`^${pattern.replaceAll("*", ".*")}$`, "i");
      expect(matchesPattern(pattern, text)).toBe(reference.test(text));
    }),
    { numRuns: 2000 },
  );
});

it("never loosens a rule by combining two scopes' settings", () => {
  const unordered = ({ approvalStages, ...rest }: RoleSettings) => ({
    ...rest,
    approvalStages: new Set(approvalStages.map((stage) => JSON.stringify(stage))),
  });
  fc.assert(
    fc.property(settings, settings, (left, right) => {
      const both = stricterOf(left, right);
      expect(unordered(both)).toEqual(unordered(stricterOf(right, left)));
      expect(weakenedSettings(left, both)).toEqual([]);
      expect(weakenedSettings(right, both)).toEqual([]);
      expect(stricterOf(both, both)).toEqual(both);
    }),
  );
});

it("keeps what was typed, and theirs for the rest, when two edits of settings meet", () => {
  fc.assert(
    fc.property(settings, settings, settings, (before, mine, theirs) => {
      expect(mergedSettings(before, before, theirs)).toEqual(theirs);
      expect(mergedSettings(before, mine, before)).toEqual(mine);
      const merged = mergedSettings(before, mine, theirs);
      for (const name of Object.keys(before) as (keyof RoleSettings)[])
        expect([mine[name], theirs[name]]).toContainEqual(merged[name]);
    }),
  );
});

it("finds an overlap just where some moment lies in both schedules", () => {
  const schedule = fc
    .tuple(fc.integer({ min: 0, max: 12 }), fc.option(fc.integer({ min: 0, max: 12 })))
    .map(([start, length]) => ({
      startsAt: new Date(start),
      endsAt: length === null ? null : new Date(start + length),
    }));
  fc.assert(
    fc.property(schedule, schedule, (left, right) => {
      const covers = (each: typeof left, moment: number) =>
        each.startsAt.getTime() <= moment && (each.endsAt === null || moment < each.endsAt.getTime());
      const shared = Array.from({ length: 40 }, (_, moment) => moment).some(
        (moment) => covers(left, moment) && covers(right, moment),
      );
      expect(overlap(left, right)).toBe(shared);
    }),
  );
});

it("agrees with RFC 6238, appendix B (SHA-1, last six digits)", () => {
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  for (const [seconds, code] of [
    [59, "287082"],
    [1111111109, "081804"],
    [1111111111, "050471"],
    [1234567890, "005924"],
    [2000000000, "279037"],
  ] as const) {
    expect(provenStep(secret, code, new Date(seconds * 1000), null)).toBe(BigInt(Math.floor(seconds / 30)));
  }
});

it("never accepts a step twice, nor one outside one step of drift", () => {
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 50_000_000 }), fc.integer({ min: -4, max: 4 }), (step, drift) => {
      const code = generateSync({ secret, epoch: (step + drift) * 30 });
      const now = new Date(step * 30_000 + 5_000);
      const proved = provenStep(secret, code, now, null);
      if (proved !== null) {
        expect(Math.abs(Number(proved) - step)).toBeLessThanOrEqual(1);
        expect(provenStep(secret, code, now, proved)).toBeNull();
      } else expect(Math.abs(drift)).toBeGreaterThan(1);
    }),
    { numRuns: 300 },
  );
});

it("returns only to this site", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom("/", ".", "\\", "a", "%2F", "\t") })),
      (text) => {
        expect(new URL(safeReturnPath(text), "http://a.test").origin).toBe("http://a.test");
      },
    ),
  );
  for (const path of [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "/\t/evil.example",
    "/..//evil.example",
    "/.//evil.example",
  ])
    expect(safeReturnPath(path)).toBe("/");
  expect(safeReturnPath("/my-roles?tab=active")).toBe("/my-roles?tab=active");
});

it("writes the same text for the same operation, and never a formula into CSV", () => {
  const ids = ["b", "a"];
  const operation = {
    kind: "AssignRole" as const,
    assignmentType: "Active" as const,
    roleDefinitionId: "r",
    resourceId: "s",
    startsAt: null,
    endsAt: null,
  };
  expect(canonicalOperation({ ...operation, principalIds: ids })).toBe(
    canonicalOperation({ principalIds: ["a", "b"], ...operation }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(csvText(text)).not.toMatch(/^"?[=+\-@\t\r]/);
    }),
  );
});
