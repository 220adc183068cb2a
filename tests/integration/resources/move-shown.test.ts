// What a move shows besides gained and lost access: the conflicts that forbid it, the alerts that open, the
// settings that weaken.
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays } from "@/lib/domain/time/schedule";
import { scanAlerts } from "@/lib/operations/alerts/scan-alerts";
import { moveResource, moveResourceOperation } from "@/lib/operations/resources/move-resource";
import {
  approveConflictException,
  approveConflictExceptionOperation,
} from "@/lib/operations/roles/approve-conflict-exception";
import { createConflictRule } from "@/lib/operations/roles/create-conflict-rule";
import { requestConflictException } from "@/lib/operations/roles/request-conflict-exception";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";
import { moveRefused, previewMove } from "@/lib/queries/resources/move-preview";
import { type Administration, makeAdministration, refusedWith } from "../../support/administration";
import { setSettings } from "../../support/approval";
import { grant, makeActivation, makeRole, pastTheRules } from "../../support/factories";
import { makeDatabase } from "../../support/own-places";

let at: Administration;
beforeAll(async () => {
  at = await makeAdministration();
});
afterAll(() => at.test.drop());

type Place = { readonly id: string; readonly scope: string };

async function arrange() {
  const [here, there] = [
    await makeDatabase(at, at.tree.root, `here-${randomUUID()}`),
    await makeDatabase(at, at.tree.root, `there-${randomUUID()}`),
  ];
  const orders = await makeDatabase(at, here, "orders");
  return { here, there, orders, table: await makeDatabase(at, orders, "lines") };
}
const role = (actions = ["*/read"]) => makeRole(at.database, `Role ${randomUUID()}`, { actions });

async function shown(resource: Place, to: Place, caller = at.owner) {
  const preview = await previewMove(at.database, caller, resource.id, to.id);
  if (preview === null || "code" in preview) throw new Error(JSON.stringify(preview));
  return preview;
}
async function move(resource: Place, from: Place, to: Place, preview: string, caller = at.owner) {
  const input = { resourceId: resource.id, fromId: from.id, toId: to.id, preview, justification: "Tidy" };
  const proofId = await at.prove(moveResourceOperation(input), caller);
  return moveResource(at.database, caller, { ...input, proofId });
}
async function forbid(place: Place, first: { id: string }, second: { id: string }) {
  const name = `Payments ${randomUUID()}`;
  const made = await createConflictRule(at.database, at.owner, {
    resourceId: place.id,
    rule: { name, reason: "Four eyes", firstRoleIds: [first.id], secondRoleIds: [second.id] },
  });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return { id: made.ruleId, name };
}

it("shows the conflicts that forbid a move, before a code is typed, and no others", async () => {
  const { here, there, orders, table } = await arrange();
  const [enters, approves] = [await role(), await role()];
  const paula = await at.person("Paula Payer");
  await grant(at.database, "active", paula.userId, enters.id, table.id);
  await grant(at.database, "active", paula.userId, approves.id, there.id);
  // What stands beside it is no matter of the move.
  const beside = await makeDatabase(at, there, "beside");
  const otto = await at.person("Otto Beside");
  for (const { id } of [enters, approves]) await grant(at.database, "active", otto.userId, id, beside.id);
  expect((await shown(orders, there)).conflicts).toEqual([]);
  const rule = await forbid(there, enters, approves);
  const preview = await shown(orders, there);
  expect(preview.conflicts).toHaveLength(1);
  expect(preview.conflicts.join(" ")).toContain(rule.name);
  expect(preview.conflicts.join(" ")).toContain("Paula Payer");
  expect(preview.exceptions).toEqual([
    { ruleId: rule.id, ruleName: rule.name, resourceId: there.id, principalId: paula.userId },
  ]);
  const asked = { resourceId: orders.id, toId: there.id, preview: preview.facts.preview };
  expect(await moveRefused(at.database, at.owner, asked)).toMatchObject({ code: "RoleAssignmentConflict" });
  expect(await move(orders, here, there, preview.facts.preview)).toMatchObject(
    refusedWith("RoleAssignmentConflict"),
  );

  // An exception that covers both allows the move, as it allows an assignment.
  const until = addDays(await inTransaction(at.database, databaseNow), 30);
  await pastTheRules(at.database, (owner) =>
    owner.assignment.updateMany({ where: { resourceId: there.id }, data: { endsAt: until } }),
  );
  const requested = await requestConflictException(at.database, at.owner, {
    ...{ ruleId: rule.id, principalId: paula.userId, justification: "Year end" },
    endsAt: addDays(until, 30),
  });
  if (!requested.ok) throw new Error(JSON.stringify(requested.error));
  const other = await at.person("Ona Other Owner");
  await grant(at.database, "active", other.userId, ownerRoleId, at.tree.root.id);
  const decision = { exceptionId: requested.exceptionId, justification: "Agreed" };
  const proofId = await at.prove(approveConflictExceptionOperation(decision), other);
  expect(await approveConflictException(at.database, other, { ...decision, proofId })).toMatchObject({
    ok: true,
  });
  const allowed = await shown(orders, there);
  expect(allowed).toMatchObject({ conflicts: [], exceptions: [] });
  expect(await move(orders, here, there, allowed.facts.preview)).toMatchObject({ ok: true });
});

