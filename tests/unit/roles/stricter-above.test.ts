import { expect, it } from "vitest";
import { stricterAbove } from "@/lib/domain/roles/role-setting-rows";
import { defaultRoleSettings, type RoleSettings } from "@/lib/domain/roles/role-settings";

const level = (name: string, changes: Partial<RoleSettings>) => ({
  name,
  settings: { ...defaultRoleSettings, ...changes },
});
const found = (own: Partial<RoleSettings>, ...above: ReturnType<typeof level>[]) =>
  stricterAbove({ ...defaultRoleSettings, ...own }, above, (id) => id).map(
    ({ label, here, counts, from }) => ({
      ...{ label, here, counts },
      from: from.map(({ name }) => name),
    }),
  );

it("names each setting for which a level above is stricter, what counts instead, and which levels ask for it", () => {
  const root = level("root", { activationMaximumMinutes: 60 });
  const platform = level("platform", { activationMaximumMinutes: 120, activationRequiresTicket: true });
  expect(found({}, root, platform)).toEqual([
    {
      ...{ label: "Activation maximum duration (hours)", here: "8", counts: "1" },
      from: ["root", "platform"],
    },
    {
      ...{ label: "Require ticket information on activation", here: "No", counts: "Yes" },
      from: ["platform"],
    },
  ]);
});

it("says nothing where the level's own settings are the strictest, nor of who is notified", () => {
  expect(found({ activationMaximumMinutes: 30 }, level("root", { activationMaximumMinutes: 60 }))).toEqual(
    [],
  );
  expect(found({})).toEqual([]);
  const silent = { defaultRecipients: false, additionalAddresses: [], criticalOnly: false };
  const { Admin_Assignment: rules, ...others } = defaultRoleSettings.notifications;
  const notifications = { ...others, Admin_Assignment: { ...rules, Admin: silent } };
  expect(found({ notifications }, level("root", {}))).toEqual([]);
});

it("shows a setting that the level itself has not", () => {
  const approved = { approvalRequired: true, breakGlassMaximumMinutes: 60 };
  expect(found({}, level("root", approved)).some(({ here }) => here === null)).toBe(true);
});
