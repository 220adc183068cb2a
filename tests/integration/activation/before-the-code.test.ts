import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import type { Caller } from "@/lib/platform/caller";
import { activationChoices } from "@/lib/queries/activation/activation-choices";
import { refusalsBeforeCode, termsOfSeveral } from "@/lib/queries/activation/activations-asked";
import { eligibleRoles, wholeList } from "@/lib/queries/activation/my-roles";
import { stageOf } from "../../support/approval";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeRole, makeTree, makeUser, pastTheRules } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  tree = await makeTree(test.database);
});
afterAll(() => test.drop());
beforeEach(() => {
  now = start;
});

/** A member who is eligible for a role that requires no code, at the subscription. */
async function arrange(settings: { approvalRequired?: boolean } = {}) {
  const { database } = test;
  const user = await makeUser(database);
  const caller = await makeCaller(database, user);
  const role = await makeRole(database, "Contributor", { actions: ["*"] });
  const eligibility = await grant(database, "eligible", user.id, role.id, tree.subscription.id);
  const approver = await makeUser(database);
  for (const resourceId of [tree.subscription.id, tree.group.id])
    await database.client.roleManagementPolicy.create({
      data: {
        roleDefinitionId: role.id,
        resourceId,
        activationRequiresMfa: false,
        ...(settings.approvalRequired
          ? { approvalRequired: true, approvalStages: [{ ...stageOf([approver.id]) }] }
          : {}),
      },
    });
  const activate = (durationMinutes = 60, startsAt: Date | null = null, resourceId = tree.subscription.id) =>
    activateRole(database, caller, {
      eligibilityId: eligibility.id,
      resourceId,
      startsAt,
      durationMinutes,
      justification: "Deploy the fix",
      ticketNumber: null,
      ticketSystem: null,
      proofId: null,
    });
  const refusal = async (
    durationMinutes = 60,
    startsAt: Date | null = null,
    resourceId = tree.subscription.id,
  ) =>
    (
      await refusalsBeforeCode(database, caller, [
        { eligibilityId: eligibility.id, resourceId, durationMinutes, startsAt },
      ])
    )[0];
  return { user, caller, role, eligibility, activate, refusal };
}

const taken = async (caller: Caller) =>
  (await eligibleRoles(test.database, caller, wholeList)).rows.map((row) => row.taken);

