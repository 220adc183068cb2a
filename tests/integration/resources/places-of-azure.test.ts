import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { may } from "@/lib/authority/authority";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { armTypesBelow, armTypesWithin } from "@/lib/domain/resources/scope-below";
import { action } from "@/lib/domain/roles/permissions";
import { addResource } from "@/lib/operations/resources/add-resource";
import { inTransaction } from "@/lib/platform/transaction";
import { refusedWith } from "../../support/administration";
import { grant } from "../../support/factories";
import { makeImports } from "../../support/imports";
import { done } from "../../support/tree-changes";

const subscriptions = "Microsoft.Resources/subscriptions";
const groups = "Microsoft.Management/managementGroups";
let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports();
});
afterAll(() => at.test.drop());

/** A management group, and somebody who is its Owner and nothing else. */
async function arrange() {
  const input = { parentId: at.tree.root.id, resourceType: groups, displayName: `MG ${randomUUID()}` };
  const group = await done(addResource(at.database, at.owner, { ...input, pathName: null }));
  const { caller: mallory } = await at.peopleManager();
  await grant(at.database, "active", mallory.userId, ownerRoleId, group.resourceId);
  const row = (id: string) => ({ id: `/subscriptions/${id}`, name: `S ${id}` });
  const placed = (scope: string) => at.database.client.resource.findFirst({ where: { scope } });
  return { group, mallory, row, placed };
}

it("lets nobody but administrators of the root say where a subscription or management group lies that is imported later", async () => {
  const { group, mallory, row, placed } = await arrange();
  const id = randomUUID();
  for (const resourceType of [subscriptions, groups]) {
    const input = { parentId: group.resourceId, resourceType, displayName: "Squatted", pathName: id };
    expect(await addResource(at.database, mallory, input)).toMatchObject(refusedWith("AuthorizationFailed"));
  }
  // Not by a file of their own either.
  const rows = [{ ...row(id), parent: group.scope }];
  const importId = await at.stage("Subscriptions", rows, { caller: mallory });
  expect(await at.outcomes(importId)).toEqual(["Bad"]);
  expect((await at.rowsOf(importId))[0]?.reason).toMatch(/people who may write resources at the root/);
  expect(await placed(`/subscriptions/${id}`)).toBeNull();
  // Resources below their own place, whose paths say so, are theirs to add.
  const own = {
    parentId: group.resourceId,
    resourceType: "databases",
    displayName: "orders",
    pathName: null,
  };
  expect(await addResource(at.database, mallory, own)).toMatchObject({ ok: true });
  expect(armTypesWithin(group.scope)).toEqual([]);
  expect(armTypesBelow(group.scope).map(({ type }) => type)).toEqual([groups, subscriptions]);
  // The file without a parent puts it below the root, where they may do nothing.
  await at.applyAll(await at.stage("Subscriptions", [row(id)]));
  const real = await placed(`/subscriptions/${id}`);
  expect(real?.parentId).toBe(at.tree.root.id);
  const theirs = (resourceId: string) =>
    inTransaction(at.database, (transaction) =>
      may(transaction, mallory.userId, action.writeAssignment, resourceId),
    );
  expect([await theirs(real?.id ?? ""), await theirs(group.resourceId)]).toEqual([false, true]);
});

it("lets administrators of the root place them, by hand and by a file", async () => {
  const { group, row, placed } = await arrange();
  const [byHand, byFile] = [randomUUID(), randomUUID()];
  const input = {
    parentId: group.resourceId,
    resourceType: subscriptions,
    displayName: "Placed",
    pathName: byHand,
  };
  expect(await addResource(at.database, at.owner, input)).toMatchObject({ ok: true });
  await at.applyAll(await at.stage("Subscriptions", [{ ...row(byFile), parent: group.scope }]));
  expect((await placed(`/subscriptions/${byFile}`))?.parentId).toBe(group.resourceId);
});
