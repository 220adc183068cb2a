import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { mostRolesAtOnce } from "@/lib/domain/roles/role-change";
import { defaultRoleSettings, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { activateRoles } from "@/lib/operations/activation/activate-roles";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import {
  updateSettingsOfRoles,
  updateSettingsOfRolesOperation,
} from "@/lib/operations/roles/update-settings-of-roles";
import type { Caller } from "@/lib/platform/caller";
import {
  type Administration,
  makeAdministration,
  refusedBy,
  refusedWith,
} from "../../support/administration";
import { approvedBy, arrangeApproval, setSettings, stageOf } from "../../support/approval";
import { holdLog, holdPolicy, oneAfterTheOther, ownLocks } from "../../support/database/held-lock";
import { recordLocks } from "../../support/database/lock-record";
import { grant, makeRole } from "../../support/factories";

const now = new Date("2026-11-02T09:00:00Z");
let at: Administration;
let here: string;
let alpha: string;
let beta: string;
beforeAll(async () => {
  at = await makeAdministration(() => now);
  here = at.tree.subscription.id;
});
afterAll(() => at.test.drop());
beforeEach(async () => {
  const roles = [];
  for (const name of ["Alpha", "Beta"])
    roles.push(await makeRole(at.database, name, { actions: ["*/read"] }));
  [alpha = "", beta = ""] = roles.map(({ id }) => id);
});

const ticket = { activationRequiresTicket: true };
const change = (id: string, changes: Partial<RoleSettings>, expectedVersion = 0) => ({
  ...{ roleDefinitionId: id, expectedVersion, changes },
});
async function save(
  roles: readonly ReturnType<typeof change>[],
  by: Caller = at.owner,
  proofId: string | null = null,
) {
  return updateSettingsOfRoles(at.database, by, { resourceId: here, roles, proofId });
}
const proved = async (roles: readonly ReturnType<typeof change>[]) =>
  save(roles, at.owner, await at.prove(updateSettingsOfRolesOperation({ resourceId: here, roles })));
const edit = (id: string, settings: RoleSettings, by = at.owner, expectedVersion = 0) =>
  updateRoleSettings(at.database, by, {
    ...{ roleDefinitionId: id, resourceId: here, expectedVersion, settings, proofId: null },
  });
const policyOf = (id: string) =>
  at.database.client.roleManagementPolicy.findUnique({
    where: { resourceId_roleDefinitionId: { resourceId: here, roleDefinitionId: id } },
  });
const eventsOf = (id: string) =>
  at.database.client.auditEvent.findMany({
    where: { kind: "RoleSettingsUpdated", roleDefinitionId: id, outcome: "Success" },
  });
const administrator = async () => {
  const caller = await at.person("Ada Administrator");
  await grant(at.database, "active", caller.userId, ownerRoleId, at.tree.root.id);
  return caller;
};

describe("the settings of several roles in one edit", () => {
  it("are saved for all, each with an event of its own, and nothing is written where nothing changes", async () => {
    const gamma = (await makeRole(at.database, "Gamma", { actions: ["*/read"] })).id;
    await setSettings(at.database, gamma, here, { ...defaultRoleSettings, ...ticket });
    const before = await policyOf(gamma);
    const result = await save([change(gamma, ticket, 1), change(beta, ticket), change(alpha, ticket)]);
    expect(result).toMatchObject({
      ok: true,
      saved: [
        { role: { roleName: "Alpha" }, version: 1 },
        { role: { roleName: "Beta" }, version: 1 },
      ],
      unchanged: ["Gamma"],
    });
    const events = [...(await eventsOf(alpha)), ...(await eventsOf(beta))];
    expect(events.map(({ details }) => details)).toMatchObject(
      [1, 2].map(() => ({
        ...{ before: defaultRoleSettings, after: { ...defaultRoleSettings, ...ticket } },
        ...{ version: 1, weakened: [] },
      })),
    );
    expect(new Set(events.map(({ correlationId }) => correlationId))).toEqual(
      new Set([at.owner.correlationId]),
    );
    for (const id of [alpha, beta])
      expect(await policyOf(id)).toMatchObject({ ...ticket, version: 1, updatedById: at.owner.userId });
    expect(await policyOf(gamma)).toEqual(before);
    expect(await eventsOf(gamma)).toEqual([]);
  });

  it("may change differently for each, and take one code for all if one of them weakens", async () => {
    const roles = [change(alpha, ticket), change(beta, { activationRequiresMfa: false })];
    expect(await save(roles)).toMatchObject(refusedBy("MfaRule"));
    expect([await policyOf(alpha), await policyOf(beta)]).toEqual([null, null]);
    expect(await proved(roles)).toMatchObject({ ok: true });
    expect(await eventsOf(alpha)).toMatchObject([{ proofId: null, details: { weakened: [] } }]);
    expect(await eventsOf(beta)).toMatchObject([
      { proofId: expect.any(String), details: { weakened: ["activationRequiresMfa"] } },
    ]);
  });

  it("are refused whole, with the role and whoever saved it, if one was saved meanwhile", async () => {
    const other = await administrator();
    const settings = { ...defaultRoleSettings, activationMaximumMinutes: 60 };
    expect(await edit(beta, settings, other)).toMatchObject({ ok: true });
    const result = await save([change(alpha, ticket), change(beta, ticket)]);
    expect(result).toMatchObject({
      error: { code: "StaleEdit", message: expect.stringContaining("Beta (by Ada Administrator)") },
    });
    expect(result).not.toMatchObject({ error: { message: expect.stringContaining("Alpha") } });
    expect(await policyOf(alpha)).toBeNull();
    expect(await policyOf(beta)).toMatchObject({ version: 1, activationRequiresTicket: false });
  });

  it("are refused whole, with the role, if they may not be what they would become", async () => {
    const { stages } = { stages: [stageOf([at.owner.userId])] };
    await setSettings(at.database, beta, here, approvedBy(stages, { breakGlassMaximumMinutes: 120 }));
    const shorter = { activationMaximumMinutes: 60 };
    const result = await save([change(alpha, shorter), change(beta, shorter, 1)]);
    expect(result).toMatchObject({
      error: {
        code: "InvalidSettings",
        faults: [{ message: expect.stringMatching(/^Beta: Enter between/) }],
      },
    });
    const nobody = { approvalRequired: true, approvalStages: [stageOf([crypto.randomUUID()])] };
    expect(await save([change(alpha, nobody)])).toMatchObject({
      error: { faults: [{ field: "approvalStages", message: expect.stringMatching(/^Alpha: One of the/) }] },
    });
    expect(await policyOf(alpha)).toBeNull();
  });

  it("are those of 1 to 50 roles that are known there, each once", async () => {
    const message = async (roles: readonly ReturnType<typeof change>[]) => {
      const result = await save(roles);
      return result.ok || result.error.code !== "InvalidInput" ? result : result.error.faults[0]?.message;
    };
    const many = Array.from({ length: mostRolesAtOnce + 1 }, () => change(crypto.randomUUID(), ticket));
    expect(await message(many)).toBe("Choose at most 50 roles.");
    expect(await message([])).toBe("Choose at least one role.");
    expect(await message([change(alpha, ticket), change(alpha, {})])).toBe("Choose each role once.");
    expect(await save([change(alpha, ticket), change(crypto.randomUUID(), ticket)])).toMatchObject(
      refusedWith("NotFound"),
    );
    expect(await policyOf(alpha)).toBeNull();
  });

  it("move the requests that wait under each of them to the new stages", async () => {
    const { database, tree } = at;
    const waiting = [];
    for (let count = 0; count < 2; count += 1) {
      const approval = await arrangeApproval(database, { tree });
      waiting.push({ approval, requestId: await approval.waiting() });
    }
    const approvalStages = [stageOf([(await at.person("Nora New")).userId])];
    const roles = waiting.map(({ approval }) => change(approval.role.id, { approvalStages }, 1));
    expect(await proved(roles)).toMatchObject({ ok: true });
    for (const { approval, requestId } of waiting) {
      expect(await approval.read(requestId)).toMatchObject({ approval: { stages: approvalStages } });
      expect(await eventsOf(approval.role.id)).toMatchObject([{ details: { restagedRequests: 1 } }]);
    }
  });
});

/** Runs both, and fails if any of their transactions had to be repeated, as after a deadlock. */
async function withoutRetry<Result>(transactions: number, work: () => Promise<Result>): Promise<Result> {
  const { result, transactions: begun } = await recordLocks(work);
  // The test holds a lock in one of its own.
  expect(begun).toHaveLength(transactions + 1);
  return result;
}

describe("an edit of several roles at once with", () => {
  it("an edit of one of them: whoever comes second is refused and changes nothing", async () => {
    const shorter = { ...defaultRoleSettings, activationMaximumMinutes: 60 };
    const [one, several] = await oneAfterTheOther(
      at.test,
      () => edit(beta, shorter),
      () => save([change(alpha, ticket), change(beta, ticket)]),
    );
    expect(one).toMatchObject({ ok: true });
    expect(several).toMatchObject(refusedWith("StaleEdit"));
    expect(await policyOf(alpha)).toBeNull();

    const [first, second] = await oneAfterTheOther(
      at.test,
      () => save([change(alpha, ticket), change(beta, ticket, 1)]),
      () => edit(alpha, shorter),
    );
    expect(first).toMatchObject({ ok: true });
    expect(second).toMatchObject(refusedWith("StaleRoleSettings"));
    expect(await policyOf(alpha)).toMatchObject({ ...ticket, activationMaximumMinutes: 480 });
  });

  it("another of the same roles the other way round: it waits at its first lock, is then refused, and neither is tried again", async () => {
    const other = await administrator();
    const results = await withoutRetry(3, async () => {
      const log = await holdLog(at.test);
      const running = [save([change(alpha, ticket), change(beta, ticket)])];
      try {
        await log.waitedFor();
        running.push(save([change(beta, { activationMaximumMinutes: 60 }), change(alpha, {})], other));
        await log.waitedBehind();
        // Before any settings exist, where each could hold what the other wants.
        const waits = await at.test.asOwner(
          `SELECT FROM ${ownLocks} WHERE locktype = 'advisory' AND NOT granted`,
        );
        expect(waits.rowCount).toBe(1);
      } finally {
        await log.release();
      }
      return Promise.all(running);
    });
    expect(results).toMatchObject([{ ok: true }, refusedWith("StaleEdit")]);
  });

  it("whoever locks several settings: it locks them in the order of the roles' ids, however they are named", async () => {
    const [early = "", late = ""] = [alpha, beta].sort();
    // Not in the order in which they were made either.
    for (const id of [late, early]) await setSettings(at.database, id, here, defaultRoleSettings);
    const free = async (id: string) => {
      const lock = `SELECT FROM role_management_policies WHERE role_definition_id = $1 FOR UPDATE SKIP LOCKED`;
      return (await at.test.asOwner(lock, [id])).rowCount === 1;
    };
    for (const [held, lockedBefore] of [
      [late, true],
      [early, false],
    ] as const) {
      const lock = await holdPolicy(at.test, held, here);
      const saving = save([change(late, ticket, 7), change(early, ticket, 7)]);
      await lock.waitedFor();
      const other = held === late ? early : late;
      const locked = !(await free(other));
      await lock.release();
      expect(locked).toBe(lockedBefore);
      expect(await saving).toMatchObject(refusedWith("StaleEdit"));
    }
  });

  it("activations of both in another order: all are done, and none is tried again", async () => {
    const open = { ...defaultRoleSettings, activationRequiresMfa: false };
    for (const id of [alpha, beta]) await setSettings(at.database, id, here, open);
    // Eligibilities get random ids. The role whose settings the edit locks last is activated first.
    const member = async () => {
      const caller = await at.person("Max Member");
      const [early = "", late = ""] = [alpha, beta].sort();
      const first = await grant(at.database, "eligible", caller.userId, late, here);
      const second = await grant(at.database, "eligible", caller.userId, early, here);
      return { caller, ids: [first.id, second.id] as const };
    };
    let one = await member();
    while (one.ids[0] > one.ids[1]) one = await member();
    const items = one.ids.map((eligibilityId) => ({ eligibilityId, resourceId: here, durationMinutes: 60 }));
    const [activated, saved] = await withoutRetry(2, () =>
      oneAfterTheOther(
        at.test,
        () =>
          activateRoles(at.database, one.caller, {
            ...{ items, startsAt: null, justification: "Fix it", ticketNumber: null, ticketSystem: null },
            proofId: null,
          }),
        () => save([change(alpha, ticket, 1), change(beta, ticket, 1)]),
      ),
    );
    expect(activated).toMatchObject([{ ok: true }, { ok: true }]);
    expect(saved).toMatchObject({ ok: true });
  });
});
