import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { retireResource, retireResourceOperation } from "@/lib/operations/resources/retire-resource";
import { previewRetirement } from "@/lib/queries/resources/retire-preview";
import { makeImports } from "../../support/imports";

let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports();
});
afterAll(() => at.test.drop());

it("resources on paths of one's own come from a file, with what contains them", async () => {
  const subscription = `/subscriptions/${randomUUID()}`;
  const importId = await at.stage("Resources", [
    { id: "/databases/orders", name: "Orders", type: "databases" },
    { id: "/clusters/eu-1/namespaces/shop", name: "Shop", type: "namespaces" },
    { id: `${subscription}/servers/web-1`, name: "Web 1", type: "servers" },
  ]);
  expect(await at.outcomes(importId)).toEqual(["Add", "Add", "Add"]);
  await at.applyAll(importId);
  const shop = await at.database.client.resource.findFirstOrThrow({
    where: { scope: "/clusters/eu-1/namespaces/shop" },
    include: { parent: true },
  });
  expect(shop).toMatchObject({
    displayName: "Shop",
    resourceType: "namespaces",
    parent: { scope: "/clusters/eu-1", resourceType: "clusters" },
  });
  const again = await at.stage("Resources", [
    { id: "/databases/orders", name: "Orders", type: "databases" },
    { id: "/clusters/eu-1/namespaces/shop", name: "The shop", type: "namespaces" },
  ]);
  expect(await at.outcomes(again)).toEqual(["Unchanged", "Change"]);
});

it.each([
  ["/widgets/one", "widgets", "No type has the path widgets."],
  ["/databases/ledger", "Microsoft.Sql/servers", "Its path says that its type is databases."],
  ["/Databases/ledger", "databases", "Write the path as /databases/ledger."],
  [
    `/subscriptions/${randomUUID()}/servers/x`,
    "Microsoft.Web/sites",
    "Its path says that its type is servers.",
  ],
  ["/databases/-ledger", "databases", "begins neither with /subscriptions/ nor as a path of your own"],
  ["/databases", "databases", "begins neither with /subscriptions/ nor as a path of your own"],
])("%s of the type %s is refused: %s", async (id, type, reason) => {
  const rows = await at.rowsOf(await at.stage("Resources", [{ id, name: "Ledger", type }]));
  expect(rows).toMatchObject([{ outcome: "Bad", reason: expect.stringContaining(reason) }]);
});

it("a file gives no other type to what lies on a path of one's own", async () => {
  const row = { id: "/databases/stock", name: "Stock", type: "databases" };
  await at.applyAll(await at.stage("Resources", [row]));
  const other = await at.stage("Resources", [{ ...row, type: "clusters" }]);
  expect(await at.rowsOf(other)).toMatchObject([
    { outcome: "Bad", reason: "Its path says that its type is databases." },
  ]);
});

it("rows that name a retired resource, or lie below one, say so and make nothing", async () => {
  const rows = [
    { id: "/clusters/old", name: "Old", type: "clusters" },
    { id: "/clusters/old/namespaces/shop", name: "Shop", type: "namespaces" },
  ];
  await at.applyAll(await at.stage("Resources", rows.slice(0, 1)));
  const old = await at.database.client.resource.findFirstOrThrow({ where: { scope: "/clusters/old" } });
  const shown = await previewRetirement(at.database, at.owner, old.id);
  if (shown === null || "code" in shown) throw new Error(JSON.stringify(shown));
  const input = { resourceId: old.id, preview: shown.facts.preview, justification: "Unused" };
  const proofId = await at.prove(retireResourceOperation(input), at.owner);
  expect(await retireResource(at.database, at.owner, { ...input, proofId })).toMatchObject({ ok: true });
  const retired = { outcome: "Bad", reason: expect.stringMatching(/^\/clusters\/old was retired on/) };
  expect(await at.rowsOf(await at.stage("Resources", rows))).toMatchObject([retired, retired]);
});
