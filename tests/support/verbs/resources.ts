import { randomUUID } from "node:crypto";
import { addDays } from "@/lib/domain/time/schedule";
import { addResource } from "@/lib/operations/resources/add-resource";
import { addResourceType } from "@/lib/operations/resources/add-resource-type";
import { moveResource, moveResourceOperation } from "@/lib/operations/resources/move-resource";
import { removeResourceType } from "@/lib/operations/resources/remove-resource-type";
import { renameResource } from "@/lib/operations/resources/rename-resource";
import { retireResource, retireResourceOperation } from "@/lib/operations/resources/retire-resource";
import { undoRetirement, undoRetirementOperation } from "@/lib/operations/resources/undo-retirement";
import { updateResourceType } from "@/lib/operations/resources/update-resource-type";
import { previewMove } from "@/lib/queries/resources/move-preview";
import { previewRestoration, previewRetirement } from "@/lib/queries/resources/retire-preview";
import { grant, makeRole } from "../factories";
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

async function retirementShown({ at, admin }: Ground, id: string): Promise<string> {
  const shown = await previewRetirement(at.database, admin, id);
  if (shown === null || "code" in shown) throw new Error(JSON.stringify(shown));
  return shown.facts.preview;
}

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
  "retiring a resource": verb("retire-resource", async (ground) => {
    const { at, admin } = ground;
    const { id } = await ownResource(ground);
    return given({
      caller: admin,
      input: { resourceId: id, preview: await retirementShown(ground, id), ...because },
      operation: retireResourceOperation,
      run: (caller, input, proofId) => retireResource(at.database, caller, { ...input, proofId }),
    });
  }),
  "undoing a retirement": verb("undo-retirement", async (ground) => {
    const { at, admin } = ground;
    const { id } = await ownResource(ground);
    const { id: roleId } = await makeRole(at.database, `Role ${randomUUID()}`, { actions: ["*/read"] });
    const member = await at.person(`Member ${randomUUID()}`);
    await grant(at.database, "active", member.userId, roleId, id, { endsAt: addDays(ground.now, 9) });
    const retiring = { resourceId: id, preview: await retirementShown(ground, id), ...because };
    const proofId = await at.prove(retireResourceOperation(retiring), admin);
    const retired = await retireResource(at.database, admin, { ...retiring, proofId });
    if (!retired.ok) throw new Error(JSON.stringify(retired.error));
    const { retirementId } = retired;
    const shown = await previewRestoration(at.database, admin, retirementId);
    if (shown === null || "code" in shown) throw new Error(`${JSON.stringify(shown)}`);
    return given({
      caller: admin,
      input: { retirementId, preview: shown.preview, ...because },
      operation: undoRetirementOperation,
      run: (caller, input, proof) => undoRetirement(at.database, caller, { ...input, proofId: proof }),
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
