import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { may } from "@/lib/authority/authority";
import { deepestLevel } from "@/lib/domain/resources/own-path";
import { action } from "@/lib/domain/roles/permissions";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { addResource } from "@/lib/operations/resources/add-resource";
import { retireResource, retireResourceOperation } from "@/lib/operations/resources/retire-resource";
import { undoRetirement, undoRetirementOperation } from "@/lib/operations/resources/undo-retirement";
import { createConflictRule } from "@/lib/operations/roles/create-conflict-rule";
import { createRoleDefinition } from "@/lib/operations/roles/create-role-definition";
import { deleteRoleDefinition } from "@/lib/operations/roles/delete-role-definition";
import { updateRoleDefinition } from "@/lib/operations/roles/update-role-definition";
import type { Caller } from "@/lib/platform/caller";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";
import { firstPage } from "@/lib/queries/pages";
import { findResources } from "@/lib/queries/resources/find-resources";
import { listResources } from "@/lib/queries/resources/resource-list";
import { childrenOf } from "@/lib/queries/resources/resource-tree";
import { viewResource } from "@/lib/queries/resources/resources";
import {
  previewRestoration,
  previewRetirement,
  retirementRefused,
} from "@/lib/queries/resources/retire-preview";
import { listRetired, retiredResource } from "@/lib/queries/resources/retired-resources";
import { type Administration, makeAdministration, refusedWith } from "../../support/administration";
import { approvedBy, setSettings, stageOf } from "../../support/approval";
import { holdPolicy } from "../../support/database/held-lock";
import { grant, makeActivation, makeRole, pastTheRules } from "../../support/factories";
import { factsOf, makeDatabase } from "../../support/own-places";

