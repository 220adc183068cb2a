import { describe, expect, it } from "vitest";
import type { EventFacts } from "@/lib/domain/notifications/event-facts";
import { noticesOf } from "@/lib/domain/notifications/event-notices";
import { approversBefore, settingsNotices } from "@/lib/domain/notifications/settings-notices";
import { type NotificationRule, withNotificationRule } from "@/lib/domain/roles/notification-settings";
import { defaultRoleSettings, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { asRead, eventOf } from "../../support/event-facts";

const read = (kind: string, details = {}, of: Partial<EventFacts> = {}) =>
  asRead(noticesOf(eventOf(kind, { details, ...of })));

describe("settings of the installation", () => {
  it("that were changed are announced to administrators, with what was changed", () => {
    const changed = (after: unknown) => read("OrganisationUpdated", { after })[0]?.[3];
    expect(read("OrganisationUpdated", { after: { displayName: "B", timeZone: "UTC" } })).toEqual([
      [
        ...["administrators", "administration", "The organisation's settings were changed"],
        "Max changed the organisation's name and its time zone. The log has them before and after.",
        "/organisation",
      ],
    ]);
    expect(changed({ allowedMailDomains: [], other: 1 })).toBe(
      "Max changed the domains to which role settings may send notifications. The log has them before and after.",
    );
    const addressed = eventOf("OrganisationUpdated", {
      details: {
        before: { alertAddresses: ["old@contoso.example"] },
        after: { alertAddresses: ["new@contoso.example"] },
      },
    });
    expect(noticesOf(addressed), "those that lose it and those that get it").toMatchObject([
      { addresses: ["old@contoso.example", "new@contoso.example"] },
    ]);
    const mailed = (after: unknown) =>
      noticesOf(eventOf("OrganisationUpdated", { details: { after } }))[0]?.addresses;
    expect(mailed({ displayName: "B" })).toEqual([]);
    expect(mailed({ alertAddresses: [7, "soc@contoso.example", null] })).toEqual(["soc@contoso.example"]);
    for (const unreadable of [null, "x", undefined])
      expect(changed(unreadable)).toBe("Max changed its settings. The log has them before and after.");
    expect(read("OrganisationUpdated", {}, { actorName: null })[0]?.[3]).toMatch(/^Somebody /);
  });

  it.each([
    ["SignInRulesUpdated", {}, "The rules for signing in and factors were changed", "/organisation/sign-in"],
    ["BackupRestored", {}, "Postern was restored from a backup", "/audit?kind=BackupRestored"],
    [
      "DirectoryRefused",
      { says: "Ada is enabled." },
      "A directory was refused something",
      "/organisation/directories",
    ],
  ])("%s is announced to administrators", (kind, details, title, href) => {
    expect(read(kind, details)).toEqual([
      ["administrators", "administration", title, expect.stringMatching(/^\S.*\.$/), href],
    ]);
  });

  it("a directory was refused says what and why, as far as that is known", () => {
    const rest = "Its page shows everything that it asked for and Postern did not apply.";
    expect(read("DirectoryRefused", { says: "Ada is enabled.", reason: "Not so." })[0]?.[3]).toBe(
      `Ada is enabled. Not so. ${rest}`,
    );
    expect(read("DirectoryRefused")[0]?.[3]).toBe(rest);
    const title = read("DirectoryRefused", { directoryName: "Entra" })[0]?.[2];
    expect(title).toBe("The directory Entra was refused something");
  });
});

describe("role settings that notify fewer people than before", () => {
  const withRule = (rule: Partial<NotificationRule>, settings = defaultRoleSettings): RoleSettings => ({
    ...settings,
    notifications: withNotificationRule(settings.notifications, "Admin_Assignment", "Admin", {
      ...{ defaultRecipients: true, additionalAddresses: [], criticalOnly: false, ...rule },
    }),
  });
  const soc = { additionalAddresses: ["soc@contoso.example", "ciso@contoso.example"] };
  const edit = (before: unknown, after: unknown, weakened: unknown = ["notifications"]) =>
    noticesOf(eventOf("RoleSettingsUpdated", { details: { before, after, weakened } }));
  const addresses = (before: RoleSettings, after: RoleSettings) => edit(before, after)[0]?.addresses;

  it("are announced to administrators and to the approvers before, and to addresses that were removed", () => {
    const notices = edit(withRule(soc), withRule({ additionalAddresses: ["SOC@contoso.example"] }));
    const title = "Recipients of notifications about Reader on Production were changed";
    const href = "/resources/s1/roles/d1/settings";
    expect(asRead(notices)).toEqual([
      ["administrators", "administration", title, expect.stringMatching(/^Max removed recipients/), href],
      ["approversBefore", "administration", title, expect.stringMatching(/^Max removed recipients/), href],
    ]);
    expect(notices.map((notice) => notice.addresses)).toEqual([["ciso@contoso.example"], []]);
  });

  it("are announced to an address that gets less than before, though it stays named", () => {
    const [all, critical] = [withRule(soc), withRule({ ...soc, criticalOnly: true })];
    expect(addresses(all, critical)).toEqual(soc.additionalAddresses);
    expect(addresses(critical, critical)).toEqual([]);
    expect(addresses(critical, all)).toEqual([]);
    expect(addresses(all, all)).toEqual([]);
  });

  it("are announced to each address once", () => {
    const twice = {
      ...withRule(soc),
      notifications: withNotificationRule(withRule(soc).notifications, "EndUser_Assignment", "Approver", {
        ...{ defaultRecipients: true, criticalOnly: false, ...soc },
      }),
    };
    expect(addresses(twice, defaultRoleSettings)).toEqual(soc.additionalAddresses);
  });

  it("are announced all the same where what was before cannot be read", () => {
    for (const before of [null, "x", { activationMaximumMinutes: "long" }]) {
      const notices = edit(before, withRule(soc));
      expect(notices.map(({ audience }) => audience)).toEqual(["administrators", "approversBefore"]);
      expect(notices[0]?.addresses).toEqual([]);
    }
    for (const after of [null, "x"]) expect(edit(withRule(soc), after)[0]?.addresses).toEqual([]);
    // A setting that did not exist then has its default.
    expect(edit({ notifications: withRule(soc).notifications }, defaultRoleSettings)[0]?.addresses).toEqual(
      soc.additionalAddresses,
    );
  });

  it("are announced to nobody where something else was changed", () => {
    for (const weakened of [[], ["activationRequiresMfa"], null, "notifications"])
      expect(edit(withRule(soc), defaultRoleSettings, weakened)).toEqual([]);
    const details = { before: withRule(soc), after: defaultRoleSettings, weakened: ["notifications"] };
    expect(settingsNotices(eventOf("RoleSettingsSuggested", { details }))).toEqual([]);
  });

  it("had as approvers those of every stage, where approval was required", () => {
    const stage = (...approverIds: string[]) => ({
      ...{ approverIds, approvalsNeeded: 1, escalationApproverIds: [], timeoutHours: 24 },
    });
    const ids = [1, 2, 3].map((digit) => `018f0000-0000-7000-8000-00000000000${digit}`);
    const [one = "", two = "", three = ""] = ids;
    const approvalStages = [stage(one, two), stage(three)];
    const of = (before: unknown) => approversBefore(eventOf("RoleSettingsUpdated", { details: { before } }));
    const settings = { ...defaultRoleSettings, approvalRequired: true, approvalStages };
    expect(of(settings)).toEqual(ids);
    expect(of({ ...settings, approvalRequired: false })).toEqual([]);
    expect(of(null)).toEqual([]);
  });
});
