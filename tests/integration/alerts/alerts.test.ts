import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtInSetting } from "@/lib/domain/alerts/alert-setting";
import { alertKinds } from "@/lib/domain/alerts/alerts";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { changeAlertState } from "@/lib/operations/alerts/change-alert-state";
import { fixAlert } from "@/lib/operations/alerts/fix-alert";
import { scanAlerts } from "@/lib/operations/alerts/scan-alerts";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import { inTransaction } from "@/lib/platform/transaction";
import { alertSettingsAt, listAlerts } from "@/lib/queries/alerts/alerts";
import { changeAlertSettings, raiseNothingOfFactors } from "../../support/alert-settings";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { atOnce } from "../../support/database/held-lock";
import {
  grant,
  makeActivation,
  makeCaller,
  makeOwnerRole,
  makeRole,
  makeTree,
  makeUser,
  pastTheRules,
} from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
const clock = { now: start };
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase({ clock: () => clock.now });
});
afterAll(() => test.drop());

/** A tree of its own in the database that all these tests share: a database has one root, so it is below that. */
async function makePlace() {
  clock.now = start;
  const { database } = test;
  const root = await database.client.resource.findFirst({ where: { parentId: null } });
  const tree = root ? null : await makeTree(database);
  const owner =
    (await database.client.roleDefinition.findFirst({ where: { roleName: "Owner" } })) ??
    (await makeOwnerRole(database));
  const top = root ?? tree?.root;
  if (tree) await raiseNothingOfFactors(database, tree.root.id);
  if (!top) throw new Error("no root");
  const resource = await database.client.resource.create({
    data: {
      parentId: top.id,
      scope: `/subscriptions/${crypto.randomUUID()}`,
      displayName: "Production",
      resourceType: "Microsoft.Resources/subscriptions",
    },
  });
  const admin = await makeUser(database, "Grace Hopper");
  await grant(database, "active", admin.id, owner.id, resource.id, { endsAt: addDays(start, 90) });
  return { database, root: top, owner, resource, admin, caller: await makeCaller(database, admin) };
}

const open = { state: "open", kind: null, after: null } as const;

async function openKinds(place: Awaited<ReturnType<typeof makePlace>>) {
  const found = await listAlerts(place.database, place.caller, place.resource.id, open);
  return found?.alerts.map((alert) => alert.kind) ?? null;
}

