import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { likelyPlaces } from "@/lib/queries/resources/likely-places";
import { type Administration, makeAdministration } from "../../support/administration";
import { grant, makeRole } from "../../support/factories";
import { makeDatabase } from "../../support/own-places";
import { done, treeChanges } from "../../support/tree-changes";

let at: Administration;
beforeAll(async () => {
  at = await makeAdministration();
});
afterAll(() => at.test.drop());

it("offers where others of its type lie and what is near, by rights at both ends, never what is retired or below it", async () => {
  const region = await makeDatabase(at, at.tree.root, "region");
  const [here, beside, gone] = [
    await makeDatabase(at, region, "here"),
    await makeDatabase(at, region, "beside"),
    await makeDatabase(at, region, "gone"),
  ];
  const far = await makeDatabase(at, at.tree.subscription, "far");
  const cluster = (parent: { id: string; scope: string }, name: string) =>
    at.database.client.resource.create({
      data: {
        ...{ parentId: parent.id, scope: `${parent.scope}/clusters/${name}` },
        ...{ displayName: name, resourceType: "clusters" },
      },
    });
  const [moved, sibling] = [await cluster(here, "moved"), await cluster(here, "sibling")];
  await cluster(far, "other");
  await cluster(moved, "inner");
  await done((await treeChanges(at).readyToRetire(gone))());
  const names = async (caller = at.owner) =>
    (await likelyPlaces(at.database, caller, moved)).map(({ displayName }) => displayName);
  expect(await names()).toEqual(["far", "beside", "region", "sibling"]);

  // Somebody who may write at one end alone is offered nothing, and at both ends only these.
  const role = await makeRole(at.database, `Keeper ${randomUUID()}`, {
    actions: ["Microsoft.Resources/resources/write"],
  });
  const keeper = await at.person("Kim Keeper");
  await grant(at.database, "active", keeper.userId, role.id, beside.id);
  expect(await names(keeper)).toEqual([]);
  await grant(at.database, "active", keeper.userId, role.id, here.id);
  expect(await names(keeper)).toEqual(["beside", sibling.displayName]);
});
