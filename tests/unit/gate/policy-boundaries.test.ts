import { describe, expect, it } from "vitest";
import { errorMessage } from "@/lib/domain/gate/operation-error";
import {
  activationFailures,
  assignmentFailures,
  directAssignmentFailures,
  mfaFailure,
  passkeyFailure,
  proofNeeded,
  reasonsOfSettings,
  reasonsToAssign,
  reasonsToHandEligibility,
} from "@/lib/domain/gate/policy-rules";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { exceedsPeriod } from "@/lib/domain/time/period";
import { addDays, addMinutes, isInEffect, overlap, scheduleFault } from "@/lib/domain/time/schedule";

const now = new Date("2026-03-02T09:00:00Z");
const just = (minutes: number) => addMinutes(now, minutes);
const schedule = (from: number, to: number | null) => ({
  startsAt: just(from),
  endsAt: to === null ? null : just(to),
});

describe("a schedule, half open", () => {
  it("is in effect from its start to the moment before its end", () => {
    expect(isInEffect(schedule(0, 60), now)).toBe(true);
    expect(isInEffect(schedule(0, 60), new Date(now.getTime() - 1))).toBe(false);
    expect(isInEffect(schedule(0, 60), new Date(just(60).getTime() - 1))).toBe(true);
    expect(isInEffect(schedule(0, 60), just(60))).toBe(false);
    expect(isInEffect(schedule(0, null), just(1_000_000))).toBe(true);
  });

  it("meets what begins before its end, and not what begins at it", () => {
    expect(overlap(schedule(0, 60), schedule(60, 120))).toBe(false);
    expect(overlap(schedule(0, 60), schedule(59, 120))).toBe(true);
    expect(overlap(schedule(0, null), schedule(60, null))).toBe(true);
    expect(overlap(schedule(0, 0), schedule(-60, 60))).toBe(false);
  });

  it("lasts at most its period, with two hours for a change of the clock, and a permanent one longer than any", () => {
    for (const [period, days] of [
      [15, 15],
      [30, 31],
      [90, 92],
      [180, 184],
      [365, 366],
    ] as const) {
      const of = (milliseconds: number) => ({
        startsAt: now,
        endsAt: new Date(addMinutes(addDays(now, days), 120).getTime() + milliseconds),
      });
      expect(exceedsPeriod(of(0), period)).toBe(false);
      expect(exceedsPeriod(of(1), period)).toBe(true);
    }
    expect(exceedsPeriod(schedule(0, null), 15)).toBe(true);
    expect(exceedsPeriod(schedule(0, null), null)).toBe(false);
  });

  it("starts within a year, and ends after its start and in the future", () => {
    const year = addMinutes(addDays(now, 366), 120);
    expect(scheduleFault({ startsAt: year, endsAt: null }, now)).toBeNull();
    expect(scheduleFault({ startsAt: new Date(year.getTime() + 1), endsAt: null }, now)?.field).toBe(
      "startsAt",
    );
    expect(scheduleFault(schedule(0, 0), now)?.message).toBe("Choose an end after the start.");
    expect(scheduleFault(schedule(-60, 0), now)?.message).toBe("Choose an end in the future.");
    expect(scheduleFault(schedule(-60, 1), now)).toBeNull();
  });
});

