import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { may } from "@/lib/authority/authority";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addMinutes } from "@/lib/domain/time/schedule";
import { type ActivateRoleInput, activateRole } from "@/lib/operations/activation/activate-role";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { atOnce, oneAfterTheOther } from "../../support/database/held-lock";
import {
  grant,
  makeCaller,
  makeGroup,
  makeOwnerRole,
  makeProof,
  makeRole,
  makeTree,
  makeUser,
  pastTheRules,
} from "../../support/factories";

let now = new Date("2026-03-02T09:00:00Z");
let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
});
afterAll(() => test.drop());

async function arrange() {
  const { database } = test;
  const user = await makeUser(database);
  const caller = await makeCaller(database, user);
  const role = await makeRole(database, "Contributor", {
    actions: ["*"],
    notActions: ["Microsoft.Authorization/*/Write"],
  });
  const eligibility = await grant(database, "eligible", user.id, role.id, tree.subscription.id);
  const input = (changes: Partial<ActivateRoleInput> = {}): ActivateRoleInput => ({
    eligibilityId: eligibility.id,
    resourceId: tree.subscription.id,
    startsAt: null,
    durationMinutes: 60,
    justification: "Deploy the fix",
    ticketNumber: null,
    ticketSystem: null,
    proofId: null,
    ...changes,
  });
  const prove = (caller: Caller, of: ActivateRoleInput) =>
    makeProof(database, caller, {
      kind: "ActivateRole",
      eligibilityId: of.eligibilityId,
      resourceId: of.resourceId,
      startsAt: of.startsAt?.toISOString() ?? null,
      durationMinutes: of.durationMinutes,
    });
  const proved = async (changes: Partial<ActivateRoleInput> = {}) => {
    const of = input(changes);
    return { ...of, proofId: await prove(caller, of) };
  };
  return { user, caller, role, eligibility, input, prove, proved };
}
let tree: Awaited<ReturnType<typeof makeTree>>;
beforeAll(async () => {
  tree = await makeTree(test.database);
});
beforeEach(() => {
  now = new Date("2026-03-02T09:00:00Z");
});

const mfaOnly = {
  ok: false,
  error: { code: "RoleAssignmentRequestPolicyValidationFailed", failures: [{ rule: "MfaRule" }] },
};

