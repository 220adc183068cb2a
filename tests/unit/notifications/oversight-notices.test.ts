import { describe, expect, it } from "vitest";
import { activateFirstNotice, withoutMark } from "@/lib/domain/notifications/activate-first";
import type { EventFacts } from "@/lib/domain/notifications/event-facts";
import { noticesOf } from "@/lib/domain/notifications/event-notices";
import { asRead, eventOf } from "../../support/event-facts";

const read = (kind: string, details = {}, of: Partial<EventFacts> = {}) =>
  asRead(noticesOf(eventOf(kind, { details, ...of })));
const endsAt = "2026-11-30T17:00:00.000Z";
const until = " until 30 Nov 2026, 17:00 UTC";
const reason = " Reason: Month end";

describe("an alert", () => {
  const alert = "Too many Owners";

  it("is announced to administrators: by mail if it is high, by the bell if it is medium, and not if it is low", () => {
    expect(read("AlertRaised", { alert, severity: "High" })).toEqual([
      ["administrators", "administration", `${alert}: Production`, "Ada, Reader", "/resources/s1/alerts"],
    ]);
    const portalOnly = (severity: string) =>
      noticesOf(eventOf("AlertRaised", { details: { severity } })).map((notice) => notice.portalOnly);
    expect(portalOnly("High")).toEqual([false]);
    expect(portalOnly("Medium")).toEqual([true]);
    expect(portalOnly("Low")).toEqual([]);
  });

  it("is mailed to the organisation's addresses if it is high, and so is no other event", () => {
    const mailed = (kind: string, severity: string) =>
      noticesOf(eventOf(kind, { details: { severity } })).map((notice) => notice.toAlertAddresses);
    expect(mailed("AlertRaised", "High")).toEqual([true]);
    expect(mailed("AlertRaised", "Medium")).toEqual([false]);
    expect(mailed("RoleActivated", "High")).toEqual([false, false, false]);
  });

  it("names whom and what it is about, where there is such", () => {
    const body = (of: Partial<EventFacts>) => read("AlertRaised", { severity: "High" }, of)[0]?.[3];
    expect(body({ targetName: null })).toBe("Reader");
    expect(body({ roleName: null })).toBe("Ada");
    expect(body({ targetName: null, roleName: null })).toBe("");
    expect(read("AlertRaised", {}, { resourceName: null })[0]?.[2]).toBe("Alert: a resource");
  });
});

