import { describe, expect, it } from "vitest";
import { type AuditKind, auditGroups, auditKinds } from "@/lib/domain/audit/audit-kinds";
import { eventDays, type ListedEvent } from "@/lib/domain/audit/event-row";
import { eventSentence, sentenceText } from "@/lib/domain/audit/event-sentence";
import { kindsNamed, namesOfKinds } from "@/lib/domain/audit/kind-filter";
import { timesIn } from "@/lib/domain/time/reader-times";

const anna = "018f0000-0000-7000-8000-00000000000a";
const ben = "018f0000-0000-7000-8000-00000000000b";
const event: ListedEvent = {
  id: "018f0000-0000-7000-8000-000000000001",
  occurredAt: new Date("2026-11-27T21:30:00Z"),
  kind: "RoleActivated",
  outcome: "Success",
  actorId: anna,
  actorName: "Anna",
  actorEmail: "anna@contoso.example",
  targetId: ben,
  targetName: "Ben",
  targetEmail: "ben@contoso.example",
  targetExternalId: null,
  roleName: "Contributor",
  resourceName: "Contoso Production",
  scope: "/subscriptions/1",
  ipAddress: "192.0.2.1",
  justification: null,
  ticketSystem: null,
  ticketNumber: null,
  factor: null,
  failedRules: [],
  approvers: [],
  details: {
    groupName: "Operators",
    accessReviewName: "Autumn",
    alert: "Stale",
    fileName: "a.csv",
    list: "People",
  },
};
const nothing = {
  ...event,
  actorId: null,
  actorName: null,
  actorEmail: null,
  targetId: null,
  targetName: null,
  targetEmail: null,
  roleName: null,
  resourceName: null,
  ipAddress: null,
  details: null,
};
const said = (changes: Partial<ListedEvent>) => sentenceText(eventSentence({ ...event, ...changes }));
const kinds = Object.keys(auditKinds) as AuditKind[];

describe("an event of the log as a sentence", () => {
  it("says who did what to whom, and where", () => {
    expect(said({ targetId: anna, targetName: "Anna" })).toBe(
      "Anna activated Contributor on Contoso Production",
    );
    expect(said({ kind: "EligibleAssignmentAdded" })).toBe(
      "Anna made Ben eligible for Contributor on Contoso Production",
    );
    expect(said({ kind: "EligibleAssignmentAdded", targetId: anna, targetName: "Anna" })).toBe(
      "Anna made themselves eligible for Contributor on Contoso Production",
    );
    expect(said({ kind: "ActiveAssignmentAdded", outcome: "Failure", resourceName: null })).toBe(
      "Anna tried to assign Contributor to Ben",
    );
    expect(said({ kind: "GroupMemberAdded" })).toBe("Anna added Ben to Operators");
    expect(said({ kind: "ActivationExpired", actorName: null })).toBe(
      "The activation of Contributor on Contoso Production by Ben ended",
    );
  });

  it("says by whom the first Owner was set up, where it was by no page", () => {
    const made = { kind: "OwnerSetUp", actorName: null, ipAddress: null };
    expect(said({ ...made, details: { byOperator: true } })).toBe(
      "Ben was set up as the first Owner by the operator of the server",
    );
    expect(said({ ...made, details: {} })).toBe("Ben was set up as the first Owner");
  });

  it("is whole for every kind and outcome, whatever is known, and names nobody by an id", () => {
    for (const kind of [...kinds, "SomethingOfTomorrow"])
      for (const outcome of ["Success", "Failure"] as const)
        for (const known of [event, nothing]) {
          const text = sentenceText(eventSentence({ ...known, kind, outcome }));
          expect(text, kind).toMatch(/^\S.*\S$/);
          expect(text, kind).not.toMatch(/[{}[\]|]| {2}|undefined|null|[0-9a-f]{8}-/);
        }
  });

  it("keeps each name apart from the words around it, for the page to isolate", () => {
    const name = "{actor} | [x] \u05d0";
    const parts = eventSentence({ ...event, actorName: name, roleName: "{target}" });
    expect(parts).toContainEqual({ name, address: "anna@contoso.example" });
    expect(parts).toContainEqual({ name: "{target}" });
    for (const part of parts) if (typeof part === "string") expect(part).not.toContain("\u05d0");
  });
});

describe("events by days of the reader", () => {
  const clock = (timeZone: string) => ({ now: new Date("2026-11-28T10:00:00Z"), times: timesIn(timeZone) });
  const late = { ...event, id: ben, occurredAt: new Date("2026-11-27T22:30:00Z") };

  it("part where the reader's day does", () => {
    expect(eventDays([late, event], clock("UTC")).map(({ words, rows }) => [words, rows.length])).toEqual([
      ["Yesterday, Friday 27 November 2026", 2],
    ]);
    expect(
      eventDays([late, event], clock("Africa/Cairo")).map(({ words, rows }) => [words, rows[0]?.time]),
    ).toEqual([
      ["Today, Saturday 28 November 2026", "00:30"],
      ["Yesterday, Friday 27 November 2026", "23:30"],
    ]);
  });

  it("say until when access lasts, and nothing of what is not known", () => {
    const [day] = eventDays(
      [
        { ...event, details: { endsAt: "2026-11-27T23:00:00.000Z" } },
        { ...event, details: { endsAt: null } },
      ],
      clock("Asia/Kolkata"),
    );
    expect(day?.rows.map(({ until }) => until)).toEqual([
      "until 28\u00a0Nov\u00a02026,\u00a004:30",
      "permanently",
    ]);
    expect(day?.rows[0]).not.toHaveProperty("reason");
    expect(
      eventDays([{ ...event, details: { endsAt: "soon" } }], clock("UTC"))[0]?.rows[0]?.until,
    ).toBeUndefined();
  });
});

describe("kinds in an address", () => {
  it("are each in one group, and a group stands for all of its kinds", () => {
    expect(auditGroups.flatMap((group) => group.kinds).toSorted()).toEqual(kinds.toSorted());
    const activations = kindsNamed("activations");
    expect(activations).toContain("RoleActivated");
    expect(namesOfKinds(activations)).toBe("activations");
    expect(kindsNamed("RoleSettingsUpdated,nonsense,toString,SignIn")).toEqual([
      "RoleSettingsUpdated",
      "SignIn",
    ]);
    expect(namesOfKinds(kindsNamed("SignIn,activations"))).toBe("activations,SignIn");
    expect(kindsNamed("")).toEqual([]);
  });
});