describe("scanAlerts", () => {
  it("raises what is new once, however often and however many scan, and resolves what is gone", async () => {
    const place = await makePlace();
    const { database, owner, resource } = place;
    const extra = await makeUser(database, "Permanent One");
    const other = await makeUser(database, "Permanent Two");
    const first = await grant(database, "active", extra.id, owner.id, resource.id);
    await grant(database, "active", other.id, owner.id, resource.id);
    await atOnce(
      test,
      Array.from({ length: 4 }, () => () => scanAlerts(database)),
    );
    expect(await openKinds(place)).toEqual(["TooManyPermanentOwners"]);
    const raised = { kind: "AlertRaised", resourceId: resource.id };
    expect(await database.client.auditEvent.count({ where: raised })).toBe(1);

    await pastTheRules(database, (to) =>
      to.assignment.update({ where: { id: first.id }, data: { endsAt: addDays(start, 1) } }),
    );
    clock.now = addMinutes(start, 1);
    await scanAlerts(database);
    expect(await openKinds(place)).toEqual([]);
    expect(
      await database.client.auditEvent.count({ where: { kind: "AlertResolved", resourceId: resource.id } }),
    ).toBe(1);
  });

  it("finds an eligibility that nobody uses, and not one that was activated or is young", async () => {
    const place = await makePlace();
    const { database, resource } = place;
    const role = await makeRole(database, "Operator", { actions: ["x/y"] });
    const people = await Promise.all(["Never", "Used", "Young"].map((name) => makeUser(database, name)));
    const [never, used, young] = people;
    if (!never || !used || !young) throw new Error("three people");
    const old = { startsAt: addDays(start, -40) };
    await grant(database, "eligible", never.id, role.id, resource.id, old);
    const eligibility = await grant(database, "eligible", used.id, role.id, resource.id, old);
    await grant(database, "eligible", young.id, role.id, resource.id, { startsAt: addDays(start, -3) });
    await pastTheRules(database, (to) => makeActivation(to, eligibility, addDays(start, -5), 60));
    await scanAlerts(database);
    const found = await listAlerts(database, place.caller, resource.id, open);
    expect(found?.alerts.map((alert) => alert.principal?.displayName)).toEqual(["Never"]);
  });

  it("finds roles that hand out access without MFA, custom roles alike, and access from outside", async () => {
    const place = await makePlace();
    const { database, resource, root } = place;
    const assigner = await makeRole(database, "Assigner", {
      actions: ["Microsoft.Authorization/*"],
      notActions: ["Microsoft.Authorization/roleManagementPolicies/write"],
    });
    const reader = await makeRole(database, "Looker", { actions: ["*/read"] });
    for (const role of [assigner, reader]) {
      await database.client.roleManagementPolicy.create({
        data: { resourceId: resource.id, roleDefinitionId: role.id, activationRequiresMfa: false },
      });
    }
    const outsider = await makeUser(database, "Outsider");
    await pastTheRules(database, (to) =>
      to.assignment.create({
        data: {
          principalId: outsider.id,
          roleDefinitionId: reader.id,
          resourceId: resource.id,
          assignmentType: "Assigned",
          startsAt: start,
          endsAt: addDays(start, 30),
          origin: "Import",
        },
      }),
    );
    const alike = ["Clerk", "Clerk copy"].map((roleName) => ({
      roleName,
      description: "",
      roleType: "CustomRole" as const,
      assignableScopes: ["/"],
      permissions: [
        {
          actions: roleName === "Clerk" ? ["a/read", "B/read"] : ["b/READ", "a/read"],
          notActions: [],
          dataActions: [],
          notDataActions: [],
        },
      ],
    }));
    await database.client.roleDefinition.createMany({ data: alike });
    await scanAlerts(database);
    expect((await openKinds(place))?.sort()).toEqual(["ActivationWithoutMfa", "AssignedOutside"]);
    const everywhere = await database.client.alert.findMany({
      where: { resourceId: root.id, kind: "DuplicateCustomRoles", resolvedAt: null },
    });
    expect(everywhere).toHaveLength(1);
  });

  it("finds guessed codes and an activation that is out of the ordinary, and forgets them after their time", async () => {
    const place = await makePlace();
    const { database, resource, root } = place;
    const role = await makeRole(database, "Nightly", { actions: ["x/z"] });
    const person = await makeUser(database, "Nina Night");
    const caller = await makeCaller(database, person);
    const eligibility = await grant(database, "eligible", person.id, role.id, resource.id, {
      startsAt: addDays(start, -80),
    });
    const activate = async (at: Date, ipAddress: string) => {
      clock.now = at;
      await inTransaction(database, async (transaction) => {
        const assignment = await makeActivation(transaction, eligibility, at, 30);
        const entry = { kind: "RoleActivated" as const, outcome: "Success" as const, role, resource };
        await recordAuditEvents(transaction, [
          { ...entry, caller: { ...caller, ipAddress }, assignmentId: assignment.id },
        ]);
      });
    };
    for (let day = -30; day < -10; day += 1) await activate(addDays(start, day), "192.0.2.1");
    await activate(addMinutes(addDays(start, -1), 11 * 60), "198.51.100.7");
    clock.now = start;
    await inTransaction(database, (transaction) =>
      recordAuditEvents(
        transaction,
        Array.from({ length: 5 }, () => ({
          kind: "StepUpFailed" as const,
          outcome: "Failure" as const,
          caller,
        })),
      ),
    );
    await scanAlerts(database);
    const [unusual] = (await listAlerts(database, place.caller, resource.id, open))?.alerts ?? [];
    expect(unusual?.kind).toBe("UnusualActivation");
    expect(unusual?.details.reasons).toBe(
      "at 20:00 UTC, outside their usual hours and from an address they had not used before (198.51.100.7)",
    );
    const guessed = { kind: "RepeatedFailedStepUps" as const, principalId: person.id, resolvedAt: null };
    expect(await database.client.alert.count({ where: { ...guessed, resourceId: root.id } })).toBe(1);
    clock.now = addDays(start, 9);
    await scanAlerts(database);
    expect(await database.client.alert.count({ where: guessed })).toBe(0);
    clock.now = start;
  });
});