it("does not count against the new place what ends by the move", async () => {
  const { here, there, orders } = await arrange();
  const [enters, approves] = [await role(), await role()];
  const mia = await at.person("Mia Member");
  const above = await grant(at.database, "eligible", mia.userId, enters.id, at.tree.root.id);
  const now = await inTransaction(at.database, databaseNow);
  await pastTheRules(at.database, (owner) =>
    makeActivation(owner, { ...above, resourceId: orders.id }, now, 60),
  );
  await grant(at.database, "active", mia.userId, approves.id, there.id);
  await forbid(there, enters, approves);
  const preview = await shown(orders, there);
  expect(preview).toMatchObject({ conflicts: [], facts: { ended: [{ kind: "Activation" }] } });
  expect(await move(orders, here, there, preview.facts.preview)).toMatchObject({ ok: true });
});

it("shows the alerts that the next scan opens after the move, and only those", async () => {
  const { here, there, orders, table } = await arrange();
  const setting = (
    place: Place,
    kind: "TooManyOwners" | "AssignedOutside" | "EligibleNeverActivates",
    own: object,
  ) =>
    at.database.client.alertSetting.create({
      data: { resourceId: place.id, kind, enabled: true, threshold: 1, percent: 0, ...own },
    });
  await setting(here, "AssignedOutside", { enabled: false });
  await setting(there, "AssignedOutside", {});
  await setting(there, "TooManyOwners", { threshold: 2 });
  await setting(there, "EligibleNeverActivates", { threshold: 20 });
  // It has its own, so nothing changes for it.
  await setting(table, "TooManyOwners", { threshold: 50 });
  const [ann, ben] = [await at.person("Ann"), await at.person("Ben")];
  const reader = await role();
  for (const { userId } of [ann, ben]) {
    await grant(at.database, "active", userId, ownerRoleId, orders.id);
    await grant(at.database, "active", userId, ownerRoleId, table.id);
  }
  const now = await inTransaction(at.database, databaseNow);
  await grant(at.database, "eligible", ann.userId, reader.id, orders.id, { startsAt: addDays(now, -25) });
  // Also found at its present place, so the move does not cause it.
  const old = await grant(at.database, "eligible", ben.userId, reader.id, orders.id, {
    startsAt: addDays(now, -200),
  });
  const outside = await grant(at.database, "active", ann.userId, reader.id, table.id);
  await pastTheRules(at.database, (owner) =>
    owner.assignment.update({ where: { id: outside.id }, data: { origin: "Import" } }),
  );
  const preview = await shown(orders, there);
  const { stricter, opening } = preview.facts.alerts;
  expect(stricter).toEqual([
    { kind: "TooManyOwners", before: "On, 4", after: "On, 2" },
    { kind: "EligibleNeverActivates", before: "On, 30", after: "On, 20" },
    { kind: "AssignedOutside", before: "Off", after: "On" },
  ]);
  const keyOf = (each: { kind: string; resourceId: string; subject: string }) =>
    [each.kind, each.resourceId, each.subject].join(" ");
  await scanAlerts(at.database);
  const open = async () =>
    (
      await at.database.client.alert.findMany({
        where: { resourceId: { in: [orders.id, table.id] }, resolvedAt: null },
      })
    ).map(keyOf);
  const before = await open();
  expect(before.filter((key) => opening.map(keyOf).includes(key))).toEqual([]);
  expect(before).toContain(keyOf({ kind: "EligibleNeverActivates", resourceId: orders.id, subject: old.id }));
  // The scan did not change the alerts that the move would open.
  expect((await shown(orders, there)).facts.preview).toBe(preview.facts.preview);
  expect(await move(orders, here, there, preview.facts.preview)).toMatchObject({ ok: true });
  await scanAlerts(at.database);
  const opened = (await open()).filter((key) => !before.includes(key));
  expect(opening.map(keyOf).sort()).toEqual(opened.sort());
  expect(opened).toHaveLength(3);
  // Alerts name people. Somebody who may not read them there sees only their number.
  expect(preview.alerts).toHaveLength(3);
});

