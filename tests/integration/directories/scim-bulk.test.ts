import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Administration, makeAdministration } from "../../support/administration";
import { entraUser, makeDirectory, patchOf } from "../../support/directories";
import { grant } from "../../support/factories";

let at: Administration;
let directory: Awaited<ReturnType<typeof makeDirectory>>;
beforeAll(async () => {
  at = await makeAdministration();
  directory = await makeDirectory(at);
});
afterAll(() => at.test.drop());

const bulk = (Operations: readonly unknown[], more: object = {}) =>
  directory.scim("POST", "/Bulk", {
    schemas: ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
    ...{ ...more, Operations },
  });
const statuses = async (...asked: Parameters<typeof bulk>) =>
  (await bulk(...asked)).body.Operations.map(({ status }) => status);

it("creates people and a group that names them, changes and deletes them, each with its own answer", async () => {
  const answer = await bulk([
    { method: "POST", path: "/Users", bulkId: "ada", data: entraUser() },
    { method: "post", path: "/Users", bulkId: "bob", data: entraUser() },
    {
      ...{ method: "POST", path: "/Groups", bulkId: "team" },
      data: { displayName: `Team ${randomUUID()}`, members: [{ value: "bulkId:ada" }] },
    },
    {
      ...{ method: "PATCH", path: "/Groups/bulkId:team" },
      data: patchOf({ op: "add", path: "members", value: [{ value: "bulkId:bob" }] }),
    },
    { method: "DELETE", path: "/Users/bulkId:ada" },
  ]);
  expect(answer.status).toBe(200);
  const [ada, , team] = answer.body.Operations;
  expect(answer.body.Operations.map(({ status }) => status)).toEqual(["201", "201", "201", "204", "204"]);
  expect(ada).toMatchObject({ bulkId: "ada", method: "POST", location: expect.stringContaining("/Users/") });
  const groupId = String(team?.location).split("/").at(-1) ?? "";
  expect(await at.database.client.groupMember.count({ where: { groupId } })).toBe(2);
});

it("refuses by the same rules as one request alone, leaves nothing half done, and continues after a refusal unless asked not to", async () => {
  const role = await at.protectedRole();
  const group = (await directory.scim("POST", "/Groups", { displayName: `Powerful ${randomUUID()}` })).body
    .id;
  await grant(at.database, "active", group, role.id, at.tree.subscription.id);
  const operations = [
    { method: "POST", path: "/Users", bulkId: "eve", data: entraUser() },
    {
      ...{ method: "PATCH", path: `/Groups/${group}` },
      data: patchOf({ op: "add", path: "members", value: [{ value: "bulkId:eve" }] }),
    },
    { method: "DELETE", path: `/Users/${randomUUID()}` },
    { method: "POST", path: "/Users", bulkId: "fay", data: entraUser() },
  ];
  expect(await statuses(operations)).toEqual(["201", "403", "404", "201"]);
  expect(await at.database.client.groupMember.count({ where: { groupId: group } })).toBe(0);
  const again = operations.map((each) => (each.method === "POST" ? { ...each, data: entraUser() } : each));
  expect(await statuses(again, { failOnErrors: 1 })).toEqual(["201", "403"]);
});

it("refuses what makes no sense, by itself", async () => {
  expect(
    await statuses([
      { method: "GET", path: "/Users" },
      { method: "POST", path: "/Users", data: entraUser() },
      { method: "POST", path: "/Bulk", bulkId: "more", data: {} },
      { method: "PATCH", path: "/Users/bulkId:nobody", data: patchOf() },
      { method: "PATCH", path: "/Users/../Groups", data: patchOf() },
      { method: "PUT", path: `/Users/${randomUUID()}`, version: "nonsense", data: entraUser() },
      7,
    ]),
  ).toEqual(["400", "400", "400", "409", "400", "412", "400"]);
  expect((await bulk([])).status).toBe(400);
  expect((await bulk(Array(101).fill({ method: "DELETE", path: `/Users/${randomUUID()}` }))).status).toBe(
    413,
  );
});
