import { describe, expect, it } from "vitest";
import { eligibleAndActiveDays, minutesOf, nearestMinutes } from "@/lib/domain/imports/pim-durations";
import { pimRule, readPimRules } from "@/lib/domain/imports/pim-rules";
import { readImportFile } from "@/lib/platform/import-files/import-file";
import { answer, exampleRules, policyAssignment } from "../../support/pim-answers";

const read = (...rules: object[]) => readPimRules(rules.map((rule) => pimRule.parse(rule)));

describe("the rules of PIM", () => {
  it("are role settings, rule by rule, as in the official example", () => {
    const { settings, stages, notifications, notes } = read(...exampleRules(["one", "two"]));
    expect(settings).toEqual({
      activationMaximumMinutes: 420,
      activationRequiresMfa: true,
      activationRequiresJustification: true,
      activationRequiresTicket: true,
      approvalRequired: true,
      eligibleMaximumDays: 90,
      activeMaximumDays: null,
      assignmentRequiresMfa: true,
      assignmentRequiresJustification: true,
    });
    expect(stages).toEqual([{ approvers: ["one", "two"], timeoutHours: 24, escalation: [] }]);
    expect(notifications).toHaveLength(9);
    expect(notifications[0]).toEqual({
      event: "Admin_Eligibility",
      recipient: "Admin",
      rule: {
        defaultRecipients: false,
        additionalAddresses: ["admin_admin_eligibility@contoso.example"],
        criticalOnly: true,
      },
    });
    expect(notes).toEqual([]);
  });

  it("say in words what has no place here, each of it", () => {
    const expiration = { id: "Expiration_EndUser_Assignment", isExpirationRequired: true };
    for (const [rule, settings, note] of [
      [{ ...expiration, maximumDuration: "PT45M" }, { activationMaximumMinutes: 30 }, /lasts 45 minutes/],
      [{ ...expiration, maximumDuration: "P2D" }, { activationMaximumMinutes: 1_440 }, /24 hours/],
      [{ ...expiration, maximumDuration: "8 hours" }, {}, /8 hours is not understood/],
      [
        { ...expiration, isExpirationRequired: false, maximumDuration: "PT8H" },
        { activationMaximumMinutes: 480 },
        /permanent/,
      ],
      [
        { id: "Enablement_Admin_Assignment", enabledRules: ["Ticketing"] },
        { assignmentRequiresMfa: false, assignmentRequiresJustification: false },
        /Ticketing is required on direct assignment/,
      ],
      [{ id: "Enablement_Admin_Eligibility", enabledRules: ["Justification"] }, {}, /on eligible assignment/],
      [
        { id: "Expiration_Admin_Eligibility", isExpirationRequired: true, maximumDuration: "P120D" },
        { eligibleMaximumDays: 90 },
        /120 days/,
      ],
      [
        { id: "Expiration_Admin_Assignment", isExpirationRequired: true, maximumDuration: "P1Y" },
        { activeMaximumDays: 180 },
        /365 days/,
      ],
      [
        { id: "AuthenticationContext_EndUser_Assignment", isEnabled: true, claimValue: "c1" },
        { activationRequiresMfa: true },
        /authentication context c1/,
      ],
      [{ id: "Colour_EndUser_Assignment" }, {}, /Colour_EndUser_Assignment is not known/],
      [{ id: "Notification_Somebody_Admin_Eligibility" }, {}, /Notification_Somebody/],
      [
        {
          id: "Approval_EndUser_Assignment",
          setting: { isApprovalRequired: false, isApprovalRequiredForExtension: true },
        },
        { approvalRequired: false },
        /extension takes an approval/,
      ],
    ] as const) {
      const found = read(rule);
      expect(found.settings, JSON.stringify(rule)).toEqual(settings);
      expect(found.notes, JSON.stringify(rule)).toEqual([expect.stringMatching(note)]);
    }
  });

  it("require MFA for an authentication context, whichever rule comes first", () => {
    const rules = [
      { id: "AuthenticationContext_EndUser_Assignment", isEnabled: true, claimValue: "c1" },
      { id: "Enablement_EndUser_Assignment", enabledRules: [] },
    ];
    for (const each of [rules, rules.toReversed()])
      expect(read(...each).settings).toMatchObject({ activationRequiresMfa: true });
  });

  it("escalate an approval where it is switched on, and not otherwise", () => {
    const stage = {
      approvalStageTimeOutInDays: 14,
      escalationTimeInMinutes: 90,
      primaryApprovers: [{ id: "one" }],
      escalationApprovers: [{ id: "two" }],
    };
    const rule = (isEscalationEnabled: boolean) => ({
      id: "Approval_EndUser_Assignment",
      setting: { isApprovalRequired: true, approvalStages: [{ ...stage, isEscalationEnabled }] },
    });
    expect(read(rule(true)).stages).toEqual([{ approvers: ["one"], timeoutHours: 2, escalation: ["two"] }]);
    expect(read(rule(false)).stages).toEqual([{ approvers: ["one"], timeoutHours: 336, escalation: [] }]);
  });

  it("let a stage wait between a day and 30 days, say where it is otherwise there, and escalate to somebody only", () => {
    const days = (approvalStageTimeOutInDays: number | undefined, more = {}) =>
      read({
        id: "Approval_EndUser_Assignment",
        setting: {
          isApprovalRequired: true,
          approvalStages: [{ approvalStageTimeOutInDays, primaryApprovers: [{ id: "one" }], ...more }],
        },
      });
    const note = "A stage of an approval waits between a day and 30 days here.";
    for (const [there, hours] of [
      [1, 24],
      [30, 720],
      [undefined, 24],
    ] as const)
      expect(days(there)).toMatchObject({ stages: [{ timeoutHours: hours }], notes: [] });
    for (const [there, hours] of [
      [31, 720],
      [0, 24],
    ] as const)
      expect(days(there)).toMatchObject({ stages: [{ timeoutHours: hours }], notes: [note] });
    expect(
      days(2, { isEscalationEnabled: true, escalationApprovers: [], escalationTimeInMinutes: 60 }),
    ).toMatchObject({
      stages: [{ timeoutHours: 48, escalation: [] }],
    });
  });

  it("ask nobody where an approval names no stages, and say so of one stage that waits too long", () => {
    const approval = (approvalStages?: object[]) =>
      read({ id: "Approval_EndUser_Assignment", setting: { isApprovalRequired: true, approvalStages } });
    expect(approval()).toMatchObject({ settings: { approvalRequired: true }, stages: [], notes: [] });
    expect(read({ id: "Approval_EndUser_Assignment" })).toMatchObject({
      settings: {},
      stages: null,
      notes: [],
    });
    expect(read({ id: "Enablement_Admin_Eligibility" }).notes).toEqual([]);
    const stages = [1, 31].map((approvalStageTimeOutInDays) => ({ approvalStageTimeOutInDays }));
    expect(approval(stages).notes).toHaveLength(1);
  });

  it("require MFA by an authentication context only where it is in force", () => {
    const context = { id: "AuthenticationContext_EndUser_Assignment", claimValue: "c1" };
    const enabled = { id: "Enablement_EndUser_Assignment", enabledRules: ["Justification"] };
    const requires = (isEnabled: boolean) =>
      read({ ...context, isEnabled }, enabled).settings.activationRequiresMfa;
    expect([true, false].map(requires)).toEqual([true, false]);
  });

  it("name which assignment lasts otherwise here, and leave an unreadable maximum as it is", () => {
    const rule = { isExpirationRequired: true, maximumDuration: "P120D" };
    expect(read({ id: "Expiration_Admin_Eligibility", ...rule }).notes).toEqual([
      expect.stringMatching(/^An eligible assignment lasts 120 days/),
    ]);
    expect(read({ id: "Expiration_Admin_Assignment", ...rule, maximumDuration: "P1Y" }).notes).toEqual([
      expect.stringMatching(/^An active assignment lasts 365 days/),
    ]);
    const unread = read({ id: "Expiration_Admin_Assignment", ...rule, maximumDuration: "soon" });
    expect(unread).toMatchObject({
      settings: {},
      notes: [expect.stringContaining("soon is not understood")],
    });
  });

  it("take notifications of events and recipients that are known here, by default not only critical ones", () => {
    const id = "Notification_Admin_Admin_Eligibility";
    expect(read({ id, notificationLevel: "All" }).notifications).toEqual([
      {
        ...{ event: "Admin_Eligibility", recipient: "Admin" },
        rule: { defaultRecipients: true, additionalAddresses: [], criticalOnly: false },
      },
    ]);
    expect(read({ id }).notifications[0]?.rule).toMatchObject({ criticalOnly: false });
    for (const other of [`X${id}`, "Notification_Admin_Admin_Colour"])
      expect(read({ id: other })).toMatchObject({
        notifications: [],
        notes: [expect.stringContaining(other)],
      });
  });

  it("have durations that are read as ISO 8601 says, and never become longer", () => {
    for (const [text, minutes] of [
      ["PT8H", 480],
      ["PT30M", 30],
      ["P1D", 1_440],
      ["P1M", 43_200],
      ["P1Y", 525_600],
      ["P", null],
      ["PT0H", null],
      ["", null],
      [null, null],
    ] as const)
      expect(minutesOf(text), String(text)).toBe(minutes);
    expect(minutesOf("P12Y11M10W15DT13H120M30S")).toBe(
      (12 * 365 + 11 * 30 + 10 * 7 + 15) * 1_440 + 13 * 60 + 120,
    );
    expect([minutesOf("P2W"), minutesOf("PT10M123S")]).toEqual([14 * 1_440, 10]);
    for (const wrong of ["xP1D", "P1Dx", "PxW", "PT1Hx"]) expect(minutesOf(wrong), wrong).toBeNull();
    for (let minutes = 31; minutes < 1_500; minutes += 7)
      expect(nearestMinutes(minutes)).toBeLessThanOrEqual(minutes);
    expect(eligibleAndActiveDays("eligibleMaximumDays", 525_600)).toEqual({ days: 365, exact: true });
    expect(eligibleAndActiveDays("activeMaximumDays", 1_440)).toEqual({ days: 15, exact: false });
  });
});

