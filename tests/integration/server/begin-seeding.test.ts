import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import { inTransaction } from "@/lib/platform/transaction";
import { beginSeeding } from "@/lib/server/database/begin-seeding";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeRole, makeTree, makeUser } from "../../support/factories";

let test: TestDatabase;
let owner: pg.Client;
beforeAll(async () => {
  test = await createTestDatabase();
  owner = new pg.Client({ connectionString: test.url });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await test.drop();
});

/** Each table that holds rows. */
async function filledTables(): Promise<string[]> {
  const { rows } = await owner.query(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
  );
  const names: string[] = [];
  for (const { name } of rows)
    if ((await owner.query(`SELECT FROM ${name} LIMIT 1`)).rowCount === 1) names.push(name);
  return names.sort();
}

const held = async () => ({
  people: await test.database.client.principal.count(),
  resources: await test.database.client.resource.count(),
  events: await test.database.client.auditEvent.count(),
});
async function fill() {
  const tree = await makeTree(test.database);
  const user = await makeUser(test.database);
  const role = await makeRole(test.database, "Reader", { actions: ["*/read"] });
  await grant(test.database, "active", user.id, role.id, tree.group.id);
  await inTransaction(test.database, (transaction) =>
    recordAuditEvent(transaction, { kind: "SignIn", outcome: "Success" }),
  );
}
const filled = { people: 1, resources: 3, events: 1 };

it("begins on an empty database, empties what an unfinished seed left, and never anything else", async () => {
  const before = await filledTables();
  expect(await beginSeeding(owner)).toBe(true);
  await fill();
  expect((await filledTables()).length).toBeGreaterThan(before.length + 4);
  expect(await beginSeeding(owner)).toBe(true);
  expect(await filledTables()).toEqual(before);

  await fill();
  await owner.query("UPDATE installation SET seeded_at = now(), seeding_since = NULL");
  expect(await beginSeeding(owner)).toBe(false);
  expect(await held()).toEqual(filled);

  // Whatever happened to the mark: data that does not come from an unfinished seed is kept.
  await owner.query("UPDATE installation SET seeded_at = NULL");
  await expect(beginSeeding(owner)).rejects.toThrow("nothing is done to it");
  expect(await held()).toEqual(filled);
});

it("is not for the application to bring about", async () => {
  for (const sql of [
    "UPDATE installation SET seeded_at = NULL",
    "UPDATE installation SET seeding_since = now()",
    "INSERT INTO installation (id) VALUES (1)",
    "DELETE FROM installation",
  ])
    await expect(test.database.client.$executeRawUnsafe(sql), sql).rejects.toThrow("permission denied");
});
