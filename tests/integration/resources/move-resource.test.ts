import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { may } from "@/lib/authority/authority";
import type { MoveFacts } from "@/lib/authority/move-facts";
import { mostAccessMoved, mostMoved } from "@/lib/domain/resources/move";
import { deepestLevel } from "@/lib/domain/resources/own-path";
import { action } from "@/lib/domain/roles/permissions";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { moveResource, moveResourceOperation } from "@/lib/operations/resources/move-resource";
import { createConflictRule } from "@/lib/operations/roles/create-conflict-rule";
import { createRoleDefinition } from "@/lib/operations/roles/create-role-definition";
import { updateRoleDefinition } from "@/lib/operations/roles/update-role-definition";
import type { Caller } from "@/lib/platform/caller";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";
import { moveRefused, previewMove } from "@/lib/queries/resources/move-preview";
import { placesToMoveTo } from "@/lib/queries/resources/places-to-move-to";
import { previewRetirement } from "@/lib/queries/resources/retire-preview";
import {
  type Administration,
  makeAdministration,
  refusedBy,
  refusedWith,
} from "../../support/administration";
import { approvedBy, setSettings, stageOf } from "../../support/approval";
import { holdPolicy } from "../../support/database/held-lock";
import { grant, makeActivation, makeRole, pastTheRules } from "../../support/factories";
import { factsOf, makeDatabase } from "../../support/own-places";

let at: Administration;
beforeAll(async () => {
  at = await makeAdministration();
});
afterAll(() => at.test.drop());

/** Two unrelated places below the root, and a resource of an own type in the first, with one below it. */
async function arrange() {
  const [here, there] = [
    await makeDatabase(at, at.tree.root, `here-${randomUUID()}`),
    await makeDatabase(at, at.tree.root, `there-${randomUUID()}`),
  ];
  const orders = await makeDatabase(at, here, "orders");
  const table = await makeDatabase(at, orders, "lines");
  return { here, there, orders, table };
}
type Place = { readonly id: string };
const role = (name = `Role ${randomUUID()}`, actions = ["*/read"]) =>
  makeRole(at.database, name, { actions });
const stored = (id: string) => at.database.client.resource.findUniqueOrThrow({ where: { id } });

async function shown(resource: Place, to: Place, caller = at.owner): Promise<MoveFacts> {
  return factsOf(await previewMove(at.database, caller, resource.id, to.id));
}
const inputOf = (resource: Place, from: Place, to: Place, preview: string) => ({
  ...{ resourceId: resource.id, fromId: from.id, toId: to.id, preview, justification: "Reorganised" },
});
async function move(input: ReturnType<typeof inputOf>, caller = at.owner) {
  const proofId = await at.prove(moveResourceOperation(input), caller);
  return moveResource(at.database, caller, { ...input, proofId });
}
async function shownAndMoved(resource: Place, from: Place, to: Place, caller = at.owner) {
  const facts = await shown(resource, to, caller);
  return { facts, result: await move(inputOf(resource, from, to, facts.preview), caller) };
}
const refusal = async (resource: Place, to: Place, caller = at.owner) => {
  const preview = await previewMove(at.database, caller, resource.id, to.id);
  if (preview === null || !("code" in preview)) throw new Error("it would be moved");
  return preview;
};
const mayRead = (caller: Caller, id: string) =>
  inTransaction(at.database, (transaction) => may(transaction, caller.userId, action.readAssignments, id));

