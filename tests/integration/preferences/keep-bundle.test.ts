import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { mostAtOnce } from "@/lib/domain/gate/activations-together";
import { mostBundles } from "@/lib/domain/preferences/bundle";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { activateRoles } from "@/lib/operations/activation/activate-roles";
import {
  addToBundle,
  changeBundle,
  createBundle,
  deleteBundle,
} from "@/lib/operations/preferences/keep-bundle";
import type { Caller } from "@/lib/platform/caller";
import { bundles, bundleToActivate } from "@/lib/queries/preferences/bundles";
import { searchPalette } from "@/lib/queries/preferences/palette";
import { makeConflicts } from "../../support/conflicts";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { allBehind, holdLock } from "../../support/database/held-lock";
import {
  grant,
  makeCaller,
  makeGroup,
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

/** A member who is eligible for roles that require no code, at the subscription. */
async function arrange(roleNames: readonly string[] = ["Contributor", "Reader"]) {
  const { database } = test;
  const user = await makeUser(database);
  const caller = await makeCaller(database, user);
  const roles = [];
  const eligibilities = [];
  for (const name of roleNames) {
    const role = await makeRole(database, name, { actions: ["*"] });
    await database.client.roleManagementPolicy.create({
      data: {
        roleDefinitionId: role.id,
        resourceId: tree.subscription.id,
        activationRequiresMfa: false,
        activationRequiresJustification: false,
      },
    });
    roles.push(role);
    eligibilities.push(await grant(database, "eligible", user.id, role.id, tree.subscription.id));
  }
  const ids = eligibilities.map(({ id }) => id);
  const create = (name = "Friday deployment", eligibilityIds: readonly string[] = ids) =>
    createBundle(database, caller, { name, eligibilityIds });
  const only = async () => {
    const [bundle] = await bundles(database, caller);
    if (!bundle) throw new Error("there is no bundle");
    return bundle;
  };
  return { user, caller, roles, eligibilities, ids, create, only };
}

const names = async (caller: Caller) => (await bundles(test.database, caller)).map(({ name }) => name);
const end = (id: string) =>
  pastTheRules(test.database, (to) => to.eligibility.update({ where: { id }, data: { endsAt: now } }));
const notFound = { ok: false, error: { code: "NotFound" } };
const conflict = { ok: false, error: { code: "Conflict" } };
const fault = (field: string) => ({ ok: false, error: { code: "InvalidInput", faults: [{ field }] } });

describe("a member keeps a bundle", () => {
  it("of their own roles in the order chosen, changes it and deletes it", async () => {
    const { caller, create, only, ids } = await arrange(["Contributor", "Reader", "Key Vault Reader"]);
    const [first = "", second = "", third = ""] = ids;
    expect(await create("Friday deployment", [second, first])).toMatchObject({ ok: true });
    const made = await only();
    expect(made.roles.map(({ eligibilityId }) => eligibilityId)).toEqual([second, first]);
    const more = { bundleId: made.id, eligibilityIds: [first, third] };
    expect(await addToBundle(test.database, caller, more)).toEqual({ ok: true, added: 1 });
    expect(await addToBundle(test.database, caller, more)).toEqual({ ok: true, added: 0 });
    const longer = await only();
    expect(longer.roles.map(({ eligibilityId }) => eligibilityId)).toEqual([second, first, third]);
    const keep = longer.roles.slice(1).map(({ id }) => id);
    const change = { bundleId: made.id, expectedVersion: longer.version, name: "Monday", keep };
    expect(await changeBundle(test.database, caller, change)).toEqual({ ok: true });
    expect((await only()).roles.map(({ eligibilityId }) => eligibilityId)).toEqual([first, third]);
    expect(await names(caller)).toEqual(["Monday"]);
    expect(await deleteBundle(test.database, caller, made.id)).toEqual({ ok: true });
    expect(await deleteBundle(test.database, caller, made.id)).toMatchObject(notFound);
    expect(await names(caller)).toEqual([]);
  });

  it("by a name that is theirs once, whatever its case, and that others may use too", async () => {
    const { caller, create, only } = await arrange();
    const other = await arrange();
    await create("Ülkü");
    for (const same of ["ülkü", "U\u0308lku\u0308", "ÜLKÜ"])
      expect(await create(same), same).toMatchObject(fault("name"));
    await create("Another");
    const { id, version, roles } = (await bundles(test.database, caller))[0] ?? (await only());
    const keep = roles.map((role) => role.id);
    const change = { bundleId: id, expectedVersion: version, keep };
    expect(await changeBundle(test.database, caller, { ...change, name: "ÜLKÜ" })).toMatchObject(
      fault("name"),
    );
    expect(await changeBundle(test.database, caller, { ...change, name: "ANOTHER" })).toEqual({ ok: true });
    expect(await other.create("Ülkü")).toMatchObject({ ok: true });
    expect(await names(caller)).toEqual(["ANOTHER", "Ülkü"]);
  });

  it("once when they click twice, and no more than the limits in two windows", async () => {
    const { user, caller, create } = await arrange();
    const twice = await holdLock(test, "SELECT FROM principals WHERE id = $1 FOR UPDATE", [user.id]);
    const answers = await allBehind(twice, [() => create("Same"), () => create("same")]);
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
    expect(await names(caller)).toHaveLength(1);
    for (let index = 2; index < mostBundles; index += 1) await create(`Bundle ${index}`);
    const last = await holdLock(test, "SELECT FROM principals WHERE id = $1 FOR UPDATE", [user.id]);
    const full = await allBehind(last, [() => create("One"), () => create("Two")]);
    expect(full.filter((answer) => answer.ok)).toHaveLength(1);
    expect(full.find((answer) => !answer.ok)).toMatchObject(conflict);
    expect(await names(caller)).toHaveLength(mostBundles);
  });

  it("of at most as many roles as can be activated together", async () => {
    const { caller, create, only, ids } = await arrange(
      Array.from({ length: mostAtOnce + 1 }, (_, index) => `Role ${index}`),
    );
    expect(await create("Too many", ids)).toMatchObject(conflict);
    expect(await create("All but one", ids.slice(1))).toMatchObject({ ok: true });
    const more = { bundleId: (await only()).id, eligibilityIds: ids.slice(0, 1) };
    expect(await addToBundle(test.database, caller, more)).toMatchObject(conflict);
    expect((await only()).roles).toHaveLength(mostAtOnce);
  });

  it("with a role once, for which they are eligible themselves and through a group", async () => {
    const { user, roles, create, only, ids } = await arrange(["Contributor"]);
    const group = await makeGroup(test.database, [user.id]);
    const { id } = await grant(test.database, "eligible", group.id, roles[0]?.id ?? "", tree.subscription.id);
    expect(await create("Both", [...ids, id])).toMatchObject({ ok: true });
    expect((await only()).roles).toHaveLength(1);
    await end(ids[0] ?? "");
    expect((await only()).roles.map(({ eligibilityId }) => eligibilityId)).toEqual([id]);
  });

  it("only of what they may activate, and learns nothing of what is another's", async () => {
    const { caller, create, only, ids } = await arrange();
    const other = await arrange();
    const [own = ""] = ids;
    const [theirs = ""] = other.ids;
    await end(ids[1] ?? "");
    for (const id of [theirs, ids[1] ?? "", randomUUID()])
      expect(await create("Forged", [own, id])).toMatchObject(conflict);
    expect(await create("None", [])).toMatchObject(conflict);
    expect(await names(caller)).toEqual([]);
    await create("Mine", [own]);
    const bundleId = (await only()).id;
    expect(await addToBundle(test.database, caller, { bundleId, eligibilityIds: [theirs] })).toMatchObject(
      conflict,
    );
    expect((await only()).roles).toHaveLength(1);
  });

  it("that nobody else can read, change, delete or name in the log", async () => {
    const { create, only, ids } = await arrange();
    await create();
    const mine = await only();
    const other = await arrange();
    const { caller } = other;
    const bundleId = mine.id;
    expect(await bundles(test.database, caller)).toEqual([]);
    expect(await bundleToActivate(test.database, caller, bundleId)).toBeNull();
    expect(await addToBundle(test.database, caller, { bundleId, eligibilityIds: other.ids })).toMatchObject(
      notFound,
    );
    const keep = mine.roles.map(({ id }) => id);
    const change = { bundleId, expectedVersion: mine.version, name: "Taken", keep };
    expect(await changeBundle(test.database, caller, change)).toMatchObject(notFound);
    expect(await deleteBundle(test.database, caller, bundleId)).toMatchObject(notFound);
    expect(await only()).toEqual(mine);
    await other.create("Their own");
    const theirs = await other.only();
    const forged = {
      bundleId: theirs.id,
      expectedVersion: theirs.version,
      name: theirs.name,
      keep: [...theirs.roles.map(({ id }) => id), ...keep],
    };
    expect(await changeBundle(test.database, caller, forged)).toMatchObject(notFound);
    await activateAll(caller, other.ids, bundleId);
    expect(await loggedBundles(caller)).toEqual([null, null]);
    expect(ids).toHaveLength(2);
  });

  it("in two windows: an edit of an older state is refused and changes nothing", async () => {
    const { caller, create, only, ids } = await arrange(["Contributor", "Reader", "Key Vault Reader"]);
    await create("Friday deployment", ids.slice(0, 2));
    const opened = await only();
    await addToBundle(test.database, caller, { bundleId: opened.id, eligibilityIds: ids });
    const [first] = opened.roles;
    const stale = {
      bundleId: opened.id,
      expectedVersion: opened.version,
      name: "From the other window",
      keep: [first?.id ?? ""],
    };
    expect(await changeBundle(test.database, caller, stale)).toMatchObject(conflict);
    const newer = await only();
    expect(newer).toMatchObject({ name: "Friday deployment" });
    expect(newer.roles).toHaveLength(3);
    expect(await changeBundle(test.database, caller, { ...stale, expectedVersion: newer.version })).toEqual({
      ok: true,
    });
    expect((await only()).roles).toHaveLength(1);
    const empty = { ...stale, expectedVersion: (await only()).version, keep: [] };
    expect(await changeBundle(test.database, caller, empty)).toMatchObject(conflict);
    await deleteBundle(test.database, caller, opened.id);
    expect(await changeBundle(test.database, caller, stale)).toMatchObject(notFound);
  });
});

function activateAll(caller: Caller, eligibilityIds: readonly string[], bundleId: string | null) {
  return activateRoles(test.database, caller, {
    items: eligibilityIds.map((eligibilityId) => ({
      eligibilityId,
      resourceId: tree.subscription.id,
      durationMinutes: 60,
    })),
    ...{ startsAt: null, justification: null, ticketNumber: null, ticketSystem: null, proofId: null },
    bundleId,
  });
}

/** The bundle that each of the caller's activations names in the log, oldest first. */
async function loggedBundles(caller: Caller) {
  const events = await test.database.client.auditEvent.findMany({
    where: { actorId: caller.userId, kind: "RoleActivated" },
    orderBy: { sequence: "asc" },
  });
  return events.map(({ details }) => Reflect.get(Object(details), "bundle") ?? null);
}

describe("a member activates a bundle", () => {
  it("by the eligibility of this moment, whatever it was renewed to since", async () => {
    const { user, caller, roles, create, only, ids } = await arrange();
    await create();
    await end(ids[0] ?? "");
    now = addMinutes(start, 10);
    const role = roles[0]?.id ?? "";
    const renewed = await grant(test.database, "eligible", user.id, role, tree.subscription.id, {
      startsAt: now,
    });
    const opened = await bundleToActivate(test.database, caller, (await only()).id);
    expect(opened?.roles.map(({ eligibilityId }) => eligibilityId)).toEqual([renewed.id, ids[1]]);
    expect(opened?.several.terms).toEqual([
      expect.objectContaining({ taken: null }),
      expect.objectContaining({ taken: null }),
    ]);
  });

  it("and sees which roles ended, by the names that they knew, and nothing of these since", async () => {
    const { caller, roles, create, only, ids } = await arrange();
    await create();
    await end(ids[0] ?? "");
    now = addMinutes(start, 10);
    await pastTheRules(test.database, (to) =>
      to.roleDefinition.update({ where: { id: roles[0]?.id ?? "" }, data: { roleName: "Secret successor" } }),
    );
    const bundle = await only();
    expect(bundle.roles.map(({ roleName, eligibilityId }) => [roleName, eligibilityId])).toEqual([
      ["Contributor", null],
      ["Reader", ids[1]],
    ]);
    const opened = await bundleToActivate(test.database, caller, bundle.id);
    expect(opened?.several.terms).toHaveLength(1);
    await end(ids[1] ?? "");
    const none = await bundleToActivate(test.database, caller, bundle.id);
    expect(none?.several).toEqual({ terms: [], conflicts: [], reasons: [] });
    expect(none?.roles).toHaveLength(2);
  });

  it("as several roles are activated: what ended or began meanwhile is refused alone, and the log names the bundle", async () => {
    const { caller, create, only, ids } = await arrange([
      "Contributor",
      "Reader",
      "Key Vault Reader",
      "Owner",
    ]);
    const [ended = "", taken = "", free = "", besides = ""] = ids;
    await create("Friday deployment", [ended, taken, free]);
    await activateRole(test.database, caller, {
      ...{ eligibilityId: taken, resourceId: tree.subscription.id, startsAt: null, durationMinutes: 30 },
      ...{ justification: null, ticketNumber: null, ticketSystem: null, proofId: null },
    });
    await end(ended);
    now = addMinutes(start, 1);
    const results = await activateAll(caller, ids, (await only()).id);
    expect(results).toMatchObject([
      { ok: false, error: { code: "RoleAssignmentDoesNotExist" } },
      { ok: false, error: { code: "RoleAssignmentExists" } },
      { ok: true, status: "Provisioned" },
      { ok: true, status: "Provisioned" },
    ]);
    const events = await test.database.client.auditEvent.findMany({
      where: { actorId: caller.userId, kind: "RoleActivated", occurredAt: { gt: start } },
    });
    const named = new Map(
      events.map(({ eligibilityId, details }) => [eligibilityId, Reflect.get(Object(details), "bundle")]),
    );
    const name = "Friday deployment";
    expect(named).toEqual(
      new Map<string, string | undefined>([
        [ended, name],
        [taken, name],
        [free, name],
        [besides, undefined],
      ]),
    );
  });

  it("gives nothing by itself: whoever is disabled, or lost a role, activates nothing by it", async () => {
    const { user, caller, create, only, ids } = await arrange();
    await create();
    const { id } = await only();
    await pastTheRules(test.database, (to) =>
      to.principal.update({ where: { id: user.id }, data: { disabledAt: now } }),
    );
    const opened = await bundleToActivate(test.database, caller, id);
    expect(opened?.roles.map(({ eligibilityId }) => eligibilityId)).toEqual([null, null]);
    for (const result of await activateAll(caller, ids, id)) expect(result.ok).toBe(false);
    expect(await test.database.client.assignment.count({ where: { principalId: user.id } })).toBe(0);
  });

  it("and reads before a code that roles of it conflict with each other, or with what is held", async () => {
    const at = await makeConflicts(() => now);
    try {
      const { database } = at;
      const rule = await at.rule();
      const user = await makeUser(database);
      const caller = await makeCaller(database, user);
      const role = await at.role("Look");
      const place = at.tree.subscription.id;
      const ids = [];
      for (const each of [rule.enter, role, rule.approve])
        ids.push((await grant(database, "eligible", user.id, each.id, place)).id);
      await createBundle(database, caller, { name: "Payments", eligibilityIds: ids });
      const [bundle] = await bundles(database, caller);
      const conflicts = async () =>
        (await bundleToActivate(database, caller, bundle?.id ?? ""))?.several.conflicts;
      expect(await conflicts()).toEqual([
        null,
        null,
        expect.stringContaining("which is activated here too, by the rule"),
      ]);
      await activateRole(database, caller, {
        ...{ eligibilityId: ids[2] ?? "", resourceId: place, startsAt: null, durationMinutes: 60 },
        ...{ justification: "Approve", ticketNumber: null, ticketSystem: null, proofId: null },
      });
      expect(await conflicts()).toEqual([expect.stringContaining("You hold"), null, null]);
      now = addDays(now, 1);
      expect(await conflicts()).toEqual([null, null, expect.stringContaining("by the rule")]);
    } finally {
      await at.test.drop();
    }
  });

  it("from the palette, by its name", async () => {
    const { caller, create, only } = await arrange();
    const other = await arrange();
    await create("Friday deployment");
    const { id } = await only();
    const item = {
      id,
      label: expect.stringContaining("Friday deployment"),
      hint: "Bundle of 2 roles",
      href: `/my-roles?tab=bundles&bundle=${id}`,
    };
    for (const typed of ["friday", "activate friday dep", "DEPLOYMENT", "activate"])
      expect((await searchPalette(test.database, caller, typed)).activations, typed).toContainEqual(item);
    expect((await searchPalette(test.database, caller, "")).activations).toContainEqual(item);
    expect((await searchPalette(test.database, caller, "monday")).activations).not.toContainEqual(item);
    expect((await searchPalette(test.database, other.caller, "friday")).activations).toEqual([]);
  });
});