describe("an access review", () => {
  const details = { accessReviewId: "r1", accessReviewName: "Autumn", endsAt };
  const administration = "/resources/s1/access-reviews/r1";
  const [asks, waits] = [
    "You are asked to review who has access",
    "An access review still waits for your answers",
  ];

  it.each([
    ["AccessReviewStarted", "reviewers", asks],
    ["AccessReviewUpdated", "addedReviewers", asks],
    ["AccessReviewReminded", "reviewersWithOpenItems", waits],
    ["AccessReviewRemindedByHand", "reviewersWithOpenItems", waits],
  ])("asks by %s those who answer", (kind, audience, title) => {
    expect(read(kind, details)).toEqual([
      [audience, "decisions", `${title}: Autumn`, `It is open${until}.`, "/access-reviews/r1"],
    ]);
    expect(read(kind, { accessReviewId: "r1" })[0]?.slice(2, 4)).toEqual([
      `${title}: Access review`,
      "It is open.",
    ]);
  });

  it("that has ended is announced to its owner, and with its decisions to whom it names", () => {
    const ended = (decisions: unknown) => read("AccessReviewEnded", { ...details, decisions });
    expect(ended({ Approve: 3, Deny: 2, DontKnow: 1, NoAnswer: 4 })).toEqual([
      [
        ...["reviewOwner", "administration", "Your access review has ended: Autumn"],
        "You can see its decisions, and apply them if they have not been applied yet.",
        administration,
      ],
      [
        ...["reviewInformed", "administration", "An access review has ended: Autumn"],
        ...["3 approved, 2 denied, 1 not known, 4 without an answer.", administration],
      ],
    ]);
    expect(ended({ Approve: 0, Deny: 1 })[1]?.[3]).toBe("1 denied.");
    for (const nothing of [undefined, null, {}, { Approve: "many" }])
      expect(ended(nothing)[1]?.[3]).toBe("Nothing was under review.");
  });

  it("that was stopped or applied is announced to whom it names", () => {
    expect(read("AccessReviewStopped", details)).toEqual([
      [
        ...["reviewInformed", "administration", "An access review was stopped: Autumn"],
        ...[`No more decisions are made.${reason}`, administration],
      ],
    ]);
    const results = { removed: 1, kept: 2, failed: 3, alreadyGone: 4 };
    expect(read("AccessReviewApplied", { ...details, ...results })).toEqual([
      [
        ...["reviewInformed", "administration", "An access review was applied: Autumn"],
        ...["1 removed, 2 kept, 3 could not be removed, 4 already gone.", administration],
      ],
    ]);
  });

  it.each([
    [
      "Start",
      "reviewStarters",
      /waits to be taken over/,
      /may no longer start it\. Take it over, or stop it/,
    ],
    ["LateDecisions", "reviewStarters", /waits to be applied/, /reviewers who joined after it began/],
    [
      "Memberships",
      "membershipManagers",
      /could not remove everybody from their group/,
      /then apply it again/,
    ],
    ["Rights", "reviewStarters", /waits to be applied/, /may no longer remove assignments there/],
  ])(
    "that is held (%s) is announced to its owner and to those who can go on with it",
    (held, audience, title, body) => {
      const notices = read("AccessReviewHeld", { ...details, held });
      expect(notices.map(([who]) => who)).toEqual([audience, "reviewOwner"]);
      for (const notice of notices)
        expect(notice.slice(1)).toEqual([
          ...["administration", expect.stringMatching(title), expect.stringMatching(body), administration],
        ]);
    },
  );

  it.each("Started Updated Reminded RemindedByHand Held Ended Stopped Applied".split(" "))(
    "%s that nobody can find again tells nobody",
    (what) => {
      expect(read(`AccessReview${what}`, { accessReviewName: "Autumn" })).toEqual([]);
    },
  );
});

describe("an emergency", () => {
  it("is announced to those who may review it, and its review to its member", () => {
    expect(read("BreakGlassUsed", { endsAt })).toEqual([
      [
        ...["emergencyReviewers", "decisions"],
        "Emergency: Ada approved their own request for Reader on Production",
        `The role is active${until}.${reason} Review it: it stays open until somebody closes it.`,
        "/requests/q1",
      ],
    ]);
    const reviewed = (more: object, of = {}) => read("BreakGlassReviewed", more, of)[0];
    const title = "Your emergency activation of Reader on Production was reviewed";
    expect(reviewed({ reviewOutcome: "Justified" })).toEqual([
      ...["target", "decisions", `${title}: justified`, `Max closed the review.${reason}`, "/requests/q1"],
    ]);
    expect(reviewed({ reviewOutcome: "NotJustified", ended: true }, { requestId: null })).toEqual([
      ...["target", "decisions", `${title}: not justified`],
      ...[`Max closed the review. The activation was ended.${reason}`, "/approvals"],
    ]);
  });

  it.each([
    ["BreakGlassAccountNamed", "administrators", "Ada is now a break-glass account"],
    ["BreakGlassAccountRemoved", "administrators", "Ada is no longer a break-glass account"],
    ["BreakGlassSignIn", "administrators", "Emergency: somebody signed in with the break-glass account Ada"],
    ["BreakGlassSignInReviewed", "target", "Your sign-in with a break-glass account was reviewed"],
  ])("%s is announced, and no setting or preference switches it off", (kind, audience, title) => {
    const [notice, ...rest] = noticesOf(eventOf(kind));
    expect(rest).toEqual([]);
    expect(notice).toMatchObject({
      ...{ audience, rule: null, portalOnly: false },
      notice: { category: "decisions", title, href: "/organisation/sign-in#break-glass" },
    });
    if (kind !== "BreakGlassSignIn")
      expect(notice?.notice.body).toContain(
        `Max ${kind.endsWith("Named") ? "named" : kind.endsWith("Removed") ? "took" : "closed"}`,
      );
  });
});