it("takes everything below along: paths, what is inherited, and where roles can be assigned", async () => {
  const { here, there, orders, table } = await arrange();
  const reader = await role();
  const [left, joined] = [await at.person("Lea Left"), await at.person("Jo Joined")];
  await grant(at.database, "active", left.userId, reader.id, here.id);
  await grant(at.database, "active", joined.userId, reader.id, there.id);
  // What was removed before it began neither begins nor ceases.
  const planned = addDays(new Date(), 5);
  const removed = { startsAt: planned, endsAt: planned };
  for (const kind of ["active", "eligible"] as const)
    await grant(at.database, kind, left.userId, reader.id, there.id, removed);
  const custom = await at.database.client.roleDefinition.create({
    data: {
      ...{ roleName: `Custom ${randomUUID()}`, description: "", roleType: "CustomRole", permissions: [] },
      assignableScopes: ["/subscriptions/other", table.scope.toUpperCase(), orders.scope],
    },
  });
  const { facts, result } = await shownAndMoved(orders, here, there);
  const scope = `${there.scope}/databases/orders`;
  expect(result).toEqual({ ok: true, scope });
  expect(facts.access.map(({ principalId, gained, access }) => [principalId, gained, access])).toEqual([
    [joined.userId, true, "Active"],
    [left.userId, false, "Active"],
  ]);
  expect(facts).toMatchObject({ resources: 2, ended: [], rules: [] });
  const [moved, below] = [await stored(orders.id), await stored(table.id)];
  expect(moved).toMatchObject({ scope, parentId: there.id });
  expect(moved.path.startsWith(`${there.path}.`)).toBe(true);
  expect(below).toMatchObject({ scope: `${scope}/databases/lines` });
  expect(below.path.startsWith(`${moved.path}.`)).toBe(true);
  expect([await mayRead(left, table.id), await mayRead(joined, table.id)]).toEqual([false, true]);
  const after = await at.database.client.roleDefinition.findUniqueOrThrow({ where: { id: custom.id } });
  expect(after).toMatchObject({
    version: 1,
    assignableScopes: ["/subscriptions/other", expect.any(String), scope],
  });
  expect(after.assignableScopes[1]?.toLowerCase()).toBe(`${scope}/databases/lines`.toLowerCase());
  const event = await at.database.client.auditEvent.findFirst({
    where: { resourceId: orders.id, kind: "ResourceMoved", outcome: "Success" },
  });
  expect(event).toMatchObject({
    ...{ actorId: at.owner.userId, scope, justification: "Reorganised", proofId: expect.any(String) },
    details: {
      toName: there.displayName,
      begins: 1,
      ceases: 1,
      resources: 2,
      before: { scope: orders.scope },
    },
  });
  expect(await shownAndMoved(orders, there, here)).toMatchObject({
    result: { ok: true, scope: orders.scope },
  });
});

