import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writesAuthorization } from "@/lib/domain/roles/permissions";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { assignRole } from "@/lib/operations/assignments/assign-role";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import { activationChoices } from "@/lib/queries/activation/activation-choices";
import { termsOfSeveral } from "@/lib/queries/activation/activations-asked";
import { readRoleSettings } from "@/lib/queries/assignments/role-members";
import { type Administration, makeAdministration, refusedBy } from "../../support/administration";
import { approvedBy, setSettings, stageOf } from "../../support/approval";
import { holdLock } from "../../support/database/held-lock";
import { grant, makeRole } from "../../support/factories";

let at: Administration;
beforeAll(async () => {
  at = await makeAdministration();
});
afterAll(() => at.test.drop());

/** Root, subscription and resource group, and a resource in the group: eligible at the root, activated at the bottom. */
async function arrange() {
  const { database, tree } = at;
  const resource = await database.client.resource.create({
    data: {
      parentId: tree.group.id,
      scope: `${tree.group.scope}/providers/Microsoft.Web/sites/${crypto.randomUUID()}`,
      displayName: "shop",
      resourceType: "Microsoft.Web/sites",
    },
  });
  const role = await makeRole(database, `Contributor ${crypto.randomUUID()}`, { actions: ["*/read"] });
  const open = {
    ...defaultRoleSettings,
    activationRequiresMfa: false,
    assignmentRequiresJustification: false,
  };
  for (const { id } of [tree.root, tree.subscription, tree.group, resource])
    await setSettings(database, role.id, id, open);
  const member = await at.person("Mia Member");
  const eligibility = await grant(database, "eligible", member.userId, role.id, tree.root.id);
  const activate = (resourceId: string) =>
    activateRole(database, member, {
      eligibilityId: eligibility.id,
      resourceId,
      startsAt: null,
      durationMinutes: 60,
      justification: "Deployment",
      ticketNumber: null,
      ticketSystem: null,
      proofId: null,
    });
  const assign = async (resourceId: string, days = 10) =>
    assignRole(database, at.owner, {
      assignmentType: "Active",
      roleDefinitionId: role.id,
      resourceId,
      principalIds: [(await at.person("Ned New")).userId],
      startsAt: null,
      endsAt: new Date(Date.now() + days * 86_400_000),
      justification: null,
      proofId: null,
    });
  return { role, resource, member, eligibility, open, activate, assign };
}

describe("an activation narrowed past a stricter level", () => {
  it("waits for the approval that a level between asks for", async () => {
    const { role, resource, activate } = await arrange();
    const approver = await at.person("Ann Approver");
    await setSettings(
      at.database,
      role.id,
      at.tree.subscription.id,
      approvedBy([stageOf([approver.userId])], { activationRequiresMfa: false }),
    );
    expect(await activate(resource.id)).toMatchObject({ ok: true, status: "PendingApproval" });
  });

  it("needs the code, the ticket and the shorter duration of whichever level asks for them", async () => {
    const { role, resource, open, activate, member, eligibility } = await arrange();
    const { tree, database } = at;
    await setSettings(database, role.id, tree.subscription.id, { ...open, activationRequiresMfa: true });
    await setSettings(database, role.id, tree.group.id, {
      ...open,
      activationRequiresTicket: true,
      activationMaximumMinutes: 30,
    });
    const refused = await activate(resource.id);
    if (refused.ok || refused.error.code !== "RoleAssignmentRequestPolicyValidationFailed")
      throw new Error("not refused");
    expect(new Set(refused.error.failures.map(({ rule }) => rule))).toEqual(
      new Set(["MfaRule", "TicketingRule", "ExpirationRule"]),
    );
    const shown = {
      activationRequiresMfa: true,
      activationRequiresTicket: true,
      activationMaximumMinutes: 30,
    };
    const asked = { eligibilityId: eligibility.id, search: "", chosenId: resource.id };
    const { choices } = await activationChoices(database, member, asked);
    expect(choices.find(({ id }) => id === resource.id)?.settings).toMatchObject(shown);
    const several = await termsOfSeveral(database, member, [
      { eligibilityId: eligibility.id, resourceId: resource.id },
    ]);
    expect(several.terms).toMatchObject([{ settings: shown }]);
  });

  it("is not held to levels above its eligibility, nor below the chosen one", async () => {
    const { role, resource, open, member } = await arrange();
    const { tree, database } = at;
    const strict = { ...open, activationRequiresMfa: true };
    await setSettings(database, role.id, tree.root.id, strict);
    await setSettings(database, role.id, resource.id, strict);
    const own = await grant(database, "eligible", member.userId, role.id, tree.subscription.id);
    const taken = await activateRole(database, member, {
      eligibilityId: own.id,
      resourceId: tree.group.id,
      startsAt: null,
      durationMinutes: 60,
      justification: "Deployment",
      ticketNumber: null,
      ticketSystem: null,
      proofId: null,
    });
    expect(taken).toMatchObject({ ok: true, status: "Provisioned" });
  });
});

