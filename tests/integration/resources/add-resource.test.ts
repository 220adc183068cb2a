import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { may } from "@/lib/authority/authority";
import { deepestLevel } from "@/lib/domain/resources/own-path";
import { mostTypes } from "@/lib/domain/resources/own-type";
import { action } from "@/lib/domain/roles/permissions";
import { addResource } from "@/lib/operations/resources/add-resource";
import { addResourceType } from "@/lib/operations/resources/add-resource-type";
import { removeResourceType } from "@/lib/operations/resources/remove-resource-type";
import { renameResource } from "@/lib/operations/resources/rename-resource";
import { updateResourceType } from "@/lib/operations/resources/update-resource-type";
import type { Caller } from "@/lib/platform/caller";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import { inTransaction } from "@/lib/platform/transaction";
import { ownTypes, rootToAddTo, typesToManage } from "@/lib/queries/resources/own-types";
import { type Administration, makeAdministration, refusedWith } from "../../support/administration";
import { holdLock } from "../../support/database/held-lock";
import { grant, makeRole } from "../../support/factories";

let at: Administration;
beforeAll(async () => {
  at = await makeAdministration();
});
afterAll(() => at.test.drop());

const databaseNamed = (displayName: string, parentId = at.tree.root.id, pathName: string | null = null) => ({
  ...{ parentId, resourceType: "databases", displayName, pathName },
});
const add = (input: Parameters<typeof addResource>[2], caller = at.owner) =>
  addResource(at.database, caller, input);
const stored = (id: string) => at.database.client.resource.findUniqueOrThrow({ where: { id } });
const faultAt = (field: string, message: RegExp) => ({
  ok: false,
  error: {
    code: "InvalidInput",
    faults: expect.arrayContaining([{ field, message: expect.stringMatching(message) }]),
  },
});

/** Somebody who may write and read resources at one place. */
async function keeperAt(resourceId: string): Promise<Caller> {
  const actions = ["Microsoft.Resources/resources/write", "*/read"];
  const role = await makeRole(at.database, `Keeper ${randomUUID()}`, { actions });
  const caller = await at.person("Kim Keeper");
  await grant(at.database, "active", caller.userId, role.id, resourceId);
  return caller;
}

it("adds a resource with a path of its own, to which everything above applies at once", async () => {
  const made = await add(databaseNamed("  Orders\u00A0 (EU) "));
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  expect(made.scope).toBe("/databases/orders-(eu)");
  const orders = await stored(made.resourceId);
  expect(orders).toMatchObject({
    ...{ scope: made.scope, displayName: "Orders (EU)", resourceType: "databases" },
    ...{ parentId: at.tree.root.id, path: `${at.tree.root.path}.${orders.id.replaceAll("-", "")}` },
  });
  const namespace = await add({
    ...{ parentId: orders.id, resourceType: "namespaces", displayName: "Shop", pathName: "shop" },
  });
  expect(namespace).toMatchObject({ ok: true, scope: "/databases/orders-(eu)/namespaces/shop" });
  const allowed = await inTransaction(at.database, (transaction) =>
    may(transaction, at.owner.userId, action.writeResources, orders.id),
  );
  expect(allowed).toBe(true);
  const [event] = await at.database.client.auditEvent.findMany({ where: { resourceId: orders.id } });
  expect(event).toMatchObject({
    ...{ kind: "ResourceCreated", outcome: "Success", actorId: at.owner.userId, resourceName: "Orders (EU)" },
    details: { resourceType: "databases", parent: "/" },
  });
});

it("adds Azure's upper levels where they belong, with the paths that imports know", async () => {
  const id = randomUUID();
  const subscription = { parentId: at.tree.root.id, resourceType: "Microsoft.Resources/subscriptions" };
  const made = await add({ ...subscription, displayName: "Retail", pathName: id });
  expect(made).toMatchObject({ ok: true, scope: `/subscriptions/${id}` });
  if (!made.ok) return;
  const group = { resourceType: "Microsoft.Resources/resourceGroups", displayName: "web", pathName: null };
  expect(await add({ ...group, parentId: made.resourceId })).toMatchObject({
    scope: `/subscriptions/${id}/resourceGroups/web`,
  });
  expect(await add({ ...group, parentId: at.tree.root.id })).toMatchObject(
    faultAt("resourceType", /Choose one/),
  );
});

