import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import { replaySettings } from "@/lib/queries/roles/replay-settings";
import { settingsToShare, settingsToTake } from "@/lib/queries/roles/settings-to-take";
import { type Administration, makeAdministration } from "../../support/administration";
import { approvedBy, setSettings, stageOf } from "../../support/approval";
import { grant, makeRole } from "../../support/factories";

let at: Administration;
let here: string;
let role: { id: string };
let strict: { id: string };
let approver: { userId: string };

beforeAll(async () => {
  at = await makeAdministration();
  here = at.tree.subscription.id;
  role = await makeRole(at.database, "Contributor", { actions: ["*/read"] });
  strict = await makeRole(at.database, "Operator", { actions: ["*/read"] });
  approver = await at.person("Ada Approver");
});
afterAll(() => at.test.drop());

const about = () => ({ roleDefinitionId: role.id, resourceId: here });
const asked = (take: string | null, by = at.owner) => settingsToTake(at.database, by, about(), take);
const keys = async (by = at.owner) => (await asked(null, by))?.sources.map(({ key }) => key);

describe("an edit of role settings can start from", () => {
  it("the built-in default alone, where nobody edited anything", async () => {
    expect(await asked("default")).toMatchObject({
      sources: [{ kind: "Default" }],
      taken: { source: { kind: "Default" }, settings: defaultRoleSettings, approvers: [] },
    });
    const mighty = await makeRole(at.database, "Access administrator", {
      actions: ["Microsoft.Authorization/*"],
    });
    const [other, of] = [{ roleDefinitionId: mighty.id, resourceId: here }, "default"];
    const found = await settingsToTake(at.database, at.owner, other, of);
    expect(found?.taken?.settings.assignmentRequiresMfa).toBe(true);
  });

  it("what was edited for another role there and for this one above, with who approves", async () => {
    const settings = approvedBy([stageOf([approver.userId])], { activationRequiresTicket: true });
    await setSettings(at.database, strict.id, here, settings);
    await setSettings(at.database, role.id, at.tree.root.id, {
      ...defaultRoleSettings,
      activationMaximumMinutes: 60,
    });
    // Neither its own, nor those edited below or for another role above.
    await setSettings(at.database, role.id, here, { ...defaultRoleSettings, activationMaximumMinutes: 120 });
    await setSettings(at.database, role.id, at.tree.group.id, defaultRoleSettings);
    await setSettings(at.database, strict.id, at.tree.root.id, defaultRoleSettings);
    expect(await keys()).toEqual(["default", strict.id, at.tree.root.id]);
    expect((await asked(strict.id))?.taken).toEqual({
      source: { kind: "Role", key: strict.id, roleName: "Operator" },
      settings,
      approvers: [expect.objectContaining({ id: approver.userId, displayName: "Ada Approver" })],
    });
    expect((await asked(at.tree.root.id))?.taken?.settings.activationMaximumMinutes).toBe(60);
  });

  it("what was edited for any role there, or each role's own default, for several at once", async () => {
    const share = (take: string) => settingsToShare(at.database, at.owner, here, take);
    expect(await share("default")).toMatchObject({
      sources: [{ key: "default" }, { roleName: "Contributor" }, { roleName: "Operator" }],
      taken: { settings: "Default" },
    });
    const own = { ...defaultRoleSettings, activationMaximumMinutes: 120 };
    expect((await share(role.id))?.taken).toMatchObject({ settings: own });
    for (const made of ["", "nonsense", crypto.randomUUID(), at.tree.root.id])
      expect((await share(made))?.taken).toBeNull();
    expect(await settingsToShare(at.database, at.owner, "nonsense", null)).toBeNull();
  });

  it("nothing that is made up, of another place, or of a role that is gone", async () => {
    for (const made of ["", "nonsense", crypto.randomUUID(), role.id, at.tree.group.id, here])
      expect((await asked(made))?.taken).toBeNull();
    const gone = await makeRole(at.database, "Gone", { actions: ["*/read"] });
    await setSettings(at.database, gone.id, here, defaultRoleSettings);
    expect(await keys()).toContain(gone.id);
    await at.test.asOwner(
      "UPDATE role_definitions SET role_type = 'CustomRole', deleted_at = now() WHERE id = $1",
      [gone.id],
    );
    expect(await keys()).not.toContain(gone.id);
    expect((await asked(gone.id))?.taken).toBeNull();
    expect(
      await settingsToTake(at.database, at.owner, { ...about(), roleDefinitionId: gone.id }, null),
    ).toBeNull();
  });

  it("nothing for whoever may not edit the settings there, and the default alone for whoever may not read others", async () => {
    expect(await asked("default", await at.person("Ned Nobody"))).toBeNull();
    const reader = await at.person("Rea Reader");
    const reads = await makeRole(at.database, "Reads", { actions: ["*/read"] });
    await grant(at.database, "active", reader.userId, reads.id, here);
    expect(await asked("default", reader)).toBeNull();
    const writer = await at.person("Will Writer");
    const writes = await makeRole(at.database, "Writes", {
      actions: ["Microsoft.Authorization/roleManagementPolicies/write"],
    });
    await grant(at.database, "active", writer.userId, writes.id, here);
    expect(await keys(writer)).toEqual(["default"]);
    expect((await asked(strict.id, writer))?.taken).toBeNull();
    expect(await settingsToShare(at.database, reader, here, "default")).toBeNull();
    expect(await settingsToShare(at.database, writer, here, strict.id)).toMatchObject({
      sources: [{ key: "default" }],
      taken: null,
    });
    for (const wrong of ["nonsense", crypto.randomUUID()])
      expect(await settingsToTake(at.database, at.owner, { ...about(), resourceId: wrong }, null)).toBeNull();
  });

  it("settings that are replayed before they are saved, and saved as any others: a stale edit is refused", async () => {
    const taken = (await asked(strict.id))?.taken;
    if (!taken) throw new Error("nothing was taken");
    const { settings } = taken;
    const replayed = await replaySettings(at.database, at.owner, { ...about(), settings }, null);
    expect(replayed).toMatchObject({ whole: true });
    const input = { ...about(), settings, proofId: null };
    const stale = await updateRoleSettings(at.database, at.owner, { ...input, expectedVersion: 99 });
    expect(stale).toMatchObject({ ok: false, error: { code: "StaleRoleSettings" } });
    const expectedVersion = replayed?.version ?? 0;
    // Eight hours instead of two are weaker.
    const unproved = await updateRoleSettings(at.database, at.owner, { ...input, expectedVersion });
    expect(unproved).toMatchObject({
      ok: false,
      error: { code: "RoleAssignmentRequestPolicyValidationFailed" },
    });
    const proofId = await at.prove({ kind: "UpdateRoleSettings", ...about(), settings, expectedVersion });
    const saved = await updateRoleSettings(at.database, at.owner, { ...input, expectedVersion, proofId });
    expect(saved).toMatchObject({ ok: true });
  });
});
