import { randomUUID } from "node:crypto";
import { addDays } from "@/lib/domain/time/schedule";
import { moveResource, moveResourceOperation } from "@/lib/operations/resources/move-resource";
import { retireResource, retireResourceOperation } from "@/lib/operations/resources/retire-resource";
import { undoRetirement, undoRetirementOperation } from "@/lib/operations/resources/undo-retirement";
import { previewMove } from "@/lib/queries/resources/move-preview";
import { previewRestoration, previewRetirement } from "@/lib/queries/resources/retire-preview";
import { grant } from "../factories";
import { type Gates, outcomeOf, reason, type World } from "./gate";

/** A move of a database from the root below another one, by which somebody gets access. */
async function moving(world: World, principalId: string) {
  const { database, owner, tree } = world;
  const role = await world.protectedRole({ assignmentRequiresMfa: false, version: 1 });
  const made = async () => {
    const name = `orders-${randomUUID()}`;
    const data = { parentId: tree.root.id, displayName: name, resourceType: "databases" };
    return database.client.resource.create({ data: { ...data, scope: `/databases/${name}` } });
  };
  const [{ id }, to] = [await made(), await made()];
  await grant(database, "eligible", principalId, role.id, to.id);
  const shown = await previewMove(database, owner, id, to.id);
  if (shown === null || "code" in shown) throw new Error(JSON.stringify(shown));
  const { preview } = shown.facts;
  const input = { resourceId: id, fromId: tree.root.id, toId: to.id, preview, ...reason };
  return {
    caller: owner,
    operation: moveResourceOperation(input),
    run: async (proofId: string | null) =>
      outcomeOf(await moveResource(database, owner, { ...input, proofId })),
  };
}

/** A database below the root, for which somebody is eligible. */
async function database(world: World, principalId: string, role: { readonly id: string }) {
  const name = `orders-${randomUUID()}`;
  const data = { parentId: world.tree.root.id, displayName: name, resourceType: "databases" };
  const made = await world.database.client.resource.create({
    data: { ...data, scope: `/databases/${name}` },
  });
  await grant(world.database, "active", principalId, role.id, made.id, { endsAt: addDays(world.now(), 90) });
  return made;
}

async function retiring(world: World, principalId: string) {
  const { database: db, owner } = world;
  const role = await world.protectedRole({ assignmentRequiresMfa: false, version: 1 });
  const { id } = await database(world, principalId, role);
  const shown = await previewRetirement(db, owner, id);
  if (shown === null || "code" in shown) throw new Error(JSON.stringify(shown));
  const input = { resourceId: id, preview: shown.facts.preview, ...reason };
  return { input, owner, db };
}

/** A retirement, undone by giving the access again that it ended. */
async function restoring(world: World, principalId: string) {
  const { input, owner, db } = await retiring(world, principalId);
  const retired = await retireResource(db, owner, {
    ...input,
    proofId: await world.prove(retireResourceOperation(input), owner),
  });
  if (!retired.ok) throw new Error(JSON.stringify(retired.error));
  const { retirementId } = retired;
  const shown = await previewRestoration(db, owner, retirementId);
  if (shown === null || "code" in shown || shown.rows.some(({ staysClosed }) => staysClosed !== null))
    throw new Error(JSON.stringify(shown));
  const undone = { retirementId, preview: shown.preview, ...reason };
  return {
    caller: owner,
    operation: undoRetirementOperation(undone),
    run: async (proofId: string | null) => outcomeOf(await undoRetirement(db, owner, { ...undone, proofId })),
  };
}

/**
 * Moving, retiring and restoring a resource always require a proof, whatever the role settings say, since they
 * change access.
 */
export const gatesOfResources: Gates = {
  "moving a resource to where somebody has access": {
    file: "move-resource.ts",
    kind: "MoveResource",
    arrange: async (world) => moving(world, (await world.person("Ada")).userId),
  },
  "moving a resource to where one has access oneself": {
    file: "move-resource.ts",
    kind: "MoveResource",
    arrange: (world) => moving(world, world.owner.userId),
  },
  "retiring a resource": {
    file: "retire-resource.ts",
    kind: "RetireResource",
    arrange: async (world) => {
      const { input, owner, db } = await retiring(world, (await world.person("Ada")).userId);
      return {
        caller: owner,
        operation: retireResourceOperation(input),
        run: async (proofId: string | null) =>
          outcomeOf(await retireResource(db, owner, { ...input, proofId })),
      };
    },
  },
  "undoing a retirement where somebody gets access again": {
    file: "undo-retirement.ts",
    kind: "UndoRetirement",
    arrange: async (world) => restoring(world, (await world.person("Ada")).userId),
  },
  "undoing a retirement where one gets access again oneself": {
    file: "undo-retirement.ts",
    kind: "UndoRetirement",
    arrange: (world) => restoring(world, world.owner.userId),
  },
};