describe("an activation", () => {
  const settings = { ...defaultRoleSettings, activationMaximumMinutes: 120 };
  const facts = {
    schedule: schedule(0, 60),
    durationMinutes: 60,
    eligibility: schedule(0, 60),
    justification: "Deploy",
    ticketNumber: null,
    ticketSystem: null,
    provedBy: "Totp" as const,
  };
  const failures = (
    changes: Partial<typeof facts> & { eligibility?: { startsAt: Date; endsAt: Date | null } },
  ) =>
    activationFailures(settings, { ...facts, ...changes }).map(({ rule, message }) => `${rule}: ${message}`);
  const uncovered = expect.stringContaining("EligibilityRule");

  it("may last as long as its eligibility, from the same start to the same end, and no moment more", () => {
    expect(failures({})).toEqual([]);
    expect(failures({ eligibility: schedule(0, null) })).toEqual([]);
    expect(failures({ eligibility: schedule(1, null) })).toEqual([uncovered]);
    expect(failures({ eligibility: schedule(0, 59) })).toEqual([uncovered]);
    expect(failures({ eligibility: schedule(-60, 61) })).toEqual([]);
    const permanent = schedule(0, null);
    expect(failures({ schedule: permanent, eligibility: schedule(0, 61) })).toEqual([uncovered]);
    expect(failures({ schedule: permanent, eligibility: permanent })).toEqual([]);
  });

  it("that its eligibility does not cover sees what is left", () => {
    expect(failures({ eligibility: schedule(-60, 50) })).toEqual([
      "EligibilityRule: This eligibility ends 50 minutes after the start. Choose at most 50 minutes.",
    ]);
    expect(failures({ eligibility: schedule(-60, 0) })).toEqual([
      "EligibilityRule: This eligibility ends before that start. Choose an earlier start.",
    ]);
    expect(failures({ eligibility: schedule(1, null) })).toEqual([
      "EligibilityRule: This eligibility begins later. Choose a later start.",
    ]);
  });

  it("may be as short as what the eligibility has left, and no shorter", () => {
    const lasting = (durationMinutes: number, left: number) =>
      failures({ durationMinutes, schedule: schedule(0, durationMinutes), eligibility: schedule(-60, left) });
    expect(lasting(12, 12)).toEqual([]);
    expect(lasting(11, 12)).toEqual(["ExpirationRule: Choose at least 12 minutes."]);
    expect(lasting(29, 30)).toEqual(["ExpirationRule: Choose at least 30 minutes."]);
    expect(lasting(0.5, 0.5)).toEqual(["ExpirationRule: Choose at least 1 minute."]);
  });

  it("may last half an hour and the maximum, and no minute less or more, in hours", () => {
    expect(failures({ durationMinutes: 30 })).toEqual([]);
    expect(failures({ durationMinutes: 120 })).toEqual([]);
    expect(failures({ durationMinutes: 29 })).toEqual(["ExpirationRule: Choose at least 30 minutes."]);
    expect(failures({ durationMinutes: 121 })).toEqual(["ExpirationRule: Choose at most 2 hours."]);
    expect(failures({ durationMinutes: 30.5 })).toEqual(["ExpirationRule: Choose at least 30 minutes."]);
  });
});

describe("an assignment", () => {
  const settings = { ...defaultRoleSettings, activeMaximumDays: 15, eligibleMaximumDays: 30 };
  const facts = { schedule: schedule(0, null), justification: "Cover", stepUp: [], provedBy: null } as const;

  it("that is too long or permanent is refused with the maximum of its type", () => {
    const messages = (assignmentType: "Active" | "Eligible", endsAt: Date | null) =>
      assignmentFailures(settings, { ...facts, assignmentType, schedule: { startsAt: now, endsAt } }).map(
        ({ message }) => message,
      );
    expect(messages("Active", null)).toEqual([
      expect.stringMatching(/a permanent assignment.* at most 15 days/),
    ]);
    expect(messages("Active", addDays(now, 16))).toEqual([
      expect.stringMatching(/that length.* at most 15 days/),
    ]);
    expect(messages("Active", addDays(now, 15))).toEqual([]);
    expect(messages("Eligible", addDays(now, 30))).toEqual([]);
    expect(messages("Eligible", addDays(now, 32))).toEqual([
      expect.stringMatching(/that length.* at most 1 month/),
    ]);
  });

  it("says why it takes a proof: what it takes always comes before what the settings ask for", () => {
    const messages = (...stepUp: Parameters<typeof directAssignmentFailures>[1]["stepUp"]) =>
      directAssignmentFailures(settings, { ...facts, stepUp }).map(({ message }) => message);
    expect(messages()).toEqual([]);
    expect(messages("RoleSettings")).toEqual([expect.stringContaining("Verify your identity")]);
    expect(messages("RoleSettings", "ToOneself")).toEqual([expect.stringContaining("access to yourself")]);
    expect(messages("OutlastsAuthority")).toEqual([
      expect.stringContaining("longer than your own authority"),
    ]);
    expect(messages("RoleGivesAccess")).toEqual([expect.stringContaining("can give access to others")]);
    expect(messages("WidensRoleInUse")).toEqual([expect.stringContaining("everybody who has the role")]);
    expect(
      directAssignmentFailures(settings, { ...facts, stepUp: ["ToOneself"], provedBy: "Totp" as const }),
    ).toEqual([]);
  });
});

