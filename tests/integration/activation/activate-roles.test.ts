import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { createChallenge } from "@/lib/identity/step-up/step-up";
import {
  type ActivateRolesInput,
  activateRoles,
  activateRolesOperation,
} from "@/lib/operations/activation/activate-roles";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { atOnce } from "../../support/database/held-lock";
import {
  grant,
  makeCaller,
  makeGroup,
  makeProof,
  makeRole,
  makeTree,
  makeUser,
  pastTheRules,
} from "../../support/factories";

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

/** A member eligible for three roles on the subscription: the second requires a ticket, the third no second factor. */
async function arrange() {
  const { database } = test;
  const user = await makeUser(database);
  const caller = await makeCaller(database, user);
  const roles = await Promise.all(
    ["Contributor", "Key Vault Reader", "Reader"].map((name) => makeRole(database, name, { actions: ["*"] })),
  );
  const eligibilities = await Promise.all(
    roles.map((role) => grant(database, "eligible", user.id, role.id, tree.subscription.id)),
  );
  const settings = (index: number, changes: object) =>
    database.client.roleManagementPolicy.create({
      data: { resourceId: tree.subscription.id, roleDefinitionId: roles[index]?.id ?? "", ...changes },
    });
  await settings(1, { activationRequiresTicket: true, activationMaximumMinutes: 60 });
  await settings(2, { activationRequiresMfa: false });
  const input = (changes: Partial<ActivateRolesInput> = {}): ActivateRolesInput => ({
    items: eligibilities.map(({ id }) => ({
      eligibilityId: id,
      resourceId: tree.subscription.id,
      durationMinutes: 60,
    })),
    startsAt: null,
    justification: "Release day",
    ticketNumber: "CHG-7",
    ticketSystem: "Desk",
    proofId: null,
    ...changes,
  });
  const prove = (of: ActivateRolesInput, by = caller) => makeProof(database, by, activateRolesOperation(of));
  const proved = async (changes: Partial<ActivateRolesInput> = {}) => {
    const of = input(changes);
    return { ...of, proofId: await prove(of) };
  };
  const held = () => database.client.assignment.count({ where: { principalId: user.id } });
  const spent = async (id: string | null) =>
    (await database.client.stepUpProof.findUniqueOrThrow({ where: { id: id ?? "" } })).spentAt !== null;
  const events = (outcome: "Success" | "Failure") =>
    database.client.auditEvent.findMany({
      where: { actorId: user.id, outcome },
      orderBy: { sequence: "asc" },
    });
  return { user, caller, roles, eligibilities, input, prove, proved, held, spent, events };
}

const rules = (results: Awaited<ReturnType<typeof activateRoles>>) =>
  results.map((result) =>
    result.ok
      ? "active"
      : result.error.code === "RoleAssignmentRequestPolicyValidationFailed"
        ? result.error.failures.map((failure) => failure.rule).join(" ")
        : result.error.code,
  );