it("refuses a place below itself, its own place, a taken path and what is Azure's, with nothing done", async () => {
  const { here, there, orders, table } = await arrange();
  const site = await at.database.client.resource.create({
    data: {
      parentId: at.tree.group.id,
      scope: `${at.tree.group.scope}/providers/Microsoft.Web/sites/${randomUUID()}`,
      ...{ displayName: "shop", resourceType: "Microsoft.Web/sites" },
    },
  });
  const before = await stored(orders.id);
  for (const [resource, to, message] of [
    [orders, table, /below itself/],
    [orders, orders, /below itself/],
    [orders, here, /is already there/],
    [orders, site, /only Azure's/],
    [at.tree.group, there, /Azure's path/],
    [site, at.tree.root, /Azure's path/],
    [at.tree.subscription, there, /management group or the root/],
  ] as const) {
    expect(await refusal(resource, to)).toMatchObject({
      code: "InvalidInput",
      faults: [{ field: "toId", message: expect.stringMatching(message) }],
    });
    const parentId = (await stored(resource.id)).parentId ?? "";
    expect(await move(inputOf(resource, { id: parentId }, to, "0".repeat(64)))).toMatchObject({ ok: false });
  }
  const twin = await makeDatabase(at, there, "ORDERS");
  expect(await refusal(orders, there)).toMatchObject({
    faults: [{ message: expect.stringContaining(twin.scope) }],
  });
  expect(await stored(orders.id)).toEqual(before);
  expect(await previewMove(at.database, at.owner, at.tree.root.id, there.id)).toBeNull();
  await expect(
    pastTheRules(at.database, (owner) =>
      owner.resource.update({ where: { id: orders.id }, data: { parentId: table.id } }),
    ),
  ).rejects.toThrow("below itself");
});

it("takes a code for exactly what was shown, and a stale preview is refused", async () => {
  const { here, there, orders } = await arrange();
  const reader = await role();
  const rule = await createConflictRule(at.database, at.owner, {
    resourceId: there.id,
    rule: {
      ...{ name: `Payments ${randomUUID()}`, reason: "Four eyes" },
      ...{ firstRoleIds: [reader.id], secondRoleIds: [(await role()).id] },
    },
  });
  if (!rule.ok) throw new Error(JSON.stringify(rule.error));
  const facts = await shown(orders, there);
  const input = inputOf(orders, here, there, facts.preview);
  const without = await moveResource(at.database, at.owner, { ...input, proofId: null });
  expect(without).toMatchObject(refusedBy("MfaRule"));
  const other = { ...input, toId: at.tree.subscription.id };
  const proofId = await at.prove(moveResourceOperation(other));
  expect(await moveResource(at.database, at.owner, { ...input, proofId })).toMatchObject(
    refusedBy("MfaRule"),
  );
  // One rule there became another since, and somebody got access there.
  await pastTheRules(at.database, (owner) =>
    owner.conflictRule.update({ where: { id: rule.ruleId }, data: { name: `Orders ${randomUUID()}` } }),
  );
  expect(await move(input)).toMatchObject(refusedWith("StaleEdit"));
  input.preview = (await shown(orders, there)).preview;
  const { userId } = await at.person("Nia New");
  const { id } = await grant(at.database, "eligible", userId, reader.id, there.id);
  expect(await move(input)).toMatchObject(refusedWith("StaleEdit"));
  // Then it was given for longer or shorter.
  input.preview = (await shown(orders, there)).preview;
  await pastTheRules(at.database, (owner) =>
    owner.eligibility.update({ where: { id }, data: { endsAt: addDays(new Date(), 9) } }),
  );
  expect(await move(input)).toMatchObject(refusedWith("StaleEdit"));
  expect(await moveRefused(at.database, at.owner, input)).toMatchObject({ code: "StaleEdit" });
  expect((await stored(orders.id)).parentId).toBe(here.id);
  // Nor does a double click move it twice.
  const again = inputOf(orders, here, there, (await shown(orders, there)).preview);
  const both = await Promise.all([move(again), move(again)]);
  expect(both.map(({ ok }) => ok).sort()).toEqual([false, true]);
});

it("takes resources/write at both ends, and the right to give and take what begins and ceases", async () => {
  const { here, there, orders } = await arrange();
  const keeper = await at.person("Kim Keeper");
  const write = await role(`Keeper ${randomUUID()}`, ["Microsoft.Resources/resources/write", "*/read"]);
  await grant(at.database, "active", keeper.userId, write.id, here.id);
  const code = async () => (await refusal(orders, there, keeper)).code;
  expect(await previewMove(at.database, keeper, orders.id, there.id)).toBeNull();
  const looks = await grant(at.database, "active", keeper.userId, (await role()).id, there.id);
  expect(await code()).toBe("AuthorizationFailed");
  await pastTheRules(at.database, (owner) =>
    owner.assignment.update({ where: { id: looks.id }, data: { endsAt: looks.startsAt } }),
  );
  await grant(at.database, "active", keeper.userId, write.id, there.id);
  // The move begins and ends their own access.
  const refused = await refusal(orders, there, keeper);
  expect(refused).toMatchObject({
    code: "AuthorizationFailed",
    message: expect.stringContaining("may not assign"),
  });
  expect(await move(inputOf(orders, here, there, "0".repeat(64)), keeper)).toEqual({
    ok: false,
    error: refused,
  });
  const assign = await role(`Assigner ${randomUUID()}`, [
    "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
  ]);
  await grant(at.database, "active", keeper.userId, assign.id, orders.id);
  expect(await shownAndMoved(orders, here, there, keeper)).toMatchObject({ result: { ok: true } });
});

it("takes the right to edit the settings and rules that cease to judge it", async () => {
  const { here, there, orders } = await arrange();
  const reader = await role();
  const mover = await at.person("Mo Mover");
  const all = await role(`All here ${randomUUID()}`, ["*"]);
  for (const place of [orders, there]) await grant(at.database, "active", mover.userId, all.id, place.id);
  const write = await role(`Writer ${randomUUID()}`, ["Microsoft.Resources/resources/write", "*/read"]);
  await grant(at.database, "active", mover.userId, write.id, here.id);
  expect(await shown(orders, there, mover)).toMatchObject({ rules: [] });
  await setSettings(at.database, reader.id, here.id, defaultRoleSettings);
  expect(await refusal(orders, there, mover)).toMatchObject({
    code: "AuthorizationFailed",
    message: expect.stringMatching(/would no longer judge it/),
  });
  await grant(at.database, "active", mover.userId, all.id, here.id);
  expect(await shown(orders, there, mover)).toMatchObject({
    rules: [{ kind: "Settings", name: reader.roleName, placeId: here.id, begins: false }],
  });
});

it("takes the right to edit alert settings where an alert would be raised less often", async () => {
  const { here, there, orders } = await arrange();
  const mover = await at.person("Mo Mover");
  const write = await role(`Writer ${randomUUID()}`, ["Microsoft.Resources/resources/write", "*/read"]);
  for (const place of [here, there]) await grant(at.database, "active", mover.userId, write.id, place.id);
  const assign = await role(`Assigner ${randomUUID()}`, [
    "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
  ]);
  await grant(at.database, "active", mover.userId, assign.id, orders.id);
  const kept = { kind: "TooManyOwners" as const, enabled: true, threshold: 2, percent: 0 };
  await at.database.client.alertSetting.create({ data: { ...kept, resourceId: here.id } });
  expect(await refusal(orders, there, mover)).toMatchObject({
    code: "AuthorizationFailed",
    message: expect.stringMatching(/raised less often.*roleManagementAlerts\/write/),
  });
  // With the same settings as at the new place, and settings of the resource's own, nothing weakens.
  await at.database.client.alertSetting.create({ data: { ...kept, resourceId: there.id } });
  expect(await shown(orders, there, mover)).toMatchObject({ resources: 2 });
  await at.database.client.alertSetting.updateMany({
    where: { resourceId: there.id },
    data: { enabled: false },
  });
  expect(await refusal(orders, there, mover)).toMatchObject({ code: "AuthorizationFailed" });
  expect(await shown(orders, there)).toMatchObject({ alerts: { weaker: ["TooManyOwners"] } });
  await at.database.client.alertSetting.create({ data: { ...kept, resourceId: orders.id } });
  expect(await shown(orders, there, mover)).toMatchObject({ resources: 2 });
});

it("asks what the settings of the new place ask of who assigns there: a reason, and a passkey", async () => {
  const { here, there, orders } = await arrange();
  const reader = await role();
  await grant(at.database, "active", (await at.person("Ada")).userId, reader.id, there.id);
  const strict = { assignmentRequiresMfa: true, assignmentPhishingResistant: true };
  await setSettings(at.database, reader.id, there.id, { ...defaultRoleSettings, ...strict });
  const input = inputOf(orders, here, there, (await shown(orders, there)).preview);
  const proofId = await at.prove(moveResourceOperation(input));
  const result = await moveResource(at.database, at.owner, { ...input, justification: null, proofId });
  expect(result).toMatchObject({
    error: { failures: [{ rule: "JustificationRule" }, { rule: "MfaRule", field: "passkey" }] },
  });
});

it("asks the same passkey where a role that gives access can be activated there, and not for another role", async () => {
  const { here, there, orders } = await arrange();
  const [reader, giver] = [await role(), await role(`Giver ${randomUUID()}`, [action.writeAssignment])];
  const strict = { assignmentRequiresMfa: true, assignmentPhishingResistant: true };
  for (const { id } of [reader, giver])
    await setSettings(at.database, id, there.id, { ...defaultRoleSettings, ...strict });
  const eli = await at.person("Eli Eligible");
  const eligibility = await grant(at.database, "eligible", eli.userId, giver.id, there.id);
  await grant(at.database, "eligible", eli.userId, reader.id, there.id);
  expect((await shownAndMoved(orders, here, there)).result).toMatchObject({
    error: { failures: [{ rule: "MfaRule", field: "passkey" }] },
  });
  await pastTheRules(at.database, (owner) => owner.eligibility.delete({ where: { id: eligibility.id } }));
  expect((await shownAndMoved(orders, here, there)).result).toMatchObject({ ok: true });
});

it("refuses to leave behind where a role can be assigned that is assigned there", async () => {
  const { here, there, orders, table } = await arrange();
  const ada = await at.person("Ada");
  const assignedAt = async (scope: string, over = {}) => {
    const custom = await at.database.client.roleDefinition.create({
      data: {
        ...{ roleName: `Only at ${randomUUID()}`, description: "", roleType: "CustomRole", permissions: [] },
        assignableScopes: [scope],
      },
    });
    await grant(at.database, "eligible", ada.userId, custom.id, table.id, over);
    return custom;
  };
  // What it takes along or finds there stays assignable, and what has ended does not matter.
  for (const { scope } of [orders, table, there]) await assignedAt(scope);
  const past = { startsAt: addDays(new Date(), -9), endsAt: addDays(new Date(), -1) };
  await assignedAt(here.scope, past);
  expect(await shown(orders, there)).toMatchObject({ resources: 2 });
  const custom = await assignedAt(here.scope);
  expect(await refusal(orders, there)).toMatchObject({
    faults: [{ message: expect.stringContaining(custom.roleName) }],
  });
});

it("ends what rests on an eligibility above it, and nothing else", async () => {
  const { here, there, orders, table } = await arrange();
  const reader = await role();
  const settings = approvedBy([stageOf([at.owner.userId])], { activationRequiresMfa: false });
  await setSettings(at.database, reader.id, orders.id, settings);
  const now = await inTransaction(at.database, databaseNow);
  const [above, own] = [await at.person("Abe Above"), await at.person("Ona Own")];
  const fromAbove = await grant(at.database, "eligible", above.userId, reader.id, at.tree.root.id);
  const fromOwn = await grant(at.database, "eligible", own.userId, reader.id, orders.id);
  const [ends, stays, elsewhere] = await pastTheRules(at.database, async (owner) => [
    await makeActivation(owner, { ...fromAbove, resourceId: table.id }, now, 60),
    await makeActivation(owner, { ...fromOwn, resourceId: table.id }, now, 60),
    await makeActivation(owner, { ...fromAbove, resourceId: here.id }, now, 60),
  ]);
  const ask = async (caller: Caller, eligibilityId: string) => {
    const asked = { eligibilityId, resourceId: orders.id, startsAt: null, durationMinutes: 30 };
    const proofId = await at.prove({ kind: "ActivateRole", ...asked }, caller);
    const result = await activateRole(at.database, caller, {
      ...{ ...asked, justification: "Because", ticketNumber: null, ticketSystem: null, proofId },
    });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.requestId;
  };
  const [revoked, waits] = [await ask(above, fromAbove.id), await ask(own, fromOwn.id)];
  const { facts, result } = await shownAndMoved(orders, here, there);
  expect(result).toMatchObject({ ok: true });
  expect(facts.ended.map(({ id }) => id).sort()).toEqual([ends?.id, revoked].sort());
  const running = await at.database.client.assignment.findMany({
    where: {
      id: { in: [ends?.id, stays?.id, elsewhere?.id].map(String) },
      endsAt: { gt: now },
      removedAt: null,
    },
  });
  expect(running.map(({ id }) => id).sort()).toEqual([stays?.id, elsewhere?.id].sort());
  const status = async (id: string) =>
    (await at.database.client.request.findUniqueOrThrow({ where: { id } })).status;
  expect([await status(revoked), await status(waits)]).toEqual(["Revoked", "PendingApproval"]);
});

it("takes the right to remove the activations that end, also where no access begins or ceases", async () => {
  const { here, there, orders } = await arrange();
  const mover = await at.person("Mo Mover");
  const write = await role(`Writer ${randomUUID()}`, ["Microsoft.Resources/resources/write", "*/read"]);
  await grant(at.database, "active", mover.userId, write.id, at.tree.root.id);
  // Nothing ends yet, so that the right to write resources is enough.
  expect(await shown(orders, there, mover)).toMatchObject({ access: [], ended: [] });
  const reader = await role();
  const member = await at.person("Mia Member");
  const above = await grant(at.database, "eligible", member.userId, reader.id, at.tree.root.id, {
    endsAt: addDays(new Date(), 300),
  });
  const now = await inTransaction(at.database, databaseNow);
  await pastTheRules(at.database, (owner) =>
    makeActivation(owner, { ...above, resourceId: orders.id }, now, 60),
  );
  expect(await refusal(orders, there, mover)).toMatchObject({
    code: "AuthorizationFailed",
    message: expect.stringMatching(/would end activations or requests/),
  });
  const assign = await role(`Assigner ${randomUUID()}`, [
    "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
  ]);
  await grant(at.database, "active", mover.userId, assign.id, orders.id);
  expect(await shownAndMoved(orders, here, there, mover)).toMatchObject({ result: { ok: true } });
});

it("refuses where somebody would hold conflicting roles by it", async () => {
  const { here, there, orders } = await arrange();
  const [enters, approves] = [await role(), await role()];
  const { userId } = await at.person("Paula Payer");
  await grant(at.database, "active", userId, enters.id, orders.id);
  await grant(at.database, "active", userId, approves.id, there.id);
  const rule = { name: `Payments ${randomUUID()}`, reason: "Four eyes" };
  const made = await createConflictRule(at.database, at.owner, {
    resourceId: there.id,
    rule: { ...rule, firstRoleIds: [enters.id], secondRoleIds: [approves.id] },
  });
  expect(made).toMatchObject({ ok: true });
  const { result } = await shownAndMoved(orders, here, there);
  expect(result).toMatchObject(refusedWith("RoleAssignmentConflict"));
  expect((await stored(orders.id)).parentId).toBe(here.id);
});

it("refuses a place whose conflict rules forbid what is held there, and not for what stood against other rules", async () => {
  const { here, there, orders, table } = await arrange();
  const elsewhere = await makeDatabase(at, at.tree.root, `elsewhere-${randomUUID()}`);
  const [enters, approves] = [await role(), await role()];
  const { userId } = await at.person("Paula Payer");
  await grant(at.database, "active", userId, enters.id, orders.id);
  await grant(at.database, "active", userId, approves.id, table.id);
  const forbid = (place: Place) =>
    createConflictRule(at.database, at.owner, {
      resourceId: place.id,
      rule: {
        ...{ name: `Payments ${randomUUID()}`, reason: "Four eyes" },
        ...{ firstRoleIds: [enters.id], secondRoleIds: [approves.id] },
      },
    });
  expect(await forbid(at.tree.root)).toMatchObject({ ok: true });
  expect(await shownAndMoved(orders, here, elsewhere)).toMatchObject({ result: { ok: true } });
  expect(await forbid(there)).toMatchObject({ ok: true });
  const { result } = await shownAndMoved(orders, elsewhere, there);
  expect(result).toMatchObject(refusedWith("RoleAssignmentConflict"));
  expect((await stored(orders.id)).parentId).toBe(elsewhere.id);
});

it("an activation under way comes wholly before the move or is judged after it", async () => {
  const { here, there, orders } = await arrange();
  const reader = await role();
  const settings = { ...defaultRoleSettings, activationRequiresMfa: false };
  await setSettings(at.database, reader.id, here.id, settings);
  await setSettings(at.database, reader.id, orders.id, settings);
  const member = await at.person("Mia Member");
  const eligibility = await grant(at.database, "eligible", member.userId, reader.id, here.id, {
    endsAt: addDays(new Date(), 300),
  });
  const activate = () =>
    activateRole(at.database, member, {
      ...{ eligibilityId: eligibility.id, resourceId: orders.id, startsAt: null, durationMinutes: 30 },
      ...{ justification: "Because", ticketNumber: null, ticketSystem: null, proofId: null },
    });
  const input = inputOf(orders, here, there, (await shown(orders, there)).preview);
  const first = await holdPolicy(at.test, reader.id, here.id);
  const activating = activate();
  await first.waitedFor(1);
  const moving = move(input);
  await first.waitedFor(2);
  await first.release();
  expect(await activating).toMatchObject({ ok: true });
  expect(await moving).toMatchObject(refusedWith("StaleEdit"));
  await pastTheRules(at.database, (owner) =>
    owner.assignment.updateMany({
      where: { eligibilityId: eligibility.id },
      data: { startsAt: addDays(new Date(), -2), endsAt: addDays(new Date(), -1) },
    }),
  );

  // The move waits for settings that judge the beginning access, and keeps activations waiting.
  await grant(at.database, "active", (await at.person("Ada")).userId, reader.id, there.id);
  const next = inputOf(orders, here, there, (await shown(orders, there)).preview);
  const second = await holdPolicy(at.test, reader.id, orders.id);
  const movingFirst = move(next);
  await second.waitedFor(1);
  const late = activate();
  await second.waitedFor(2);
  await second.release();
  expect(await movingFirst).toMatchObject({ ok: true });
  expect(await late).toMatchObject({ ok: false });
  expect(
    await at.database.client.assignment.count({
      where: { resourceId: orders.id, endsAt: { gt: new Date() } },
    }),
  ).toBe(0);
});

it("takes the right where the resource lies by then, not where it lay when the move was asked for", async () => {
  const { here, there, orders } = await arrange();
  const vault = await makeDatabase(at, at.tree.root, `vault-${randomUUID()}`);
  const reader = await role();
  await grant(at.database, "active", (await at.person("Ada")).userId, reader.id, vault.id);
  const mover = await at.person("Mo Mover");
  const write = await role(`Writer ${randomUUID()}`, ["Microsoft.Resources/resources/write", "*/read"]);
  for (const place of [here, there]) await grant(at.database, "active", mover.userId, write.id, place.id);
  const all = await role(`All ${randomUUID()}`, ["*"]);
  await grant(at.database, "active", mover.userId, all.id, orders.id);
  // The mover knows beforehand what the preview from the vault says.
  expect(await shownAndMoved(orders, here, vault)).toMatchObject({ result: { ok: true } });
  const outOfVault = inputOf(orders, vault, there, (await shown(orders, there)).preview);
  expect(await shownAndMoved(orders, vault, here)).toMatchObject({ result: { ok: true } });

  const intoVault = inputOf(orders, here, vault, (await shown(orders, vault)).preview);
  const held = await holdPolicy(at.test, reader.id, orders.id);
  const byOwner = move(intoVault);
  await held.waitedFor(1);
  const byMover = move(outOfVault, mover);
  await held.waitedFor(2);
  await held.release();
  expect(await byOwner).toMatchObject({ ok: true });
  expect(await byMover).toMatchObject(refusedWith("StaleEdit"));
  expect((await stored(orders.id)).parentId).toBe(vault.id);
});

it("lets no role keep a former path that is created or edited while it moves", async () => {
  const { here, there, orders } = await arrange();
  const reader = await role();
  await grant(at.database, "active", (await at.person("Ada")).userId, reader.id, there.id);
  await setSettings(at.database, reader.id, orders.id, defaultRoleSettings);
  const definition = (scope: string) => ({
    ...{ roleName: `Custom ${randomUUID()}`, description: "", assignableScopes: [scope] },
    permission: { actions: ["*/read"], notActions: [], dataActions: [], notDataActions: [] },
  });
  const made = await createRoleDefinition(at.database, at.owner, definition(there.scope));
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  const input = inputOf(orders, here, there, (await shown(orders, there)).preview);
  const held = await holdPolicy(at.test, reader.id, orders.id);
  const moving = move(input);
  await held.waitedFor(1);
  const late = [
    createRoleDefinition(at.database, at.owner, definition(orders.scope)),
    updateRoleDefinition(at.database, at.owner, {
      ...{
        roleDefinitionId: made.roleDefinitionId,
        expectedVersion: 0,
        justification: "Here",
        proofId: null,
      },
      definition: definition(orders.scope),
    }),
  ];
  await held.waitedFor(3);
  await held.release();
  expect(await moving).toMatchObject({ ok: true });
  for (const each of await Promise.all(late)) expect(each).toMatchObject(refusedWith("InvalidInput"));
});

it("leaves no role behind at a path of letters whose small form programs disagree about", async () => {
  const { here, there } = await arrange();
  for (const name of ["İstanbul", "ΟΔΟΣ"]) {
    const place = await makeDatabase(at, here, name);
    const custom = await at.database.client.roleDefinition.create({
      data: {
        ...{ roleName: `Custom ${randomUUID()}`, description: "", roleType: "CustomRole", permissions: [] },
        assignableScopes: [place.scope],
      },
    });
    const { result } = await shownAndMoved(place, here, there);
    const scope = `${there.scope}/databases/${name}`;
    expect(result).toEqual({ ok: true, scope });
    const after = await at.database.client.roleDefinition.findUniqueOrThrow({ where: { id: custom.id } });
    expect(after.assignableScopes).toEqual([scope]);
  }
});

it("refuses a place so deep that what lies below it would lie too deep, and none above that", async () => {
  const { there, orders } = await arrange();
  // Levels: the root, the place, these, what is moved, and one below it.
  let [deep, above] = [there, there];
  for (let level = 3; level < deepestLevel; level += 1)
    [deep, above] = [await makeDatabase(at, deep, String(level)), deep];
  expect(await refusal(orders, deep)).toMatchObject({
    faults: [{ message: expect.stringMatching(/at most 20 levels deep/) }],
  });
  expect(await shown(orders, above)).toMatchObject({ levels: deepestLevel });
});

it("refuses a move or a retirement that changes more than is read at once", async () => {
  const { here, there, orders } = await arrange();
  const reader = await role();
  // One more than is allowed, of people who only have this.
  await at.test.asOwner(
    `WITH made AS (
       INSERT INTO principals (type, display_name)
       SELECT 'ServicePrincipal', 'Robot ' || number FROM generate_series(1, $1) AS number RETURNING id)
     INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at)
     SELECT id, $2, $3, postern_now() FROM made`,
    [mostAccessMoved + 1, reader.id, there.id],
  );
  expect(await refusal(orders, there)).toMatchObject({
    faults: [{ message: expect.stringMatching(/More than 2000 assignments/) }],
  });
  expect(await move(inputOf(orders, here, there, "0".repeat(64)))).toMatchObject(refusedWith("InvalidInput"));
  expect(await previewRetirement(at.database, at.owner, there.id)).toMatchObject({
    ...{ code: "Conflict", message: expect.stringMatching(/More than 2000 assignments/) },
  });
  // Nor may conflict rules of the new place have more to judge.
  const quiet = await makeDatabase(at, at.tree.root);
  const rule = { name: `Payments ${randomUUID()}`, reason: "Four eyes" };
  const made = await createConflictRule(at.database, at.owner, {
    resourceId: quiet.id,
    rule: { ...rule, firstRoleIds: [reader.id], secondRoleIds: [(await role()).id] },
  });
  expect(made).toMatchObject({ ok: true });
  expect(await shown(orders, quiet)).toMatchObject({ access: [] });
  await at.test.asOwner(
    `INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, starts_at)
     SELECT principal_id, $1, $2, 'Assigned', starts_at FROM eligibilities WHERE resource_id = $3`,
    [reader.id, orders.id, there.id],
  );
  expect(await refusal(orders, quiet)).toMatchObject({
    faults: [{ message: expect.stringMatching(/More than 2000 active assignments there would be judged/) }],
  });
});

it("offers places where the caller may add and the resource can lie", async () => {
  const { here, there, orders, table } = await arrange();
  const found = await placesToMoveTo(at.database, at.owner, await stored(orders.id), "databases");
  const ids = found.map(({ id }) => id);
  for (const { id } of [here, orders, table]) expect(ids).not.toContain(id);
  const named = await placesToMoveTo(at.database, at.owner, await stored(orders.id), there.displayName);
  expect(named.map(({ id }) => id)).toContain(there.id);
  expect(await placesToMoveTo(at.database, await at.person("Nobody"), orders, "databases")).toEqual([]);
});

it("refuses to move or retire more resources than are read at once", async () => {
  const { here, there, orders } = await arrange();
  await at.test.asOwner(
    `INSERT INTO resources (parent_id, scope, display_name, resource_type)
     SELECT $2, $3 || '/databases/' || number, number, 'databases' FROM generate_series(1, $1) AS number`,
    [mostMoved, orders.id, orders.scope],
  );
  expect(await refusal(orders, there)).toMatchObject({
    faults: [{ message: expect.stringMatching(/More than 5000 resources would move/) }],
  });
  expect(await previewRetirement(at.database, at.owner, here.id)).toMatchObject({
    ...{ code: "Conflict", message: expect.stringMatching(/More than 5000 resources would be retired/) },
  });
});