describe("before a code is asked for", () => {
  it("a duration that the eligibility does not cover is refused with what is left", async () => {
    const { eligibility, refusal } = await arrange();
    await pastTheRules(test.database, (to) =>
      to.eligibility.update({ where: { id: eligibility.id }, data: { endsAt: addMinutes(start, 50) } }),
    );
    expect(await refusal(60)).toMatchObject({
      failures: [{ rule: "EligibilityRule", message: expect.stringContaining("at most 50 minutes") }],
    });
    expect(await refusal(50)).toBeNull();
    expect(await refusal(30, addMinutes(start, 30))).toMatchObject({
      failures: [{ message: expect.stringContaining("at most 20 minutes") }],
    });
    expect(await refusal(20, addMinutes(start, 30))).toBeNull();
  });

  it("a duration beyond the role settings is refused", async () => {
    const { refusal } = await arrange();
    expect(await refusal(481)).toMatchObject({ failures: [{ rule: "ExpirationRule" }] });
  });

  it("a role that is active is refused for that time and that resource alone", async () => {
    const { activate, refusal } = await arrange();
    expect(await activate()).toMatchObject({ ok: true });
    expect(await refusal()).toMatchObject({ code: "RoleAssignmentExists" });
    expect(await refusal(60, addMinutes(start, 60))).toBeNull();
    expect(await refusal(60, null, tree.group.id)).toBeNull();
    now = addMinutes(start, 60);
    expect(await refusal()).toBeNull();
  });

  it("a role that is scheduled is refused where the times meet", async () => {
    const { activate, refusal } = await arrange();
    expect(await activate(60, addMinutes(start, 45))).toMatchObject({ ok: true });
    expect(await refusal(60)).toMatchObject({ code: "RoleAssignmentExists" });
    expect(await refusal(45)).toBeNull();
  });

  it("a role that waits for approval is refused", async () => {
    const { activate, refusal } = await arrange({ approvalRequired: true });
    expect(await activate()).toMatchObject({ ok: true, status: "PendingApproval" });
    expect(await refusal()).toMatchObject({ code: "PendingRoleAssignmentRequest" });
  });

  it("the check says what the operation says", async () => {
    const { activate, refusal } = await arrange();
    for (const minutes of [0, 29, 30, 480, 481, 31.5]) {
      const before = await refusal(minutes);
      const result = await activate(minutes);
      expect(result.ok ? null : result.error, String(minutes)).toEqual(before);
      if (result.ok && result.status !== "PendingApproval") {
        const { assignmentId } = result;
        await deactivateRole(test.database, (await arrange()).caller, { assignmentId });
        now = addMinutes(now, 1_000);
      }
    }
  });

  it("somebody else's eligibility reveals nothing", async () => {
    const { eligibility } = await arrange();
    const other = await makeCaller(test.database, await makeUser(test.database));
    const item = { eligibilityId: eligibility.id, resourceId: tree.subscription.id };
    expect(
      await refusalsBeforeCode(test.database, other, [{ ...item, durationMinutes: 600, startsAt: null }]),
    ).toEqual([null]);
    expect(await termsOfSeveral(test.database, other, [item])).toEqual({
      terms: [null],
      conflicts: [null],
      reasons: [],
    });
  });
});

describe("an eligible role", () => {
  it("says whether it is active, scheduled or waits, and of which assignment or request", async () => {
    const active = await arrange();
    expect(await taken(active.caller)).toEqual([null]);
    const held = await active.activate();
    if (!held.ok || held.status === "PendingApproval") throw new Error("not activated");
    expect(await taken(active.caller)).toEqual([
      {
        state: "Active",
        assignmentId: held.assignmentId,
        activated: true,
        startsAt: start,
        endsAt: addMinutes(start, 60),
      },
    ]);
    const scheduled = await arrange();
    await scheduled.activate(60, addMinutes(start, 120));
    expect(await taken(scheduled.caller)).toMatchObject([{ state: "Scheduled", activated: true }]);
    now = addMinutes(start, 120);
    expect(await taken(scheduled.caller)).toMatchObject([{ state: "Active" }]);
    now = start;
    const waiting = await arrange({ approvalRequired: true });
    await waiting.activate();
    expect(await taken(waiting.caller)).toMatchObject([{ state: "Waiting", status: "PendingApproval" }]);
  });

  it("is active where it is assigned directly, permanently too, and not where only a scope below is", async () => {
    const one = await arrange();
    await one.activate(60, null, tree.group.id);
    expect(await taken(one.caller)).toEqual([null]);
    await grant(test.database, "active", one.user.id, one.role.id, tree.subscription.id);
    expect(await taken(one.caller)).toMatchObject([{ state: "Active", activated: false }]);
  });

  it("offers the reasons that its member gave lately, each once", async () => {
    const { caller, eligibility, activate } = await arrange();
    const choices = () =>
      activationChoices(test.database, caller, {
        eligibilityId: eligibility.id,
        search: "",
        chosenId: tree.subscription.id,
      });
    expect((await choices()).reasons).toEqual([]);
    await activate();
    now = addMinutes(start, 60);
    await activate();
    expect((await choices()).reasons).toEqual(["Deploy the fix"]);
    const other = await arrange();
    const item = { eligibilityId: other.eligibility.id, resourceId: tree.subscription.id };
    expect((await termsOfSeveral(test.database, other.caller, [item])).reasons).toEqual([]);
  });
});
