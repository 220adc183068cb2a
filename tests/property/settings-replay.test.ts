import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { activationFailures, assignmentFailures } from "@/lib/domain/gate/policy-rules";
import {
  effectInWords,
  isWeaker,
  judge,
  type PastRequest,
  replayEffects,
  replayed,
} from "@/lib/domain/gate/settings-replay";
import { type RoleSettings, stricterOf } from "@/lib/domain/roles/role-settings";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { settings } from "../support/arbitraries";

const text = fc.constantFrom(null, "", "INC-7");
const startsAt = new Date("2026-03-02T09:00:00Z");

const past: fc.Arbitrary<PastRequest> = fc.oneof(
  fc.record({
    kind: fc.constant("Activation" as const),
    startsAt: fc.constant(startsAt),
    durationMinutes: fc.integer({ min: 1, max: 1440 }),
    justification: text,
    ticketNumber: text,
    ticketSystem: text,
  }),
  fc
    .record({
      assignmentType: fc.constantFrom("Eligible" as const, "Active" as const),
      days: fc.option(fc.integer({ min: 1, max: 400 })),
      justification: text,
      alwaysCode: fc.boolean(),
    })
    .map(({ days, ...facts }) => ({
      ...facts,
      kind: "Assignment" as const,
      schedule: { startsAt, endsAt: days === null ? null : addDays(startsAt, days) },
    })),
);

const refusals = new Set<string>(["Duration", "Permanent", "Justification", "Ticket"]);

/** Requests that the gate itself refuses; its rules are worded differently. */
function refusedByTheGate(of: RoleSettings, request: PastRequest): string[] {
  if (request.kind === "Assignment") {
    const facts = { ...request, stepUp: [], provedBy: "Passkey" as const };
    return assignmentFailures(of, facts).map(({ rule }) => rule);
  }
  const schedule = { startsAt, endsAt: addMinutes(startsAt, request.durationMinutes) };
  const eligibility = { startsAt, endsAt: schedule.endsAt };
  return activationFailures(of, { ...request, schedule, eligibility, provedBy: "Passkey" as const }).map(
    ({ rule }) => rule,
  );
}

describe("a replay of role settings", () => {
  it("says that nothing would have differed under the same settings", () => {
    fc.assert(
      fc.property(settings, past, (present, request) => {
        expect(replayed(present, present, request)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("hides nothing that a rule would have let through behind another that refuses", () => {
    fc.assert(
      fc.property(settings, past, (present, request) => {
        const weaker = { ...present, activationRequiresMfa: false };
        const alone = replayed(present, weaker, request);
        const stricter = { ...weaker, activationRequiresTicket: true, activationRequiresJustification: true };
        expect(replayed(present, stricter, request)).toEqual(expect.arrayContaining(alone));
      }),
      { numRuns: 500 },
    );
  });

  it("says the opposite of the change back", () => {
    const opposite = (effect: string) =>
      effect.endsWith("~") ? effect : effect.slice(0, -1) + (effect.endsWith("+") ? "-" : "+");
    fc.assert(
      fc.property(settings, settings, past, (one, other, request) => {
        const there = replayed(one, other, request).map(opposite).sort();
        expect(replayed(other, one, request).sort()).toEqual(there);
      }),
      { numRuns: 1000 },
    );
  });

  it("refuses just what the gate refuses", () => {
    fc.assert(
      fc.property(settings, past, (of, request) => {
        const refused = [...judge(of, request)].filter((name) => refusals.has(name));
        expect(refused.length > 0).toBe(refusedByTheGate(of, request).length > 0);
      }),
      { numRuns: 1000 },
    );
  });

  it("never says that stricter settings let something through", () => {
    fc.assert(
      fc.property(settings, settings, past, (one, other, request) => {
        expect(replayed(one, stricterOf(one, other), request).filter(isWeaker)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it("has words for every effect, each once", () => {
    const all = replayEffects.map((effect) => `${effect.split(".")[0]} ${effectInWords(effect)}`);
    expect(new Set(all).size).toBe(replayEffects.length);
    fc.assert(
      fc.property(settings, settings, past, (one, other, request) => {
        for (const effect of replayed(one, other, request)) expect(replayEffects).toContain(effect);
      }),
    );
  });
});
