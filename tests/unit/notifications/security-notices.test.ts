import { expect, it } from "vitest";
import type { EventFacts } from "@/lib/domain/notifications/event-facts";
import { noticesOf } from "@/lib/domain/notifications/event-notices";
import { withNotificationRule } from "@/lib/domain/roles/notification-settings";
import { defaultRoleSettings, type RoleSettings } from "@/lib/domain/roles/role-settings";

const id = "018f0000-0000-7000-8000-000000000000";
const event = (kind: string, details: EventFacts["details"]): EventFacts => ({
  ...{ kind, details, requestId: null, actorId: id, actorName: "Max", targetId: id, targetName: "Ada" },
  ...{
    roleDefinitionId: null,
    roleName: null,
    resourceId: null,
    eligibilityId: null,
    resourceName: null,
    scope: null,
  },
  ...{ justification: null, ipAddress: null, userAgent: null, occurredAt: new Date(0), requestorId: null },
  ...{ actorEmail: null, targetType: null, targetEmail: null, targetExternalId: null },
  ofExtension: false,
  ...{ fromNewAddress: false, withNewBrowser: false, mailedLately: false },
});

it("notifies a person of a change of their address at the old one too", () => {
  const before = { displayName: "Ada", email: "ada@contoso.example" };
  const after = { displayName: "Ada", email: "mallory@contoso.example" };
  expect(noticesOf(event("PrincipalUpdated", { before, after }))).toMatchObject([
    { audience: "target", addresses: ["ada@contoso.example"] },
  ]);
  const recased = { ...before, email: "Ada@contoso.example" };
  expect(noticesOf(event("PrincipalUpdated", { before, after: recased }))).toEqual([]);
});

it("notifies a person of a sign-in that is issued for them, and of its use", () => {
  for (const kind of ["SignInIssued", "OneTimePasswordUsed"])
    expect(noticesOf(event(kind, { signIn: "Invitation" }))).toMatchObject([{ audience: "target" }]);
});

it("notifies an address that gets less than before, though it stays named", () => {
  const additionalAddresses = ["soc@contoso.example"];
  const notice = (criticalOnly: boolean): RoleSettings => {
    const rule = { defaultRecipients: true, additionalAddresses, criticalOnly };
    const { notifications } = defaultRoleSettings;
    return {
      ...defaultRoleSettings,
      notifications: withNotificationRule(notifications, "Admin_Assignment", "Admin", rule),
    };
  };
  const details = { before: { ...notice(false) }, after: { ...notice(true) }, weakened: ["notifications"] };
  const notices = noticesOf(event("RoleSettingsUpdated", details));
  expect(notices[0]).toMatchObject({ audience: "administrators", addresses: additionalAddresses });
});
