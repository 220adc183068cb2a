import { describe, expect, it } from "vitest";
import { noticesOf } from "@/lib/domain/notifications/event-notices";
import { asRead, eventOf } from "../../support/event-facts";

const role = "Reader on Production";
const endsAt = "2026-11-30T17:00:00.000Z";
const until = " until 30 Nov 2026, 17:00 UTC";
const reason = " Reason: Month end";
const members = (tab: string) => `/resources/s1/roles/d1?tab=${tab}`;
const read = (kind: string, details = {}, of = {}) => asRead(noticesOf(eventOf(kind, { details, ...of })));
const howOf = (kind: string, details = {}) =>
  noticesOf(eventOf(kind, { details })).map(({ audience, rule, portalOnly, addresses }) => ({
    ...{ audience, portalOnly, addresses },
    rule: rule && [rule.event, rule.recipient, rule.importance].join(" "),
  }));

describe("access that was given", () => {
  it("is announced to whoever may activate it, and to administrators", () => {
    expect(read("EligibleAssignmentAdded", { endsAt })).toEqual([
      [
        ...["target", "access", `You can now activate ${role}`],
        ...[`Max made you eligible for ${role}${until}.${reason}`, "/my-roles?tab=eligible"],
      ],
      [
        ...["administrators", "administration", `Ada is now eligible for ${role}`],
        ...[`Max made Ada eligible for ${role}${until}.${reason}`, members("eligible")],
      ],
    ]);
  });

  it("is announced to whoever holds it, and to administrators", () => {
    expect(read("ActiveAssignmentAdded", {}, { justification: null })).toEqual([
      [
        ...["target", "access", `You now hold ${role}`],
        ...[`Max made you active as ${role}.`, "/my-roles?tab=active"],
      ],
      [
        ...["administrators", "administration", `Ada is now active as ${role}`],
        ...[`Max made Ada active as ${role}.`, members("active")],
      ],
    ]);
  });

  it("is announced to both where what somebody held must be activated from now on", () => {
    expect(read("EligibleAssignmentReplacedActive", { endsAt })).toEqual([
      [
        ...["target", "access", `You now activate ${role} when you need it`],
        `Max made your active assignment eligible: you hold the role only while you have activated it. You can activate it${until}.${reason}`,
        "/my-roles?tab=eligible",
      ],
      [
        ...["administrators", "administration", `Ada is now eligible for ${role} instead of active`],
        `Max made the active assignment eligible. Ada can activate it${until}.${reason}`,
        members("eligible"),
      ],
    ]);
  });

  it("is announced as the role settings of its kind say (ARM's rules of notification)", () => {
    const both = (settings: string) =>
      ["Requestor", "Admin"].map((recipient) => ({
        ...{ portalOnly: false, addresses: [], rule: `${settings} ${recipient} Informational` },
        audience: recipient === "Admin" ? "administrators" : "target",
      }));
    expect(howOf("EligibleAssignmentAdded")).toEqual(both("Admin_Eligibility"));
    expect(howOf("EligibleAssignmentReplacedActive")).toEqual(both("Admin_Eligibility"));
    expect(howOf("ActiveAssignmentAdded")).toEqual(both("Admin_Assignment"));
  });
});

describe("an activation", () => {
  const others = [`Ada activated ${role}`, `Active${until}.${reason}`];
  const own = `It is active${until}. If this was not you, deactivate it and tell your administrators.`;

  it("is announced to its member, to administrators and to approvers", () => {
    expect(read("RoleActivated", { endsAt })).toEqual([
      ["target", "access", `You activated ${role}`, own, "/my-roles?tab=active"],
      ["administrators", "administration", ...others, members("active")],
      ["approvers", "administration", ...others, "/notifications"],
    ]);
    expect(howOf("RoleActivated").map(({ rule }) => rule)).toEqual([
      "EndUser_Assignment Requestor Informational",
      "EndUser_Assignment Admin Informational",
      "EndUser_Assignment Approver Informational",
    ]);
  });

  it("that somebody approved is announced to its member by the approval, whatever the role settings", () => {
    const [first, , third] = read("RoleActivated", { endsAt, approvedBy: "Eve" });
    expect(first).toEqual([
      ...["target", "requests", `Your activation of ${role} was approved`],
      ...[`Eve approved it. It is active${until}.`, "/requests/q1"],
    ]);
    expect(third?.at(-1)).toBe("/requests/q1");
    expect(howOf("RoleActivated", { approvedBy: "Eve" })[0]?.rule).toBeNull();
  });

  it("that took the member's code after the approval is the member's own act", () => {
    const details = { endsAt, approvedBy: "Eve", codeAfterApproval: true };
    const notices = read("RoleActivated", details);
    expect(notices[0]).toEqual(["target", "access", `You activated ${role}`, own, "/my-roles?tab=active"]);
    expect(notices[2]?.at(-1)).toBe("/requests/q1");
  });

  it("that lasts longer says until when, and until when it did before", () => {
    const details = { endsAt, endBefore: "2026-11-30T16:00:00.000Z" };
    const later = `${until} instead of 30 Nov 2026, 16:00 UTC`;
    expect(read("ActivationExtended", details).map(([, , title, body]) => [title, body])).toEqual([
      [
        `You extended ${role}`,
        `It is active${later}. If this was not you, deactivate it and tell your administrators.`,
      ],
      [`Ada extended their activation of ${role}`, `Active${later}.${reason}`],
      [`Ada extended their activation of ${role}`, `Active${later}.${reason}`],
    ]);
    expect(read("ActivationExtended", { ...details, approvedBy: "Eve" })[0]?.slice(2, 4)).toEqual([
      `Your extension of ${role} was approved`,
      `Eve approved it. It is active${later}.`,
    ]);
  });
});

