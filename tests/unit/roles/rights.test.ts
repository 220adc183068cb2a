import { describe, expect, it } from "vitest";
import { canonicalOperation } from "@/lib/domain/gate/canonical-operation";
import { firstPermissionNotHeld, mayMeet } from "@/lib/domain/gate/held-permissions";
import { disablingLosesLastOwner, wouldLoseLastOwner } from "@/lib/domain/gate/last-owner";
import {
  beyondAuthority,
  distinctPrivileges,
  isDecisionRight,
  type Privilege,
  privilegeNames,
  privilegesInWords,
} from "@/lib/domain/gate/privileges";
import type { Permission } from "@/lib/domain/roles/permissions";
import { addMinutes } from "@/lib/domain/time/schedule";

const now = new Date("2026-03-02T09:00:00Z");

describe("the last Owner", () => {
  const owner = (name: string, changes: { startsAt?: Date; endsAt?: Date | null } = {}) => ({
    assignmentId: `assignment of ${name}`,
    principalId: name,
    startsAt: now,
    endsAt: null,
    ...changes,
  });
  const [ada, bob] = [owner("ada"), owner("bob")];
  const later = { startsAt: addMinutes(now, 1) };
  const ending = { endsAt: addMinutes(now, 60) };
  const loses = (
    owners: Parameters<typeof wouldLoseLastOwner>[0],
    after: { startsAt: Date; endsAt: Date | null } | null,
  ) => wouldLoseLastOwner(owners, ada.assignmentId, after, now);

  it("is neither removed, nor given an end, nor put off, unless another one lasts", () => {
    expect(loses([ada], null)).toBe(true);
    expect(loses([ada], { startsAt: now, ...ending })).toBe(true);
    expect(loses([ada], { ...later, endsAt: null })).toBe(true);
    expect(loses([ada], { startsAt: now, endsAt: null })).toBe(false);
    expect(loses([ada, bob], null)).toBe(false);
    for (const passing of [owner("bob", ending), owner("bob", later)])
      expect(loses([ada, passing], null)).toBe(true);
  });

  it("is none who does not last, so that a change of theirs loses nobody", () => {
    expect(loses([owner("ada", ending)], null)).toBe(false);
    expect(loses([owner("ada", later), bob], null)).toBe(false);
    expect(loses([bob], null)).toBe(false);
  });

  it("is not disabled, and two assignments of one person are one Owner", () => {
    const disables = (...owners: (typeof ada)[]) => disablingLosesLastOwner(owners, "ada", now);
    expect(disables(ada)).toBe(true);
    expect(disables(ada, owner("ada"))).toBe(true);
    expect(disables(ada, bob)).toBe(false);
    expect(disables(ada, { ...bob, ...later })).toBe(true);
    expect(disables(bob)).toBe(false);
    expect(disables()).toBe(false);
  });
});

describe("what an author holds", () => {
  const permission = (changes: Partial<Permission>): Permission => ({
    ...{ actions: [], notActions: [], dataActions: [], notDataActions: [] },
    ...changes,
  });
  const missing = (
    held: Partial<Permission>,
    next: Partial<Permission>,
    before: Partial<Permission>[] = [],
  ) => firstPermissionNotHeld([permission(held)], before.map(permission), [permission(next)]);

  it("allows what lies within its patterns, and names the first that does not", () => {
    expect(missing({ actions: ["Microsoft.Web/*"] }, { actions: ["Microsoft.Web/sites/read"] })).toBeNull();
    expect(missing({ actions: ["Microsoft.Web/sites/read"] }, { actions: ["Microsoft.Web/*"] })).toBe(
      "Microsoft.Web/*",
    );
    const both = { actions: ["Microsoft.Web/sites/read", "Microsoft.Sql/read"] };
    expect(missing({ actions: ["Microsoft.Web/*"] }, both)).toBe("Microsoft.Sql/read");
    expect(missing({}, {})).toBeNull();
  });

  it("is less by what it excludes, unless the new role excludes that too", () => {
    const held = { actions: ["Microsoft.Web/*"], notActions: ["Microsoft.Web/sites/delete"] };
    expect(missing(held, { actions: ["Microsoft.Web/*"] })).toBe("Microsoft.Web/*");
    expect(missing(held, { actions: ["Microsoft.Web/sites/delete"] })).toBe("Microsoft.Web/sites/delete");
    expect(missing(held, { actions: ["Microsoft.Web/sites/read"] })).toBeNull();
    expect(missing(held, { ...held })).toBeNull();
    expect(missing(held, { actions: ["Microsoft.Web/*"], notActions: ["Microsoft.Web/sites/*"] })).toBeNull();
  });

  it("counts data actions by themselves, and every action as all of both", () => {
    const data = { dataActions: ["Microsoft.Storage/blobs/read"] };
    expect(missing({ actions: ["Microsoft.Storage/*"] }, data)).toBe("Microsoft.Storage/blobs/read");
    expect(missing({ dataActions: ["Microsoft.Storage/*"] }, data)).toBeNull();
    expect(missing({ actions: ["*"] }, data)).toBeNull();
    expect(missing({ actions: ["*"], notActions: ["Microsoft.Sql/*"] }, data)).toBe(
      "Microsoft.Storage/blobs/read",
    );
  });

  it("lets stand what the role allowed before", () => {
    const web = { actions: ["Microsoft.Web/*"] };
    expect(missing({}, { actions: ["Microsoft.Web/sites/read"] }, [web])).toBeNull();
    expect(missing({}, { actions: ["Microsoft.Sql/read"] }, [web])).toBe("Microsoft.Sql/read");
    expect(missing({}, web, [{ ...web, notActions: ["Microsoft.Web/sites/delete"] }])).toBe(
      "Microsoft.Web/*",
    );
  });

  it("patterns meet where their starts and ends fit, and a plain one where it is matched", () => {
    expect(mayMeet("a/b", "A/B")).toBe(true);
    expect(mayMeet("a/b", "a/c")).toBe(false);
    expect(mayMeet("a/b", "a/*")).toBe(true);
    expect(mayMeet("a/*", "a/b")).toBe(true);
    expect(mayMeet("c/*", "a/b")).toBe(false);
    expect(mayMeet("a/*", "a/b/*")).toBe(true);
    expect(mayMeet("a/b/*", "a/*")).toBe(true);
    expect(mayMeet("a/*", "b/*")).toBe(false);
    expect(mayMeet("*/read", "*/write")).toBe(false);
    // Only the last part says how a match ends.
    expect(mayMeet("a/*/b/*", "a/*c")).toBe(true);
    expect(mayMeet("a/*c", "a/*/b/*")).toBe(true);
    // Without an asterisk there is one match.
    expect(mayMeet("a/b", "a/b*b")).toBe(false);
    expect(mayMeet("a/b*b", "a/b")).toBe(false);
    expect(mayMeet("*/read", "*/sites/read")).toBe(true);
    expect(mayMeet("*/sites/read", "*/read")).toBe(true);
    expect(mayMeet("a/*/read", "a/*/write")).toBe(false);
    expect(mayMeet("a/*/read", "b/*/read")).toBe(false);
  });
});

