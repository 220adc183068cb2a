import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { activationFailures, assignmentFailures } from "@/lib/domain/gate/policy-rules";
import {
  defaultRoleSettings,
  type RoleSettings,
  stricterOf,
  weakenedSettings,
} from "@/lib/domain/roles/role-settings";
import { endOfPeriod } from "@/lib/domain/time/period";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";

const settings: fc.Arbitrary<RoleSettings> = fc
  .record({
    activationMaximumMinutes: fc.integer({ min: 1, max: 48 }).map((half) => half * 30),
    activationRequiresMfa: fc.boolean(),
    activationPhishingResistant: fc.boolean(),
    activationRequiresJustification: fc.boolean(),
    activationRequiresTicket: fc.boolean(),
    eligibleMaximumDays: fc.constantFrom(15, 30, 90, 180, 365, null),
    activeMaximumDays: fc.constantFrom(15, 30, 90, 180, null),
    assignmentRequiresMfa: fc.boolean(),
    assignmentPhishingResistant: fc.boolean(),
    assignmentRequiresJustification: fc.boolean(),
  })
  .map((part) => ({ ...defaultRoleSettings, ...part }));
/** Leaves out a choice of factors that has no effect. */
const effective = settings.map((each) => ({
  ...each,
  activationPhishingResistant: each.activationRequiresMfa && each.activationPhishingResistant,
  assignmentPhishingResistant: each.assignmentRequiresMfa && each.assignmentPhishingResistant,
}));
const text = fc.constantFrom(null, "", "  \t", "INC-7");
const start = new Date("2026-03-02T09:00:00Z");
const blank = (value: string | null) => value === null || value.trim() === "";

const activation = fc
  .record({
    durationMinutes: fc.oneof(fc.integer({ min: -30, max: 1500 }), fc.constantFrom(29.5, Number.NaN)),
    justification: text,
    ticketNumber: text,
    ticketSystem: text,
    provedBy: fc.constantFrom(null, "Totp" as const, "RecoveryCode" as const, "Passkey" as const),
    eligibleFor: fc.option(fc.integer({ min: -60, max: 1500 })),
  })
  .map(({ eligibleFor, ...facts }) => ({
    ...facts,
    schedule: { startsAt: start, endsAt: addMinutes(start, facts.durationMinutes) },
    eligibility: {
      startsAt: addDays(start, -1),
      endsAt: eligibleFor === null ? null : addMinutes(start, eligibleFor),
    },
  }));

const assignment = fc
  .record({
    assignmentType: fc.constantFrom("Eligible" as const, "Active" as const),
    days: fc.option(fc.integer({ min: 1, max: 400 })),
    justification: text,
    stepUp: fc.subarray([
      ...([
        "RoleSettings",
        "PhishingResistant",
        "ToOneself",
        "OutlastsAuthority",
        "RoleGivesAccess",
        "WidensRoleInUse",
      ] as const),
    ]),
    provedBy: fc.constantFrom(null, "Totp" as const, "RecoveryCode" as const, "Passkey" as const),
  })
  .map(({ days, ...facts }) => ({
    ...facts,
    schedule: { startsAt: start, endsAt: days === null ? null : addDays(start, days) },
  }));

describe("an edit of role settings", () => {
  it("weakens nothing just when the stricter of before and after is what comes after", () => {
    fc.assert(
      fc.property(effective, effective, (before, after) => {
        const unweakened = JSON.stringify(stricterOf(before, after)) === JSON.stringify(after);
        expect(weakenedSettings(before, after).length === 0).toBe(unweakened);
      }),
      { numRuns: 1000 },
    );
  });

  it("weakens whatever its undoing tightens, and the other way round, setting by setting", () => {
    fc.assert(
      fc.property(effective, effective, (before, after) => {
        const there = new Set(weakenedSettings(before, after));
        const back = new Set(weakenedSettings(after, before));
        for (const name of Object.keys(before) as (keyof RoleSettings)[]) {
          const changed = before[name] !== after[name];
          expect(Number(there.has(name)) + Number(back.has(name)), name).toBe(changed ? 1 : 0);
        }
      }),
    );
  });
});

describe("an activation", () => {
  it("fails just the rules that a plain reading of the settings finds", () => {
    fc.assert(
      fc.property(settings, activation, (inForce, facts) => {
        const rules = new Set(activationFailures(inForce, facts).map(({ rule }) => rule));
        const { durationMinutes: minutes, eligibility } = facts;
        const accepted = inForce.activationPhishingResistant
          ? facts.provedBy === "Passkey"
          : facts.provedBy !== null;
        expect(rules.has("MfaRule")).toBe(inForce.activationRequiresMfa && !accepted);
        expect(rules.has("JustificationRule")).toBe(
          inForce.activationRequiresJustification && blank(facts.justification),
        );
        expect(rules.has("TicketingRule")).toBe(
          inForce.activationRequiresTicket && (blank(facts.ticketNumber) || blank(facts.ticketSystem)),
        );
        const left = eligibility.endsAt ? (eligibility.endsAt.getTime() - start.getTime()) / 60_000 : 30;
        const least = Math.max(1, Math.min(30, Math.floor(left)));
        expect(rules.has("ExpirationRule")).toBe(
          !(Number.isInteger(minutes) && minutes >= least && minutes <= inForce.activationMaximumMinutes),
        );
        if (eligibility.endsAt !== null && Number.isInteger(minutes))
          expect(rules.has("EligibilityRule")).toBe(addMinutes(start, minutes) > eligibility.endsAt);
      }),
      { numRuns: 2000 },
    );
  });

  it("passes under the stricter of two scopes' settings only if it passes under each", () => {
    fc.assert(
      fc.property(settings, settings, activation, (left, right, facts) => {
        const passes = (each: RoleSettings) => activationFailures(each, facts).length === 0;
        expect(passes(stricterOf(left, right))).toBe(passes(left) && passes(right));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("an administrator's assignment", () => {
  it("fails just the rules that a plain reading of the settings finds", () => {
    fc.assert(
      fc.property(settings, assignment, (inForce, facts) => {
        const rules = new Set(assignmentFailures(inForce, facts).map(({ rule }) => rule));
        const active = facts.assignmentType === "Active";
        const maximum = active ? inForce.activeMaximumDays : inForce.eligibleMaximumDays;
        const { endsAt } = facts.schedule;
        const accepted = facts.stepUp.includes("PhishingResistant")
          ? facts.provedBy === "Passkey"
          : facts.provedBy !== null;
        expect(rules.has("MfaRule")).toBe(facts.stepUp.length > 0 && !accepted);
        expect(rules.has("JustificationRule")).toBe(
          active && inForce.assignmentRequiresJustification && blank(facts.justification),
        );
        expect(rules.has("ExpirationRule")).toBe(
          maximum !== null && (endsAt === null || endsAt > endOfPeriod(start, maximum)),
        );
      }),
      { numRuns: 1000 },
    );
  });
});
