import { expect, it } from "vitest";
import { canonicalOperation } from "@/lib/domain/gate/canonical-operation";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";

const times = { startsAt: null, endsAt: null };
const [one, two, three] = ["0193-a", "0193-b", "0193-c"] as const;
const threshold = { enabled: true, threshold: 3, percent: 0 };
const setting = (alert: string) => ({ ...threshold, alert, shown: threshold });
const settingsOf = (roleDefinitionId: string) => ({ roleDefinitionId, expectedVersion: 1, changes: {} });
const item = (eligibilityId: string, resourceId: string) => ({
  ...{ eligibilityId, resourceId, startsAt: null, durationMinutes: 60 },
});
const shown = (id: string) => ({
  ...{ id, startsAt: "2026-03-01T09:00:00.000Z", endsAt: null },
  ...{ eligibleUntil: null, keptId: null, readiness: "0 None" },
});

/** Every operation with a list, by the list in its order. */
const operations: Readonly<Record<string, (turn: <Part>(parts: Part[]) => Part[]) => ProtectedOperation>> = {
  AssignRole: (turn) => ({
    ...{ kind: "AssignRole", assignmentType: "Active", roleDefinitionId: one, resourceId: one, ...times },
    principalIds: turn([one, two, three]),
  }),
  ActivateRoles: (turn) => ({
    kind: "ActivateRoles",
    items: turn([item(one, one), item(one, two), item(two, one)]),
  }),
  UpdateSettingsOfRoles: (turn) => ({
    ...{ kind: "UpdateSettingsOfRoles", resourceId: one },
    roles: turn([settingsOf(one), settingsOf(two), settingsOf(three)]),
  }),
  AddGroupMembers: (turn) => ({
    ...{ kind: "AddGroupMembers", groupId: one },
    memberIds: turn([one, two, three]),
  }),
  UpdateAlertSettings: (turn) => ({
    ...{ kind: "UpdateAlertSettings", resourceId: one },
    alerts: turn([setting("ActivatesOften"), setting("StaleAccount"), setting("TooManyOwners")]),
  }),
  DecideRequests: (turn) => ({
    ...{ kind: "DecideRequests", decision: "Approve" },
    requestIds: turn([one, two, three]),
  }),
  ExtendAssignments: (turn) => ({
    ...{ kind: "ExtendAssignments", endsAt: null },
    rows: turn([one, two, three].map((id) => ({ assignmentType: "Active", id, expectedEnd: null }))),
  }),
  ApproveExtensions: (turn) => ({
    kind: "ApproveExtensions",
    requests: turn([one, two, three].map((id) => ({ id, expectedEnd: null }))),
  }),
  MakeEligible: (turn) => ({ kind: "MakeEligible", rows: turn([one, two, three].map(shown)) }),
  RenewAssignments: (turn) => ({
    ...{ kind: "RenewAssignments", ...times },
    rows: turn([one, two, three].map((id) => ({ assignmentType: "Active", id }))),
  }),
  AssignRoles: (turn) => ({
    ...{ kind: "AssignRoles", assignmentType: "Active", resourceId: one, ...times },
    ...{ roleDefinitionIds: turn([one, two]), principalIds: turn([one, two, three]) },
  }),
};

it.each(Object.entries(operations))(
  "a proof of %s fits whatever the order of its list",
  (_kind, operation) => {
    const text = canonicalOperation(operation((parts) => parts));
    expect(canonicalOperation(operation((parts) => [...parts].reverse()))).toBe(text);
    expect(
      canonicalOperation(operation(([first, ...others]) => [...others, ...(first ? [first] : [])])),
    ).toBe(text);
  },
);

it.each(Object.entries(operations))("a proof of %s fits no shorter list", (_kind, operation) => {
  const text = canonicalOperation(operation((parts) => parts));
  expect(canonicalOperation(operation((parts) => parts.slice(1)))).not.toBe(text);
});
