import { describe, expect, it } from "vitest";
import type { ApprovalStage } from "@/lib/domain/roles/approval-settings";
import { emptyApprovalStage } from "@/lib/domain/roles/empty-approval-stage";
import { notificationFaults } from "@/lib/domain/roles/notification-faults";
import {
  bothNotifications,
  defaultNotificationSettings,
  notifiedOf,
  withNotificationRule,
} from "@/lib/domain/roles/notification-settings";
import { notificationsWeakened } from "@/lib/domain/roles/notification-weakened";
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
    expect(notifiedOf(mailed, "Admin_Assignment", "Informational").map((one) => one.recipient)).toEqual([
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

describe("an approval in an emergency", () => {
  it("lasts whole half hours, and no longer than an activation where approval is required", () => {
    const fields = (breakGlassMaximumMinutes: number | null, approvalRequired = true) =>
      roleSettingsFaults({
        ...{ ...approved(stage()), approvalRequired, activationMaximumMinutes: 480 },
        breakGlassMaximumMinutes,
      }).map(({ field }) => field);
    for (const allowed of [null, 30, 60, 480]) expect(fields(allowed)).toEqual([]);
    for (const wrong of [0, 29, 45, 30.5, 510, 1470])
      expect(fields(wrong)).toEqual(["breakGlassMaximumMinutes"]);
    expect(fields(510, false)).toEqual([]);
    expect(fields(1440, false)).toEqual([]);
    expect(fields(1470, false)).toEqual(["breakGlassMaximumMinutes"]);
  });
});

describe("approval that is required from now on", () => {
  it("is no protection where a stage leaves the decision to administrators", () => {
    const before = { ...approved(stage()), approvalRequired: false };
    const nobody = { able: () => new Set<string>(), mayAsk: new Set<string>() };
    const facts = { otherLevels: [], allowedMailDomains: null };
    const weakened = (deciders: typeof nobody | null) =>
      weakenedSettings(before, { ...before, approvalRequired: true }, { ...facts, deciders });
    expect(weakened(nobody)).toEqual(["approvalRequired"]);
    expect(weakened(null)).toEqual([]);
  });
});

describe("the rules of notifications", () => {
  const rule = { defaultRecipients: true, additionalAddresses: ["soc@contoso.example"], criticalOnly: false };
  const settings = (changes: Partial<typeof rule>) =>
    withNotificationRule(defaultNotificationSettings, "Admin_Assignment", "Requestor", {
      ...rule,
      ...changes,
    });
  const weakened = (
    before: Partial<typeof rule>,
    after: Partial<typeof rule>,
    allowed: readonly string[] | null = null,
  ) => notificationsWeakened(settings(before), settings(after), allowed);

  it("are weakened by each recipient that is removed, and not by one that is added", () => {
    expect(weakened({}, { defaultRecipients: false })).toBe(true);
    expect(weakened({ defaultRecipients: false }, {})).toBe(false);
    expect(weakened({}, { criticalOnly: true })).toBe(true);
    expect(weakened({ criticalOnly: true }, {})).toBe(false);
    expect(weakened({}, { additionalAddresses: [] })).toBe(true);
    expect(weakened({ additionalAddresses: [] }, {})).toBe(false);
    expect(weakened({}, {})).toBe(false);
  });

  it("are weakened by an address outside the allowed mail domains, where they are known", () => {
    const added = { additionalAddresses: ["soc@contoso.example", "x@elsewhere.example"] };
    expect(weakened({}, added, ["contoso.example"])).toBe(true);
    expect(weakened({}, added, ["contoso.example", "Elsewhere.example"])).toBe(false);
    expect(weakened(added, added, [])).toBe(false);
    expect(weakened({}, added)).toBe(false);
  });

  it("of two levels reach the recipients of both, and only of critical events where both say so", () => {
    const both = bothNotifications(
      settings({ defaultRecipients: false, criticalOnly: true }),
      settings({ additionalAddresses: ["a@contoso.example"], criticalOnly: true }),
    );
    expect(both.Admin_Assignment.Requestor).toEqual({
      ...{ defaultRecipients: true, criticalOnly: true },
      additionalAddresses: ["a@contoso.example", "soc@contoso.example"],
    });
    const off = settings({ defaultRecipients: false });
    expect(bothNotifications(off, off).Admin_Assignment.Requestor.defaultRecipients).toBe(false);
    expect(
      bothNotifications(settings({ criticalOnly: true }), settings({})).Admin_Assignment.Requestor
        .criticalOnly,
    ).toBe(false);
  });

  it("name at most ten extra addresses in each rule", () => {
    const addresses = (count: number) =>
      Array.from({ length: count }, (_, index) => `a${index}@contoso.example`);
    expect(notificationFaults(settings({ additionalAddresses: addresses(10) }))).toEqual([]);
    expect(notificationFaults(settings({ additionalAddresses: addresses(11) }))).toHaveLength(1);
  });
});
