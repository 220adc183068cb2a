import fc from "fast-check";
import { expect, it } from "vitest";
import { proposedEnd, renewalOffer, renewalRequestFailures } from "@/lib/domain/assignments/renewal";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";

const start = new Date("2026-01-01T00:00:00Z");
const end = addDays(start, 100);
const access = { startsAt: start, endsAt: end, assignmentType: "Eligible" as const, removed: false };
const justBefore = (time: Date) => new Date(time.getTime() - 1);

it("offers to extend for fourteen days before the end and to renew for thirty days after, to the millisecond", () => {
  expect(renewalOffer(access, justBefore(addDays(end, -14)))).toBeNull();
  expect(renewalOffer(access, addDays(end, -14))).toBe("Extend");
  expect(renewalOffer(access, justBefore(end))).toBe("Extend");
  expect(renewalOffer(access, end)).toBe("Renew");
  expect(renewalOffer(access, justBefore(addDays(end, 30)))).toBe("Renew");
  expect(renewalOffer(access, addDays(end, 30))).toBeNull();
});

it("offers nothing for what is permanent, removed, activated, still to come, or was never in effect", () => {
  expect(renewalOffer({ ...access, endsAt: null }, end)).toBeNull();
  expect(renewalOffer({ ...access, removed: true }, end)).toBeNull();
  expect(renewalOffer({ ...access, assignmentType: "Activated" }, end)).toBeNull();
  expect(renewalOffer({ ...access, startsAt: addDays(end, -1) }, addDays(end, -2))).toBeNull();
  expect(renewalOffer({ ...access, startsAt: end }, addDays(end, 1))).toBeNull();
});

it("never offers both, and offers just within the windows, whatever the length", () => {
  const minutes = (most: number) => fc.integer({ min: 0, max: most * 24 * 60 });
  fc.assert(
    fc.property(minutes(200), minutes(300), (length, later) => {
      const endsAt = addMinutes(start, length);
      const now = addMinutes(start, later);
      const left = length - later;
      const offer = renewalOffer({ ...access, endsAt }, now);
      expect(offer === "Extend").toBe(left > 0 && left <= 14 * 24 * 60);
      expect(offer === "Renew").toBe(length > 0 && left <= 0 && -left < 30 * 24 * 60);
    }),
  );
});

it("proposes an end that the role settings allow, and that is later where there is room", () => {
  const lengths = fc.integer({ min: 60, max: 400 * 24 * 60 });
  const maximum = fc.constantFrom(15, 30, 90, 180, 365, null);
  fc.assert(
    fc.property(lengths, fc.integer({ min: 0, max: 14 * 24 * 60 }), maximum, (length, left, maximumDays) => {
      const before = { startsAt: start, endsAt: addMinutes(start, length) };
      const now = addMinutes(before.endsAt, -Math.min(left, length));
      const proposed = proposedEnd(before, maximumDays, now);
      expect(proposed.getTime()).toBeLessThanOrEqual(addDays(now, maximumDays ?? 365).getTime());
      expect(proposed > before.endsAt).toBe(true);
    }),
  );
});

it("judges a proposal as the assignment would be, with a reason always and a second factor never", () => {
  const settings = {
    ...defaultRoleSettings,
    assignmentRequiresMfa: true,
    assignmentRequiresJustification: false,
  };
  const facts = { schedule: { startsAt: start, endsAt: addDays(start, 400) }, justification: null };
  for (const assignmentType of ["Eligible", "Active"] as const) {
    expect(renewalRequestFailures(settings, { ...facts, assignmentType }).map(({ rule }) => rule)).toEqual([
      "ExpirationRule",
      "JustificationRule",
    ]);
  }
});

it("proposes as long again, from the end or from now, to the minute, and never more than the role settings allow", () => {
  const year = { startsAt: start, endsAt: end };
  expect(proposedEnd(year, null, end)).toEqual(addDays(end, 100));
  expect(proposedEnd(year, null, addDays(end, -10))).toEqual(addDays(end, 100));
  expect(proposedEnd(year, null, addDays(end, 20))).toEqual(addDays(end, 120));
  expect(proposedEnd(year, 30, end)).toEqual(addDays(end, 30));
  const seconds = new Date(end.getTime() + 59_999);
  expect(proposedEnd({ startsAt: start, endsAt: seconds }, null, end)).toEqual(
    addMinutes(addDays(end, 100), 1),
  );
  // Permanent access is renewed for as long as allowed.
  expect(proposedEnd({ startsAt: start, endsAt: null }, 90, end)).toEqual(addDays(end, 90));
  expect(proposedEnd({ startsAt: start, endsAt: null }, null, end)).toEqual(addDays(end, 365));
});

it("asks a member for a reason and no code, whatever the role settings are", () => {
  const settings = {
    ...defaultRoleSettings,
    assignmentRequiresMfa: true,
    assignmentRequiresJustification: false,
  };
  for (const assignmentType of ["Eligible", "Active"] as const) {
    const rules = (justification: string | null) =>
      renewalRequestFailures(settings, {
        assignmentType,
        schedule: { startsAt: end, endsAt: addDays(end, 10) },
        justification,
      }).map(({ rule }) => rule);
    expect(rules("Next phase")).toEqual([]);
    for (const empty of [null, "", "  "]) expect(rules(empty)).toEqual(["JustificationRule"]);
  }
});
