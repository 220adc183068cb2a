import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import { moveResource, moveResourceOperation } from "@/lib/operations/resources/move-resource";
import { retireResource, retireResourceOperation } from "@/lib/operations/resources/retire-resource";
import { previewMove } from "@/lib/queries/resources/move-preview";
import { previewRetirement } from "@/lib/queries/resources/retire-preview";
import { setSettings } from "../../support/approval";
import { holdLock, holdPolicy } from "../../support/database/held-lock";
import { grant, makeRole } from "../../support/factories";
import { makeImports } from "../../support/imports";
import { factsOf, makeDatabase } from "../../support/own-places";

/** An import that reads a place while it is moved or retired waits, and then reads its new place. */

let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports();
});
afterAll(() => at.test.drop());

/** Two places, a resource in the first, and a custom role that may be assigned only below the first. */
async function arrange() {
  const here = await makeDatabase(at, at.tree.root, `here-${randomUUID()}`);
  const there = await makeDatabase(at, at.tree.root, `there-${randomUUID()}`);
  const orders = await makeDatabase(at, here, "orders");
  const custom = await at.database.client.roleDefinition.create({
    data: {
      ...{ roleName: `Custom ${randomUUID()}`, description: "", roleType: "CustomRole" },
      permissions: [{ actions: ["*/read"], notActions: [], dataActions: [], notDataActions: [] }],
      assignableScopes: [here.scope],
    },
  });
  const person = await at.person("Mia Member");
  return { here, there, orders, custom, person };
}
type Arranged = Awaited<ReturnType<typeof arrange>>;

/** Begins to move or retire the resource, and stops when it is judged and nobody else may read its place. */
const changes: Record<string, (arranged: Arranged) => Promise<Stopped>> = {
  async moved({ here, there, orders }) {
    const reader = await makeRole(at.database, `Role ${randomUUID()}`, { actions: ["*/read"] });
    await grant(at.database, "active", (await at.person("Ada")).userId, reader.id, there.id);
    await setSettings(at.database, reader.id, orders.id, defaultRoleSettings);
    const { preview } = factsOf(await previewMove(at.database, at.owner, orders.id, there.id));
    const input = { resourceId: orders.id, fromId: here.id, toId: there.id, preview, justification: "Tidy" };
    const proofId = await at.prove(moveResourceOperation(input), at.owner);
    const held = await holdPolicy(at.test, reader.id, orders.id);
    return { held, changing: moveResource(at.database, at.owner, { ...input, proofId }) };
  },
  async retired({ orders }) {
    const { preview } = factsOf(await previewRetirement(at.database, at.owner, orders.id));
    const input = { resourceId: orders.id, preview, justification: "Unused" };
    const proofId = await at.prove(retireResourceOperation(input), at.owner);
    const held = await holdLock(at.test, "SELECT FROM resources WHERE id = $1 FOR NO KEY UPDATE", [
      orders.id,
    ]);
    return { held, changing: retireResource(at.database, at.owner, { ...input, proofId }) };
  },
};
interface Stopped {
  readonly held: Awaited<ReturnType<typeof holdLock>>;
  readonly changing: Promise<{ ok: boolean }>;
}

/** Applies a confirmed import while the change is under way. The import ends after it. */
async function appliedBeside(importId: string, { held, changing }: Stopped) {
  await held.waitedFor(1);
  const applied = applyImports(at.database);
  await held.waitedFor(2);
  await held.release();
  expect(await changing).toMatchObject({ ok: true });
  await applied;
  return at.rowsOf(importId);
}

describe.each(Object.keys(changes))("while a place is %s", (how) => {
  const begin = (arranged: Arranged) => changes[how]?.(arranged) ?? Promise.reject(new Error(how));

  it.each(["RoleAssignments", "Eligibilities"] as const)("%s give no role there", async (kind) => {
    const arranged = await arrange();
    const { orders, custom, person } = arranged;
    const row = { principal: person.email, role: custom.roleName, scope: orders.scope };
    const importId = await at.stage(kind, [row], { capToMaximum: true });
    expect(await at.confirm(importId, await at.proofFor(importId))).toMatchObject({ ok: true });
    expect(await appliedBeside(importId, await begin(arranged))).toMatchObject([{ state: "Failed" }]);
    const where = { roleDefinitionId: custom.id };
    expect(await at.database.client.assignment.count({ where })).toBe(0);
    expect(await at.database.client.eligibility.count({ where })).toBe(0);
  });

  it("no role is made or changed to be assigned by its former path", async () => {
    const arranged = await arrange();
    const { here, orders, custom } = arranged;
    const made = {
      roleName: `Custom ${randomUUID()}`,
      permissions: [{ actions: ["*/read"] }],
      assignableScopes: [orders.scope],
    };
    const changed = { ...made, id: custom.id, roleName: custom.roleName };
    const importId = await at.stage("RoleDefinitions", [made, changed]);
    expect(await at.rowsOf(importId)).toMatchObject([{ outcome: "Add" }, { outcome: "Change" }]);
    expect(await at.confirm(importId, await at.proofFor(importId))).toMatchObject({ ok: true });
    const failed = { state: "Failed" };
    expect(await appliedBeside(importId, await begin(arranged))).toMatchObject([failed, failed]);
    const roles = await at.database.client.roleDefinition.findMany({
      where: { roleName: { in: [made.roleName, custom.roleName] } },
    });
    expect(roles).toMatchObject([{ id: custom.id, assignableScopes: [here.scope] }]);
  });
});