describe("several roles at once", () => {
  it("activates all of them with one proof, spent once, each with its request and event", async () => {
    const { caller, proved, held, spent, events, user } = await arrange();
    const input = await proved();
    const outcomes = await activateRoles(test.database, caller, input);
    expect(rules(outcomes)).toEqual(["active", "active", "active"]);
    const requested = await test.database.client.request.findMany({ where: { principalId: user.id } });
    const eligibilityOf = new Map(requested.map((request) => [request.id, request.eligibilityId]));
    expect(outcomes.map((each) => each.ok && eligibilityOf.get(each.requestId))).toEqual(
      input.items.map((item) => item.eligibilityId),
    );
    expect(await held()).toBe(3);
    expect(await spent(input.proofId)).toBe(true);
    expect((await events("Success")).map((event) => [event.roleName, event.proofId])).toEqual(
      expect.arrayContaining([
        ["Contributor", input.proofId],
        ["Key Vault Reader", input.proofId],
        ["Reader", null],
      ]),
    );
    expect(await test.database.client.request.count({ where: { principalId: user.id } })).toBe(3);
  });

  it("lets each fail on its own, says why, and logs the refusal beside the success", async () => {
    const { caller, proved, held, spent, events } = await arrange();
    const input = await proved({ ticketNumber: null, ticketSystem: null });
    expect(rules(await activateRoles(test.database, caller, input))).toEqual([
      "active",
      "TicketingRule TicketingRule",
      "active",
    ]);
    expect(await held()).toBe(2);
    expect(await spent(input.proofId)).toBe(true);
    expect(await events("Failure")).toMatchObject([
      { roleName: "Key Vault Reader", failedRules: ["TicketingRule"], kind: "RoleActivated" },
    ]);
  });

  it("spends nothing when none succeeds, so that the same code serves the next try", async () => {
    const { caller, proved, held, spent, events } = await arrange();
    const input = await proved({ justification: null });
    expect(rules(await activateRoles(test.database, caller, input))).toEqual([
      "JustificationRule",
      "JustificationRule",
      "JustificationRule",
    ]);
    expect(await held()).toBe(0);
    expect(await spent(input.proofId)).toBe(false);
    expect(await events("Failure")).toHaveLength(3);
    const again = await activateRoles(test.database, caller, { ...input, justification: "Release day" });
    expect(rules(again)).toEqual(["active", "active", "active"]);
  });

  it("keeps the proof when only a role that needs none succeeds", async () => {
    const { caller, eligibilities, proved, spent } = await arrange();
    await pastTheRules(test.database, (to) =>
      to.eligibility.updateMany({
        where: { id: { in: eligibilities.slice(0, 2).map((each) => each.id) } },
        data: { endsAt: addMinutes(now, 30) },
      }),
    );
    const input = await proved();
    expect(rules(await activateRoles(test.database, caller, input))).toEqual([
      "EligibilityRule",
      "EligibilityRule",
      "active",
    ]);
    expect(await spent(input.proofId)).toBe(false);
  });

  it("refuses a proof of other items, another duration or start, another person's, and a replay", async () => {
    const { caller, input, prove, proved, held } = await arrange();
    const gated = ["MfaRule", "MfaRule"];
    const two = input({ items: input().items.slice(0, 2) });
    const forged = [
      await prove(input({ items: two.items.slice(0, 1) })),
      await prove(input()),
      await prove({ ...two, items: two.items.map((item) => ({ ...item, durationMinutes: 30 })) }),
      await prove({ ...two, items: two.items.map((item) => ({ ...item, resourceId: tree.group.id })) }),
      await prove({ ...two, startsAt: addMinutes(now, 60) }),
      await prove(two, await makeCaller(test.database, await makeUser(test.database))),
    ];
    for (const proofId of forged)
      expect(rules(await activateRoles(test.database, caller, { ...two, proofId }))).toEqual(gated);
    expect(await held()).toBe(0);
    const good = await proved({ items: two.items });
    expect(rules(await activateRoles(test.database, caller, good))).toEqual(["active", "active"]);
    await pastTheRules(test.database, (to) =>
      to.assignment.updateMany({
        where: { principalId: caller.userId },
        data: { endsAt: addMinutes(now, 1) },
      }),
    );
    now = addMinutes(now, 2);
    expect(rules(await activateRoles(test.database, caller, good))).toEqual(gated);
  });

  it("treats other people's eligibilities and unknown ones alike, and never reaches above a scope", async () => {
    const mine = await arrange();
    const other = await arrange();
    const items = [
      { ...other.input().items[0], durationMinutes: 60 },
      { eligibilityId: "00000000-0000-4000-8000-000000000000", durationMinutes: 60 },
      { eligibilityId: mine.eligibilities[2]?.id, durationMinutes: 60, resourceId: tree.root.id },
      { eligibilityId: mine.eligibilities[2]?.id, durationMinutes: 60 },
    ].map((item) => ({
      eligibilityId: item.eligibilityId ?? "",
      durationMinutes: item.durationMinutes,
      resourceId: "resourceId" in item && item.resourceId ? item.resourceId : tree.subscription.id,
    }));
    const operation = activateRolesOperation({ items, startsAt: null });
    expect(await createChallenge(test.database, mine.caller, operation)).toBeNull();
    for (const item of items.slice(0, 3)) {
      const single = { kind: "ActivateRole" as const, ...item, startsAt: null };
      expect(await createChallenge(test.database, mine.caller, single)).toBeNull();
    }
    expect(rules(await activateRoles(test.database, mine.caller, mine.input({ items })))).toEqual([
      "NotFound",
      "NotFound",
      "RoleAssignmentDoesNotExist",
      "active",
    ]);
    expect(await other.held()).toBe(0);
  });

  it("answers the same role asked for twice, or through a group as well, with one assignment", async () => {
    const { caller, user, roles, eligibilities, proved, held } = await arrange();
    const group = await makeGroup(test.database, [user.id]);
    const through = await grant(
      test.database,
      "eligible",
      group.id,
      roles[2]?.id ?? "",
      tree.subscription.id,
    );
    const item = (eligibilityId: string) => ({
      eligibilityId,
      resourceId: tree.subscription.id,
      durationMinutes: 60,
    });
    const ids = [eligibilities[2]?.id ?? "", eligibilities[2]?.id ?? "", through.id];
    const outcomes = await activateRoles(test.database, caller, await proved({ items: ids.map(item) }));
    expect(rules(outcomes).sort()).toEqual(["RoleAssignmentExists", "RoleAssignmentExists", "active"]);
    expect(await held()).toBe(1);
  });

  it("lets exactly one of ten simultaneous submissions win, in whatever order each names the roles", async () => {
    const { caller, proved, held } = await arrange();
    const inputs = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const input = await proved();
        return index % 2 === 0 ? input : { ...input, items: [...input.items].reverse() };
      }),
    );
    const all = await atOnce(
      test,
      inputs.map((input) => () => activateRoles(test.database, caller, input)),
    );
    expect(all.flatMap(rules).filter((rule) => rule === "active")).toHaveLength(3);
    expect(await held()).toBe(3);
  });

  it("describes every role and duration to be confirmed", async () => {
    const { caller, input } = await arrange();
    const challenge = await createChallenge(test.database, caller, activateRolesOperation(input()));
    expect(challenge?.description).toEqual({
      title: "Activate 3 roles",
      details: [
        { label: "Contributor on Production", value: "1 hour" },
        { label: "Key Vault Reader on Production", value: "1 hour" },
        { label: "Reader on Production", value: "1 hour" },
        { label: "Start", value: "Now" },
      ],
    });
  });
});