it("a refusal in one sentence says everything that failed", () => {
  const failures = activationFailures(defaultRoleSettings, {
    schedule: schedule(0, 60),
    durationMinutes: 60,
    eligibility: schedule(0, null),
    justification: " ",
    ticketNumber: null,
    ticketSystem: null,
    provedBy: null,
  });
  expect(errorMessage({ code: "RoleAssignmentRequestPolicyValidationFailed", failures })).toBe(
    "Give a reason. Verify your identity with a second factor.",
  );
  const faults = [
    { field: "name", message: "Give a name." },
    { field: "end", message: "Choose an end." },
  ];
  expect(errorMessage({ code: "InvalidInput", faults })).toBe("Give a name. Choose an end.");
  expect(errorMessage({ code: "NotFound", message: "There is no such request." })).toBe(
    "There is no such request.",
  );
});

describe("the proof of a direct assignment", () => {
  it("is asked for by the settings, and phishing-resistant only where they ask for a proof at all", () => {
    const by = (assignmentRequiresMfa: boolean, assignmentPhishingResistant: boolean) =>
      reasonsOfSettings({ assignmentRequiresMfa, assignmentPhishingResistant });
    expect(by(false, false)).toEqual([]);
    expect(by(false, true)).toEqual([]);
    expect(by(true, false)).toEqual(["RoleSettings"]);
    expect(by(true, true)).toEqual(["RoleSettings", "PhishingResistant"]);
  });

  it("is asked for of an eligibility by what it gives, and then by a factor that would do to give the role directly", () => {
    const settings = (assignmentPhishingResistant: boolean) => ({
      assignmentRequiresMfa: true,
      assignmentPhishingResistant,
    });
    expect(reasonsToAssign("Eligible", settings(true), [])).toEqual([]);
    expect(reasonsToAssign("Eligible", settings(true), ["ToOneself"])).toEqual(["ToOneself"]);
    expect(reasonsToAssign("Eligible", settings(false), ["RoleGivesAccess"])).toEqual(["RoleGivesAccess"]);
    expect(reasonsToHandEligibility(settings(true))).toEqual(["PhishingResistant", "RoleGivesAccess"]);
    const open = { assignmentRequiresMfa: false, assignmentPhishingResistant: true };
    expect(reasonsToHandEligibility(open)).toEqual(["RoleGivesAccess"]);
    expect(reasonsToAssign("Active", settings(true), ["ToOneself"])).toEqual([
      ...(["RoleSettings", "PhishingResistant", "ToOneself"] as const),
    ]);
  });

  it("is missing where one failure of several says so", () => {
    const other = { rule: "JustificationRule", field: "justification", message: "Give a reason." } as const;
    expect(proofNeeded([])).toEqual({ needsProof: false, needsResistant: false });
    expect(proofNeeded([other])).toEqual({ needsProof: false, needsResistant: false });
    expect(proofNeeded([other, mfaFailure])).toEqual({ needsProof: true, needsResistant: false });
    expect(proofNeeded([other, passkeyFailure])).toEqual({ needsProof: true, needsResistant: true });
  });

  it("is explained by the rule that always asks for it, and a wrong factor by the settings", () => {
    const failures = (
      stepUp: Parameters<typeof directAssignmentFailures>[1]["stepUp"],
      provedBy: "Totp" | null,
    ) => directAssignmentFailures(defaultRoleSettings, { justification: "INC-7", stepUp, provedBy });
    expect(failures(["RoleSettings"], null)).toEqual([mfaFailure]);
    expect(failures(["RoleSettings", "ToOneself"], null)[0]?.message).toContain("access to yourself");
    expect(failures(["OutlastsAuthority"], null)[0]?.message).toContain("longer than your own authority");
    expect(failures(["PhishingResistant", "ToOneself"], "Totp")).toEqual([passkeyFailure]);
    expect(failures(["ToOneself"], "Totp")).toEqual([]);
  });
});