describe("changeAlertState, fixAlert and updateAlertSettings", () => {
  async function withPermanentOwners() {
    const place = await makePlace();
    const { database, owner, resource } = place;
    for (const name of ["One", "Two"]) {
      await grant(database, "active", (await makeUser(database, name)).id, owner.id, resource.id);
    }
    await scanAlerts(database);
    const [alert] = (await listAlerts(database, place.caller, resource.id, open))?.alerts ?? [];
    if (!alert) throw new Error("there is no alert");
    return { ...place, alert };
  }

  it("keeps a dismissed alert dismissed while it continues, with its reason, and opens it again", async () => {
    const { database, caller, resource, alert } = await withPermanentOwners();
    const dismissal = { alertId: alert.id, verdict: "Dismiss" as const, reason: "Break-glass accounts" };
    const results = await atOnce(test, [
      () => changeAlertState(database, caller, dismissal),
      () => changeAlertState(database, caller, dismissal),
    ]);
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    await scanAlerts(database);
    expect((await listAlerts(database, caller, resource.id, open))?.alerts).toEqual([]);
    const [dismissed] =
      (await listAlerts(database, caller, resource.id, { ...open, state: "dismissed" }))?.alerts ?? [];
    expect(dismissed).toMatchObject({
      dismissalReason: "Break-glass accounts",
      dismissedBy: { displayName: "Grace Hopper" },
    });
    expect(await changeAlertState(database, caller, { alertId: alert.id, verdict: "Reopen" })).toMatchObject({
      ok: true,
    });
    expect((await listAlerts(database, caller, resource.id, open))?.alerts).toHaveLength(1);
  });

  it("hides alerts from who may not read them, and keeps a reader from settling them", async () => {
    const { database, resource, alert } = await withPermanentOwners();
    const stranger = await makeCaller(database, await makeUser(database, "Stranger"));
    expect(await listAlerts(database, stranger, resource.id, open)).toBeNull();
    const dismissal = { alertId: alert.id, verdict: "Dismiss" as const, reason: "no" };
    expect(await changeAlertState(database, stranger, dismissal)).toMatchObject({
      ok: false,
      error: { code: "NotFound" },
    });
    const reader = await makeUser(database, "Reader");
    const role = await makeRole(database, "Reading", { actions: ["*/read"] });
    await grant(database, "active", reader.id, role.id, resource.id);
    const readerCaller = await makeCaller(database, reader);
    expect((await listAlerts(database, readerCaller, resource.id, open))?.alerts).toHaveLength(1);
    expect(await changeAlertState(database, readerCaller, dismissal)).toMatchObject({
      ok: false,
      error: { code: "AuthorizationFailed" },
    });
    expect(await fixAlert(database, readerCaller, { alertId: alert.id })).toMatchObject({ ok: false });
    const refused = { kind: "AlertDismissed", outcome: "Failure" as const, actorId: reader.id };
    expect(await database.client.auditEvent.count({ where: refused })).toBe(1);
  });

  it("fixes through the ordinary operation, under its rules, and resolves the alert", async () => {
    const place = await makePlace();
    const { database, caller, resource } = place;
    const assigner = await makeRole(database, "Giver", { actions: ["Microsoft.Authorization/*"] });
    await database.client.roleManagementPolicy.create({
      data: { resourceId: resource.id, roleDefinitionId: assigner.id, activationRequiresMfa: false },
    });
    const unused = await makeUser(database, "Unused");
    const eligibility = await grant(database, "eligible", unused.id, assigner.id, resource.id, {
      startsAt: addDays(start, -60),
    });
    await scanAlerts(database);
    const alerts = (await listAlerts(database, caller, resource.id, open))?.alerts ?? [];
    for (const alert of alerts)
      expect(await fixAlert(database, caller, { alertId: alert.id })).toMatchObject({ ok: true });
    const policy = await database.client.roleManagementPolicy.findFirstOrThrow({
      where: { resourceId: resource.id, roleDefinitionId: assigner.id },
    });
    expect(policy.activationRequiresMfa).toBe(true);
    const removed = await database.client.eligibility.findUniqueOrThrow({ where: { id: eligibility.id } });
    expect(removed.endsAt).toEqual(start);
    expect(await openKinds(place)).toEqual([]);
    const kinds = ["RoleSettingsUpdated", "EligibleAssignmentRemoved"];
    expect(
      await database.client.auditEvent.count({ where: { kind: { in: kinds }, resourceId: resource.id } }),
    ).toBe(2);
  });

  it("takes nothing away that was used after the scan, and resolves what is gone already", async () => {
    const place = await makePlace();
    const { database, caller, resource } = place;
    const role = await makeRole(database, "Late", { actions: ["x/y"] });
    const [used, ended] = await Promise.all(["Used late", "Ended"].map((name) => makeUser(database, name)));
    if (!used || !ended) throw new Error("two people");
    const old = { startsAt: addDays(start, -40) };
    const eligibility = await grant(database, "eligible", used.id, role.id, resource.id, old);
    const other = await grant(database, "eligible", ended.id, role.id, resource.id, old);
    await scanAlerts(database);
    const alerts = (await listAlerts(database, caller, resource.id, open))?.alerts ?? [];
    const of = (id: string) => alerts.find(({ principal }) => principal?.id === id)?.id ?? "";
    await pastTheRules(database, (to) => makeActivation(to, eligibility, start, 60));
    expect(await fixAlert(database, caller, { alertId: of(used.id) })).toMatchObject({
      error: { code: "Conflict", message: expect.stringContaining("Nothing was removed") },
    });
    expect(
      await database.client.eligibility.findUniqueOrThrow({ where: { id: eligibility.id } }),
    ).toMatchObject({
      endsAt: null,
      removedAt: null,
    });
    await pastTheRules(database, (to) =>
      to.eligibility.update({
        where: { id: other.id },
        data: { endsAt: start, removedAt: start },
      }),
    );
    expect(await fixAlert(database, caller, { alertId: of(ended.id) })).toMatchObject({
      ok: true,
      done: "It had already ended",
    });
    clock.now = addMinutes(start, 1);
    await scanAlerts(database);
    expect(await openKinds(place)).toEqual([]);
    clock.now = start;
  });

  it("of two that press its button at once removes once, and answers both", async () => {
    const { database, caller, resource } = await makePlace();
    const role = await makeRole(database, "Twice", { actions: ["x/y"] });
    const member = await makeUser(database, "Pressed twice");
    await grant(database, "eligible", member.id, role.id, resource.id, { startsAt: addDays(start, -40) });
    await scanAlerts(database);
    const [alert] = (await listAlerts(database, caller, resource.id, open))?.alerts ?? [];
    if (!alert) throw new Error("no alert");
    const results = await atOnce(
      test,
      [1, 2].map(() => () => fixAlert(database, caller, { alertId: alert.id })),
    );
    expect(results.some((result) => result.ok)).toBe(true);
    for (const result of results)
      expect(result.ok || ["Conflict", "NotFound"].includes(result.error.code)).toBe(true);
    const removed = {
      kind: "EligibleAssignmentRemoved",
      outcome: "Success" as const,
      resourceId: resource.id,
    };
    expect(await database.client.auditEvent.count({ where: removed })).toBe(1);
    const resolved = { kind: "AlertResolved", outcome: "Success" as const, resourceId: resource.id };
    expect(await database.client.auditEvent.count({ where: resolved })).toBe(1);
  });

  it("leaves inherited what a settings page saves as it was shown", async () => {
    const { database, caller, resource } = await withPermanentOwners();
    const choices = alertKinds.map((kind) => {
      const setting = builtInSetting(kind);
      return { kind, ...setting, shown: setting };
    });
    const save = (more: Partial<(typeof choices)[number]>) =>
      changeAlertSettings(database, caller, {
        resourceId: resource.id,
        choices: choices.map((choice) => (choice.kind === "TooManyOwners" ? { ...choice, ...more } : choice)),
      });
    expect(await save({})).toMatchObject({ ok: true, changed: 0 });
    expect(await database.client.alertSetting.count({ where: { resourceId: resource.id } })).toBe(0);
    expect(await save({ enabled: false })).toMatchObject({ ok: true, changed: 1 });
    expect(await save({ threshold: 9 })).toMatchObject({
      error: { code: "Conflict", message: expect.stringContaining("Too many Owners") },
    });
    const own = await database.client.alertSetting.findMany({ where: { resourceId: resource.id } });
    expect(own).toMatchObject([{ kind: "TooManyOwners", enabled: false, threshold: 4 }]);
  });

  it("judges by the nearest settings above, says where they come from, and logs before and after", async () => {
    const { database, caller, resource, root } = await withPermanentOwners();
    const shown = builtInSetting("TooManyPermanentOwners");
    const choices = [{ ...shown, kind: "TooManyPermanentOwners" as const, threshold: 3, shown }];
    const input = { resourceId: resource.id, choices };
    expect(await changeAlertSettings(database, caller, { ...input, resourceId: root.id })).toMatchObject({
      ok: false,
      error: { code: "AuthorizationFailed" },
    });
    expect(await changeAlertSettings(database, caller, input)).toMatchObject({ ok: true, changed: 1 });
    expect(await changeAlertSettings(database, caller, input)).toMatchObject({ error: { code: "Conflict" } });
    const asItIs = choices.map((choice) => ({ ...choice, shown: { ...shown, threshold: 3 } }));
    expect(await changeAlertSettings(database, caller, { ...input, choices: asItIs })).toMatchObject({
      ok: true,
      changed: 0,
    });
    const seen = (await alertSettingsAt(database, caller, resource.id))?.settings.find(
      (setting) => setting.kind === "TooManyPermanentOwners",
    );
    expect(seen).toMatchObject({ threshold: 3, madeAt: { id: resource.id } });
    clock.now = addMinutes(start, 2);
    await scanAlerts(database);
    expect((await listAlerts(database, caller, resource.id, open))?.alerts).toEqual([]);
    const event = await database.client.auditEvent.findFirstOrThrow({
      where: { kind: "AlertSettingsUpdated", outcome: "Success", resourceId: resource.id },
    });
    expect(event.details).toMatchObject({
      before: { "Too many permanent Owners": "Inherited" },
      after: { "Too many permanent Owners": "On, 3" },
    });
    clock.now = start;
  });
});
