import { afterAll, beforeAll, expect, it } from "vitest";
import { emptyApprovalStage } from "@/lib/domain/roles/empty-approval-stage";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import type { Caller } from "@/lib/platform/caller";
import { settingsFile } from "@/lib/queries/roles/settings-columns";
import { type ExportedSettingsFilter, settingsToExport } from "@/lib/queries/roles/settings-export";
import { type Administration, makeAdministration } from "../../support/administration";
import { grant, makeRole } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

const all: ExportedSettingsFilter = { search: "", used: false, below: false };

async function exported(caller: Caller, resourceId: string, filter: ExportedSettingsFilter) {
  const rows = [];
  let after: string | null = "";
  while (after !== null) {
    const batch: Awaited<ReturnType<typeof settingsToExport>> = await settingsToExport(
      at.database,
      caller,
      resourceId,
      filter,
      after,
    );
    if (!batch) return null;
    rows.push(...batch.rows);
    after = batch.next;
  }
  return rows;
}

/** A role whose settings were edited at the root, at the subscription and below it. */
async function editedEverywhere(name: string) {
  const role = await makeRole(at.database, name, { actions: ["*/read"] });
  const approver = await at.person("Ann Approver");
  const { root, subscription, group } = at.tree;
  const edit = (resourceId: string, settings: Record<string, unknown>) =>
    at.database.client.roleManagementPolicy.create({
      data: { resourceId, roleDefinitionId: role.id, version: 1, updatedAt: now, ...settings },
    });
  await edit(root.id, { activationMaximumMinutes: 60 });
  await edit(subscription.id, {
    approvalRequired: true,
    approvalStages: [{ ...emptyApprovalStage, approverIds: [approver.userId] }],
    eligibleMaximumDays: null,
    updatedById: at.owner.userId,
  });
  await edit(group.id, { activationMaximumMinutes: 90 });
  return { role, approver };
}

it("an export of role settings has one row for each role and level, with every setting and who approves", async () => {
  const { role, approver } = await editedEverywhere("Exported");
  const filter = { ...all, search: "Exported" };
  const { root, subscription, group } = at.tree;
  const rows = (await exported(at.owner, subscription.id, filter)) ?? [];
  expect(rows.map((row) => [row.place, row.resourceId, row.roleDefinitionId])).toEqual([
    ["here", subscription.id, role.id],
    ["above", root.id, role.id],
  ]);
  const here = rows
    .slice(0, 1)
    .map((row) => ({ object: settingsFile.json(row), fields: settingsFile.csv(row) }));
  expect(here[0]?.object).toMatchObject({
    edited: true,
    updatedAt: now,
    updatedByName: "Olga Owner",
    activationMaximumHours: 8,
    approvalRequired: true,
    approvers: `Stage 1: one of Ann Approver (${approver.email}) within 24 h`,
    approverIds: approver.userId,
    permanentEligibleAllowed: true,
    eligibleMaximumDays: null,
    activeMaximumDays: 180,
    Notification_Admin_EndUser_Assignment: "Default recipients",
  });
  expect(here[0]?.fields.length).toBe(settingsFile.columns.length);
  const below = (await exported(at.owner, subscription.id, { ...filter, below: true })) ?? [];
  expect(below.map((row) => [row.place, row.resourceId])).toEqual([
    ["here", subscription.id],
    ["above", root.id],
    ["below", group.id],
  ]);
  expect(below[2]?.settings.activationMaximumMinutes).toBe(90);
});

it("an export of all roles has each once at its level, and says which nobody edited", async () => {
  for (let each = 0; each < 60; each += 1)
    await makeRole(at.database, `Unedited ${each}`, {
      actions: [each === 0 ? "Microsoft.Authorization/roleAssignments/write" : "*/read"],
    });
  const rows =
    (await exported(at.owner, at.tree.subscription.id, { ...all, search: "Unedited", below: true })) ?? [];
  expect([rows.length, new Set(rows.map((row) => row.roleDefinitionId)).size]).toEqual([60, 60]);
  expect(rows.every((row) => !row.edited && row.place === "here")).toBe(true);
  expect(rows.filter((row) => row.settings.assignmentRequiresMfa).map((row) => row.roleName)).toEqual([
    "Unedited 0",
  ]);
});

it("shows a reader of one resource no level that they may not read, and nobody who may read none", async () => {
  await editedEverywhere("Read below the root");
  const filter = { ...all, search: "Read below the root", below: true };
  const reading = await makeRole(at.database, "Reader of settings", {
    actions: ["Microsoft.Authorization/roleManagementPolicies/read"],
  });
  const reader = await at.person("Rita Reader");
  const { subscription, root } = at.tree;
  expect(await exported(reader, subscription.id, filter)).toBeNull();
  const held = await grant(at.database, "active", reader.userId, reading.id, subscription.id);
  const rows = (await exported(reader, subscription.id, filter)) ?? [];
  expect(rows.map(({ place }) => place)).toEqual(["here", "below"]);
  expect(await exported(reader, root.id, filter)).toBeNull();
  await removeAssignment(at.database, at.owner, {
    assignmentType: "Active",
    id: held.id,
    justification: null,
  });
  expect(await exported(reader, subscription.id, filter)).toBeNull();
});
