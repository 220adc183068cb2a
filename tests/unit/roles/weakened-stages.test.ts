import { describe, expect, it } from "vitest";
import { maximumStageApprovers } from "@/lib/domain/roles/approval-limits";
import {
  type ApprovalStage,
  anyLacksDeciders,
  approvalStagesFaults,
  bothStages,
  type Deciders,
  namedApprovers,
  normalStage,
  stagesWeakened,
} from "@/lib/domain/roles/approval-settings";
import { emptyApprovalStage } from "@/lib/domain/roles/empty-approval-stage";

const stage = (changes: Partial<ApprovalStage> = {}): ApprovalStage => ({
  ...emptyApprovalStage,
  approverIds: ["ada", "team"],
  ...changes,
});

/** Ada and Bob can sign in, the team is Bob and Cyd, and Dan is disabled. */
const deciders = (...mayAsk: string[]): Deciders => ({
  able: (ids) =>
    new Set(ids.flatMap((id) => (id === "team" ? ["bob", "cyd"] : ["ada", "bob"].includes(id) ? [id] : []))),
  mayAsk: new Set(mayAsk),
});

describe("a new stage leaves the decision to administrators", () => {
  const lacks = (changes: Partial<ApprovalStage>, ...mayAsk: string[]) =>
    anyLacksDeciders([stage(changes)], [], deciders(...mayAsk));

  it("where fewer people are able than must approve, one of whom may be the requestor", () => {
    expect(lacks({ approvalsNeeded: 3 })).toBe(false);
    expect(lacks({ approvalsNeeded: 4 })).toBe(true);
    expect(lacks({ approvalsNeeded: 3 }, "cyd")).toBe(true);
    expect(lacks({ approvalsNeeded: 2 }, "cyd", "ada")).toBe(false);
    expect(lacks({ approvalsNeeded: 3 }, "somebody else")).toBe(false);
  });

  it("where nobody behind one of its names is able, also for an escalation", () => {
    expect(lacks({ approverIds: ["ada", "dan"] })).toBe(true);
    expect(lacks({ escalationApproverIds: ["dan"] })).toBe(true);
    expect(lacks({ escalationApproverIds: ["bob"] })).toBe(false);
  });

  it("and not where it stood before, or where only another one does", () => {
    const [bad, good] = [stage({ approverIds: ["dan"] }), stage()];
    expect(anyLacksDeciders([bad], [good, bad], deciders())).toBe(false);
    expect(anyLacksDeciders([good, bad], [good], deciders())).toBe(true);
    expect(stagesWeakened([good], [good, bad], deciders())).toBe(true);
    expect(stagesWeakened([good], [good, bad], null)).toBe(false);
  });
});

it("the stages of two levels are passed one by one, and one that both have only once", () => {
  const [one, two, three] = [stage(), stage({ approvalsNeeded: 2 }), stage({ approverIds: ["ada"] })];
  expect(bothStages([one, two], [two, three])).toEqual([one, two, three]);
  expect(bothStages([], [one])).toEqual([one]);
  expect(bothStages([one], [])).toEqual([one]);
});

describe("stages are weakened", () => {
  it("where one stage stands for two that were, however strict it is", () => {
    const before = [stage(), stage({ timeoutHours: 48 })];
    const [strict, other] = [stage({ approvalsNeeded: 2 }), stage({ approverIds: ["zed"] })];
    expect(stagesWeakened(before, [strict, other], null)).toBe(true);
    expect(stagesWeakened(before, [...before].reverse(), null)).toBe(false);
    expect(stagesWeakened(before, [strict, stage({ timeoutHours: 40 })], null)).toBe(false);
  });

  const weakened = (before: ApprovalStage[], after: ApprovalStage[]) =>
    stagesWeakened(before, after, deciders());

  it("where somebody able loses the decision, and not where nobody does", () => {
    expect(weakened([stage()], [stage({ approverIds: ["ada"] })])).toBe(true);
    expect(weakened([stage({ approverIds: ["bob", "team"] })], [stage({ approverIds: ["team"] })])).toBe(
      false,
    );
    expect(
      weakened([stage({ escalationApproverIds: ["bob"] })], [stage({ escalationApproverIds: [] })]),
    ).toBe(false);
    expect(
      weakened(
        [stage({ approverIds: ["ada"], escalationApproverIds: ["bob"] })],
        [stage({ approverIds: ["ada"] })],
      ),
    ).toBe(true);
  });

  it("where a request waits longer in all, since an escalation waits as long again", () => {
    const escalates = { escalationApproverIds: ["ada"] };
    expect(weakened([stage()], [stage(escalates)])).toBe(true);
    expect(weakened([stage()], [stage({ ...escalates, timeoutHours: 12 })])).toBe(false);
    expect(weakened([stage()], [stage({ timeoutHours: 25 })])).toBe(true);
    expect(weakened([stage(escalates)], [stage({ timeoutHours: 48 })])).toBe(true);
  });

  it("where two stages become one, also by those of another level", () => {
    const [one, other] = [stage(), stage({ approverIds: ["ada"] })];
    expect(weakened([one, other], [one])).toBe(true);
    expect(weakened([one, other], [one, one])).toBe(true);
    expect(weakened([one, one], [one])).toBe(false);
    // Before, each stage was passed by a different person.
    expect(stagesWeakened([stage({ approvalsNeeded: 1 })], [stage({ approvalsNeeded: 2 })], null)).toBe(
      false,
    );
    const level = stage({ approvalsNeeded: 2 });
    expect(stagesWeakened([stage({ approvalsNeeded: 1 })], [level], null, [[level]])).toBe(true);
    expect(stagesWeakened([level], [level], null, [[level]])).toBe(false);
  });
});

describe("the stages of a required approval", () => {
  it("name at most so many approvers and escalation approvers each, and are numbered where there are several", () => {
    const many = Array.from({ length: maximumStageApprovers }, (_, index) => `p${index}`);
    expect(approvalStagesFaults([stage({ approverIds: many })], true)).toEqual([]);
    expect(approvalStagesFaults([stage({ approverIds: [...many, "q"] })], true)).toHaveLength(1);
    expect(approvalStagesFaults([stage({ escalationApproverIds: [...many, "q"] })], true)).toHaveLength(1);
    const needing = (approvalsNeeded: number) =>
      approvalStagesFaults([stage({ approvalsNeeded }), stage()], true);
    expect(needing(10)).toEqual([]);
    expect(needing(11)).toEqual(["Stage 1: Enter how many must approve: 1 to 10."]);
    expect(approvalStagesFaults([stage({ approvalsNeeded: 11 })], true)).toEqual([
      "Enter how many must approve: 1 to 10.",
    ]);
    expect(approvalStagesFaults([stage(), stage(), stage()], true)).toEqual([]);
  });

  it("wait whole hours, from one to thirty days", () => {
    const waiting = (timeoutHours: number) => approvalStagesFaults([stage({ timeoutHours })], true);
    for (const hours of [1, 720]) expect(waiting(hours)).toEqual([]);
    for (const hours of [0, 1.5, 721])
      expect(waiting(hours)).toEqual(["Enter a time-out of 1 to 720 hours."]);
  });

  it("name everybody once, in order", () => {
    expect(namedApprovers([stage({ escalationApproverIds: ["dan"] }), stage()])).toEqual([
      "ada",
      "team",
      "dan",
    ]);
    const normal = normalStage(
      stage({ approverIds: ["b", "a", "b"], escalationApproverIds: ["d", "c", "d"] }),
    );
    expect(normal).toMatchObject({ approverIds: ["a", "b"], escalationApproverIds: ["c", "d"] });
  });
});