describe("a file of role settings", () => {
  const of = { roleDefinitionId: "a1705bd2-3a8f-45a5-8683-466fcfd5cc24", scope: "/subscriptions/1" };

  it("has a row for each role at a scope, by its name", () => {
    const file = readImportFile(
      "RoleSettings",
      JSON.stringify(answer([policyAssignment(of, exampleRules(["1"]))])),
    );
    expect(file).toMatchObject({
      rows: [{ title: expect.stringContaining("FHIR Data Converter"), data: { role: of.roleDefinitionId } }],
    });
  });

  it("says what a policy without its role is, and takes no CSV", () => {
    const policy = { properties: { scope: of.scope, rules: exampleRules(["1"]) } };
    expect(readImportFile("RoleSettings", JSON.stringify(answer([policy])))).toMatchObject({
      rows: [{ fault: expect.stringContaining("Import roleManagementPolicyAssignments") }],
    });
    const type = "Microsoft.Authorization/roleManagementPolicies";
    const list = answer([{ ...policy, id: "/p/1", type }]);
    expect(readImportFile("RoleSettings", JSON.stringify(list))).toEqual({
      ok: false,
      message: expect.stringContaining("Add the answer of roleManagementPolicyAssignments"),
    });
    expect(readImportFile("RoleSettings", JSON.stringify(answer([policyAssignment(of, [])])))).toMatchObject({
      rows: [{ fault: expect.stringContaining("effectiveRules is missing or empty") }],
    });
    expect(readImportFile("RoleSettings", "role,scope\nReader,/\n")).toMatchObject({ ok: false });
  });
});
