import { expect, it } from "vitest";
import { offeredDurations, possibleDurations } from "@/lib/domain/gate/activation-time";
import { canonicalOperation } from "@/lib/domain/gate/canonical-operation";
import { activationTimeFailures } from "@/lib/domain/gate/policy-rules";
import {
  beyondAuthority,
  distinctPrivileges,
  isJudgedBySettings,
  type Privilege,
  permissionsToGrant,
  privilegesInWords,
} from "@/lib/domain/gate/privileges";
import { action } from "@/lib/domain/roles/permissions";
import { addMinutes } from "@/lib/domain/time/schedule";

const now = new Date("2026-03-02T09:00:00Z");
const place = { resourceId: "production", resourceName: "Production", scope: "/subscriptions/a" };
const role = { ...place, roleDefinitionId: "reader", roleName: "Reader", writesAuthorization: false };
const review = { ...place, reviewId: "r", reviewName: "Owners" };
const { writeAssignment, writeEligibility, writeRoleSettings } = action;

/** Each kind of privilege, what granting it requires, and the message for people who may not. */
const kinds: readonly (readonly [Privilege, readonly string[], RegExp])[] = [
  [{ ...role, assignmentType: "Eligible" }, [writeEligibility], /access that you may not assign/],
  [{ ...role, assignmentType: "Active" }, [writeAssignment], /access that you may not assign/],
  [{ ...role, assignmentType: "Approver" }, [writeRoleSettings], /who approves activations of .?Reader/],
  [{ ...role, assignmentType: "Manager", access: "Eligible" }, [writeEligibility], /the manager of somebody/],
  [{ ...role, assignmentType: "Manager", access: "Active" }, [writeAssignment], /the manager of somebody/],
  [{ ...review, assignmentType: "Reviewer", covers: "Active" }, [writeAssignment], /who reviews access/],
  [
    { ...review, assignmentType: "ReviewAdministrator", covers: "Both" },
    [writeEligibility, writeAssignment],
    /whose access review it is/,
  ],
];

it("role settings judge active access, and eligibility for a role that can write authorisation", () => {
  const judged = kinds.map(([privilege]) => privilege).filter(isJudgedBySettings);
  expect(judged).toEqual([{ ...role, assignmentType: "Active" }]);
  const writing = { ...role, writesAuthorization: true };
  for (const assignmentType of ["Eligible", "Active"] as const)
    expect(isJudgedBySettings({ ...writing, assignmentType })).toBe(true);
  expect(isJudgedBySettings({ ...writing, assignmentType: "Approver" })).toBe(false);
});

it("each kind of privilege takes its own permission to grant, and the refusal says what it concerns", () => {
  const nothing = { notActions: [], dataActions: [], notDataActions: [] };
  for (const [privilege, needed, words] of kinds) {
    expect(permissionsToGrant(privilege)).toEqual(needed);
    const holding = (actions: readonly string[]) =>
      beyondAuthority([privilege], new Map([[place.resourceId, [{ ...nothing, actions: [...actions] }]]]));
    expect(holding(needed)).toBeNull();
    for (const permission of needed) {
      const refused = holding(needed.filter((each) => each !== permission));
      expect(refused).toMatchObject({ missing: privilege, needed: permission });
      expect(refused?.message).toMatch(words);
      expect(refused?.message).toContain(`${permission} over ${place.scope}`);
    }
    expect(
      beyondAuthority([privilege], new Map([["elsewhere", [{ ...nothing, actions: ["*"] }]]])),
    ).not.toBeNull();
  }
});

it("no two kinds of privilege are taken for one, and one that many hold is one", () => {
  const all = kinds.map(([privilege]) => privilege);
  expect(distinctPrivileges([...all, ...all])).toEqual(all);
  const elsewhere = {
    ...role,
    assignmentType: "Manager" as const,
    access: "Active" as const,
    resourceId: "other",
  };
  expect(distinctPrivileges([...all, elsewhere])).toHaveLength(all.length + 1);
});

it("names three privileges, and counts the rest", () => {
  const words = (count: number) => privilegesInWords(kinds.slice(0, count).map(([privilege]) => privilege));
  expect(words(3)).toMatch(/to approve$/);
  expect(words(4)).toMatch(/to approve, and 1 more$/);
  expect(words(7)).toMatch(/, and 4 more$/);
});

it("offers half an hour, one and four hours where they fit, and the longest", () => {
  expect(offeredDurations(30, 480)).toEqual([30, 60, 240, 480]);
  expect(offeredDurations(30, 240)).toEqual([30, 60, 240]);
  expect(offeredDurations(31, 60)).toEqual([60]);
  expect(offeredDurations(12, 20)).toEqual([20]);
});

it("allows from half an hour to the settings' maximum, or to what is left or free if that is less", () => {
  expect(possibleDurations(480, null, null)).toEqual({ shortest: 30, longest: 480 });
  expect(possibleDurations(480, 100, null)).toEqual({ shortest: 30, longest: 100 });
  expect(possibleDurations(480, 20, null)).toEqual({ shortest: 20, longest: 20 });
  expect(possibleDurations(480, 0, null)).toEqual({ shortest: 1, longest: 1 });
  expect(possibleDurations(480, 600, 90)).toEqual({ shortest: 30, longest: 90 });
});

it("says of an activation that its eligibility does not cover why it does not", () => {
  const failures = (from: number, to: number, eligibility: { startsAt: Date; endsAt: Date | null }) =>
    activationTimeFailures(
      { activationMaximumMinutes: 480 },
      {
        durationMinutes: to - from,
        eligibility,
        schedule: { startsAt: addMinutes(now, from), endsAt: addMinutes(now, to) },
      },
    ).map(({ message }) => message);
  const eligibility = { startsAt: now, endsAt: addMinutes(now, 120) };
  expect(failures(0, 120, eligibility)).toEqual([]);
  expect(failures(-1, 60, eligibility)).toEqual(["This eligibility begins later. Choose a later start."]);
  expect(failures(0, 121, eligibility)).toEqual([
    "This eligibility ends 2 hours after the start. Choose at most 2 hours.",
  ]);
  expect(failures(120, 180, eligibility)).toEqual([
    "This eligibility ends before that start. Choose an earlier start.",
  ]);
});

it("one proof is for several roles and members in any order", () => {
  const operation = {
    kind: "AssignRoles" as const,
    assignmentType: "Active" as const,
    roleDefinitionIds: ["a", "b"],
    resourceId: "production",
    principalIds: ["ada", "bob", "cy"],
    startsAt: null,
    endsAt: null,
  };
  const text = canonicalOperation(operation);
  for (const list of ["roleDefinitionIds", "principalIds"] as const) {
    expect(canonicalOperation({ ...operation, [list]: [...operation[list]].reverse() }), list).toBe(text);
    expect(canonicalOperation({ ...operation, [list]: operation[list].slice(1) }), list).not.toBe(text);
  }
});
