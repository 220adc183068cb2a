import { describe, expect, it } from "vitest";
import type { EventFacts } from "@/lib/domain/notifications/event-facts";
import { noticesOf } from "@/lib/domain/notifications/event-notices";
import { asRead, eventOf } from "../../support/event-facts";

const role = "Reader on Production";
const page = "/requests/q1";
const reason = " Reason: Month end";
const expiresAt = "2026-11-30T17:00:00.000Z";
const by = "30 Nov 2026, 17:00 UTC";
const read = (kind: string, details = {}, of: Partial<EventFacts> = {}) =>
  asRead(noticesOf(eventOf(kind, { details, ...of })));
const rulesOf = (kind: string, of: Partial<EventFacts> = {}) =>
  noticesOf(eventOf(kind, of)).map(({ audience, rule }) => [
    audience,
    rule && [rule.event, rule.recipient, rule.importance].join(" "),
  ]);

describe("a request to activate", () => {
  it("waits for those who may decide the open stage, and says until when", () => {
    const title = `Ada asks to activate ${role}`;
    expect(read("ActivationRequested", { expiresAt })).toEqual([
      ["deciders", "decisions", title, `Decide by ${by}.${reason}`, page],
    ]);
    expect(read("ActivationRequested", {}, { justification: null })[0]?.[3]).toBe(
      "It waits for your decision.",
    );
    expect(read("ActivationRequested", {})[0]?.[3]).toBe(reason.trim());
    expect(rulesOf("ActivationRequested")).toEqual([["deciders", "EndUser_Assignment Approver Critical"]]);
  });

  it("for more time says so, with both ends", () => {
    const details = { requestedEnd: expiresAt, endBefore: "2026-11-30T16:00:00.000Z" };
    const of = { ofExtension: true };
    const title = `Ada asks to extend ${role} until ${by} instead of 30 Nov 2026, 16:00 UTC`;
    expect(read("ActivationExtensionRequested", details, of)[0]?.slice(0, 3)).toEqual([
      ...["deciders", "decisions", title],
    ]);
    for (const part of ["requestedEnd", "endBefore"])
      expect(read("ActivationExtensionRequested", { ...details, [part]: null }, of)[0]?.[2]).toBe(
        `Ada asks to extend ${role}`,
      );
  });

  it("is brought up again at an escalation and before it times out", () => {
    expect(read("RequestEscalated", { expiresAt })).toEqual([
      [
        ...["deciders", "decisions", `Ada asks to activate ${role}, and nobody has decided yet`],
        ...[`Decide by ${by}.${reason}`, page],
      ],
    ]);
    expect(read("RequestReminded", { expiresAt })[0]?.slice(0, 3)).toEqual([
      ...["deciders", "decisions", `Ada asks to activate ${role}, and it times out soon`],
    ]);
  });

  it("asks the next stage once one has approved, without that stage's reason, and nobody after the last", () => {
    expect(read("RequestApproved", { expiresAt })).toEqual([
      ["deciders", "decisions", `Ada asks to activate ${role}`, `Decide by ${by}.`, page],
    ]);
    expect(read("RequestApproved")).toEqual([]);
  });

  it("that was approved waits for its member's code", () => {
    expect(read("ActivationAwaitsCode", { expiresAt, approvedBy: "Eve" })).toEqual([
      [
        ...["requestor", "requests", `Enter your code to start ${role}: your request was approved`],
        `Eve approved it. Nothing is active yet. Enter a new verification code by ${by}, or the request times out.`,
        `${page}?activate=1`,
      ],
    ]);
    const extension = { ofExtension: true };
    expect(read("ActivationAwaitsCode", {}, extension)[0]?.slice(2, 4)).toEqual([
      `Enter your code to extend ${role}: your request was approved`,
      "Max approved it. Nothing is extended yet. Enter a new verification code.",
    ]);
    expect(read("RequestReminded", { expiresAt, awaitedCode: true })).toEqual([
      [
        ...["requestor", "requests", `Enter your code to start ${role}: your request times out soon`],
        `It is approved. Nothing is active yet. Enter a new verification code by ${by}, or the request times out.`,
        `${page}?activate=1`,
      ],
    ]);
  });
});

