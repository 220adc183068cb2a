import { describe, expect, it } from "vitest";
import { type ApprovalStage, emptyApprovalStage } from "@/lib/domain/roles/approval-settings";
import {
  defaultNotificationSettings,
  notifiedOf,
  withNotificationRule,
} from "@/lib/domain/roles/notification-settings";
import { defaultRoleSettings, weakenedSettings } from "@/lib/domain/roles/role-settings";
import { roleSettingsFaults } from "@/lib/domain/roles/role-settings-faults";

const stage = (changes: Partial<ApprovalStage> = {}): ApprovalStage => ({
  ...emptyApprovalStage,
  approverIds: ["ada", "bob"],
  ...changes,
});
const approved = (...approvalStages: ApprovalStage[]) => ({
  ...defaultRoleSettings,
  approvalRequired: true,
  approvalStages,
});

describe("approval in role settings", () => {
  it("needs an approver in each stage, and at most three stages", () => {
    const faults = (...stages: ApprovalStage[]) => roleSettingsFaults(approved(...stages));
    expect(faults()).toMatchObject([{ field: "approvalStages" }]);
    expect(faults(stage(), stage({ approverIds: [] }))).toMatchObject([
      { message: "Stage 2: Choose at least one approver." },
    ]);
    expect(faults(stage(), stage(), stage(), stage())).toHaveLength(1);
    expect(faults(stage({ approvalsNeeded: 0 }))).toHaveLength(1);
    expect(faults(stage({ timeoutHours: 0.5 }))).toHaveLength(1);
    expect(faults(stage(), stage({ approverIds: ["cyd"] }))).toEqual([]);
  });

  it("is weakened by whatever makes it easier to get", () => {
    const before = { ...approved(stage({ approvalsNeeded: 2 })), approvalRequiresStepUp: true };
    const weakened = (after: Partial<typeof before>) => weakenedSettings(before, { ...before, ...after });
    expect(weakened({ approvalRequired: false })).toEqual(["approvalRequired"]);
    expect(weakened({ approvalRequiresStepUp: false })).toEqual(["approvalRequiresStepUp"]);
    for (const easier of [
      { approvalsNeeded: 1 },
      { approvalsNeeded: 2, approverIds: ["ada", "bob", "cyd"] },
      { approvalsNeeded: 2, escalationApproverIds: ["cyd"] },
      { approvalsNeeded: 2, timeoutHours: 48 },
    ])
      expect(weakened({ approvalStages: [stage(easier)] })).toEqual(["approvalStages"]);
    expect(
      weakened({ approvalStages: [stage({ approvalsNeeded: 2 }), stage({ approverIds: ["cyd"] })] }),
    ).toEqual([]);
    expect(weakened({ approvalStages: [stage({ approvalsNeeded: 2, timeoutHours: 12 })] })).toEqual([]);
  });
});

describe("notifications in role settings", () => {
  it("notify everybody by default, and only whom the settings say after that", () => {
    expect(notifiedOf(defaultNotificationSettings, "EndUser_Assignment", "Informational")).toEqual(
      ["Admin", "Requestor", "Approver"].map((recipient) => ({
        recipient,
        defaultRecipients: true,
        additionalAddresses: [],
      })),
    );
    const off = { defaultRecipients: false, additionalAddresses: [], criticalOnly: false };
    const silent = withNotificationRule(defaultNotificationSettings, "Admin_Assignment", "Admin", off);
    const mailed = withNotificationRule(silent, "Admin_Assignment", "Requestor", {
      ...off,
      additionalAddresses: ["soc@contoso.example"],
      criticalOnly: true,
    });
    expect(notifiedOf(mailed, "Admin_Assignment", "Informational").map((told) => told.recipient)).toEqual([
      "Approver",
    ]);
    expect(notifiedOf(mailed, "Admin_Assignment", "Critical")).toMatchObject([
      { recipient: "Requestor", defaultRecipients: false, additionalAddresses: ["soc@contoso.example"] },
      { recipient: "Approver" },
    ]);
    expect(notifiedOf(mailed, "Admin_Eligibility", "Informational")).toHaveLength(3);
  });

  it("take only addresses that mail could reach", () => {
    const withAddress = (text: string) => ({
      ...defaultRoleSettings,
      notifications: withNotificationRule(defaultNotificationSettings, "EndUser_Assignment", "Approver", {
        defaultRecipients: true,
        additionalAddresses: [text],
        criticalOnly: false,
      }),
    });
    expect(roleSettingsFaults(withAddress("soc@contoso.example"))).toEqual([]);
    for (const wrong of ["soc", "soc@contoso", "a@b.example\r\nBcc: c@d.example", "<soc@contoso.example>"])
      expect(roleSettingsFaults(withAddress(wrong))).toMatchObject([{ field: "notifications" }]);
  });
});
