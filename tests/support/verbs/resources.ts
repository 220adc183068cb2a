import { randomUUID } from "node:crypto";
import { addResource } from "@/lib/operations/resources/add-resource";
import { addResourceType } from "@/lib/operations/resources/add-resource-type";
import { moveResource, moveResourceOperation } from "@/lib/operations/resources/move-resource";
import { removeResourceType } from "@/lib/operations/resources/remove-resource-type";
import { renameResource } from "@/lib/operations/resources/rename-resource";
import { updateResourceType } from "@/lib/operations/resources/update-resource-type";
import { previewMove } from "@/lib/queries/resources/move-preview";
import { because, type Ground, given, verb } from "./verb";

/** A resource of an own type below the place. */
export async function ownResource({ at, place }: Ground) {
  const name = `orders-${randomUUID()}`;
  const scope = `${place.scope === "/" ? "" : place.scope}/databases/${name}`;
  const data = { parentId: place.id, scope, displayName: name, resourceType: "databases" };
  return at.database.client.resource.create({ data });
}

let made = 0;
const segment = () => {
  made += 1;
  return `queues-${made}`;
};
const newType = async ({ at, root }: Ground) => {
  const input = { segment: segment(), displayName: `Queue ${randomUUID()}`, icon: "box" as const };
  const result = await addResourceType(at.database, root, input);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return input;
};

/** Verbs that change the tree and the types of resources. */
export const verbsOfResources = {
  "adding a resource": verb(
    "add-resource",
    async ({ at, admin, place }) =>
      given({
        caller: admin,
        input: {
          parentId: place.id,
          resourceType: "databases",
          displayName: `Orders ${randomUUID()}`,
          pathName: null,
        },
        run: (caller, input) => addResource(at.database, caller, input),
      }),
    ["displayName"],
  ),
  "renaming a resource": verb(
    "rename-resource",
    async (ground) => {
      const { id, displayName } = await ownResource(ground);
      return given({
        caller: ground.admin,
        input: { resourceId: id, expectedName: displayName, displayName: `Returns ${randomUUID()}` },
        run: (caller, input) => renameResource(ground.at.database, caller, input),
      });
    },
    ["displayName"],
  ),
  "moving a resource": verb("move-resource", async (ground) => {
    const { at, admin, place } = ground;
    const { id } = await ownResource(ground);
    const to = await ownResource(ground);
    const shown = await previewMove(at.database, admin, id, to.id);
    if (shown === null || "code" in shown) throw new Error(JSON.stringify(shown));
    const { preview } = shown.facts;
    return given({
      caller: admin,
      input: { resourceId: id, fromId: place.id, toId: to.id, preview, ...because },
      operation: moveResourceOperation,
      run: (caller, input, proofId) => moveResource(at.database, caller, { ...input, proofId }),
    });
  }),
  "adding a type of resources": verb(
    "add-resource-type",
    async ({ at, root }) =>
      given({
        caller: root,
        input: { segment: segment(), displayName: `Queue ${randomUUID()}`, icon: "box" as const },
        run: (caller, input) => addResourceType(at.database, caller, input),
      }),
    ["displayName", "segment"],
  ),
  "changing a type of resources": verb(
    "update-resource-type",
    async (ground) => {
      const input = { ...(await newType(ground)), expectedVersion: 1, displayName: `Topic ${randomUUID()}` };
      return given({
        caller: ground.root,
        input,
        run: (caller, changed) => updateResourceType(ground.at.database, caller, changed),
      });
    },
    ["displayName"],
  ),
  "removing a type of resources": verb("remove-resource-type", async (ground) =>
    given({
      caller: ground.root,
      input: { segment: (await newType(ground)).segment },
      run: (caller, input) => removeResourceType(ground.at.database, caller, input),
    }),
  ),
};