describe("the privileges of somebody", () => {
  const of = { roleDefinitionId: "role", roleName: "Reader", resourceId: "place", scope: "/subscriptions/1" };
  const eligible = { ...of, assignmentType: "Eligible" } as Privilege;
  const approver = { ...of, assignmentType: "Approver" } as Privilege;
  const may = (...actions: string[]) =>
    new Map([["place", [{ actions, notActions: [], dataActions: [], notDataActions: [] }]]]);

  it("is given by whoever holds the permission for it there, and nowhere else", () => {
    const write = "Microsoft.Authorization/roleEligibilityScheduleRequests/*";
    expect(beyondAuthority([eligible], may(write))).toBeNull();
    expect(beyondAuthority([eligible], may("*/read"))).toMatchObject({ missing: eligible });
    expect(beyondAuthority([eligible], new Map())).toMatchObject({ missing: eligible });
    expect(beyondAuthority([eligible, approver], may(write))).toMatchObject({
      missing: approver,
      message: expect.stringContaining("/subscriptions/1"),
    });
    expect(beyondAuthority([eligible, approver], may("Microsoft.Authorization/*"))).toBeNull();
    expect(beyondAuthority([], new Map())).toBeNull();
  });

  it("is a right over others where it is no access, and counts once, however many have it", () => {
    expect(
      [eligible, { ...eligible, assignmentType: "Active" } as Privilege, approver].map(isDecisionRight),
    ).toEqual([false, false, true]);
    expect(distinctPrivileges([eligible, { ...eligible }, approver])).toEqual([eligible, approver]);
    expect(distinctPrivileges([eligible, { ...eligible, resourceId: "other" } as Privilege])).toHaveLength(2);
    expect(privilegeNames([eligible])).toEqual(["Reader (Eligible) at /subscriptions/1"]);
    expect(privilegeNames(Array.from({ length: 51 }, () => eligible))).toHaveLength(50);
  });
});

it("an operation is the same in whatever order its parts are named", () => {
  const same = (
    one: Parameters<typeof canonicalOperation>[0],
    other: Parameters<typeof canonicalOperation>[0],
  ) => expect(canonicalOperation(one)).toBe(canonicalOperation(other));
  const item = (eligibilityId: string, resourceId: string) => ({
    eligibilityId,
    resourceId,
    startsAt: null,
    durationMinutes: 60,
  });
  const items = [item("a", "2"), item("b", "1"), item("a", "1")];
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
    [1, 2, 0],
  ])
    same(
      { kind: "ActivateRoles", items },
      { kind: "ActivateRoles", items: order.map((index) => items[index] ?? item("", "")) },
    );
  same(
    { kind: "AddGroupMembers", groupId: "g", memberIds: ["b", "a", "c"] },
    { kind: "AddGroupMembers", groupId: "g", memberIds: ["c", "a", "b"] },
  );
  same(
    { kind: "DecideRequests", decision: "Approve", requestIds: ["b", "a"] },
    { kind: "DecideRequests", decision: "Approve", requestIds: ["a", "b"] },
  );
});

it("a refused permission isolates the names in its sentence, so that none turns it around", () => {
  const hebrew = "\u05d0\u05d1\u05d2";
  const of = { roleDefinitionId: "role", roleName: hebrew, resourceId: "place", resourceName: "Production" };
  expect(privilegesInWords([{ ...of, scope: "/", assignmentType: "Active" } as Privilege])).toBe(
    `\u2068${hebrew}\u2069 on Production active`,
  );
});
