import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import { replaySettings } from "@/lib/queries/roles/replay-settings";
import { replaySeveral, rolesReplayedAtMost } from "@/lib/queries/roles/replay-several";
import type { SharedStart } from "@/lib/queries/roles/settings-to-take";
import { type Administration, makeAdministration } from "../../support/administration";
import { approvedBy, setSettings, stageOf } from "../../support/approval";
import { grant, makeRole } from "../../support/factories";

let now = new Date("2026-11-02T09:00:00Z");
let at: Administration;
let here: string;
let roles: { id: string }[];
const open = { ...defaultRoleSettings, activationRequiresMfa: false, activationRequiresJustification: false };

beforeAll(async () => {
  at = await makeAdministration(() => now);
  here = at.tree.subscription.id;
  roles = [];
  for (const [name, activations] of [
    ["Alpha", 2],
    ["Beta", 1],
    ["Gamma", 0],
  ] as const) {
    const role = await makeRole(at.database, name, { actions: ["*/read"] });
    roles.push(role);
    await setSettings(at.database, role.id, here, open);
    const member = await at.person(`Member of ${name}`);
    const eligibility = await grant(at.database, "eligible", member.userId, role.id, here);
    for (let count = 0; count < activations; count += 1) {
      const done = await activateRole(at.database, member, {
        ...{ eligibilityId: eligibility.id, resourceId: here, startsAt: null, durationMinutes: 240 },
        ...{ justification: null, ticketNumber: null, ticketSystem: null, proofId: null },
      });
      if (!done.ok || done.status !== "Provisioned") throw new Error("not activated");
      now = new Date(now.getTime() + 10 * 60_000);
      await deactivateRole(at.database, member, { assignmentId: done.assignmentId });
      now = new Date(now.getTime() + 60_000);
    }
  }
});
afterAll(() => at.test.drop());

const ids = () => roles.map(({ id }) => id);
const replay = (change: object, roleDefinitionIds: readonly string[] = ids(), by = at.owner) =>
  replaySeveral(at.database, by, { resourceId: here, roleDefinitionIds, change });

