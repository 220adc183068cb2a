import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { searchPrincipals } from "@/lib/queries/assignments/role-members";
import { searchMembers } from "@/lib/queries/people/person";
import { listRoles } from "@/lib/queries/roles/role-list";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
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
    for (let after: string | null = ""; after !== null; ) {
      const filter = { search: typed.trim(), used: false, after };
      const page: Awaited<ReturnType<typeof listRoles>> = await listRoles(database, resourceId, filter);
      expect(page.total).toBe(124);
      found.push(...page.rows.map(({ roleName }) => roleName));
      after = page.next;
    }
    expect(found.slice(0, 3), typed).toEqual(["Reader", "Reader and Data Access", "Key Vault Reader"]);
    expect([...found].sort()).toEqual([...new Set(found)].sort());
    expect(found).toHaveLength(124);
  }
  const all = await listRoles(database, resourceId, { search: "", used: false, after: "" });
  expect(all.rows[0]?.roleName).toBe("AcrQuarantineReader 0");
});

it("a role in use or edited here is found before longer ones, in any order of words and any composition", async () => {
  const { database } = test;
  const names = [
    "Blob Owner",
    "Storage Blob Data Owner",
    "Storage Blob Owner of Caf\u00e9s",
    "Owner of Blobs",
    "Archived Blob and Table Owner",
  ];
  const roles = new Map<string, string>();
  for (const name of names) roles.set(name, (await makeRole(database, name, { actions: ["*/read"] })).id);
  const found = async (search: string) =>
    (await listRoles(database, resourceId, { search, used: false, after: "" })).rows.map(
      (role) => role.roleName,
    );
  // Words that begin with it come first; then shorter names.
  expect(await found("blob owner")).toEqual([names[0], names[2], names[3], names[1], names[4]]);
  const holder = await makeUser(database);
  const used = names[2] ?? "";
  await grant(database, "eligible", holder.id, roles.get(used) ?? "", resourceId);
  expect((await found("blob")).slice(0, 2)).toEqual(["Blob Owner", used]);
  expect(await found("data blob owner")).toEqual([names[1]]);
  expect((await found("owner blob"))[0]).toBe(used);
  expect(await found("cafe\u0301s OWNER")).toEqual([used]);
});

it("the roles of a resource open with those in use or edited there, with who changed their settings and when", async () => {
  const { database } = test;
  const editor = await makeUser(database, "Edith");
  const edited = await makeRole(database, "Edited here", { actions: ["*/read"] });
  const updatedAt = new Date("2026-03-02T09:00:00Z");
  await database.client.roleManagementPolicy.create({
    data: { roleDefinitionId: edited.id, resourceId, version: 1, updatedAt, updatedById: editor.id },
  });
  const { rows } = await listRoles(database, resourceId, { search: "", used: true, after: "" });
  const row = rows.find(({ id }) => id === edited.id);
  expect(row).toMatchObject({ changed: true, updatedAt, updatedBy: { displayName: "Edith" } });
  for (const { changed, eligible, active } of rows) expect(changed || eligible + active > 0).toBe(true);
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
