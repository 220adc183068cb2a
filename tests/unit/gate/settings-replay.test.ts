import { describe, expect, it } from "vitest";
import {
  effectInWords,
  isWeaker,
  judge,
  type PastRequest,
  replayed,
} from "@/lib/domain/gate/settings-replay";
import { emptyApprovalStage } from "@/lib/domain/roles/empty-approval-stage";
import { defaultRoleSettings, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays } from "@/lib/domain/time/schedule";

const startsAt = new Date("2026-03-02T09:00:00Z");

/** Settings that require nothing and limit nothing, except for the given ones. */
const settings = (changes: Partial<RoleSettings> = {}): RoleSettings => ({
  ...defaultRoleSettings,
  activationMaximumMinutes: 1440,
  activationRequiresMfa: false,
  activationRequiresJustification: false,
  eligibleMaximumDays: null,
  activeMaximumDays: null,
  assignmentRequiresJustification: false,
  ...changes,
});

const activation: PastRequest = {
  ...{ kind: "Activation", startsAt, durationMinutes: 480 },
  ...{ justification: null, ticketNumber: null, ticketSystem: null },
};

const assignment = (
  facts: Partial<Extract<PastRequest, { kind: "Assignment" }>> = {},
): Extract<PastRequest, { kind: "Assignment" }> => ({
  ...{ kind: "Assignment", assignmentType: "Active", justification: null, alwaysCode: false },
  schedule: { startsAt, endsAt: addDays(startsAt, 40) },
  ...facts,
});

const judged = (of: RoleSettings, past: PastRequest) => [...judge(of, past)].sort();

describe("a past activation", () => {
  it("is neither refused nor held up by settings that ask for nothing", () => {
    expect(judged(settings(), activation)).toEqual([]);
  });

  it.each([
    [{ activationMaximumMinutes: 60 }, ["Duration"]],
    [{ activationRequiresJustification: true }, ["Justification"]],
    [{ activationRequiresTicket: true }, ["Ticket"]],
    [{ activationRequiresMfa: true }, ["Code"]],
    [{ activationRequiresMfa: true, activationPhishingResistant: true }, ["Code", "Passkey"]],
    [{ activationPhishingResistant: true }, []],
    [{ approvalRequired: true }, ["Approval"]],
    [{ approvalRequired: true, approvalRequiresStepUp: true }, ["Approval", "ApproverCode"]],
    [{ approvalRequiresStepUp: true }, []],
    [
      { approvalRequired: true, activationRequiresMfa: true, provisioningRequiresMfa: true },
      ["Approval", "Code", "NewCode"],
    ],
  ])("meets %o as %o", (changes, expected) => {
    expect(judged(settings(changes), activation)).toEqual(expected);
  });
});

describe("a past assignment", () => {
  it.each([
    [{ activeMaximumDays: 30 }, {}, ["Duration"]],
    [{ activeMaximumDays: 30 }, { schedule: { startsAt, endsAt: null } }, ["Permanent"]],
    [{ activeMaximumDays: 30 }, { assignmentType: "Eligible" as const }, []],
    [{ eligibleMaximumDays: 30 }, { assignmentType: "Eligible" as const }, ["Duration"]],
    [{ assignmentRequiresJustification: true }, {}, ["Justification"]],
    [{ assignmentRequiresMfa: true }, {}, ["Code"]],
    [{ assignmentRequiresMfa: true }, { assignmentType: "Eligible" as const }, []],
    [{ assignmentRequiresMfa: true, assignmentPhishingResistant: true }, {}, ["Code", "Passkey"]],
    [
      { assignmentRequiresMfa: true, assignmentPhishingResistant: true },
      { assignmentType: "Eligible" as const },
      [],
    ],
    [{}, { alwaysCode: true }, ["Code"]],
    [{}, { assignmentType: "Eligible" as const, alwaysCode: true }, ["Code"]],
    [{}, {}, []],
  ])("meets %o with %o as %o", (changes, facts, expected) => {
    expect(judged(settings(changes), assignment(facts))).toEqual(expected);
  });
});

describe("what would have gone differently", () => {
  it("is what the proposed settings add and take away, by the kind of the request", () => {
    const present = settings({ activationMaximumMinutes: 60 });
    const proposed = settings({ activationRequiresTicket: true, activationRequiresMfa: true });
    expect(replayed(present, proposed, activation)).toEqual([
      "Activation.Duration-",
      "Activation.Ticket+",
      "Activation.Code+",
    ]);
    expect(replayed(settings({ assignmentRequiresMfa: true }), settings(), assignment())).toEqual([
      "Assignment.Code-",
    ]);
  });

  it("is another approval only where both ask for one and the stages differ", () => {
    const approved = settings({ approvalRequired: true, approvalStages: [emptyApprovalStage] });
    const others = { ...approved, approvalStages: [{ ...emptyApprovalStage, approvalsNeeded: 2 }] };
    expect(replayed(approved, others, activation)).toEqual(["Activation.Approval~"]);
    expect(replayed(approved, approved, activation)).toEqual([]);
    expect(replayed(settings(), others, activation)).toEqual(["Activation.Approval+"]);
    expect(replayed(others, settings(), activation)).toEqual(["Activation.Approval-"]);
  });

  it("is weaker where something is no longer asked or refused", () => {
    expect(isWeaker("Activation.Code-")).toBe(true);
    expect(isWeaker("Activation.Code+")).toBe(false);
    expect(isWeaker("Activation.Approval~")).toBe(false);
    expect(effectInWords("Activation.Code+")).toBe("would have asked for a code");
    expect(effectInWords("Activation.Code-")).toBe("would not have asked for a code");
  });
});