describe("access that was changed", () => {
  it.each([
    ["EligibleAssignmentUpdated", "your eligibility has changed", "eligible"],
    ["ActiveAssignmentUpdated", "your assignment has changed", "active"],
    ["EligibleAssignmentExtended", `you can activate it${until}`, "eligible"],
    ["EligibleAssignmentRenewed", `you can activate it${until}`, "eligible"],
    ["ActiveAssignmentExtended", `you hold it${until}`, "active"],
    ["ActiveAssignmentRenewed", `you hold it${until}`, "active"],
    ["EligibleAssignmentRemoved", "you can no longer activate it", "expired"],
    ["ActiveAssignmentRemoved", "your assignment was removed", "expired"],
  ])("by %s is announced to its member alone", (kind, what, tab) => {
    expect(read(kind, { endsAt })).toEqual([
      ["target", "access", `${role}: ${what}`, `Max changed this.${reason}`, `/my-roles?tab=${tab}`],
    ]);
    // No notice of one's own change, and no second one for a request, whose decision is announced.
    expect(read(kind, { endsAt }, { actorId: "ada" })).toEqual([]);
    expect(read(kind, { endsAt, askedBy: "ada" })).toEqual([]);
  });

  it("to have no end says so", () => {
    expect(read("EligibleAssignmentExtended")[0]?.[2]).toBe(`${role}: you can activate it from now on`);
    expect(read("ActiveAssignmentRenewed")[0]?.[2]).toBe(`${role}: you hold it from now on`);
  });
});

describe("access that has ended", () => {
  it.each([
    ["ActivationExpired", `Your activation of ${role} has ended`, "eligible", true],
    ["EligibleAssignmentExpired", `You can no longer activate ${role}`, "expired", false],
    ["ActiveAssignmentExpired", `Your assignment of ${role} has ended`, "expired", false],
  ])("by %s is announced to its member, an activation by the bell alone", (kind, title, tab, portalOnly) => {
    const ended = (time: string) => `It ended at 24 Nov 2026, ${time} UTC.`;
    const href = `/my-roles?tab=${tab}`;
    expect(read(kind)).toEqual([["target", "expiry", title, ended("09:00"), href]]);
    expect(howOf(kind)).toEqual([{ audience: "target", portalOnly, addresses: [], rule: null }]);
    // It ended at its end time, however late that was recorded.
    expect(read(kind, { endedAt: "2026-11-24T08:30:00.000Z" })[0]?.[3]).toBe(ended("08:30"));
  });
});

describe("a group that somebody joined or left", () => {
  const details = { groupName: "Operators", groupId: "g1", accessInWords: "Reader on Production" };

  it("is announced to them, with what it gives", () => {
    expect(read("GroupMemberAdded", details)).toEqual([
      [
        ...["target", "access", "You are now in the group Operators"],
        ...[`Max added you. It gives you: ${role}.${reason}`, "/my-roles"],
      ],
    ]);
    expect(read("GroupMemberRemoved", details)[0]?.slice(2, 4)).toEqual([
      "You are no longer in the group Operators",
      `Max removed you. Through it you had: ${role}.${reason}`,
    ]);
    expect(read("GroupMemberAdded", {})[0]?.slice(2, 4)).toEqual([
      "You are now in a group",
      `Max added you. The group has no roles at present.${reason}`,
    ]);
  });

  it("with a group of theirs names that group", () => {
    const through = { ...details, memberType: "Group" };
    expect(read("GroupMemberAdded", through)[0]?.slice(2, 4)).toEqual([
      "Ada, a group of yours, is now in the group Operators",
      `Max added Ada. It gives you: ${role}.${reason}`,
    ]);
    expect(read("GroupMemberRemoved", through)[0]?.slice(2, 4)).toEqual([
      "Ada, a group of yours, is no longer in the group Operators",
      `Max removed Ada. Through it you had: ${role}.${reason}`,
    ]);
  });
});