describe("a request that came to nothing", () => {
  const requestor = (what: string, body: string) => [
    ...["requestor", "requests", `Your request to activate ${role} ${what}`, body, page],
  ];
  const asked = (body: string) => [
    ...["asked", "asked", `No longer needs a decision: Ada asks to activate ${role}`, body, page],
  ];
  const lost = "The access behind it no longer exists.";

  it.each([
    ["RequestDenied", {}, "was denied", `Max denied it.${reason}`, `Max denied it.${reason}`],
    ["RequestCanceled", {}, "was canceled", `Max canceled it.${reason}`, `Max canceled it.${reason}`],
    [
      "RequestRevoked",
      { reason: "The role was removed." },
      "was revoked",
      "The role was removed.",
      "The role was removed.",
    ],
    ["RequestRevoked", {}, "was revoked", lost, lost],
    [
      ...(["RequestTimedOut", {}, "has timed out"] as const),
      ...["Nobody decided in time. Ask again if you still need it.", "Nobody decided in time."],
    ],
  ] as const)(
    "by %s %j is announced to whoever asked, and to those who were asked",
    (kind, details, what, own, others) => {
      expect(read(kind, details)).toEqual([requestor(what, own), asked(others)]);
      expect(rulesOf(kind, { details })).toEqual([
        ["requestor", null],
        ["asked", "EndUser_Assignment Approver Informational"],
      ]);
      // Once it was approved nobody is asked any more.
      for (const approved of [{ awaitedCode: true }, { wasScheduled: true }])
        expect(read(kind, { ...details, ...approved }).map(([audience]) => audience)).toEqual(["requestor"]);
    },
  );

  it("by the requestor's own doing is announced to those who were asked alone", () => {
    expect(read("RequestCanceled", {}, { actorId: "ada" })).toEqual([asked(`It was withdrawn.${reason}`)]);
  });

  it("for want of a code says so", () => {
    expect(read("RequestTimedOut", { awaitedCode: true })).toEqual([
      requestor(
        "has timed out",
        "It was approved, and no code was entered in time. Ask again if you still need it.",
      ),
    ]);
  });

  it("though it was approved says why", () => {
    const what = "was approved, but could not be completed";
    expect(read("RequestFailed", { reasons: ["One.", "Two."] })).toEqual([requestor(what, "One. Two.")]);
    expect(read("RequestFailed", { reasons: "One." })).toEqual([requestor(what, "")]);
  });

  it("for more time calls it that", () => {
    expect(read("RequestDenied", {}, { ofExtension: true }).map(([, , title]) => title)).toEqual([
      `Your request to extend ${role} was denied`,
      `No longer needs a decision: Ada asks to extend ${role}`,
    ]);
  });

  it("leads to one's own requests where its page is not known", () => {
    expect(read("RequestDenied", {}, { requestId: null })[0]?.[4]).toBe("/my-requests");
  });
});

describe("a request to extend or renew access", () => {
  it("waits for those who may assign the role, as eligible or as active", () => {
    const requestedEnd = expiresAt;
    for (const [kind, verb] of [
      ["ExtensionRequested", "extend"],
      ["RenewalRequested", "renew"],
    ] as const) {
      expect(read(kind, { requestedEnd, assignmentType: "Eligible" })).toEqual([
        [
          ...["eligibilityAssigners", "decisions", `Max asks to ${verb} ${role}`],
          ...[`Requested until ${by}.${reason}`, page],
        ],
      ]);
      expect(read(kind, { assignmentType: "Active" }, { justification: null })).toEqual([
        ["roleAssigners", "decisions", `Max asks to ${verb} ${role}`, "Requested.", page],
      ]);
      expect(rulesOf(kind, { details: { assignmentType: "Eligible" } })[0]?.[1]).toBe(
        "Admin_Eligibility Approver Critical",
      );
      expect(rulesOf(kind, { details: { assignmentType: "Active" } })[0]?.[1]).toBe(
        "Admin_Assignment Approver Critical",
      );
      // An end that is not a valid time must not keep everybody from being notified.
      expect(read(kind, { requestedEnd: "soon" })[0]?.[3]).toBe(`Requested.${reason}`);
    }
    expect(read("RenewalRequested", {}, { actorName: null })[0]?.[2]).toBe(`Somebody asks to renew ${role}`);
  });

  it.each([
    ["Extension", "extend"],
    ["Renewal", "renew"],
  ])(
    "(%s) is announced to whoever asked and, if it came to nothing, to those who were asked",
    (kind, verb) => {
      const own = (result: string) => [
        ...["requestor", "requests", `Your request to ${verb} was ${result}: ${role}`],
        ...[`Max decided.${reason}`, page],
      ];
      const others = (body: string) => [
        ...["asked", "asked", `No longer needs a decision: Ada asks to ${verb} ${role}`, body, page],
      ];
      expect(read(`${kind}Approved`)).toEqual([own("approved")]);
      expect(read(`${kind}Denied`)).toEqual([own("denied"), others(`Max denied it.${reason}`)]);
      expect(read(`${kind}Canceled`)).toEqual([own("canceled"), others(`Max canceled it.${reason}`)]);
      expect(read(`${kind}Canceled`, {}, { actorId: "ada" })).toEqual([others("It was withdrawn.")]);
      expect(rulesOf(`${kind}Denied`, { eligibilityId: "e1" })[1]?.[1]).toBe(
        "Admin_Eligibility Approver Informational",
      );
      expect(rulesOf(`${kind}Denied`, { eligibilityId: null })[1]?.[1]).toBe(
        "Admin_Assignment Approver Informational",
      );
    },
  );
});
