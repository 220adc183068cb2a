import { describe, expect, it } from "vitest";
import type { EventFacts } from "@/lib/domain/notifications/event-facts";
import {
  type ChangedAccess,
  type Concern,
  changesTree,
  isPartOfTreeChange,
  resourceNotice,
} from "@/lib/domain/notifications/resource-notices";
import { eventOf } from "../../support/event-facts";

type TreeEvent = Parameters<typeof resourceNotice>[0];

const nothing: Concern = {
  ...{ administersBefore: false, administersNow: false, mayRestore: false },
  ...{ access: [], count: 0 },
};
const administrator = { ...nothing, administersBefore: true, administersNow: true };
const what = (changes: Partial<ChangedAccess> = {}): ChangedAccess => ({
  ...{ what: "Eligible", gained: false, roleName: "Reader", resourceName: "orders", ...changes },
});
const having = (...access: ChangedAccess[]): Concern => ({ ...nothing, access, count: access.length });

const noticeOf = (kind: string, concern: Concern, details = {}, of: Partial<EventFacts> = {}) =>
  resourceNotice(eventOf(kind, { justification: null, ...of, details }) as TreeEvent, concern);
const read = (...asked: Parameters<typeof noticeOf>) => {
  const { category, title, body, href } = noticeOf(...asked);
  return [category, title, body, href];
};

it("a change of the tree is one of three events, and its parts name it", () => {
  for (const kind of ["ResourceRetired", "ResourceRestored", "ResourceMoved"])
    expect(changesTree(eventOf(kind)), kind).toBe(true);
  expect(changesTree(eventOf("ResourceCreated"))).toBe(false);
  const part = (details: object) =>
    isPartOfTreeChange(eventOf("RequestRevoked", { details: { ...details } }));
  expect([{}, { retirementId: "" }, { retirementId: "t1" }, { movedResourceId: "s1" }].map(part)).toEqual([
    ...[false, false, true, true],
  ]);
});

describe("a retired resource", () => {
  const retired = { retirementId: "t1", parentId: "p1" };

  it("is announced to administrators with what ended there, and how to restore it", () => {
    const details = {
      ...{ ...retired, resources: 3, undoUntil: "2026-11-30T17:00:00.000Z" },
      ...{ eligible: 1_200, active: 1, activations: 2, requests: 0 },
    };
    const concern = { ...administrator, mayRestore: true };
    expect(read("ResourceRetired", concern, details, { justification: "Not used" })).toEqual([
      ...["administration", "Production was retired"],
      "Max retired it, with 2 resources below it. Ended: 1,200 eligible assignments, one active assignment, 2 activations. This can be undone until 30 Nov 2026, 17:00 UTC. Reason: Not used",
      "/resources/retired/t1",
    ]);
    expect(read("ResourceRetired", administrator, { ...retired, requests: 1, resources: 2 })).toEqual([
      ...["administration", "Production was retired"],
      "Max retired it, with one resource below it. Ended: one request.",
      "/resources/p1",
    ]);
    expect(read("ResourceRetired", administrator, { ...retired, resources: 1 })[2]).toBe(
      "Max retired it. Nobody had a role of their own there.",
    );
  });

  it("is announced to whoever had access there, without what others had", () => {
    const all = [what(), what({ what: "Active" }), what({ what: "Activation" }), what({ what: "Request" })];
    const concern = { ...having(...all), count: 1_204 };
    expect(read("ResourceRetired", concern, { ...retired, eligible: 7 })).toEqual([
      ...["access", "Production was retired: your access there has ended"],
      "Max retired it. What you had there has ended: eligible for Reader on orders, active as Reader on orders, your activation of Reader on orders and your request for Reader on orders. And 1,200 more.",
      "/my-roles?tab=expired",
    ]);
    expect(read("ResourceRetired", having(what({ what: "Request" })), retired).slice(0, 2)).toEqual([
      ...["access", "Production was retired: your request there was revoked"],
    ]);
    expect(read("ResourceRetired", nothing, retired, { resourceName: null })[1]).toBe(
      "A resource was retired",
    );
  });
});