describe("a direct assignment below a stricter level", () => {
  it("takes the code, the reason and the shorter time that a level above asks for", async () => {
    const { role, resource, open, assign } = await arrange();
    expect(await assign(resource.id, 100)).toMatchObject({ ok: true });
    await setSettings(at.database, role.id, at.tree.subscription.id, {
      ...open,
      assignmentRequiresMfa: true,
      assignmentRequiresJustification: true,
      activeMaximumDays: 15,
    });
    expect(await assign(resource.id, 100)).toMatchObject(
      refusedBy("ExpirationRule", "JustificationRule", "MfaRule"),
    );
    expect(await assign(at.tree.root.id, 100)).toMatchObject({ ok: true });
  });

  it("is not held to a level above that nobody has edited", async () => {
    const { database, tree } = at;
    const role = await makeRole(database, `Reader ${crypto.randomUUID()}`, { actions: ["*/read"] });
    const without = {
      ...defaultRoleSettings,
      assignmentRequiresJustification: false,
      activeMaximumDays: null,
    };
    await setSettings(database, role.id, tree.group.id, without);
    const member = await at.person("Pia Permanent");
    const given = await assignRole(database, at.owner, {
      assignmentType: "Active",
      roleDefinitionId: role.id,
      resourceId: tree.group.id,
      principalIds: [member.userId],
      startsAt: null,
      endsAt: null,
      justification: null,
      proofId: null,
    });
    expect(given).toMatchObject({ ok: true });
  });

  it("is shown on the page of the settings: what counts, and whose it is", async () => {
    const { role, resource, open } = await arrange();
    const strict = { ...open, activeMaximumDays: 15 };
    await setSettings(at.database, role.id, at.tree.subscription.id, strict);
    const shown = await readRoleSettings(at.database, resource.id, role.id);
    expect(shown).toMatchObject({ settings: { activeMaximumDays: 180 }, inForce: { activeMaximumDays: 15 } });
    expect(shown?.above.map(({ resourceId }) => resourceId)).toEqual([
      at.tree.group.id,
      at.tree.subscription.id,
      at.tree.root.id,
    ]);
  });

  it("waits for the first edit of a level above, and is judged by it", async () => {
    const { database, tree } = at;
    const role = await makeRole(database, `Operator ${crypto.randomUUID()}`, { actions: ["*/read"] });
    const member = await at.person("Rae Racer");
    // The edit has made and locked the level's first settings, but is not committed yet.
    const editing = await holdLock(
      at.test,
      `INSERT INTO role_management_policies (resource_id, role_definition_id, version, assignment_requires_mfa)
       VALUES ($1, $2, 1, TRUE)`,
      [tree.root.id, role.id],
    );
    const given = assignRole(database, at.owner, {
      assignmentType: "Active",
      roleDefinitionId: role.id,
      resourceId: tree.group.id,
      principalIds: [member.userId],
      startsAt: null,
      endsAt: new Date(Date.now() + 86_400_000),
      justification: "Cover",
      proofId: null,
    });
    await editing.waitedFor();
    await editing.release();
    expect(await given).toMatchObject(refusedBy("MfaRule"));
  });
});

describe("a role that can write authorisation", () => {
  it("begins with MFA on direct assignment, here and in the database, until somebody edits its settings", async () => {
    const { database, tree, owner } = at;
    const role = await makeRole(database, `Access admin ${crypto.randomUUID()}`, {
      actions: ["Microsoft.Authorization/roleAssignmentScheduleRequests/*"],
    });
    const settings = async () => (await readRoleSettings(database, tree.group.id, role.id))?.settings;
    expect(await settings()).toMatchObject({ assignmentRequiresMfa: true });
    const input = { roleDefinitionId: role.id, resourceId: tree.group.id, expectedVersion: 0 };
    const off = { ...defaultRoleSettings, assignmentRequiresMfa: false };
    const edit = { ...input, settings: off };
    expect(await updateRoleSettings(database, owner, { ...edit, proofId: null })).toMatchObject(
      refusedBy("MfaRule"),
    );
    expect(await settings()).toMatchObject({ assignmentRequiresMfa: true });
    const proofId = await at.prove({ kind: "UpdateRoleSettings", ...edit });
    expect(await updateRoleSettings(database, owner, { ...edit, proofId })).toMatchObject({ ok: true });
    expect(await settings()).toMatchObject({ assignmentRequiresMfa: false });
  });

  it("is known alike to the rules and to the database, of every built-in role", async () => {
    const file = join(import.meta.dirname, "../../../prisma/seed/data/built-in-roles.json");
    // The expression of the column itself, applied to each role's permissions.
    const [column] = (
      await at.test.asOwner(
        `SELECT generation_expression AS text FROM information_schema.columns
         WHERE table_name = 'role_definitions' AND column_name = 'writes_authorization'`,
      )
    ).rows;
    const writes = String(column.text).replaceAll(/\bpermissions\b/g, "role -> 'permissions'");
    const { rows } = await at.test.asOwner(
      `SELECT role ->> 'roleName' AS name, role -> 'permissions' AS permissions,
         ${writes} AS writes
       FROM jsonb_array_elements($1::jsonb) AS role`,
      [readFileSync(file, "utf8")],
    );
    expect(rows.length).toBeGreaterThan(900);
    const writing = rows.filter((row) => row.writes).map(({ name }) => name);
    expect(
      rows.filter(({ permissions }) => writesAuthorization(permissions)).map(({ name }) => name),
    ).toEqual(writing);
    expect(writing).toContain("Owner");
    expect(writing).toContain("User Access Administrator");
    expect(writing).not.toContain("Contributor");
  });
});