describe("a change that is replayed for several roles", () => {
  it("is the sum of what it would have done to each, by the rules of each", async () => {
    const change = { activationRequiresTicket: true, activationMaximumMinutes: 60 };
    const found = await replay(change);
    expect(found).toMatchObject({
      ...{ requests: 3, differing: 3, whole: true },
      figures: [
        { effect: "Activation.Duration+", requests: 3 },
        { effect: "Activation.Ticket+", requests: 3 },
      ],
    });
    expect(found?.roles.map(({ roleName }) => roleName)).toEqual(["Alpha", "Beta", "Gamma"]);
    expect(found?.roles.map((role) => role.replay?.differing)).toEqual([2, 1, 0]);
    for (const role of found?.roles ?? []) {
      const about = { roleDefinitionId: role.id, resourceId: here, settings: { ...open, ...change } };
      expect(role.settings).toEqual(about.settings);
      expect(role.replay).toEqual(await replaySettings(at.database, at.owner, about, null));
    }
  });

  it("says which roles have it already, and which cannot have it", async () => {
    const [alpha, beta] = ids();
    await setSettings(at.database, beta ?? "", here, { ...open, activationRequiresTicket: true });
    const found = await replay({ activationRequiresTicket: true });
    expect(found?.roles.map(({ fault }) => fault)).toEqual([null, "Unchanged", null]);
    expect(found).toMatchObject({ requests: 2, differing: 2 });
    const long = await replay({ activationMaximumMinutes: 48 * 60 }, [alpha ?? ""]);
    expect(long).toMatchObject({ requests: 0, differing: 0, figures: [] });
    expect(long?.roles).toMatchObject([
      { fault: expect.stringContaining("between 0.5 and 24 hours"), replay: null },
    ]);
    await setSettings(at.database, beta ?? "", here, open);
  });

  it("starts from the settings of a role, who approves included, or from each role's own default, with the change on top", async () => {
    const { database } = at;
    const approver = await at.person("Ada Approver");
    const shared = approvedBy([stageOf([approver.userId])], { activationMaximumMinutes: 60 });
    const mighty = await makeRole(database, "Mighty", { actions: ["Microsoft.Authorization/*"] });
    await setSettings(database, mighty.id, here, { ...open, assignmentRequiresMfa: false });
    const [alpha = ""] = ids();
    const change = { activationRequiresTicket: true };
    const both = (start: SharedStart) =>
      replaySeveral(database, at.owner, {
        ...{ resourceId: here, roleDefinitionIds: [alpha, mighty.id], start, change },
      });
    const found = await both(shared);
    expect(found?.roles.map(({ settings }) => settings)).toEqual(
      [1, 2].map(() => ({ ...shared, ...change })),
    );
    expect(found?.roles[0]?.weakened).toEqual([]);
    expect(found?.approvers).toMatchObject([{ id: approver.userId, displayName: "Ada Approver" }]);
    expect(found?.figures).toContainEqual({ effect: "Activation.Duration+", requests: 2 });
    const byDefault = await both("Default");
    expect(byDefault?.roles.map(({ settings }) => settings.assignmentRequiresMfa)).toEqual([false, true]);
    expect(byDefault).toMatchObject({ approvers: [], roles: [{ settings: change }, { settings: change }] });

    // Nobody who could decide is left: the page says that this weakens.
    await database.client.principal.update({ where: { id: approver.userId }, data: { disabledAt: now } });
    expect((await both(shared))?.roles[0]?.weakened).toContain("approvalRequired");
  });

  it("leaves out what is unknown there, and replays no more than it may", async () => {
    const foreign = await makeRole(at.database, "Elsewhere", { actions: ["*/read"] });
    await at.test.asOwner("UPDATE role_definitions SET assignable_scopes = $1 WHERE id = $2", [
      [`/subscriptions/${crypto.randomUUID()}`],
      foreign.id,
    ]);
    const [alpha = ""] = ids();
    const found = await replay({ activationRequiresTicket: true }, [
      ...["nonsense", crypto.randomUUID(), foreign.id, alpha, alpha],
    ]);
    expect(found?.roles.map(({ id }) => id)).toEqual([alpha]);
    const many = Array.from({ length: rolesReplayedAtMost }, () => crypto.randomUUID());
    expect((await replay({ activationRequiresTicket: true }, [...many, alpha]))?.roles).toEqual([]);
    // All roles share the limit on the number of requests.
    expect((await replay({ activationRequiresTicket: true }))?.whole).toBe(true);
  });

  it("is for those alone who may edit role settings there, and writes nothing", async () => {
    const reader = await at.person("Rea Reader");
    const reads = await makeRole(at.database, "Reads", { actions: ["*/read"] });
    await grant(at.database, "active", reader.userId, reads.id, here);
    const before = await at.database.client.auditEvent.count();
    expect(await replay({ activationRequiresTicket: true }, ids(), reader)).toBeNull();
    expect(await replay({ activationRequiresTicket: true }, ids(), await at.person("Ned Nobody"))).toBeNull();
    const wrong = { resourceId: "nonsense", roleDefinitionIds: ids(), change: {} };
    expect(await replaySeveral(at.database, at.owner, wrong)).toBeNull();
    await replay({ activationRequiresTicket: true });
    expect(await at.database.client.auditEvent.count()).toBe(before);
  });

  it("names the version that it was compared with, so that an edit that begins there refuses a stale one", async () => {
    const [alpha = ""] = ids();
    const found = await replay({ activationRequiresTicket: true }, [alpha]);
    const [role] = found?.roles ?? [];
    if (!role) throw new Error("nothing was replayed");
    const edit = { roleDefinitionId: alpha, resourceId: here, settings: role.settings, proofId: null };
    expect(
      await updateRoleSettings(at.database, at.owner, { ...edit, expectedVersion: role.version }),
    ).toMatchObject({ ok: true });
    expect(
      await updateRoleSettings(at.database, at.owner, { ...edit, expectedVersion: role.version }),
    ).toMatchObject({ ok: false, error: { code: "StaleRoleSettings" } });
  });
});