describe("the gate on activation", () => {
  it("activates with a proof, spends it, and writes request, assignment and event together", async () => {
    const { caller, proved, user, role } = await arrange();
    const input = await proved();
    const result = await activateRole(test.database, caller, input);
    expect(result).toMatchObject({ ok: true, startsAt: now, endsAt: addMinutes(now, 60) });
    const event = await test.database.client.auditEvent.findFirstOrThrow({
      where: { actorId: user.id, kind: "RoleActivated" },
    });
    expect(event).toMatchObject({
      outcome: "Success",
      factor: "Totp",
      roleName: role.roleName,
      justification: "Deploy the fix",
    });
    expect(event.proofId).toBe(input.proofId);
    expect(
      await inTransaction(test.database, (transaction) =>
        may(transaction, user.id, "Microsoft.Authorization/roleAssignments/read", tree.group.id),
      ),
    ).toBe(true);
  });

  it("refuses without a proof, leaves nothing behind, and logs the refusal", async () => {
    const { caller, input, user } = await arrange();
    expect(await activateRole(test.database, caller, input())).toMatchObject(mfaOnly);
    expect(await test.database.client.assignment.count({ where: { principalId: user.id } })).toBe(0);
    const event = await test.database.client.auditEvent.findFirstOrThrow({ where: { actorId: user.id } });
    expect(event).toMatchObject({ outcome: "Failure", failedRules: ["MfaRule"] });
  });

  it("refuses a proof that is expired, spent, another session's, another person's or another operation's", async () => {
    const { caller, input, prove, proved, user } = await arrange();
    const expired = await proved();
    now = addMinutes(now, 6);
    expect(await activateRole(test.database, caller, expired)).toMatchObject(mfaOnly);

    const longer = { ...(await proved()), durationMinutes: 90 };
    expect(await activateRole(test.database, caller, longer)).toMatchObject(mfaOnly);

    const otherSession = await makeCaller(test.database, user);
    const theirs = { ...input(), proofId: await prove(otherSession, input()) };
    expect(await activateRole(test.database, caller, theirs)).toMatchObject(mfaOnly);

    const stranger = await makeCaller(test.database, await makeUser(test.database));
    const strangers = { ...input(), proofId: await prove(stranger, input()) };
    expect(await activateRole(test.database, caller, strangers)).toMatchObject(mfaOnly);

    const good = await proved();
    const first = await activateRole(test.database, caller, good);
    if (!first.ok || first.status === "PendingApproval") throw new Error("the good proof was refused");
    await deactivateRole(test.database, caller, { assignmentId: first.assignmentId });
    now = addMinutes(now, 1);
    expect(await activateRole(test.database, caller, good)).toMatchObject(mfaOnly);
  });

  it("keeps the proof unspent when another rule fails, and reports every rule that did", async () => {
    const { caller, input, prove } = await arrange();
    const bare = input({ justification: " ", durationMinutes: 600 });
    const result = await activateRole(test.database, caller, bare);
    if (result.ok || result.error.code !== "RoleAssignmentRequestPolicyValidationFailed")
      throw new Error("not refused");
    expect(result.error.failures.map((failure) => failure.rule)).toEqual([
      "ExpirationRule",
      "JustificationRule",
      "MfaRule",
    ]);
    const proofId = await prove(caller, input());
    await activateRole(test.database, caller, { ...input({ justification: "" }), proofId });
    expect(await activateRole(test.database, caller, { ...input(), proofId })).toMatchObject({ ok: true });
  });

  it("lets exactly one of twenty simultaneous activations win", async () => {
    const { caller, input, prove, user } = await arrange();
    const attempts = await Promise.all(
      Array.from({ length: 20 }, async () => ({ ...input(), proofId: await prove(caller, input()) })),
    );
    const results = await atOnce(
      test,
      attempts.map((attempt) => () => activateRole(test.database, caller, attempt)),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    for (const result of results) if (!result.ok) expect(result.error.code).toBe("RoleAssignmentExists");
    expect(await test.database.client.assignment.count({ where: { principalId: user.id } })).toBe(1);
  });

  it("applies the stricter of both scopes' settings to a narrower scope", async () => {
    const { caller, proved, role } = await arrange();
    await test.database.client.roleManagementPolicy.create({
      data: { resourceId: tree.subscription.id, roleDefinitionId: role.id, activationRequiresTicket: true },
    });
    await test.database.client.roleManagementPolicy.create({
      data: {
        resourceId: tree.group.id,
        roleDefinitionId: role.id,
        activationRequiresMfa: false,
        activationMaximumMinutes: 30,
      },
    });
    const result = await activateRole(
      test.database,
      caller,
      await proved({ resourceId: tree.group.id, proofId: null }),
    );
    if (result.ok || result.error.code !== "RoleAssignmentRequestPolicyValidationFailed")
      throw new Error("not refused");
    expect(new Set(result.error.failures.map((failure) => failure.rule))).toEqual(
      new Set(["ExpirationRule", "TicketingRule"]),
    );
    const unproved = {
      ...(await proved({
        resourceId: tree.group.id,
        durationMinutes: 30,
        ticketNumber: "INC-1",
        ticketSystem: "Desk",
      })),
      proofId: null,
    };
    expect(await activateRole(test.database, caller, unproved)).toMatchObject(mfaOnly);
  });

  it("does not reach above the eligibility's scope, nor use another person's eligibility", async () => {
    const { caller, proved } = await arrange();
    const above = await proved({ resourceId: tree.root.id });
    expect(await activateRole(test.database, caller, above)).toMatchObject({
      ok: false,
      error: { code: "RoleAssignmentDoesNotExist" },
    });
    const other = await arrange();
    const theirs = await other.proved();
    expect(await activateRole(test.database, caller, theirs)).toMatchObject({
      ok: false,
      error: { code: "NotFound" },
    });
  });

  it("activates through a group and loses the access with the membership", async () => {
    const { caller, user, role, input, prove } = await arrange();
    const group = await makeGroup(test.database, [user.id]);
    const eligibility = await grant(test.database, "eligible", group.id, role.id, tree.root.id);
    const of = input({ eligibilityId: eligibility.id, resourceId: tree.root.id });
    expect(
      await activateRole(test.database, caller, { ...of, proofId: await prove(caller, of) }),
    ).toMatchObject({ ok: true });
    const reads = () =>
      inTransaction(test.database, (transaction) =>
        may(transaction, user.id, "Microsoft.Authorization/roleAssignments/read", tree.root.id),
      );
    expect(await reads()).toBe(true);
    await test.database.client.groupMember.deleteMany({ where: { groupId: group.id } });
    expect(await reads()).toBe(false);
  });

  it("ends by the clock alone, and cannot outlast the eligibility", async () => {
    const { caller, user, proved } = await arrange();
    expect(await activateRole(test.database, caller, await proved())).toMatchObject({ ok: true });
    const reads = () =>
      inTransaction(test.database, (transaction) =>
        may(transaction, user.id, "Microsoft.Authorization/roleAssignments/read", tree.group.id),
      );
    now = addMinutes(now, 59);
    expect(await reads()).toBe(true);
    now = addMinutes(now, 1);
    expect(await reads()).toBe(false);
    const ending = await arrange();
    await pastTheRules(test.database, (to) =>
      to.eligibility.update({
        where: { id: ending.eligibility.id },
        data: { endsAt: addMinutes(now, 30) },
      }),
    );
    expect(await activateRole(test.database, ending.caller, await ending.proved())).toMatchObject({
      error: { failures: [{ rule: "EligibilityRule" }] },
    });
  });

  it("gives nothing once its eligibility is not in effect, or is not the member's any more", async () => {
    const reads = (userId: string) =>
      inTransaction(test.database, (transaction) =>
        may(transaction, userId, "Microsoft.Authorization/roleAssignments/read", tree.group.id),
      );
    const changes = [
      () => ({ endsAt: now }),
      () => ({ startsAt: addMinutes(now, 1) }),
      async () => ({ principalId: (await makeUser(test.database)).id }),
    ];
    for (const change of changes) {
      const { caller, user, eligibility, proved } = await arrange();
      expect(await activateRole(test.database, caller, await proved())).toMatchObject({ ok: true });
      expect(await reads(user.id)).toBe(true);
      const data = await change();
      await pastTheRules(test.database, (to) =>
        to.eligibility.update({ where: { id: eligibility.id }, data }),
      );
      expect(await reads(user.id), JSON.stringify(data)).toBe(false);
    }
  });

  it("serialises a policy edit and an activation that race: the policy at commit counts", async () => {
    const owner = await makeUser(test.database, "Olga Owner");
    const ownerRole = await makeOwnerRole(test.database);
    await grant(test.database, "active", owner.id, ownerRole.id, tree.root.id);
    const ownerCaller = await makeCaller(test.database, owner);
    for (const leading of ["first", "second"] as const) {
      const { caller, role, input } = await arrange();
      const policy = { resourceId: tree.subscription.id, roleDefinitionId: role.id };
      await test.database.client.roleManagementPolicy.create({
        data: { ...policy, activationRequiresMfa: false },
      });
      const settings = defaultRoleSettings;
      const activating = () => activateRole(test.database, caller, input());
      const editing = () =>
        updateRoleSettings(test.database, ownerCaller, {
          ...policy,
          expectedVersion: 0,
          settings,
          proofId: null,
        });
      const [activation, edit] = await oneAfterTheOther(test, activating, editing, leading);
      expect(activation.ok).toBe(leading === "first");
      expect(edit).toMatchObject({ ok: true, version: 1 });
      if (activation.ok) {
        const request = await test.database.client.request.findUniqueOrThrow({
          where: { id: activation.requestId },
        });
        expect(request.policy).toMatchObject({ activationRequiresMfa: false });
      } else expect(activation).toMatchObject(mfaOnly);
    }
  });
});
