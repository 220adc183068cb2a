import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { assignRole } from "@/lib/operations/assignments/assign-role";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import { makeAdministration, refusedBy, refusedWith } from "../../support/administration";
import { allBehind, atOnce, holdLock, holdLog, oneAfterTheOther } from "../../support/database/held-lock";
import { grant, makeProof, makeRole } from "../../support/factories";
import { gatesOfAssignments } from "../../support/gates/assignments";
import { gatesOfDecisions } from "../../support/gates/decisions";
import type { Gate, Gated, World } from "../../support/gates/gate";
import { gatesOfMembers } from "../../support/gates/members";
import { gatesOfPeople } from "../../support/gates/people";
import { gatesOfSignIn } from "../../support/gates/sign-in";

const now = new Date("2026-03-02T09:00:00Z");
let world: World;
beforeAll(async () => {
  world = { ...(await makeAdministration(() => now)), now: () => now };
  // Settings that nobody edited are made when they are first locked.
  await world.test.asOwner(
    "ALTER TABLE role_management_policies ALTER activation_requires_mfa SET DEFAULT FALSE",
  );
});
afterAll(() => world.test.drop());

/** Settings under which none of these verbs requires a code, and settings under which none of them may give anything. */
const open = `activation_requires_mfa = FALSE, assignment_requires_mfa = FALSE, approval_requires_step_up = FALSE`;
const strict = `activation_requires_mfa = TRUE, assignment_requires_mfa = TRUE, activation_maximum_minutes = 30,
  active_maximum_days = 15, eligible_maximum_days = 15`;

/**
 * Verbs that no role's settings judge: those of one's own factors, of the organisation's settings, and those
 * that always require a code. An import of members was confirmed with its code before.
 */
const unjudged = [
  "replacing one's authenticator app",
  "removing one's authenticator app",
  "making new recovery codes",
  "adding a passkey",
  "removing a passkey",
  "changing the organisation's settings",
  "changing the rules for signing in",
  "making a one-time pass",
  "issuing a link to an identity provider",
  "unlinking somebody from an identity provider",
  "weakening role settings",
  "weakening the settings of several roles",
  "raising fewer alerts",
  "widening a custom role",
  "issuing a sign-in",
  "changing an address",
  "naming somebody's manager",
  "resetting somebody's authenticator app",
  "importing members of a group",
  "scheduling an import",
  "proving again who one is",
  "confirming a reset of factors",
  "naming a break-glass account",
  "taking an account off the break-glass list",
];
const all: Record<string, Gate> = {
  ...gatesOfMembers,
  ...gatesOfAssignments,
  ...gatesOfDecisions,
  ...gatesOfPeople,
  ...gatesOfSignIn,
};
const judged = Object.entries(all).filter(([name]) => !unjudged.includes(name));

/** All attempts that are possible with settings that require no code; with a proof if one is always required. */
async function arrange(gate: Gate): Promise<() => ReturnType<Gated["run"]>> {
  const gated = await gate.arrange(world);
  await world.test.asOwner(`UPDATE role_management_policies SET ${open}`);
  const always = ["ProvisionRequest", "BreakGlass", "ApplyImport"].includes(gated.operation.kind);
  const proofId = always ? await makeProof(world.database, gated.caller, gated.operation) : null;
  return () => gated.run(proofId);
}

/** The settings that somebody has locked, as a reader or an editor, found without waiting. */
async function lockedSettings(): Promise<string[]> {
  const { rows } = await world.test.asOwner(
    `WITH free AS (SELECT id FROM role_management_policies FOR NO KEY UPDATE SKIP LOCKED)
     SELECT resource_id || ' ' || role_definition_id AS of FROM role_management_policies
     WHERE id NOT IN (SELECT id FROM free)`,
  );
  return rows.map(({ of }) => of);
}

/** Does something, and returns the settings that it had locked just before it wrote to the log. */
async function lockedBy<Result>(run: () => Promise<Result>): Promise<{ result: Result; locked: string[] }> {
  const log = await holdLog(world.test);
  const running = run();
  running.catch(() => {});
  let locked: string[] = [];
  try {
    await log.waitedFor();
    locked = await lockedSettings();
  } finally {
    await log.release();
  }
  return { result: await running, locked };
}

/** All access, and everything else that these verbs give. */
async function access(): Promise<unknown> {
  const { rows } = await world.test.asOwner(
    `SELECT (SELECT count(*) FROM assignments) AS assignments, (SELECT count(*) FROM eligibilities) AS eligible,
       (SELECT md5(string_agg(id || starts_at::text || coalesce(ends_at::text, ''), ' ' ORDER BY id)) FROM assignments) AS times,
       (SELECT count(*) FROM group_members) AS members, (SELECT count(*) FROM principals WHERE disabled_at IS NULL) AS enabled`,
  );
  return rows[0];
}

describe.each(judged)("%s", (_name, gate) => {
  it("waits for an edit of the settings that is not committed, and is judged by it", async () => {
    const run = await arrange(gate);
    const before = await access();
    const edit = await holdLock(world.test, `UPDATE role_management_policies SET ${strict}`, []);
    await allBehind(edit, [run]);
    expect(await access()).toEqual(before);
  });
});

