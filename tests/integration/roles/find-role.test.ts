import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { listRoles, searchPrincipals } from "@/lib/queries/assignments/role-members";
import { searchMembers } from "@/lib/queries/people/person";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { grant, makeCaller, makeOwnerRole, makeRole, makeTree, makeUser } from "../../support/factories";

let test: TestDatabase;
let resourceId: string;

beforeAll(async () => {
  test = await createTestDatabase();
  resourceId = (await makeTree(test.database)).subscription.id;
});
afterAll(() => test.drop());

it("a role is found by its exact name before the many whose names contain it, on every page once", async () => {
  const { database } = test;
  const others = Array.from({ length: 120 }, (_, number) => `AcrQuarantineReader ${number}`);
  for (const name of ["Key Vault Reader", "Reader and Data Access", "Reader", "Proofreader", ...others])
    await makeRole(database, name, { actions: ["*/read"] });
  for (const typed of ["Reader", "reader", " READER"]) {
    const found: string[] = [];
    for (let after = ""; ; ) {
      const page = await listRoles(database, resourceId, { search: typed.trim(), used: false, after });
      found.push(...page.map(({ roleName }) => roleName));
      const last = page.at(-1);
      if (!last) break;
      after = last.key;
    }
    expect(found.slice(0, 3), typed).toEqual(["Reader", "Reader and Data Access", "Key Vault Reader"]);
    expect([...found].sort()).toEqual([...new Set(found)].sort());
    expect(found).toHaveLength(124);
  }
  const all = await listRoles(database, resourceId, { search: "", used: false, after: "" });
  expect(all[0]?.roleName).toBe("AcrQuarantineReader 0");
});

it("a person is found by the exact name before the many whose names or addresses contain it", async () => {
  const { database } = test;
  await test.asOwner(
    `INSERT INTO principals (id, type, display_name, email)
     SELECT gen_random_uuid(), 'User', 'Aaron Limann ' || n, $1 || n || '@example.com' FROM generate_series(1, 400) n`,
    [`x${randomUUID()}`],
  );
  for (const name of ["Zoe Mann", "Mannheim", "Mann"]) await makeUser(database, name);
  const owner = await makeUser(database, "Olga");
  const group = await database.client.principal.create({ data: { type: "Group", displayName: "Operators" } });
  await grant(
    database,
    "active",
    owner.id,
    (await makeOwnerRole(database)).id,
    (await database.client.resource.findFirstOrThrow({ where: { parentId: null } })).id,
  );
  const caller = await makeCaller(database, owner);
  for (const found of [
    await searchPrincipals(database, "mann"),
    await searchMembers(database, caller, group.id, "mann"),
  ]) {
    expect(found.slice(0, 2).map(({ displayName }) => displayName)).toEqual(["Mann", "Mannheim"]);
    expect(found).toHaveLength(20);
  }
  const few = await searchPrincipals(database, "zoe");
  expect(few.map(({ displayName }) => displayName)).toEqual(["Zoe Mann"]);
});
