import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { undoUntil } from "@/lib/domain/resources/retire";
import { createRoleDefinition } from "@/lib/operations/roles/create-role-definition";
import { deleteRoleDefinition } from "@/lib/operations/roles/delete-role-definition";
import { updateRoleDefinition } from "@/lib/operations/roles/update-role-definition";
import type { Caller } from "@/lib/platform/caller";
import { readRoleDefinition, rolesOfRetired } from "@/lib/queries/roles/role-definition";
import { type Administration, makeAdministration, refusedWith } from "../../support/administration";
import { grant } from "../../support/factories";
import { makeDatabase } from "../../support/own-places";
import { done, treeChanges } from "../../support/tree-changes";

const now = new Date("2026-03-02T09:00:00Z");
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

/** A place with an Owner of its own, and a custom role for a resource that was retired below it. */
async function arrange() {
  const here = await makeDatabase(at, at.tree.root);
  const orders = await makeDatabase(at, here, "orders");
  const table = await makeDatabase(at, orders, "lines");
  const keeper = await at.person("Kim Keeper");
  await grant(at.database, "active", keeper.userId, ownerRoleId, here.id);
  const definition = {
    ...{ roleName: `Custom ${randomUUID()}`, description: "", assignableScopes: [orders.scope, table.scope] },
    permission: { actions: ["databases/read"], notActions: [], dataActions: [], notDataActions: [] },
  };
  const { roleDefinitionId } = await done(createRoleDefinition(at.database, at.owner, definition));
  const { retirementId } = await done((await treeChanges(at).readyToRetire(orders))());
  const edit = (assignableScopes: string[], caller: Caller) =>
    updateRoleDefinition(at.database, caller, {
      ...{ roleDefinitionId, expectedVersion: 0, justification: null, proofId: null },
      definition: { ...definition, assignableScopes },
    });
  return { here, orders, keeper, roleDefinitionId, roleName: definition.roleName, retirementId, edit };
}

it("a role whose resources are all retired says so at the root, and is edited by whoever may write roles there", async () => {
  const { here, orders, keeper, roleDefinitionId, roleName, retirementId, edit } = await arrange();
  const atRoot = await readRoleDefinition(at.database, roleDefinitionId, at.tree.root.id);
  expect(atRoot).toMatchObject({ roleName, nowhere: true, restorableUntil: undoUntil(now) });
  expect(await readRoleDefinition(at.database, roleDefinitionId, here.id)).toBeNull();
  const role = { id: roleDefinitionId, roleName };
  expect(await rolesOfRetired(at.database, at.owner, retirementId)).toEqual({
    ...{ roles: [role], rootId: at.tree.root.id },
  });
  expect(await rolesOfRetired(at.database, keeper, retirementId)).toEqual({ roles: [role], rootId: null });
  const stranger = await at.person("Sue Stranger");
  expect(await rolesOfRetired(at.database, stranger, retirementId)).toEqual({ roles: [], rootId: null });

  // An administrator of the place alone can neither edit nor delete it, nor move it to their own place.
  expect(await edit([here.scope], keeper)).toMatchObject(refusedWith("NotFound"));
  expect(
    await deleteRoleDefinition(at.database, keeper, { roleDefinitionId, justification: null }),
  ).toMatchObject(refusedWith("NotFound"));
  expect(await edit([orders.scope], at.owner)).toMatchObject(refusedWith("InvalidInput"));
  expect(await edit([here.scope], at.owner)).toMatchObject({ ok: true });
  expect(await readRoleDefinition(at.database, roleDefinitionId, here.id)).toMatchObject({
    ...{ nowhere: false, restorableUntil: null, assignableScopes: [here.scope] },
  });
  expect((await rolesOfRetired(at.database, at.owner, retirementId)).roles).toEqual([]);
});

it("such a role is deleted at the root, and one that was left alone can be assigned again after the undo", async () => {
  const [deleted, kept] = [await arrange(), await arrange()];
  const { roleDefinitionId } = deleted;
  expect(
    await deleteRoleDefinition(at.database, at.owner, { roleDefinitionId, justification: null }),
  ).toMatchObject({ ok: true });
  await done((await treeChanges(at).readyToUndo(kept.retirementId))());
  expect(await readRoleDefinition(at.database, kept.roleDefinitionId, kept.orders.id)).toMatchObject({
    nowhere: false,
  });
  expect(await kept.edit([kept.orders.scope], kept.keeper)).toMatchObject({ ok: true });
});
