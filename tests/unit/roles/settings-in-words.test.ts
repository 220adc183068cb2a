import { expect, it } from "vitest";
import { settingLabel, settingsInWords } from "@/components/audit/settings-in-words";
import { emptyApprovalStage } from "@/lib/domain/roles/empty-approval-stage";
import { defaultRoleSettings, judgingSettings } from "@/lib/domain/roles/role-settings";

const ada = "0199d1f0-0000-7000-8000-00000000000a";

it("spells role settings out as their page does, with the names at the time", () => {
  const settings = {
    ...defaultRoleSettings,
    approvalRequired: true,
    approvalStages: [{ ...emptyApprovalStage, approverIds: [ada] }],
  };
  const words = settingsInWords({ ...settings }, { [ada]: "Ada Byron" });
  expect(words).toMatchObject({
    "Activation maximum duration (hours)": "8",
    "Require approval to activate": "Yes",
    Approvers: "one of Ada Byron within 24 h",
    "Eligible member activates: approver": "Default recipients",
  });
  expect(Object.keys(settingsInWords({ ...judgingSettings(settings) }, {})).join()).not.toContain("member");
  expect(settingLabel("approvalRequiresStepUp")).toBe("Require Multi-Factor Authentication on approval");
});

it("says nothing of settings that an older event does not have, and leaves anything else alone", () => {
  const { approvalRequired: _, approvalStages: _s, notifications: _n, ...older } = defaultRoleSettings;
  expect(settingsInWords(older, undefined)).not.toHaveProperty("Require approval to activate");
  expect(settingsInWords({ startsAt: "2026-03-02T09:00:00Z" }, undefined)).toEqual({
    startsAt: "2026-03-02T09:00:00Z",
  });
  const broken = { activationMaximumMinutes: "a lot" };
  expect(settingsInWords(broken, undefined)).toBe(broken);
});
