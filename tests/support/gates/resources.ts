import { randomUUID } from "node:crypto";
import { moveResource, moveResourceOperation } from "@/lib/operations/resources/move-resource";
import { previewMove } from "@/lib/queries/resources/move-preview";
import { grant } from "../factories";
import { type Gates, reason, told, type World } from "./gate";

/** A move of a database from the root below another one, where somebody gets access by it. */
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
    run: async (proofId: string | null) => told(await moveResource(database, owner, { ...input, proofId })),
  };
}

/** Moving a resource always takes a proof: access grows by it, whatever the role settings say. */
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
};