describe("a scheduled export that paused itself", () => {
  const details = { pauseReason: "RightLost", administratorName: "Eve", list: "Assignments" };
  const title = "A scheduled export was paused: assignments of Production";
  const href = "/resources/s1/scheduled-exports";

  it("is announced to whom it ran for and to those who may take it over, with the reason", () => {
    const resumed = "Nothing is sent until an administrator resumes it.";
    expect(read("ExportSchedulePaused", details)).toEqual([
      [
        ...["scheduleAdministrator", "administration", title],
        ...[`It ran for you, and you may no longer edit role settings there. ${resumed}`, href],
      ],
      [
        ...["administrators", "administration", title],
        `It ran for Eve, who may no longer edit role settings there. ${resumed} It then runs for them.`,
        href,
      ],
    ]);
    expect(read("ExportSchedulePaused", { ...details, pauseReason: "Disabled" })[1]?.[3]).toContain(
      "Eve, who was disabled.",
    );
    expect(
      read("ExportSchedulePaused", { pauseReason: "Disabled" }, { resourceName: null })[1]?.slice(2, 4),
    ).toEqual([
      "A scheduled export was paused: a list of a resource",
      expect.stringContaining("It ran for Somebody"),
    ]);
  });

  it("is announced to nobody if somebody paused it by hand", () => {
    expect(read("ExportSchedulePaused", {})).toEqual([]);
    expect(read("ExportScheduleResumed", details)).toEqual([]);
  });
});

describe("a notice for somebody who must activate a role first", () => {
  const notice = {
    ...{
      category: "administration" as const,
      title: "An alert",
      body: "Look.",
      href: "/resources/s1/alerts?x=1&y",
    },
    facts: [{ label: "Severity", value: "High" }],
  };
  const role = { eligibilityId: "e1", roleName: "Owner", resourceId: "s1", resourceName: "Production" };

  it("is marked, and leads to the activation and then on", () => {
    const first = activateFirstNotice(notice, role);
    expect(first).toMatchObject({
      ...{ category: "administration", title: "Activate first: An alert" },
      body: "Look. You are eligible for Owner on Production. Activate it to act on this.",
      facts: [...notice.facts, { label: "Activate first", value: "Owner on Production" }],
    });
    const address = new URL(first.href, "https://postern.example");
    expect(address.pathname).toBe("/activate-first");
    expect(Object.fromEntries(address.searchParams)).toEqual({ role: "e1", at: "s1", next: notice.href });
    expect(activateFirstNotice(notice, role, "s2").href).toContain("&at=s2&");
    expect(activateFirstNotice({ ...notice, body: "" }, role).body).toMatch(/^You are eligible/);
  });

  it("is shown without its mark, which only a notice that leads there has", () => {
    expect(withoutMark(activateFirstNotice(notice, role))).toEqual({
      title: "An alert",
      activateFirst: true,
    });
    expect(withoutMark(notice)).toEqual({ title: "An alert", activateFirst: false });
    const typed = { title: "Activate first: my own title", href: "/requests/q1" };
    expect(withoutMark(typed)).toEqual({ title: typed.title, activateFirst: false });
    const { href } = activateFirstNotice(notice, role);
    expect(withoutMark({ title: "Another", href })).toEqual({ title: "Another", activateFirst: false });
    expect(withoutMark({ ...typed, href: `/x${href}` }).activateFirst).toBe(false);
  });
});