it("refuses what is taken, in any case, width and composition, and a second one of the same name", async () => {
  expect(await add(databaseNamed("Café"))).toMatchObject({ ok: true, scope: "/databases/café" });
  for (const [displayName, pathName] of [
    ["Other", "CAFÉ"],
    ["Other", "cafe\u0301"],
  ] as const)
    expect(await add(databaseNamed(displayName, at.tree.root.id, pathName))).toMatchObject(
      faultAt("pathName", /\/databases\/café already exists/),
    );
  for (const twin of ["cafe\u0301", "CAFÉ ", "Ｃafé"])
    expect(await add(databaseNamed(twin, at.tree.root.id, `x${randomUUID()}`))).toMatchObject(
      faultAt("displayName", /There is already .*Café.* at the same place/),
    );
  // A server may have the same name as the database beside it.
  expect(await add({ ...databaseNamed("Café"), resourceType: "servers" })).toMatchObject({ ok: true });
  expect(await add(databaseNamed("Café", at.tree.subscription.id))).toMatchObject({ ok: true });
});

it.each([
  ["", "x", "displayName", /Give a name/],
  ["Line\u2028break", "x", "displayName", /Leave out/],
  ["Fine", "..", "pathName", /Begin with a letter/],
  ["Fine", "a/b", "pathName", /Begin with a letter/],
  ["Fine", "x".repeat(101), "pathName", /at most 100/],
  ["…", null, "pathName", /Write the name/],
] as const)("refuses %j as %j", async (displayName, pathName, field, message) => {
  const count = await at.database.client.resource.count();
  expect(await add(databaseNamed(displayName, at.tree.root.id, pathName))).toMatchObject(
    faultAt(field, message),
  );
  expect(await at.database.client.resource.count()).toBe(count);
});

