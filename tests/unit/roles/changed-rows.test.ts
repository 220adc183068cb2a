import { expect, it } from "vitest";
import { changedRows } from "@/lib/domain/roles/role-setting-rows";
import { defaultRoleSettings, weakenedSettings } from "@/lib/domain/roles/role-settings";

const changes = (edit: Partial<typeof defaultRoleSettings>) => {
  const after = { ...defaultRoleSettings, ...edit };
  return changedRows(defaultRoleSettings, after, weakenedSettings(defaultRoleSettings, after), (id) => id);
};

it("an edit that changes nothing has no lines", () => {
  expect(changes({})).toEqual([]);
});

it("what an edit weakens is marked, with what it was and what it becomes", () => {
  expect(
    changes({ activationRequiresMfa: false, activationRequiresTicket: true, activationMaximumMinutes: 720 }),
  ).toEqual([
    {
      name: "activationMaximumMinutes",
      label: "Activation maximum duration (hours)",
      before: "8",
      after: "12",
      weakens: true,
    },
    {
      name: "activationRequiresMfa",
      label: "Require Multi-Factor Authentication on activation",
      before: "Yes",
      after: "No",
      weakens: true,
    },
    {
      name: "activationRequiresTicket",
      label: "Require ticket information on activation",
      before: "No",
      after: "Yes",
      weakens: false,
    },
  ]);
});

it("a period that becomes permanent changes two lines of one setting", () => {
  expect(
    changes({ activeMaximumDays: null }).map(({ label, before, after }) => [label, before, after]),
  ).toEqual([
    ["Allow permanent active assignment", "No", "Yes"],
    ["Expire active assignments after", "6 months", "–"],
  ]);
});

it("approvers have no line before while approval was not required", () => {
  const stage = { approverIds: ["ann"], escalationApproverIds: [], approvalsNeeded: 1, timeoutHours: 24 };
  const rows = changes({ approvalRequired: true, approvalStages: [stage] });
  expect(rows.find((row) => row.label === "Approvers")).toMatchObject({ before: null, weakens: false });
});