it("counts alerts without names for whoever may not read them there", async () => {
  const { here, there, orders } = await arrange();
  const mover = await at.person("Mo Mover");
  const write = await role(["Microsoft.Resources/resources/write"]);
  for (const place of [here, there]) await grant(at.database, "active", mover.userId, write.id, place.id);
  const assign = await role(["Microsoft.Authorization/roleAssignmentScheduleRequests/write"]);
  await grant(at.database, "active", mover.userId, assign.id, orders.id);
  const setting = { kind: "TooManyOwners" as const, enabled: true, percent: 0 };
  await at.database.client.alertSetting.create({ data: { ...setting, threshold: 1, resourceId: there.id } });
  await grant(at.database, "active", (await at.person("Ann")).userId, ownerRoleId, orders.id);
  const preview = await shown(orders, there, mover);
  expect(preview).toMatchObject({
    alerts: null,
    facts: { alerts: { opening: [{ kind: "TooManyOwners" }] } },
  });
  // An alert that is open already is not opened by the move.
  await at.database.client.alert.create({
    data: { kind: "TooManyOwners", resourceId: orders.id, subject: "owners" },
  });
  expect(await shown(orders, there, mover)).toMatchObject({ facts: { alerts: { opening: [] } } });
});

it("shows the role settings that become weaker, and refuses once they are weakened further", async () => {
  const { here, there, orders } = await arrange();
  const [weak, strong, same] = [await role(), await role(), await role()];
  // Only the new place has settings, weaker than the built-in ones in force at the old place.
  await setSettings(at.database, weak.id, there.id, { ...defaultRoleSettings, activationRequiresMfa: false });
  await setSettings(at.database, strong.id, here.id, {
    ...defaultRoleSettings,
    activationRequiresTicket: true,
  });
  await setSettings(at.database, same.id, here.id, {
    ...defaultRoleSettings,
    activationRequiresTicket: true,
  });
  await setSettings(at.database, same.id, there.id, {
    ...defaultRoleSettings,
    activationRequiresTicket: true,
  });
  const preview = await shown(orders, there);
  const byRole = new Map(preview.weakerRoles.map((each) => [each.roleName, each.changes]));
  expect([...byRole.keys()].sort()).toEqual([strong.roleName, weak.roleName].sort());
  expect(byRole.get(weak.roleName)).toMatchObject([
    { label: "Require Multi-Factor Authentication on activation", before: "Yes", after: "No" },
  ]);
  expect(byRole.get(strong.roleName)).toMatchObject([
    { label: "Require ticket information on activation", before: "Yes", after: "No" },
  ]);
  let last = preview.facts.preview;
  for (const activationMaximumMinutes of [960, 1440]) {
    await pastTheRules(at.database, (owner) =>
      owner.roleManagementPolicy.updateMany({
        where: { roleDefinitionId: weak.id, resourceId: there.id },
        data: { activationMaximumMinutes },
      }),
    );
    expect(await move(orders, here, there, last)).toMatchObject(refusedWith("StaleEdit"));
    last = (await shown(orders, there)).facts.preview;
  }
  // So does an alert that opened since.
  const again = await shown(orders, there);
  const setting = { kind: "TooManyPermanentOwners" as const, enabled: true, percent: 0 };
  await at.database.client.alertSetting.create({ data: { ...setting, threshold: 1, resourceId: there.id } });
  expect(await move(orders, here, there, again.facts.preview)).toMatchObject(refusedWith("StaleEdit"));
});

it("compares whatever way leads to a role: from the new levels, through them, and by assignment", async () => {
  const { here, orders } = await arrange();
  const between = await makeDatabase(at, here, "between");
  const below = await makeDatabase(at, between, "below");
  const weakerOn = async (settings: readonly (readonly [Place, object])[], from = orders, to = below) => {
    const each = await role();
    for (const [place, own] of settings)
      await setSettings(at.database, each.id, place.id, { ...defaultRoleSettings, ...own });
    const { weakerRoles } = await shown(from, to);
    const changes = weakerRoles.find(({ roleName }) => roleName === each.roleName)?.changes ?? [];
    return changes.map(({ name }) => name);
  };
  const noMfa = { activationRequiresMfa: false };
  const ticket = { activationRequiresTicket: true };
  const passkey = { assignmentRequiresMfa: true };
  // Somebody who is eligible at a new level activates by its settings alone, whatever the levels above require.
  expect(await weakerOn([[between, noMfa]])).toEqual(["activationRequiresMfa"]);
  expect(await weakerOn([[below, ticket]])).toEqual([]);
  expect(
    await weakerOn([
      [here, noMfa],
      [below, noMfa],
    ]),
  ).toEqual([]);
  // An assignment below is judged by edited levels above, too.
  expect(
    await weakerOn([
      [here, passkey],
      [below, {}],
    ]),
  ).toEqual([]);
  // Levels above that nobody edited do not judge it.
  const noReason = { assignmentRequiresJustification: false };
  expect(await weakerOn([[below, noReason]])).toEqual(["assignmentRequiresJustification"]);
  // Back up again: nobody passes the lower levels any more.
  const lines = await makeDatabase(at, below, `lines-${randomUUID()}`);
  expect(await weakerOn([[between, ticket]], lines, here)).toEqual(["activationRequiresTicket"]);
  expect(await weakerOn([[between, passkey]], lines, here)).toEqual(["assignmentRequiresMfa"]);
  expect(
    await weakerOn(
      [
        [between, { ...ticket, ...passkey }],
        [here, { ...ticket, ...passkey }],
      ],
      lines,
      here,
    ),
  ).toEqual([]);
});