describe("the facts of a mail", () => {
  const facts = (kind: string, of = {}) =>
    Object.fromEntries(
      (noticesOf(eventOf(kind, of))[0]?.notice.facts ?? []).map(({ label, value }) => [label, value]),
    );

  it("say what the event says, each time in UTC", () => {
    const details = {
      ...{
        startsAt: "2026-11-24T10:00:00.000Z",
        endsAt,
        endBefore: endsAt,
        endedAt: endsAt,
        expiresAt: endsAt,
      },
      ...{ approvedBy: "Eve", groupName: "Operators", groupId: "g1", severity: "High" },
      accessReviewName: "Autumn",
    };
    const end = "30 Nov 2026, 17:00 UTC";
    expect(facts("RoleActivated", { details })).toEqual({
      ...{ Role: "Reader", Resource: "Production", Scope: "/subscriptions/s1", Member: "Ada", By: "Max" },
      ...{ Reason: "Month end", Start: "24 Nov 2026, 10:00 UTC", Until: end, "Instead of": end, Ended: end },
      ...{ "Decide by": end, "Approved by": "Eve", Group: "Operators (g1)", "Access review": "Autumn" },
      ...{ Severity: "High", Time: "24 Nov 2026, 09:00 UTC" },
    });
    const bare = { ...{ justification: null, actorName: null, targetName: null }, scope: null };
    expect(facts("RoleActivated", { ...bare, details: { groupName: "Operators", endsAt: "soon" } })).toEqual({
      ...{ Role: "Reader", Resource: "Production", Group: "Operators", Time: "24 Nov 2026, 09:00 UTC" },
    });
    const empty = { approvedBy: "", groupName: "", groupId: "g1", severity: 7, accessReviewName: null };
    expect(Object.keys(facts("RoleActivated", { ...bare, details: empty }))).toEqual([
      ...["Role", "Resource", "Time"],
    ]);
  });

  it("say from where a person acted on their own account, and never to others", () => {
    const ofNobody = { roleName: null, resourceName: null, scope: null };
    expect(facts("PasswordChanged", ofNobody)).toEqual({
      ...{ By: "Max", Reason: "Month end", Address: "203.0.113.7", Browser: "Firefox" },
      Time: "24 Nov 2026, 09:00 UTC",
    });
    expect(
      facts("GroupMemberAdded", { ...ofNobody, details: { groupName: "Operators" } }),
    ).not.toHaveProperty("Address");
    expect(facts("RoleActivated")).not.toHaveProperty("Browser");
  });

  it("name the deadline of an approved request as that of a code", () => {
    const details = { expiresAt: endsAt };
    expect(facts("ActivationAwaitsCode", { details })).toHaveProperty("Enter your code by");
    expect(facts("RequestTimedOut", { details: { ...details, awaitedCode: true } })).toHaveProperty(
      "Enter your code by",
    );
    expect(facts("RequestTimedOut", { details })).toHaveProperty("Decide by");
  });
});

describe("people in a notice", () => {
  it("are named with what tells them from others of their name", () => {
    const named = { actorEmail: "max@x.example", targetType: "User", targetEmail: "ada@x.example" };
    expect(read("ActiveAssignmentAdded", {}, named)[1]?.slice(2, 4)).toEqual([
      `Ada (ada@x.example) is now active as ${role}`,
      `Max (max@x.example) made Ada (ada@x.example) active as ${role}.${reason}`,
    ]);
    const group = { targetType: "Group", targetExternalId: "x1" };
    expect(read("ActiveAssignmentAdded", {}, group)[1]?.[2]).toBe(`Ada (Group x1) is now active as ${role}`);
    const gone = { targetType: "Group", targetId: null };
    expect(read("ActiveAssignmentAdded", {}, gone)[1]?.[2]).toBe(`Ada is now active as ${role}`);
  });

  it("are Postern and somebody where none is known, and no name turns a sentence around", () => {
    const nobody = {
      actorName: null,
      targetName: null,
      roleName: null,
      resourceName: null,
      justification: "",
    };
    expect(read("ActiveAssignmentAdded", {}, nobody)[1]?.slice(2, 4)).toEqual([
      "Somebody is now active as A role on a resource",
      "Postern made Somebody active as A role on a resource.",
    ]);
    expect(read("ActiveAssignmentAdded", {}, { targetName: "עדה" })[1]?.[2]).toBe(
      `\u2068עדה\u2069 is now active as ${role}`,
    );
  });
});
