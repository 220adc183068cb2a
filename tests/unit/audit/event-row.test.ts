import { expect, it } from "vitest";
import { approversInWords, eventDays, factorInWords, type ListedEvent } from "@/lib/domain/audit/event-row";
import { peopleIn } from "@/lib/domain/audit/people-in-sentence";
import { timesIn } from "@/lib/domain/time/reader-times";

const now = new Date("2026-03-02T09:30:05.250Z");
const event: ListedEvent = {
  id: "event",
  kind: "RoleActivated",
  outcome: "Success",
  occurredAt: now,
  actorId: "ada",
  actorName: "Ada",
  actorEmail: "ada@contoso.example",
  targetId: null,
  targetName: null,
  targetEmail: null,
  targetExternalId: null,
  roleName: "Reader",
  resourceName: "Production",
  ipAddress: null,
  details: {},
  scope: null,
  justification: null,
  ticketSystem: null,
  ticketNumber: null,
  factor: null,
  failedRules: [],
  approvers: [],
};
const berlin = { now, times: timesIn("Europe/Berlin") };
const row = (change: Partial<ListedEvent>) => eventDays([{ ...event, ...change }], berlin)[0]?.rows[0];

it("an event's row has its exact time in UTC, its time for the reader, and no part that is empty", () => {
  const plain = row({});
  expect(plain).toEqual({
    id: "event",
    at: "2026-03-02T09:30:05",
    time: "10:30",
    sentence: plain?.sentence,
    facts: [],
  });
});

it("an event's row shows a refusal, its reason, its factor and its facts", () => {
  expect(
    row({
      outcome: "Failure",
      justification: "Release",
      factor: "Totp",
      failedRules: ["MfaRule", "TicketingRule"],
      scope: "/subscriptions/a",
      ticketSystem: "Jira",
      ticketNumber: "42",
      ipAddress: "192.0.2.1",
    }),
  ).toMatchObject({
    refused: true,
    reason: "Release",
    factor: "Authenticator app",
    facts: [
      ["Failed rules", "MfaRule, TicketingRule"],
      ["Scope", "/subscriptions/a"],
      ["Ticket", "42 in Jira"],
      ["IP address", "192.0.2.1"],
    ],
  });
  expect(row({ ticketNumber: "42" })?.facts).toEqual([["Ticket", "42"]]);
  expect(
    [null, "Totp", "RecoveryCode"].map((factor) => factorInWords(factor as ListedEvent["factor"])),
  ).toEqual([null, "Authenticator app", "Recovery code"]);
});

it("an event's row shows its ticket and who approved, and an approval does not repeat its own actor", () => {
  const approvers = ["Anna (anna@contoso.example)", "Boris (boris@contoso.example)"];
  const both = approvers.join(", ");
  const activated = row({ approvers, ticketNumber: "INC-42" });
  expect(activated).toMatchObject({ ticket: "INC-42", approvedBy: both });
  expect(activated?.facts).toContainEqual(["Approved by", both]);
  expect(row({ kind: "RequestApproved", approvers })?.approvedBy).toBeUndefined();
});

it("a sentence names each person with an address once, and nothing else as a person", () => {
  const people = (change: Partial<ListedEvent>) => peopleIn(row(change)?.sentence ?? []);
  const ada = { name: "Ada", address: "ada@contoso.example" };
  const max = { targetId: "max", targetName: "Max", targetEmail: "max@contoso.example" };
  expect(people(max)).toEqual([ada, { name: "Max", address: "max@contoso.example" }]);
  expect(people({ targetId: "ada", targetName: "Ada", targetEmail: ada.address })).toEqual([ada]);
  expect(people({ actorName: null, actorEmail: null })).toEqual([]);
});

it("an event that gives access says until when, and no other event does", () => {
  const endsAt = "2026-03-02T17:00:00.000Z";
  const until = (kind: string, details: unknown) => row({ kind, details } as Partial<ListedEvent>)?.until;
  for (const kind of ["RoleActivated", "EligibleAssignmentAdded", "ActiveAssignmentRenewed"])
    expect(until(kind, { endsAt }), kind).toBe("until 2\u00a0Mar\u00a02026,\u00a018:00");
  expect(until("ActiveAssignmentExtended", { endsAt: null })).toBe("permanently");
  for (const kind of [
    "RoleDeactivated",
    "ActiveAssignmentRemoved",
    "ActiveAssignmentAddedAnew",
    "XRoleActivated",
  ])
    expect(until(kind, { endsAt }), kind).toBeUndefined();
  for (const details of [{}, { endsAt: "soon" }, { endsAt: 5 }, null, "text", 7])
    expect(until("RoleActivated", details)).toBeUndefined();
});

it("events stand under the reader's days, today and yesterday by name", () => {
  const at = (text: string) => ({ ...event, occurredAt: new Date(text) });
  const days = eventDays(
    [
      at("2026-03-02T09:00:00Z"),
      // After midnight in Berlin.
      at("2026-03-01T23:30:00Z"),
      at("2026-03-01T22:30:00Z"),
      at("2026-02-27T12:00:00Z"),
    ],
    berlin,
  );
  expect(days.map(({ day, words, rows }) => [day, words, rows.length])).toEqual([
    ["2026-03-02", "Today, Monday 2 March 2026", 2],
    ["2026-03-01", "Yesterday, Sunday 1 March 2026", 1],
    ["2026-02-27", "Friday 27 February 2026", 1],
  ]);
});

it("says in exports that nobody but the member approved an emergency", () => {
  const of = (kind: string, details: object, approvers: string[] = [], outcome = "Success" as const) =>
    approversInWords({ kind, details, approvers, outcome });
  expect(of("BreakGlassUsed", {})).toEqual(["Break-glass"]);
  expect(of("RoleActivated", { breakGlass: true })).toEqual(["Break-glass"]);
  expect(of("RoleActivated", {}, ["Anna"])).toEqual(["Anna"]);
  expect(of("BreakGlassReviewed", {})).toEqual([]);
  expect(
    approversInWords({ kind: "BreakGlassUsed", details: {}, approvers: [], outcome: "Failure" }),
  ).toEqual([]);
});