/** The worker judges an import long after its confirmation was committed, so it does not keep an edit waiting. */
const judgedAtOnce = judged.filter(([, { kind }]) => kind !== "ApplyImport");

describe.each(judgedAtOnce)("%s", (_name, gate) => {
  it("keeps an edit waiting from its check until its end", async () => {
    const { result, locked } = await lockedBy(await arrange(gate));
    expect(result).toBe("done");
    expect(locked).not.toEqual([]);
  });
});

/** A role whose activation requires no code, a member who may activate it, and the edit that starts to require one. */
async function arrangeEdit() {
  const { database, tree, owner } = world;
  const role = await makeRole(database, `Operator ${randomUUID()}`, { actions: ["*/read"] });
  const member = await world.person("Max Member");
  const eligibility = await grant(database, "eligible", member.userId, role.id, tree.subscription.id);
  const about = { roleDefinitionId: role.id, resourceId: tree.subscription.id };
  // Settings that a transaction makes itself cannot be seen from outside, so they are made beforehand here.
  await database.client.roleManagementPolicy.createMany({
    data: [tree.root, tree.subscription, tree.group].map(({ id }) => ({
      ...about,
      resourceId: id,
      activationRequiresMfa: false,
    })),
  });
  const narrow = async (resourceId: string) => ({
    eligibilityId: eligibility.id,
    resourceId,
    startsAt: null,
    durationMinutes: 60,
    justification: "Fix the outage",
    ticketNumber: null,
    ticketSystem: null,
    proofId: null,
  });
  return {
    role,
    edit: (settings = defaultRoleSettings) =>
      updateRoleSettings(database, owner, { ...about, expectedVersion: 0, settings, proofId: null }),
    activate: async (resourceId = tree.subscription.id) =>
      activateRole(database, member, await narrow(resourceId)),
    /** The kinds of events about the role, in their order. */
    events: async () =>
      (
        await database.client.auditEvent.findMany({
          where: { roleDefinitionId: role.id, outcome: "Success" },
          orderBy: { sequence: "asc" },
          select: { kind: true },
        })
      ).map(({ kind }) => kind),
  };
}

describe("an edit of role settings and an activation at once", () => {
  it("the activation that was first is given, and logged before the edit", async () => {
    const { edit, activate, events } = await arrangeEdit();
    const [activation, edited] = await oneAfterTheOther(world.test, () => activate(), edit);
    expect(activation).toMatchObject({ ok: true, status: "Provisioned" });
    expect(edited).toMatchObject({ ok: true, version: 1 });
    expect(await events()).toEqual(["RoleActivated", "RoleSettingsUpdated"]);
  });

  it("the edit that was first judges the activation", async () => {
    const { edit, activate, events } = await arrangeEdit();
    const [edited, activation] = await oneAfterTheOther(world.test, edit, () => activate());
    expect(edited).toMatchObject({ ok: true, version: 1 });
    expect(activation).toMatchObject(refusedBy("MfaRule"));
    expect(await events()).toEqual(["RoleSettingsUpdated"]);
  });

  it("the settings of every level from the eligibility's to the chosen one are kept from edits", async () => {
    const { role, activate } = await arrangeEdit();
    const { tree } = world;
    const { locked } = await lockedBy(() => activate(tree.group.id));
    expect(locked.sort()).toEqual([tree.subscription, tree.group].map(({ id }) => `${id} ${role.id}`).sort());
  });

  it("and for a direct assignment those of every level up to the root", async () => {
    const { role } = await arrangeEdit();
    const { tree, database, owner } = world;
    const principalIds = [(await world.person("Ada")).userId];
    const { result, locked } = await lockedBy(() =>
      assignRole(database, owner, {
        assignmentType: "Eligible",
        roleDefinitionId: role.id,
        resourceId: tree.group.id,
        principalIds,
        startsAt: null,
        endsAt: new Date("2026-03-12T09:00:00Z"),
        justification: "Cover",
        proofId: null,
      }),
    );
    expect(result).toMatchObject({ ok: true });
    expect(locked.sort()).toEqual(
      [tree.root, tree.subscription, tree.group].map(({ id }) => `${id} ${role.id}`).sort(),
    );
  });
});

it("of two edits at once the second is refused because of the first, and saves nothing", async () => {
  const { role, edit } = await arrangeEdit();
  const results = await atOnce(world.test, [
    () => edit({ ...defaultRoleSettings, activationMaximumMinutes: 60 }),
    () => edit({ ...defaultRoleSettings, activationMaximumMinutes: 120 }),
  ]);
  expect(results.filter((result) => result.ok)).toHaveLength(1);
  expect(results.find((result) => !result.ok)).toMatchObject(refusedWith("StaleRoleSettings"));
  const policy = await world.database.client.roleManagementPolicy.findFirstOrThrow({
    where: { roleDefinitionId: role.id, resourceId: world.tree.subscription.id },
  });
  expect(policy.version).toBe(1);
});