it("refuses a type that is not known, and types of one's own below what is Azure's alone", async () => {
  const unknown = { ...databaseNamed("Queue"), resourceType: "Databases" };
  expect(await add(unknown)).toMatchObject(faultAt("resourceType", /Choose one/));
  const site = await at.database.client.resource.create({
    data: {
      parentId: at.tree.group.id,
      scope: `${at.tree.group.scope}/providers/Microsoft.Web/sites/shop`,
      ...{ displayName: "shop", resourceType: "Microsoft.Web/sites" },
    },
  });
  expect(await add(databaseNamed("Orders", site.id))).toMatchObject(faultAt("resourceType", /only Azure's/));
});

it("takes the right at the parent; elsewhere it is refused, and where one may not look there is nothing", async () => {
  const keeper = await keeperAt(at.tree.subscription.id);
  expect(await add(databaseNamed("Stock", at.tree.group.id), keeper)).toMatchObject({ ok: true });
  expect(await add(databaseNamed("Stock"), keeper)).toMatchObject(refusedWith("AuthorizationFailed"));
  const beside = await add(databaseNamed(`Beside ${randomUUID()}`));
  if (!beside.ok) throw new Error(JSON.stringify(beside.error));
  expect(await add(databaseNamed("Stock", beside.resourceId), keeper)).toMatchObject(refusedWith("NotFound"));
  expect(await rootToAddTo(at.database, keeper)).toBeNull();
  expect(await rootToAddTo(at.database, at.owner)).toEqual({ rootId: at.tree.root.id });
});

it("goes so many levels deep and no deeper", async () => {
  let parentId = at.tree.root.id;
  for (let level = 1; level < deepestLevel; level += 1) {
    const made = await add(databaseNamed(`Level ${level}`, parentId));
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    parentId = made.resourceId;
  }
  expect(await add(databaseNamed("Too deep", parentId))).toMatchObject(refusedWith("Conflict"));
});

it("renames what people see, and neither the path nor the root", async () => {
  const made = await add(databaseNamed("Ledger"));
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  const resourceId = made.resourceId;
  const rename = (displayName: string, expectedName: string, id = resourceId) =>
    renameResource(at.database, at.owner, { resourceId: id, expectedName, displayName });
  expect(await rename(" General  ledger ", "Ledger")).toEqual({ ok: true, displayName: "General ledger" });
  expect(await stored(resourceId)).toMatchObject({
    displayName: "General ledger",
    scope: "/databases/ledger",
  });
  expect(await rename("Books", "Ledger")).toMatchObject(refusedWith("StaleEdit"));
  expect(await rename("", "General ledger")).toMatchObject(faultAt("displayName", /Give a name/));
  await add(databaseNamed("Books"));
  expect(await rename("BOOKS", "General ledger")).toMatchObject(faultAt("displayName", /already/));
  // Its own name in another case is not somebody else's.
  expect(await rename("GENERAL LEDGER", "General ledger")).toMatchObject({ ok: true });
  expect(await rename("Fabrikam", at.tree.root.displayName, at.tree.root.id)).toMatchObject(
    refusedWith("Conflict"),
  );
});

/** The lock that changes of the tree take. */
const holdTree = () =>
  holdLock(at.test, "SELECT pg_advisory_xact_lock($1::int, hashtext('resource import'))", [
    advisoryLocks.names,
  ]);

it("of two who add the same at once one is refused, and nobody adds what has no type any more", async () => {
  const hold = await holdTree();
  const both = [1, 2].map(() => add(databaseNamed("Twice", at.tree.group.id)));
  await hold.waitedFor(2);
  await hold.release();
  const results = await Promise.all(both);
  expect(results.map((each) => each.ok).sort()).toEqual([false, true]);

  const type = { segment: "queues", displayName: "Queue", icon: "box" as const };
  expect(await addResourceType(at.database, at.owner, type)).toMatchObject({ ok: true });
  const held = await holdTree();
  const queue = { ...databaseNamed("Mail", at.tree.group.id), resourceType: "queues" };
  const adding = add(queue);
  await held.waitedFor(1);
  const removing = removeResourceType(at.database, at.owner, { segment: "queues" });
  await held.waitedFor(2);
  await held.release();
  expect(await adding).toMatchObject({ ok: true });
  expect(await removing).toMatchObject(refusedWith("Conflict"));
});

it("adds, renames and removes types: each name and word once, in use never removed", async () => {
  const { database, owner } = at;
  const topic = { segment: " Topics ", displayName: "Topic", icon: "network" as const };
  expect(await addResourceType(database, owner, topic)).toEqual({ ok: true, segment: "topics" });
  expect(await addResourceType(database, owner, { ...topic, displayName: "Other" })).toMatchObject(
    faultAt("segment", /Topic/),
  );
  expect(
    await addResourceType(database, owner, { ...topic, segment: "themes", displayName: "TOPIC" }),
  ).toMatchObject(faultAt("displayName", /Another type/));
  const edit = { segment: "topics", displayName: "Message topic", icon: "box" as const };
  expect(await updateResourceType(database, owner, { ...edit, expectedVersion: 1 })).toMatchObject({
    ok: true,
  });
  expect(await updateResourceType(database, owner, { ...edit, expectedVersion: 1 })).toMatchObject(
    refusedWith("StaleEdit"),
  );
  expect((await ownTypes(database, owner)).topics).toEqual({ displayName: "Message topic", icon: "box" });
  const used = await add({ ...databaseNamed("News"), resourceType: "topics" });
  expect(used).toMatchObject({ ok: true, scope: "/topics/news" });
  const refused = await removeResourceType(database, owner, { segment: "topics" });
  expect(refused).toMatchObject({
    error: { code: "Conflict", message: expect.stringMatching(/in use: .*News.* has it/) },
  });
  expect(await typesToManage(database, owner)).toContainEqual(
    expect.objectContaining({ segment: "topics", used: 1, version: 2 }),
  );
  expect(await removeResourceType(database, owner, { segment: "teams" })).toMatchObject({ ok: true });
  expect(await removeResourceType(database, owner, { segment: "teams" })).toMatchObject(
    refusedWith("NotFound"),
  );
  const keeper = await keeperAt(at.tree.subscription.id);
  expect(await typesToManage(database, keeper)).toBeNull();
  expect(await removeResourceType(database, keeper, { segment: "servers" })).toMatchObject(
    refusedWith("AuthorizationFailed"),
  );
  await at.test.asOwner(
    `INSERT INTO own_resource_types (segment, display_name, icon)
     SELECT 't' || n, 'Type ' || n, 'box' FROM generate_series(1, ${mostTypes}) n
     LIMIT ${mostTypes} - (SELECT count(*) FROM own_resource_types)`,
  );
  expect(
    await addResourceType(database, owner, { segment: "one-more", displayName: "One more", icon: "box" }),
  ).toMatchObject(refusedWith("Conflict"));
});
