import { describe, expect, it } from "vitest";
import {
  type ConflictRuleFields,
  conflictLimits,
  conflictMessage,
  conflictRuleFaults,
  forbidTheSame,
  normalConflictRule,
  weakensConflictRule,
} from "@/lib/domain/roles/conflict-rule";

const rule = (first: string[], second: string[]): ConflictRuleFields => ({
  name: "Payments",
  reason: "Two pairs of eyes",
  firstRoleIds: first,
  secondRoleIds: second,
});
const fieldsAtFault = (fields: ConflictRuleFields) => conflictRuleFaults(fields).map(({ field }) => field);

describe("a rule about conflicting roles", () => {
  it("has a name, a reason, and roles in both sets", () => {
    expect(conflictRuleFaults(rule(["a"], ["b"]))).toEqual([]);
    expect(fieldsAtFault({ name: "", reason: "", firstRoleIds: [], secondRoleIds: [] })).toEqual([
      "name",
      "reason",
      "firstRoleIds",
      "secondRoleIds",
    ]);
    const many = Array.from({ length: conflictLimits.roles + 1 }, (_, index) => String(index));
    expect(fieldsAtFault(rule(many, ["b"]))).toEqual(["firstRoleIds"]);
    expect(
      fieldsAtFault({ ...rule(["a"], ["b"]), name: "x".repeat(121), reason: "y".repeat(1_001) }),
    ).toEqual(["name", "reason"]);
    expect(fieldsAtFault({ ...rule(["a"], ["b"]), name: "Pay\u202Ements" })).toEqual(["name"]);
  });

  it("cannot set a role against itself", () => {
    expect(fieldsAtFault(rule(["a", "b"], ["b", "c"]))).toEqual(["secondRoleIds"]);
  });

  it("is stored without spaces around its texts, each role once", () => {
    expect(normalConflictRule({ ...rule(["b", "a", "b"], ["c"]), name: "  Payments " })).toEqual(
      rule(["a", "b"], ["c"]),
    );
  });
});

describe("a change of a rule", () => {
  it("weakens it if a pair that it forbade becomes allowed", () => {
    expect(weakensConflictRule(rule(["a", "b"], ["c"]), rule(["a"], ["c"]))).toBe(true);
    expect(weakensConflictRule(rule(["a"], ["c"]), rule(["a"], ["d"]))).toBe(true);
    // b moves to the other set: b and c are allowed together now.
    expect(weakensConflictRule(rule(["a", "b"], ["c"]), rule(["a"], ["b", "c"]))).toBe(true);
  });

  it("does not weaken it if it forbids more, or the same with the sets exchanged", () => {
    expect(weakensConflictRule(rule(["a"], ["c"]), rule(["a", "b"], ["c"]))).toBe(false);
    expect(weakensConflictRule(rule(["a"], ["c"]), rule(["c"], ["a"]))).toBe(false);
    expect(forbidTheSame(rule(["a"], ["c"]), rule(["c"], ["a"]))).toBe(true);
    expect(forbidTheSame(rule(["a"], ["c"]), rule(["a", "b"], ["c"]))).toBe(false);
  });
});

describe("what is said of a conflict", () => {
  const conflict = {
    ruleId: "payments",
    ruleName: "Payments",
    people: 1,
    personId: "ada",
    personName: "Ada",
    roleName: "Approver",
    heldRoleName: "Clerk",
    heldResourceName: "Production",
    heldThrough: null,
    heldFrom: new Date("2026-03-01T09:00:00Z"),
    heldUntil: new Date("2026-03-05T09:00:00Z"),
    exceptedUntil: null,
  };
  const plain = (text: string) => text.replaceAll(/[\u2066-\u2069]/g, "");

  it("names oneself, a person, or how many people of a group", () => {
    const sentenceFor = (caller: string | null, personal: string[], more: object = {}) =>
      plain(conflictMessage([{ ...conflict, ...more }], { caller, personal }));
    expect(sentenceFor("ada", ["ada"])).toBe(
      "You hold Clerk on Production until 5 Mar 2026, 09:00 UTC, which conflicts with Approver by the rule Payments.",
    );
    expect(sentenceFor("bob", ["ada"], { heldUntil: null, heldThrough: "Clerks" })).toBe(
      "Ada holds Clerk on Production through Clerks, which conflicts with Approver by the rule Payments.",
    );
    expect(sentenceFor("bob", ["group"])).toMatch(/^1 person in it holds Clerk/);
    expect(sentenceFor("bob", ["group"], { people: 7 })).toMatch(
      /^7 people in it hold Clerk on Production, which/,
    );
  });

  it("says until when an exception allows both, except of several people", () => {
    const exceptedUntil = new Date("2026-03-04T09:00:00Z");
    const sentenceFor = (people: number) =>
      plain(conflictMessage([{ ...conflict, people, exceptedUntil }], { caller: "ada", personal: ["ada"] }));
    expect(sentenceFor(1)).toMatch(
      / by the rule Payments\. An exception allows both until 4 Mar 2026, 09:00 UTC: choose an end no later than that\.$/,
    );
    expect(sentenceFor(2)).toMatch(/ by the rule Payments\.$/);
  });

  it("writes out five and counts the others", () => {
    const text = plain(conflictMessage(Array(8).fill(conflict), { caller: null, personal: [] }));
    expect(text.split("by the rule")).toHaveLength(6);
    expect(text).toMatch(/And 3 more\.$/);
  });
});