describe("a restored resource", () => {
  it("is announced to administrators with what was restored there and what was not", () => {
    expect(read("ResourceRestored", administrator, { given: 2, closed: 1, resources: 2 })).toEqual([
      ...["administration", "Production was restored"],
      "Max undid its retirement, with one resource below it. Restored: 2 assignments. Not restored: one assignment.",
      "/resources/s1",
    ]);
    expect(read("ResourceRestored", { ...administrator, administersBefore: false })[3]).toBe("/resources/s1");
    expect(read("ResourceRestored", { ...administrator, administersNow: false })[3]).toBe("/resources/s1");
  });

  it("is announced to whoever has access there again", () => {
    expect(read("ResourceRestored", having(what({ gained: true })), { given: 2 })).toEqual([
      ...["access", "Production was restored: you have access there again"],
      ...["Max undid its retirement. You have again: eligible for Reader on orders.", "/my-roles"],
    ]);
  });
});

describe("a moved resource", () => {
  const moved = { fromName: "Sales", fromId: "f1", toName: "Shops", scopeBefore: "/sales/s1" };
  const scopeOf = (concern: Concern) =>
    noticeOf("ResourceMoved", concern, moved).facts.find(({ label }) => label === "Scope")?.value;

  it("is announced to administrators of both places with what changes there", () => {
    const details = { ...moved, begins: 1, ceases: 2, ended: 3 };
    expect(read("ResourceMoved", administrator, details)).toEqual([
      ...["administration", "Production was moved out of Sales and below Shops"],
      "Max moved it out of Sales and below Shops. Begin to apply there: one assignment. No longer apply there: 2 assignments. Ended: 3 activations or requests.",
      "/resources/s1",
    ]);
    expect(read("ResourceMoved", administrator, {})[1]).toBe(
      "Production was moved out of a resource and below a resource",
    );
  });

  it("names to people only the place that they know of", () => {
    const before = { ...nothing, administersBefore: true };
    const now = { ...nothing, administersNow: true };
    expect(read("ResourceMoved", before, moved)).toEqual([
      ...["administration", "Production was moved out of Sales", "Max moved it out of Sales."],
      "/resources/f1",
    ]);
    expect(read("ResourceMoved", before, { ...moved, ceases: 2 })[2]).toBe(
      "Max moved it out of Sales. No longer apply there: 2 assignments.",
    );
    expect(read("ResourceMoved", now, moved)).toEqual([
      ...["administration", "Production was moved below Shops", "Max moved it below Shops."],
      "/resources/s1",
    ]);
    const [lost, gained] = [what(), what({ gained: true, roleName: "Owner" })];
    expect(read("ResourceMoved", having(lost), { ...moved, ceases: 4 })).toEqual([
      ...["access", "Production was moved out of Sales: your access there has changed"],
      "Max moved it out of Sales. No longer applies to you: eligible for Reader on orders.",
      "/my-roles",
    ]);
    expect(read("ResourceMoved", having(gained), moved)).toEqual([
      ...["access", "Production was moved below Shops: your access there has changed"],
      ...["Max moved it below Shops. Now applies to you: eligible for Owner on orders.", "/resources/s1"],
    ]);
    expect(read("ResourceMoved", having(lost, gained), moved)[2]).toBe(
      "Max moved it out of Sales and below Shops. Now applies to you: eligible for Owner on orders. No longer applies to you: eligible for Reader on orders.",
    );
    expect([before, having(lost)].map(scopeOf)).toEqual(["/sales/s1", "/sales/s1"]);
    expect([now, having(gained), having(lost, gained)].map(scopeOf)).toEqual(
      Array(3).fill("/subscriptions/s1"),
    );
  });
});

it("no such notice says from where somebody acted, and another change keeps its scope", () => {
  const { facts } = noticeOf("ResourceRetired", nothing, { scopeBefore: "/x" }, { roleName: null });
  expect(facts.map(({ label }) => label)).toEqual(["Resource", "Scope", "By", "Time"]);
  expect(facts[1]?.value).toBe("/subscriptions/s1");
});