let at: Administration;
let now: Date;
beforeAll(async () => {
  now = new Date("2026-03-02T09:00:00Z");
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

/** A place below the root, a resource in it and one below that. */
async function arrange() {
  const here = await makeDatabase(at, at.tree.root, `here-${randomUUID()}`);
  const orders = await makeDatabase(at, here, `orders-${randomUUID()}`);
  const table = await makeDatabase(at, orders, "lines");
  return { here, orders, table };
}
type Place = { readonly id: string };
const role = (name = `Role ${randomUUID()}`, actions = ["*/read"]) =>
  makeRole(at.database, name, { actions });
const stored = (id: string) => at.database.client.resource.findUniqueOrThrow({ where: { id } });
const inDays = (days: number) => ({ endsAt: addDays(now, days) });

async function shown(resource: Place, caller = at.owner) {
  return factsOf(await previewRetirement(at.database, caller, resource.id));
}
async function retire(input: { resourceId: string; preview: string }, caller = at.owner) {
  const proofId = await at.prove(retireResourceOperation(input), caller);
  return retireResource(at.database, caller, { ...input, justification: "No longer used", proofId });
}
async function shownAndRetired(resource: Place, caller = at.owner) {
  const facts = await shown(resource, caller);
  return { facts, result: await retire({ resourceId: resource.id, preview: facts.preview }, caller) };
}
async function retired(resource: Place): Promise<string> {
  const { result } = await shownAndRetired(resource);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.retirementId;
}
async function undoShown(retirementId: string, caller = at.owner) {
  const preview = await previewRestoration(at.database, caller, retirementId);
  if (preview === null || "code" in preview) throw new Error(JSON.stringify(preview));
  return preview;
}
async function undo(retirementId: string, caller = at.owner, preview?: string) {
  const input = { retirementId, preview: preview ?? (await undoShown(retirementId, caller)).preview };
  const proofId = await at.prove(undoRetirementOperation(input), caller);
  return undoRetirement(at.database, caller, { ...input, justification: "Needed after all", proofId });
}
const refusal = async (resource: Place, caller = at.owner) => {
  const preview = await previewRetirement(at.database, caller, resource.id);
  if (preview === null || !("code" in preview)) throw new Error("it would be retired");
  return preview;
};
const mayRead = (caller: Caller, id: string) =>
  inTransaction(at.database, (transaction) => may(transaction, caller.userId, action.readAssignments, id));
const running = (resourceId: string) =>
  Promise.all([
    at.database.client.assignment.count({
      where: { resourceId, OR: [{ endsAt: null }, { endsAt: { gt: now } }], removedAt: null },
    }),
    at.database.client.eligibility.count({
      where: { resourceId, OR: [{ endsAt: null }, { endsAt: { gt: now } }], removedAt: null },
    }),
  ]);

it("ends all access there and below, says whom it concerned, and gives back what may be given", async () => {
  const { here, orders, table } = await arrange();
  const reader = await role();
  const settings = approvedBy([stageOf([at.owner.userId])], { activationRequiresMfa: false });
  await setSettings(at.database, reader.id, table.id, settings);
  const [eli, ada, aco] = [
    await at.person("Eli Eligible"),
    await at.person("Ada Active"),
    await at.person("Aco"),
  ];
  const eligibility = await grant(at.database, "eligible", eli.userId, reader.id, orders.id, inDays(90));
  const own = await grant(at.database, "eligible", aco.userId, reader.id, table.id, inDays(5));
  await grant(at.database, "active", ada.userId, reader.id, table.id, inDays(60));
  await grant(at.database, "active", aco.userId, reader.id, here.id, inDays(60));
  await grant(at.database, "eligible", ada.userId, reader.id, here.id, inDays(60));
  // Neither what has ended there or above is concerned, nor what was removed before it began.
  const planned = addDays(now, 5);
  const past = { startsAt: addDays(now, -9), endsAt: addDays(now, -1) };
  for (const [place, over] of [
    [here, past],
    [table, past],
    [here, { startsAt: planned, endsAt: planned }],
  ] as const)
    await grant(at.database, "active", eli.userId, reader.id, place.id, over);
  const asked = { eligibilityId: own.id, resourceId: table.id, startsAt: null, durationMinutes: 30 };
  const waits = await activateRole(at.database, aco, {
    ...{ ...asked, justification: "Because", ticketNumber: null, ticketSystem: null },
    proofId: await at.prove({ kind: "ActivateRole", ...asked }, aco),
  });
  if (!waits.ok) throw new Error(JSON.stringify(waits.error));
  const clock = await inTransaction(at.database, databaseNow);
  await pastTheRules(at.database, (owner) =>
    makeActivation(owner, { ...eligibility, resourceId: orders.id }, clock, 60),
  );
  const { facts, result } = await shownAndRetired(orders);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  expect(facts.resources).toBe(2);
  expect(facts.ended.map(({ kind, principalId }) => `${kind} ${principalId}`).sort()).toEqual(
    [
      ...[`Activation ${eli.userId}`, `Active ${ada.userId}`, `Eligible ${eli.userId}`],
      ...[`Eligible ${aco.userId}`, `Request ${aco.userId}`],
    ].sort(),
  );
  const ceasing = facts.ceasing.filter(({ roleDefinitionId }) => roleDefinitionId === reader.id);
  expect(ceasing.map(({ access, placeId, holders }) => [access, placeId, holders])).toEqual([
    ["Active", here.id, 1],
    ["Eligible", here.id, 1],
  ]);
  expect(facts.concerned).toContainEqual(
    expect.objectContaining({ kind: "Settings", name: reader.roleName, placeId: table.id }),
  );
  expect([await running(orders.id), await running(table.id)]).toEqual([
    [0, 0],
    [0, 0],
  ]);
  const request = await at.database.client.request.findUniqueOrThrow({ where: { id: waits.requestId } });
  expect(request.status).toBe("Revoked");
  // Each removal is an event, and the members who lost access are notified of it.
  const events = await at.database.client.auditEvent.findMany({
    where: { resourceId: { in: [orders.id, table.id] }, actorId: at.owner.userId },
    orderBy: { sequence: "asc" },
  });
  expect(events.map(({ kind }) => kind).sort()).toEqual(
    [
      ...["ActivationRevoked", "ActiveAssignmentRemoved", "EligibleAssignmentRemoved"],
      ...["EligibleAssignmentRemoved", "RequestRevoked", "ResourceRetired"],
    ].sort(),
  );
  expect(events.find(({ kind }) => kind === "ResourceRetired")).toMatchObject({
    ...{ scope: orders.scope, justification: "No longer used", proofId: expect.any(String) },
    details: { resources: 2, eligible: 2, active: 1, activations: 1, requests: 1 },
  });
  expect(events.every(({ resourcePath }) => resourcePath?.startsWith(here.path))).toBe(true);

  // Six days later one eligibility would have ended.
  now = addDays(now, 6);
  const preview = await undoShown(result.retirementId);
  expect(
    preview.rows.map(({ access, staysClosed }) => [access.principalId, access.type, staysClosed]),
  ).toEqual([
    [ada.userId, "Active", null],
    [eli.userId, "Eligible", null],
  ]);
  expect(await undo(result.retirementId)).toEqual({ ok: true, resourceId: orders.id, given: 2, closed: 0 });
  expect(await stored(orders.id)).toMatchObject({ ...orders, retirementId: null });
  expect(await stored(table.id)).toMatchObject({ ...table, retirementId: null });
  expect([await running(orders.id), await running(table.id)]).toEqual([
    [0, 1],
    [1, 0],
  ]);
  expect(await mayRead(aco, table.id)).toBe(true);
  const again = await at.database.client.request.findFirst({
    where: {
      requestType: "AdminAssign",
      principalId: ada.userId,
      resourceId: table.id,
      proofId: { not: null },
    },
  });
  expect(again).toMatchObject({ requestorId: at.owner.userId, justification: "Needed after all" });
  expect(await previewRestoration(at.database, at.owner, result.retirementId)).toBeNull();
});

it("is nowhere to be found, chosen, opened or given anything, and its path is free", async () => {
  const { here, orders, table } = await arrange();
  const reader = await role();
  const member = await at.person("Mia Member");
  await grant(at.database, "active", member.userId, reader.id, here.id, inDays(60));
  const before = await listed(orders.displayName);
  expect([before.page, before.found, before.children(here.id)]).toEqual([
    [orders.id, table.id],
    [orders.id],
    true,
  ]);
  const retirementId = await retired(orders);
  const after = await listed(orders.displayName);
  expect([after.page, after.found, after.children(here.id)]).toEqual([[], [], false]);
  for (const caller of [at.owner, member])
    for (const { id } of [orders, table]) {
      expect(await viewResource(at.database, caller, id)).toBeNull();
      expect(await mayRead(caller, id)).toBe(false);
    }
  expect(await retire({ resourceId: orders.id, preview: "a".repeat(64) })).toMatchObject(
    refusedWith("NotFound"),
  );
  const add = { resourceType: "databases", pathName: null };
  expect(
    await addResource(at.database, at.owner, { parentId: table.id, displayName: "Below", ...add }),
  ).toMatchObject(refusedWith("NotFound"));
  const taking = await addResource(at.database, at.owner, {
    ...{ parentId: here.id, displayName: orders.displayName, ...add },
  });
  expect(taking).toMatchObject({ ok: true, scope: orders.scope });
  expect(await previewRestoration(at.database, at.owner, retirementId)).toMatchObject({
    message: expect.stringMatching(/path is taken/),
  });

  async function listed(name: string) {
    const page = await listResources(
      at.database,
      at.owner,
      { search: name, type: "", order: { by: "scope", descending: false } },
      firstPage,
    );
    const reach = { tops: [at.tree.root.path], others: [], favourites: [] };
    const found = await inTransaction(at.database, (transaction) =>
      findResources(transaction, reach, [name], 50),
    );
    const parts = await childrenOf(at.database, at.owner, [here.id]);
    return {
      page: page.rows.map(({ id }) => id),
      found: found.filter(({ displayName }) => displayName === name).map(({ id }) => id),
      children: (id: string) => (parts.get(id)?.nodes ?? []).some((node) => node.id === orders.id),
    };
  }
});

it("lists what is retired for those who may restore it, and for nobody else", async () => {
  const { here, orders } = await arrange();
  const retirementId = await retired(orders);
  const writer = await at.person("Will Writer");
  const write = await role(`Writer ${randomUUID()}`, ["Microsoft.Resources/resources/write", "*/read"]);
  await grant(at.database, "active", writer.userId, write.id, here.id, inDays(60));
  const other = await at.person("Oda Other");
  const elsewhere = await makeDatabase(at, at.tree.root, `elsewhere-${randomUUID()}`);
  await grant(at.database, "active", other.userId, write.id, elsewhere.id, inDays(60));
  const nobody = await at.person("Nora Nobody");
  const seen = async (caller: Caller, search = "") =>
    (await listRetired(at.database, caller, search, firstPage))?.rows.map(({ id }) => id) ?? null;
  expect(await seen(writer)).toEqual([retirementId]);
  expect(await seen(at.owner, orders.displayName)).toEqual([retirementId]);
  expect(await seen(writer, "something else")).toEqual([]);
  expect(await seen(other)).toEqual([]);
  expect(await seen(nobody)).toBeNull();
  const row = await retiredResource(at.database, writer, retirementId);
  expect(row).toMatchObject({
    ...{ displayName: orders.displayName, scope: orders.scope, parentName: here.displayName, resources: 2 },
    ...{ justification: "No longer used", undoUntil: addDays(now, 30) },
  });
  expect(await retiredResource(at.database, other, retirementId)).toBeNull();
  expect(await undo(retirementId, other, "a".repeat(64))).toMatchObject(refusedWith("NotFound"));
});

it("can be undone until the thirtieth day has passed, by the database's clock", async () => {
  const { orders } = await arrange();
  const [late, intime] = [await retired(orders), await retired((await arrange()).orders)];
  const began = now;
  now = new Date(addDays(began, 30).getTime() - 60_000);
  expect(await undo(intime)).toMatchObject({ ok: true });
  const { preview } = await undoShown(late);
  now = addDays(began, 30);
  expect(await undo(late, at.owner, preview)).toMatchObject({
    error: { code: "Conflict", message: expect.stringMatching(/stays retired/) },
  });
  expect(await previewRestoration(at.database, at.owner, late)).toMatchObject({ code: "Conflict" });
});

it("refuses the root, what a review or an emergency holds, and what may not be removed", async () => {
  const { here, orders, table } = await arrange();
  expect(await previewRetirement(at.database, at.owner, at.tree.root.id)).toBeNull();
  expect(await retire({ resourceId: at.tree.root.id, preview: "a".repeat(64) })).toMatchObject(
    refusedWith("Conflict"),
  );
  const reader = await role();
  const member = await at.person("Mia Member");
  await grant(at.database, "active", member.userId, reader.id, table.id, inDays(60));
  const writer = await at.person("Will Writer");
  const write = await role(`Writer ${randomUUID()}`, ["Microsoft.Resources/resources/write", "*/read"]);
  await grant(at.database, "active", writer.userId, write.id, here.id, inDays(60));
  expect(await refusal(orders, writer)).toMatchObject({ code: "AuthorizationFailed" });
  const [assign, makeEligible] = [
    await role(`Assigner ${randomUUID()}`, [action.writeAssignment]),
    await role(`Assigner ${randomUUID()}`, [action.writeEligibility]),
  ];
  await grant(at.database, "active", writer.userId, assign.id, here.id, inDays(60));
  expect(await shown(orders, writer)).toMatchObject({ resources: 2 });
  await grant(at.database, "eligible", (await at.person("Eli")).userId, reader.id, table.id, inDays(60));
  expect(await refusal(orders, writer)).toMatchObject({
    ...{ code: "AuthorizationFailed", message: expect.stringContaining(action.writeEligibility) },
  });
  await grant(at.database, "active", writer.userId, makeEligible.id, here.id, inDays(60));
  expect(await shown(orders, writer)).toMatchObject({ resources: 2 });
  await setSettings(at.database, reader.id, table.id, defaultRoleSettings);
  expect(await refusal(orders, writer)).toMatchObject({
    code: "AuthorizationFailed",
    message: expect.stringMatching(/role settings/),
  });
  await at.database.client.accessReview.create({
    data: {
      ...{ seriesId: randomUUID(), seriesStartsAt: now, name: "Yearly review", resourceId: table.id },
      ...{ includeBelow: false, covers: "Both", reviewers: "Selected", durationDays: 5, recurrence: "None" },
      ...{
        withoutAnswer: "Keep",
        applyAutomatically: false,
        justificationRequired: false,
        state: "NotStarted",
      },
      ...{ startsAt: addDays(now, 1), endsAt: addDays(now, 6), createdById: at.owner.userId },
    },
  });
  expect(await refusal(orders)).toMatchObject({
    code: "Conflict",
    message: expect.stringMatching(/Yearly review.*Apply or stop it first/),
  });
  expect((await stored(orders.id)).retirementId).toBeNull();
});

it("is refused while an emergency, a break-glass account or an item of a review above holds it, and no longer", async () => {
  const { here, orders, table } = await arrange();
  const reader = await role();
  const [mia, beth] = [await at.person("Mia Member"), await at.person("Beth Account")];
  await at.database.client.breakGlassAccount.create({
    data: { userId: beth.userId, namedById: at.owner.userId, reason: "Fire" },
  });
  const eligibility = await grant(at.database, "eligible", mia.userId, reader.id, table.id, inDays(60));
  const heldBack = async (message: RegExp) =>
    expect(await refusal(orders)).toMatchObject({
      code: "Conflict",
      message: expect.stringMatching(message),
    });
  // What others have there is no reason, nor what the account has above or had.
  const past = { startsAt: addDays(now, -9), endsAt: addDays(now, -1) };
  await grant(at.database, "active", beth.userId, reader.id, here.id, inDays(60));
  for (const kind of ["active", "eligible"] as const) {
    await grant(at.database, kind, beth.userId, reader.id, table.id, past);
    expect(await shown(orders)).toMatchObject({ kept: [] });
    const { id } = await grant(at.database, kind, beth.userId, reader.id, table.id, inDays(60));
    await heldBack(/break-glass account.*Beth Account.*Take it off the list/);
    await pastTheRules(at.database, (owner) =>
      kind === "active"
        ? owner.assignment.delete({ where: { id } })
        : owner.eligibility.delete({ where: { id } }),
    );
  }
  const requestId = randomUUID();
  await pastTheRules(at.database, async (owner) => {
    const { id: assignmentId, ...of } = await makeActivation(owner, eligibility, now, 60);
    const [memberId, common] = [mia.userId, { roleDefinitionId: reader.id, resourceId: table.id }];
    const asked = { requestorId: memberId, principalId: memberId, eligibilityId: of.eligibilityId };
    await owner.request.create({
      data: { ...common, ...asked, id: requestId, requestType: "SelfActivate", status: "Provisioned" },
    });
    const reason = "The database is down";
    await owner.breakGlassReview.create({ data: { ...common, requestId, memberId, assignmentId, reason } });
  });
  await heldBack(/emergency activation of.*Mia Member.*waits for its review/);
  await pastTheRules(at.database, (owner) =>
    owner.breakGlassReview.update({
      where: { requestId },
      data: { outcome: "Justified", note: "Seen", closedById: at.owner.userId, closedAt: now },
    }),
  );
  expect(await shown(orders)).toMatchObject({ kept: [] });
  const item = await pastTheRules(at.database, async (owner) => {
    const review = await owner.accessReview.create({
      data: {
        ...{ seriesId: randomUUID(), seriesStartsAt: now, name: "Yearly review", resourceId: here.id },
        ...{ includeBelow: true, covers: "Both", reviewers: "Selected", durationDays: 5, recurrence: "None" },
        ...{ withoutAnswer: "Keep", applyAutomatically: false, justificationRequired: false },
        ...{ state: "InProgress", startsAt: now, endsAt: addDays(now, 5), createdById: at.owner.userId },
      },
    });
    return owner.accessReviewItem.create({
      data: {
        ...{ reviewId: review.id, position: 0, principalId: mia.userId, roleDefinitionId: reader.id },
        ...{ resourceId: table.id, eligibilityId: eligibility.id, accessStartsAt: now },
        ...{ recommendation: "Deny", recommendationReason: "Unused" },
      },
    });
  });
  await heldBack(/Yearly review.*is not over/);
  await pastTheRules(at.database, (owner) =>
    owner.accessReviewItem.update({ where: { id: item.id }, data: { outcome: "Kept", outcomeAt: now } }),
  );
  expect(await shown(orders)).toMatchObject({ kept: [] });
});

it("takes the right to edit the rules, alerts and exports that have nothing left to judge, raise or send", async () => {
  const { client } = at.database;
  const [first, second] = [await role(), await role()];
  const mayRetire = await role(`Writer ${randomUUID()}`, [
    "Microsoft.Resources/resources/write",
    action.writeAssignment,
  ]);
  const writer = await at.person("Will Writer");
  type Make = (place: Place & { readonly scope: string }) => Promise<unknown>;
  const things: Readonly<Record<string, readonly [RegExp | null, Make]>> = {
    ConflictRule: [
      /a conflict rule at.*roleManagementPolicies\/write/,
      ({ id: resourceId }) =>
        createConflictRule(at.database, at.owner, {
          resourceId,
          rule: {
            ...{ name: `Payments ${randomUUID()}`, reason: "Four eyes" },
            ...{ firstRoleIds: [first.id], secondRoleIds: [second.id] },
          },
        }),
    ],
    AlertSettings: [
      /alert settings at.*roleManagementAlerts\/write/,
      ({ id: resourceId }) =>
        client.alertSetting.create({
          data: { resourceId, kind: "TooManyOwners", enabled: true, threshold: 2, percent: 0 },
        }),
    ],
    Alert: [
      /open alerts at.*roleManagementAlerts\/write/,
      ({ id: resourceId }) =>
        client.alert.create({ data: { resourceId, kind: "TooManyOwners", subject: "owners" } }),
    ],
    Export: [
      /a scheduled export at.*roleManagementPolicies\/write/,
      ({ id: resourceId }) =>
        pastTheRules(at.database, (owner) =>
          owner.exportSchedule.create({
            data: {
              ...{ resourceId, contents: "Assignments", includeBelow: false, frequency: "Daily", hour: 7 },
              ...{ timeZone: "UTC", administratorId: at.owner.userId, nextAt: addDays(now, 1) },
            },
          }),
        ),
    ],
    Role: [
      null,
      ({ scope }) =>
        createRoleDefinition(at.database, at.owner, {
          ...{ roleName: `Custom ${randomUUID()}`, description: "", assignableScopes: [scope] },
          permission: { actions: ["*/read"], notActions: [], dataActions: [], notDataActions: [] },
        }),
    ],
  };
  for (const [kind, [refused, make]] of Object.entries(things)) {
    const { here, orders, table } = await arrange();
    await grant(at.database, "active", writer.userId, mayRetire.id, here.id, inDays(60));
    expect(await shown(orders, writer)).toMatchObject({ concerned: [] });
    await make(table);
    const concerned = [expect.objectContaining({ kind, placeId: table.id })];
    expect((await shown(orders)).concerned, kind).toEqual(concerned);
    if (refused === null) expect(await shown(orders, writer)).toMatchObject({ concerned });
    else
      expect(await refusal(orders, writer)).toMatchObject({
        ...{ code: "AuthorizationFailed", message: expect.stringMatching(refused) },
      });
  }
});

it("does what was shown or nothing: a resource added below, access given, or a repeated code", async () => {
  const { here, orders, table } = await arrange();
  const facts = await shown(orders);
  const input = { resourceId: orders.id, preview: facts.preview };
  await makeDatabase(at, table, "added");
  expect(await retire(input)).toMatchObject(refusedWith("StaleEdit"));
  expect(await retirementRefused(at.database, at.owner, input)).toMatchObject({ code: "StaleEdit" });
  const again = { ...input, preview: (await shown(orders)).preview };
  const reader = await role();
  await grant(at.database, "eligible", (await at.person("Ada")).userId, reader.id, table.id, inDays(9));
  expect(await retire(again)).toMatchObject(refusedWith("StaleEdit"));
  await setSettings(at.database, reader.id, table.id, defaultRoleSettings);
  // One more holds a role above that somebody holds there already.
  await grant(at.database, "active", (await at.person("Ben")).userId, reader.id, here.id, inDays(9));
  const held = { ...input, preview: (await shown(orders)).preview };
  await grant(at.database, "active", (await at.person("Cem")).userId, reader.id, here.id, inDays(9));
  expect(await retire(held)).toMatchObject(refusedWith("StaleEdit"));
  const settled = { ...input, preview: (await shown(orders)).preview };
  await pastTheRules(at.database, (owner) =>
    owner.roleManagementPolicy.updateMany({
      where: { resourceId: table.id },
      data: { resourceId: orders.id },
    }),
  );
  expect(await retire(settled)).toMatchObject(refusedWith("StaleEdit"));
  const third = { ...input, preview: (await shown(orders)).preview };
  const noCode = await retireResource(at.database, at.owner, {
    ...third,
    justification: "Old",
    proofId: null,
  });
  expect(noCode).toMatchObject(refusedWith("RoleAssignmentRequestPolicyValidationFailed"));
  const proofId = await at.prove(retireResourceOperation(third), at.owner);
  const blank = await retireResource(at.database, at.owner, { ...third, justification: " ", proofId });
  expect(blank).toMatchObject({ error: { failures: [{ rule: "JustificationRule" }] } });
  expect(
    await retireResource(at.database, at.owner, { ...third, justification: "Old", proofId }),
  ).toMatchObject({ ok: true });
});

it("gives nothing back that may not be given now: a member who left, stricter settings, a denial, no right to assign", async () => {
  const { here, orders, table } = await arrange();
  const [reader, strict, denied] = [await role(), await role(), await role()];
  const [left, long, reviewed, kept] = [
    await at.person("Lea Left"),
    await at.person("Lou Long"),
    await at.person("Rae Reviewed"),
    await at.person("Kay Kept"),
  ];
  await grant(at.database, "eligible", left.userId, reader.id, orders.id, inDays(90));
  await grant(at.database, "active", long.userId, strict.id, table.id, inDays(90));
  const judged = await grant(at.database, "eligible", reviewed.userId, denied.id, table.id, inDays(90));
  await grant(at.database, "eligible", kept.userId, reader.id, table.id, inDays(90));
  const retirementId = await retired(orders);
  await at.database.client.principal.update({ where: { id: left.userId }, data: { disabledAt: now } });
  await setSettings(at.database, strict.id, here.id, { ...defaultRoleSettings, activeMaximumDays: 15 });
  await pastTheRules(at.database, async (owner) => {
    const review = await owner.accessReview.create({
      data: {
        ...{ seriesId: randomUUID(), seriesStartsAt: now, name: "Review", resourceId: here.id },
        ...{ includeBelow: true, covers: "Both", reviewers: "Selected", durationDays: 5, recurrence: "None" },
        ...{
          withoutAnswer: "Keep",
          applyAutomatically: false,
          justificationRequired: false,
          state: "Applied",
        },
        ...{ startsAt: now, endsAt: addDays(now, 5), createdById: at.owner.userId },
      },
    });
    await owner.accessReviewItem.create({
      data: {
        ...{ reviewId: review.id, position: 0, principalId: reviewed.userId, roleDefinitionId: denied.id },
        ...{ resourceId: table.id, eligibilityId: judged.id, accessStartsAt: now, recommendation: "Deny" },
        ...{ recommendationReason: "Unused", decision: "Deny", decidedById: at.owner.userId, decidedAt: now },
      },
    });
  });
  const reasons = async (caller?: Caller) =>
    new Map(
      (await undoShown(retirementId, caller)).rows.map(({ access, staysClosed }) => [
        access.principalId,
        staysClosed,
      ]),
    );
  const found = await reasons();
  expect(found.get(left.userId)).toMatch(/disabled/);
  expect(found.get(long.userId)).toMatch(/settings no longer allow/);
  expect(found.get(reviewed.userId)).toMatch(/review denied/);
  expect(found.get(kept.userId)).toBeNull();
  const writer = await at.person("Will Writer");
  const write = await role(`Writer ${randomUUID()}`, ["Microsoft.Resources/resources/write", "*/read"]);
  await grant(at.database, "active", writer.userId, write.id, here.id, inDays(60));
  expect((await reasons(writer)).get(kept.userId)).toMatch(/may not assign/);
  expect(await undo(retirementId, writer)).toMatchObject({ ok: true, given: 0, closed: 4 });
  expect([await running(orders.id), await running(table.id)]).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

it.each([
  ["an assignment", "active", "*/read"],
  ["an eligibility for a role that gives access", "eligible", action.writeAssignment],
] as const)(
  "asks of an undo what the settings of then ask of %s: a passkey",
  async (_what, kind, allowed) => {
    const { here, orders } = await arrange();
    const reader = await role(`Role ${randomUUID()}`, [allowed]);
    await grant(at.database, kind, (await at.person("Ada")).userId, reader.id, orders.id, inDays(9));
    const retirementId = await retired(orders);
    const strict = { assignmentRequiresMfa: true, assignmentPhishingResistant: true };
    await setSettings(at.database, reader.id, here.id, { ...defaultRoleSettings, ...strict });
    expect(await undo(retirementId)).toMatchObject({
      error: { failures: [{ rule: "MfaRule", field: "passkey" }] },
    });
    expect((await stored(orders.id)).retirementId).toBe(retirementId);
  },
);

it("leaves closed what would give conflicting roles, and refuses where its own rules forbid what was given above", async () => {
  const { here, orders, table } = await arrange();
  const [enters, approves] = [await role(), await role()];
  const [paula, peter] = [await at.person("Paula Payer"), await at.person("Peter Payer")];
  await grant(at.database, "active", paula.userId, enters.id, table.id, inDays(60));
  const rule = (resourceId: string) =>
    createConflictRule(at.database, at.owner, {
      resourceId,
      rule: {
        ...{ name: `Payments ${randomUUID()}`, reason: "Four eyes" },
        ...{ firstRoleIds: [enters.id], secondRoleIds: [approves.id] },
      },
    });
  const own = await arrange();
  expect(await rule(own.orders.id)).toMatchObject({ ok: true });
  const [first, second] = [await retired(orders), await retired(own.orders)];
  await grant(at.database, "active", paula.userId, approves.id, here.id, inDays(60));
  expect(await rule(here.id)).toMatchObject({ ok: true });
  expect(await undo(first)).toMatchObject({ ok: true, given: 0, closed: 1 });
  for (const each of [enters, approves])
    await grant(at.database, "active", peter.userId, each.id, own.here.id, inDays(60));
  expect(await undo(second)).toMatchObject(refusedWith("RoleAssignmentConflict"));
  expect((await stored(own.orders.id)).retirementId).toBe(second);
});

it("gives back a role that is still assignable there, none that was deleted, and nothing before it was to begin", async () => {
  const { here, orders, table } = await arrange();
  const elsewhere = await makeDatabase(at, at.tree.root);
  const definitionAt = (scope: string) => ({
    ...{ roleName: `Custom ${randomUUID()}`, description: "", assignableScopes: [scope] },
    permission: { actions: ["*/read"], notActions: [], dataActions: [], notDataActions: [] },
  });
  const startsAt = addDays(now, 10);
  const given = async (name: string, scope: string, place: Place) => {
    const { userId } = await at.person(name);
    const definition = definitionAt(scope);
    const made = await createRoleDefinition(at.database, at.owner, definition);
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    const { roleDefinitionId } = made;
    const ends = { startsAt, ...inDays(20) };
    await grant(at.database, "eligible", userId, roleDefinitionId, place.id, ends);
    return { userId, roleDefinitionId, definition };
  };
  const [own, above] = [await given("Ona", orders.scope, table), await given("Abe", here.scope, orders)];
  const [gone, moved] = [await given("Gil", here.scope, orders), await given("Moe", here.scope, orders)];
  // The built-in settings judge this one there, whatever is allowed above or of another role.
  await setSettings(at.database, (await role()).id, table.id, defaultRoleSettings);
  const [forever, reader] = [await at.person("Pia Permanent"), await role()];
  await setSettings(at.database, reader.id, here.id, { ...defaultRoleSettings, activeMaximumDays: null });
  await grant(at.database, "active", forever.userId, reader.id, table.id);
  const retirementId = await retired(orders);
  const justification = "Tidy";
  expect(await deleteRoleDefinition(at.database, at.owner, { ...gone, justification })).toMatchObject({
    ok: true,
  });
  expect(
    await updateRoleDefinition(at.database, at.owner, {
      ...{ roleDefinitionId: moved.roleDefinitionId, expectedVersion: 0, justification, proofId: null },
      definition: { ...moved.definition, assignableScopes: [elsewhere.scope] },
    }),
  ).toMatchObject({ ok: true });
  const preview = await undoShown(retirementId);
  expect(new Map(preview.rows.map(({ access, staysClosed }) => [access.principalId, staysClosed]))).toEqual(
    new Map([
      [own.userId, null],
      [above.userId, null],
      [gone.userId, "The role was deleted."],
      [moved.userId, "The role can no longer be assigned there."],
      [forever.userId, "The role settings no longer allow it for that long."],
    ]),
  );
  // What is done is what was shown: each, and why it stays closed.
  const { userId } = forever;
  await at.database.client.principal.update({ where: { id: userId }, data: { disabledAt: now } });
  expect(await undo(retirementId, at.owner, preview.preview)).toMatchObject(refusedWith("StaleEdit"));
  expect(await undo(retirementId)).toMatchObject({ ok: true, given: 2, closed: 3 });
  const again = await at.database.client.eligibility.findMany({
    where: { principalId: { in: [own.userId, above.userId] }, endsAt: { gt: startsAt } },
  });
  const kept = { startsAt, endsAt: addDays(now, 20) };
  expect(again).toMatchObject([kept, kept]);
});

it("goes back to where the place is by then, and waits for a place that is retired itself", async () => {
  const { here, orders, table } = await arrange();
  const inner = await retired(table);
  const outer = await retired(orders);
  expect(await undo(inner, at.owner, "a".repeat(64))).toMatchObject(refusedWith("NotFound"));
  expect((await listRetired(at.database, at.owner, table.displayName, firstPage))?.rows).toContainEqual(
    expect.objectContaining({ id: inner }),
  );
  // The place is moved while both are retired: a new path in Azure.
  const scope = `/databases/there-${randomUUID()}`;
  await at.database.client.resource.update({ where: { id: here.id }, data: { scope } });
  expect(await undo(outer)).toMatchObject({ ok: true });
  expect(await stored(orders.id)).toMatchObject({ scope: `${scope}/databases/${orders.displayName}` });
  expect(await undo(inner)).toMatchObject({ ok: true });
  const below = await stored(table.id);
  expect(below.path.startsWith(`${orders.path}.`)).toBe(true);
});

it("waits where its place lies so deep by then that what lies below it would lie too deep", async () => {
  const { here, orders } = await arrange();
  const retirementId = await retired(orders);
  // It comes two levels below these, with one more below it.
  let [deep, above] = [here, here];
  for (let level = 2; level < deepestLevel - 1; level += 1)
    [deep, above] = [await makeDatabase(at, level === 2 ? at.tree.root : deep), deep];
  const lies = (parent: Place) =>
    at.database.client.resource.update({ where: { id: here.id }, data: { parentId: parent.id } });
  await lies(deep);
  expect(await previewRestoration(at.database, at.owner, retirementId)).toMatchObject({
    ...{ code: "Conflict", message: expect.stringMatching(/at most 20 levels deep/) },
  });
  await lies(above);
  expect(await undo(retirementId)).toMatchObject({ ok: true });
});

it("a role that can be assigned there and elsewhere is still edited, without that path", async () => {
  const { here, orders } = await arrange();
  const definition = {
    ...{ roleName: `Custom ${randomUUID()}`, description: "", assignableScopes: [here.scope, orders.scope] },
    permission: { actions: ["*/read"], notActions: [], dataActions: [], notDataActions: [] },
  };
  const made = await createRoleDefinition(at.database, at.owner, definition);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  await retired(orders);
  const edit = (assignableScopes: string[]) =>
    updateRoleDefinition(at.database, at.owner, {
      ...{
        roleDefinitionId: made.roleDefinitionId,
        expectedVersion: 0,
        justification: "Less",
        proofId: null,
      },
      definition: { ...definition, assignableScopes },
    });
  expect(await edit(definition.assignableScopes)).toMatchObject(refusedWith("InvalidInput"));
  expect(await edit([here.scope])).toMatchObject({ ok: true });
});

it("an activation under way comes wholly before a retirement or finds nothing", async () => {
  const { here, orders } = await arrange();
  const reader = await role();
  const settings = { ...defaultRoleSettings, activationRequiresMfa: false };
  await setSettings(at.database, reader.id, here.id, settings);
  await setSettings(at.database, reader.id, orders.id, settings);
  const member = await at.person("Mia Member");
  const eligibility = await grant(at.database, "eligible", member.userId, reader.id, here.id, inDays(300));
  const activate = () =>
    activateRole(at.database, member, {
      ...{ eligibilityId: eligibility.id, resourceId: orders.id, startsAt: null, durationMinutes: 30 },
      ...{ justification: "Because", ticketNumber: null, ticketSystem: null, proofId: null },
    });
  const input = { resourceId: orders.id, preview: (await shown(orders)).preview };
  const held = await holdPolicy(at.test, reader.id, here.id);
  const activating = activate();
  await held.waitedFor(1);
  const retiring = retire(input);
  await held.waitedFor(2);
  await held.release();
  expect(await activating).toMatchObject({ ok: true });
  expect(await retiring).toMatchObject(refusedWith("StaleEdit"));
  expect(await retired(orders)).toEqual(expect.any(String));
  expect(await activate()).toMatchObject({ ok: false });
  expect(await running(orders.id)).toEqual([0, 0]);
});

it("one of two who retire or undo the same at once finds it done", async () => {
  const { orders } = await arrange();
  const input = { resourceId: orders.id, preview: (await shown(orders)).preview };
  const both = await Promise.all([retire(input), retire(input)]);
  expect(both.filter(({ ok }) => ok)).toHaveLength(1);
  const retirementId = both.flatMap((each) => (each.ok ? [each.retirementId] : []))[0] ?? "";
  const { preview } = await undoShown(retirementId);
  const undone = await Promise.all([
    undo(retirementId, at.owner, preview),
    undo(retirementId, at.owner, preview),
  ]);
  expect(undone.filter(({ ok }) => ok)).toHaveLength(1);
});
