import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RoleDefinitionFields } from "@/lib/domain/roles/role-definition";
import { sameNameKey } from "@/lib/domain/text/names";
import { createChallenge } from "@/lib/identity/step-up/step-up";
import { createPrincipal } from "@/lib/operations/people/create-principal";
import { changeIdentifiersOperation } from "@/lib/operations/people/update-principal";
import { createRoleDefinition } from "@/lib/operations/roles/create-role-definition";
import { updateRoleDefinition } from "@/lib/operations/roles/update-role-definition";
import { rolesAt } from "@/lib/platform/database-roles";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import { refusedWith } from "../../support/administration";
import { atOnce, holdLock } from "../../support/database/held-lock";
import { editPrincipal } from "../../support/edit-principal";
import { makeGroup, makeRole, makeUser } from "../../support/factories";
import { makeImports } from "../../support/imports";

let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports();
});
afterAll(() => at.test.drop());

let count = 0;
const next = () => {
  count += 1;
  return count;
};
type Asked = Partial<Parameters<typeof createPrincipal>[2]>;
const create = (asked: Asked) =>
  createPrincipal(at.database, at.owner, {
    type: "User",
    displayName: "Somebody",
    email: asked.type && asked.type !== "User" ? null : `somebody${next()}@contoso.example`,
    externalId: null,
    signIn: null,
    ...asked,
  });
const rename = (principalId: string, changes: Parameters<typeof editPrincipal>[2]) =>
  editPrincipal(at, principalId, changes);
const refusedAt = (field: string) => ({ ok: false, error: { code: "InvalidInput", faults: [{ field }] } });
const reasonOf = async (importId: string) => {
  const rows = await at.rowsOf(importId);
  const last = rows.at(-1);
  return `${last?.outcome}: ${last?.reason}`;
};
const definition = (roleName: string, more: Partial<RoleDefinitionFields> = {}): RoleDefinitionFields => ({
  roleName,
  description: "",
  permission: { actions: ["Microsoft.Web/sites/read"], notActions: [], dataActions: [], notDataActions: [] },
  assignableScopes: [at.tree.subscription.scope],
  ...more,
});
const importedRole = (roleName: string, more: object = {}) => [
  {
    roleName,
    permissions: [{ actions: ["Microsoft.Web/sites/read"] }],
    assignableScopes: [at.tree.subscription.scope],
    ...more,
  },
];

describe("the database", () => {
  it("says the same of every letter as the code does", async () => {
    const { rows } = await at.test.asOwner(`
      SELECT code, name_key(chr(code)) AS alone, name_key('a ' || chr(code) || 'z') AS within,
        normalize(chr(code), NFKC) AS composed
      FROM generate_series(1, 1114111) AS code
      WHERE code < 55296 OR code BETWEEN 57344 AND 131071 OR code BETWEEN 194560 AND 195103 OR code > 917000 AND code < 921600`);
    const differing = rows.filter(({ code, alone, within, composed }) => {
      const letter = String.fromCodePoint(code);
      // The two may know different versions of Unicode, so some letters are new to one of them.
      if (/\p{Cn}/u.test(letter) || composed !== letter.normalize("NFKC")) return false;
      return sameNameKey(letter) !== alone || sameNameKey(`a ${letter}z`) !== within;
    });
    expect(differing.map(({ code }) => code.toString(16))).toEqual([]);
    expect(rows.length).toBeGreaterThan(100_000);
  });

  it.each([
    [
      "names of people",
      "SELECT id FROM principals WHERE name_key(email) = name_key($1)",
      "principals_email_key",
    ],
    [
      "ids elsewhere",
      "SELECT id FROM principals WHERE name_key(external_id) = name_key($1)",
      "principals_external",
    ],
    [
      "groups",
      "SELECT id FROM principals WHERE type = 'Group' AND name_key(display_name) = name_key($1)",
      "principals_group_key",
    ],
    ["scopes", "SELECT id FROM resources WHERE name_key(scope) = name_key($1)", "resources_scope_key_idx"],
    [
      "siblings",
      `SELECT id FROM resources WHERE parent_id = '11111111-1111-4111-8111-111111111111'
        AND name_key(display_name) = name_key($1)`,
      "resources_sibling_key",
    ],
    [
      "roles",
      "SELECT id FROM role_definitions WHERE deleted_at IS NULL AND name_skeleton = name_skeleton($1)",
      "role_definitions_skeleton",
    ],
  ])("finds %s by an index", async (_what, sql, index) => {
    const client = new pg.Client({ connectionString: at.test.url });
    await client.connect();
    await client.query("SET enable_seqscan = off");
    const plan = await client.query({ text: `EXPLAIN ${sql.replace("$1", "'Ada'")}`, rowMode: "array" });
    await client.end();
    expect(plan.rows.flat().join("\n")).toContain(index);
  });
});

/** A connection of the application's role, as a thief of its login has. */
const opened: pg.Client[] = [];
// A transaction that a failed test left open would keep the next one waiting.
afterEach(async () => {
  await Promise.all(opened.splice(0).map((client) => client.end()));
});

async function asApplication() {
  const client = new pg.Client({
    connectionString: at.test.url,
    options: `-c role=${rolesAt(at.test.url).application}`,
  });
  await client.connect();
  opened.push(client);
  const attempt = (sql: string, parameters: unknown[] = []) =>
    client.query(sql, parameters).then(
      () => null,
      (error: pg.DatabaseError) => error.code,
    );
  return { client, attempt };
}

describe("one name leads to one principal", () => {
  const insert = `WITH made AS (
      INSERT INTO principals (type, display_name, email, external_id) VALUES ('User', 'x', $1, $2) RETURNING id)
    INSERT INTO audit_events (kind, outcome, target_id) SELECT 'PrincipalCreated', 'Success', id FROM made`;
  it.each([
    ["email", "email"],
    ["email", "external id"],
    ["external id", "email"],
    ["external id", "external id"],
  ])("of two transactions that give the same %s and %s exactly one succeeds", async (first, second) => {
    const name = `Zoë${next()}@contoso.example`;
    const fields = (kind: string, text: string) =>
      kind === "email" ? [text, null] : [`other${next()}@contoso.example`, text];
    const one = await asApplication();
    const two = await asApplication();
    await one.client.query("BEGIN");
    expect(await one.attempt(insert, fields(first, name))).toBeNull();
    await two.client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    await two.client.query("SELECT 1");
    const waiting = two.attempt(insert, fields(second, name.normalize("NFD").toUpperCase()));
    const held = await holdLock(at.test, "SELECT 1", []);
    await held.waitedFor(1);
    await held.release();
    await one.client.query("COMMIT");
    expect(["23505", "40001"]).toContain(await waiting);
  });

  it.each(["email", "external_id"])(
    "is told as such to whoever comes second by a form, after an %s",
    async (column) => {
      const name = `held${next()}@contoso.example`;
      const held = await holdLock(
        at.test,
        `INSERT INTO principals (type, display_name, ${column})
        VALUES ('${column === "email" ? "User" : "Group"}', 'Held', $1) RETURNING id`,
        [name],
      );
      const made = create({ email: name });
      await held.waitedFor();
      await held.release();
      expect(await made).toMatchObject({ ok: false, error: { code: "Conflict" } });
    },
  );

  it("for whoever has stolen the application's login as well", async () => {
    const victim = await makeUser(at.database, "Vera Victim");
    const accomplice = await makeUser(at.database, "Abe Accomplice");
    const { attempt } = await asApplication();
    for (const name of [
      victim.id,
      victim.id.toUpperCase(),
      victim.email,
      `${victim.email?.toUpperCase()}\u200b`,
    ])
      expect(
        await attempt("UPDATE principals SET external_id = $1 WHERE id = $2", [name, accomplice.id]),
        name ?? "",
      ).toBe("23505");
    // They cannot choose an id at all, and code that can chooses none that is a name.
    const [group, id] = ["0190aaaa-0000-7000-8000-000000000001", "0190aaaa-0000-7000-8000-000000000002"];
    const insertWithId =
      "INSERT INTO principals (id, type, display_name, external_id) VALUES ($1, 'Group', 'g', $2)";
    expect(await attempt(insertWithId, [group, id])).toBe("42501");
    await at.test.asOwner(insertWithId, [group, id]);
    await expect(at.test.asOwner(insertWithId, [id, null])).rejects.toMatchObject({ code: "23505" });
    for (const sql of [
      "DELETE FROM principal_names",
      "UPDATE principal_names SET principal_id = NULL",
      "INSERT INTO principal_names VALUES ('mine', NULL)",
      "TRUNCATE principal_names",
      "DELETE FROM look_alikes",
      "UPDATE look_alikes SET same_as = 'x'",
      "ALTER TABLE principals DISABLE TRIGGER principals_names",
      "SET session_replication_role = replica",
    ])
      expect(await attempt(sql), sql).toBe("42501");
  });

  it("and a name that was given up may be taken", async () => {
    const held = await create({ externalId: `freed-${next()}` });
    if (!held.ok) throw new Error("not made");
    const { externalId } = await at.database.client.principal.findUniqueOrThrow({
      where: { id: held.principalId },
    });
    expect(await create({ externalId })).toMatchObject(refusedAt("externalId"));
    expect(await rename(held.principalId, { externalId: null })).toMatchObject({ ok: true });
    expect(await create({ externalId })).toMatchObject({ ok: true });
  });

  it("and what several had before stays theirs, until one of them is left with it", async () => {
    const victim = await makeUser(at.database, "Vera Victim");
    const accomplice = await makeUser(at.database, "Abe Accomplice");
    const key = victim.email ?? "";
    await at.test.asOwner(`
      ALTER TABLE principals DISABLE TRIGGER principals_names;
      UPDATE principals SET external_id = '${key}' WHERE id = '${accomplice.id}';
      UPDATE principal_names SET principal_id = NULL WHERE key = '${key}';
      ALTER TABLE principals ENABLE TRIGGER principals_names;`);
    const owners = async () =>
      (await at.test.asOwner("SELECT principal_id FROM principal_names WHERE key = $1", [key])).rows;
    // Neither prevents an edit of something else.
    expect(await rename(victim.id, { displayName: "Vera" })).toMatchObject({ ok: true });
    expect(await rename(accomplice.id, { displayName: "Abe" })).toMatchObject({ ok: true });
    expect(await create({ externalId: key })).toMatchObject(refusedWith("InvalidInput"));
    expect(await owners()).toEqual([{ principal_id: null }]);
    expect(await rename(accomplice.id, { externalId: null })).toMatchObject({ ok: true });
    expect(await owners()).toEqual([{ principal_id: victim.id }]);
    expect(await rename(accomplice.id, { externalId: key })).toMatchObject(refusedAt("externalId"));
  });

  it("so that an import of people says in the dry run what it may not give", async () => {
    const victim = await makeUser(at.database, "Vera Victim");
    for (const id of [victim.id, victim.id.toUpperCase(), victim.email, victim.email?.toUpperCase()]) {
      const email = `accomplice${next()}@contoso.example`;
      const user = [{ id, displayName: "Abe Accomplice", email }];
      expect(await reasonOf(await at.stage("Users", user)), String(id)).toContain(
        "Bad: Its id belongs to Vera",
      );
      const group = [{ id, displayName: `Accomplices ${next()}` }];
      expect(await reasonOf(await at.stage("Groups", group)), String(id)).toContain(
        "Bad: Its id belongs to Vera",
      );
    }
    const own = await create({ email: `known${next()}@contoso.example` });
    if (!own.ok) throw new Error("not made");
    await at.test.asOwner("UPDATE principals SET external_id = 'odd' || $2 WHERE id = $1", [
      own.principalId,
      "@contoso.example",
    ]);
    const taken = [{ displayName: "Abe Accomplice", email: "ODD@contoso.example" }];
    expect(await reasonOf(await at.stage("Users", taken))).toContain("Bad: The email address belongs to");
    const twice = [
      { id: "both@contoso.example", displayName: "One", email: "one.both@contoso.example" },
      { id: "other", displayName: "Two", email: "BOTH@contoso.example" },
    ];
    expect(await reasonOf(await at.stage("Users", twice))).toContain("Bad: It is the same as row 1");
  });
});

const unseen: [string, string][] = [
  ["a direction", "Vera \u202erewoP"],
  ["a zero width", "Ve\u200bra"],
  ["a line break", "Vera\nVictim"],
  ["a line separator", "Vera\u2028Victim"],
  ["a private letter", "Vera\ue000"],
];
describe.each(unseen)("a name with %s in it", (_what, name) => {
  it("is nobody's, by any path", async () => {
    const user = await makeUser(at.database, "Ada Byron");
    expect(await create({ displayName: name })).toMatchObject(refusedAt("displayName"));
    expect(await create({ type: "Group", displayName: name })).toMatchObject(refusedAt("displayName"));
    expect(await create({ type: "ServicePrincipal", displayName: name })).toMatchObject(
      refusedAt("displayName"),
    );
    expect(
      await create({ externalId: name.replaceAll(/\s/g, "") + (/\n|\u2028/.test(name) ? "\u0001" : "") }),
    ).toMatchObject(refusedAt("externalId"));
    expect(await rename(user.id, { displayName: name })).toMatchObject(refusedAt("displayName"));
    const email = `ada${next()}@contoso.example`;
    for (const [kind, rows] of [
      ["Users", [{ displayName: name, email }]],
      ["Groups", [{ displayName: name }]],
      ["ManagementGroups", [{ id: "/providers/Microsoft.Management/managementGroups/x", displayName: name }]],
      ["ResourceGroups", [{ id: `${at.tree.subscription.scope}/resourceGroups/${name}`, name: "web" }]],
      ["ResourceGroups", [{ id: `${at.tree.subscription.scope}/resourceGroups/other`, name }]],
      ["Resources", [{ id: `/subscriptions/s${next()}`, name: "s", type: name }]],
      ["RoleDefinitions", importedRole(name)],
      ["RoleDefinitions", importedRole("Described", { description: `${name}\u202e` })],
      [
        "RoleAssignments",
        [
          {
            principal: `app-${next()}`,
            principalName: name,
            principalType: "ServicePrincipal",
            role: "Owner",
            scope: at.tree.subscription.scope,
          },
        ],
      ],
    ] as const)
      expect(await reasonOf(await at.stage(kind, rows)), kind).toMatch(/^Bad: .*eave out/);
  });

  it("is no role's", async () => {
    expect(await createRoleDefinition(at.database, at.owner, definition(name))).toMatchObject(
      refusedAt("roleName"),
    );
    const described = definition(`Described ${next()}`, { description: "Reads\u202e sites" });
    expect(await createRoleDefinition(at.database, at.owner, described)).toMatchObject(
      refusedAt("description"),
    );
  });
});

/** Other spellings of one name. */
const twins: [string, (name: string) => string][] = [
  ["case", (name) => name.toUpperCase()],
  ["composition", (name) => name.normalize("NFD")],
  ["spaces", (name) => `  ${name.replace(" ", "\u00a0 ")} `],
  ["width", (name) => name.replace("P", "\uff30")],
];
describe.each(twins)("a twin by %s", (_what, twin) => {
  it("is refused for a group, made, renamed or imported", async () => {
    const name = `Opérators Production ${next()}`;
    expect(await create({ type: "Group", displayName: name })).toMatchObject({ ok: true });
    expect(await create({ type: "Group", displayName: twin(name) })).toMatchObject(refusedAt("displayName"));
    const other = await makeGroup(at.database, [], `Other ${next()}`);
    expect(await rename(other.id, { displayName: twin(name) })).toMatchObject(refusedAt("displayName"));
    const imported = await at.stage("Groups", [{ id: `twin-${next()}`, displayName: twin(name) }]);
    // One without an external id is the group itself, known by its name. It gets an external id.
    expect(await reasonOf(imported)).toMatch(/^Change: It changes an address or external id/);
    await at.test.asOwner("UPDATE principals SET external_id = $1 WHERE display_name = $2", [
      `own-${next()}`,
      name,
    ]);
    const another = await at.stage("Groups", [{ id: `twin-${next()}`, displayName: twin(name) }]);
    expect(await reasonOf(another)).toContain("Bad: There is already a group named Opérators");
    const inOne = await at.stage("Groups", [
      { id: `one-${next()}`, displayName: `X${name}` },
      { id: `two-${next()}`, displayName: twin(`X${name}`) },
    ]);
    expect(await reasonOf(inOne)).toContain("Bad: It is the same as row 1");
  });

  it("is refused for a role, made, renamed or imported", async () => {
    const name = `Opérator Production ${next()}`;
    const made = await createRoleDefinition(at.database, at.owner, definition(name));
    if (!made.ok) throw new Error(JSON.stringify(made));
    expect(await createRoleDefinition(at.database, at.owner, definition(twin(name)))).toMatchObject(
      refusedAt("roleName"),
    );
    const other = await createRoleDefinition(at.database, at.owner, definition(`Other ${next()}`));
    if (!other.ok) throw new Error(JSON.stringify(other));
    expect(
      await updateRoleDefinition(at.database, at.owner, {
        roleDefinitionId: other.roleDefinitionId,
        expectedVersion: 0,
        definition: definition(twin(name)),
        justification: "As agreed",
        proofId: null,
      }),
    ).toMatchObject(refusedAt("roleName"));
    const imported = await at.stage(
      "RoleDefinitions",
      importedRole(twin(name), { name: other.roleDefinitionId }),
    );
    expect(await reasonOf(imported)).toContain("Bad: Another role has this name");
  });

  it("is refused for a resource beside it and for its scope", async () => {
    const name = `Contosó Production ${next()}`;
    const scope = `/subscriptions/ó-${next()}`;
    await at.applyAll(
      await at.stage("Resources", [{ id: scope, name, type: "Microsoft.Resources/subscriptions" }]),
    );
    const beside = [
      { id: `/subscriptions/x-${next()}`, name: twin(name), type: "Microsoft.Resources/Subscriptions" },
    ];
    expect(await reasonOf(await at.stage("Resources", beside))).toContain("Bad: There is already Contosó");
    const group = [
      { id: `/providers/Microsoft.Management/managementGroups/x${next()}`, displayName: twin(name) },
    ];
    expect(await reasonOf(await at.stage("ManagementGroups", group))).toContain(
      "Bad: There is already Contosó",
    );
    const same = [{ id: twin(scope), name: "Another", type: "Microsoft.Resources/subscriptions" }];
    // The same scope in another case or composition is the same resource; otherwise it is refused.
    expect(await reasonOf(await at.stage("Resources", same))).toMatch(/^Change: null|^Bad: /);
    expect(
      await at.database.client.resource.count({
        where: { scope: { contains: scope.slice(-4), mode: "insensitive" } },
      }),
    ).toBe(1);
    const renamed = `/subscriptions/y-${next()}`;
    const type = "Microsoft.Resources/subscriptions";
    await at.applyAll(await at.stage("Resources", [{ id: renamed, name: `Sandbox ${next()}`, type }]));
    const onto = await at.stage("Resources", [{ id: renamed, name: twin(name), type }]);
    expect(await reasonOf(onto)).toContain("Bad: There is already Contosó");
  });
});

/** Holds a name as a transaction that is about to take it does, and takes it before it ends. */
async function holdName(kind: string, name: string, sql: string, parameters: string[]) {
  const client = new pg.Client({ connectionString: at.test.url });
  await client.connect();
  await client.query("BEGIN");
  const lock = "SELECT pg_advisory_xact_lock($3, hashtext($1 || ' ' || name_key($2)))";
  await client.query(lock, [kind, name, advisoryLocks.names]);
  const waiting = await holdLock(at.test, "SELECT 1", []);
  return async () => {
    await waiting.waitedFor();
    await waiting.release();
    await client.query(sql, parameters);
    await client.query("COMMIT");
    await client.end();
  };
}

describe("of two that take one name at once the second is refused", () => {
  const group = "INSERT INTO principals (type, display_name, external_id) VALUES ('Group', $1, $2)";
  const role = `INSERT INTO role_definitions (role_name, description, role_type, permissions, assignable_scopes)
    VALUES ($1, '', 'CustomRole', '[]', '{/}')`;
  const looks = async (name: string): Promise<string> =>
    (await at.test.asOwner("SELECT 'looks like ' || name_skeleton($1) AS key", [name])).rows[0].key;

  it("for a group, by a form and by an import", async () => {
    const [name, imported] = [`Held group ${next()}`, `Held import ${next()}`];
    const first = await holdName("group", name, group, [name, `own-${next()}`]);
    const made = create({ type: "Group", displayName: name.toUpperCase() });
    await first();
    expect(await made).toMatchObject(refusedAt("displayName"));
    const row = { id: `held-${next()}`, displayName: imported.toUpperCase() };
    const importId = await at.stage("Groups", [row]);
    expect(await reasonOf(importId)).toBe("Add: null");
    const second = await holdName("group", imported, group, [imported, `own-${next()}`]);
    const applied = at.applyAll(importId);
    await second();
    await applied;
    expect(await reasonOf(importId)).toContain("Bad: There is already a group named");
  });

  it("for a role, by a form and by an import, that looks like the first", async () => {
    const [name, imported] = [`Mailman ${next()}`, `Mailgirl ${next()}`];
    const first = await holdName("role", await looks(name), role, [name]);
    const made = createRoleDefinition(at.database, at.owner, definition(name.replace("m", "rn")));
    await first();
    expect(await made).toMatchObject(refusedAt("roleName"));
    const importId = await at.stage("RoleDefinitions", importedRole(imported));
    const second = await holdName("role", await looks(imported), role, [imported.replace("l", "1")]);
    const applied = at.applyAll(importId);
    await second();
    await applied;
    expect(await reasonOf(importId)).toContain("Bad: Another role's name looks like this one");
  });
});

it("of a service principal that several rows of a file make along is one, however they write it", async () => {
  const principal = `App-${next()}-Élan`;
  const roles = [await at.protectedRole({ assignmentRequiresMfa: false, activeMaximumDays: null })];
  roles.push(await at.protectedRole({ assignmentRequiresMfa: false, activeMaximumDays: null }));
  const rows = [principal, principal.normalize("NFD").toUpperCase()].map((name, index) => ({
    principal: name,
    principalType: "ServicePrincipal",
    role: roles[index]?.id,
    scope: at.tree.subscription.scope,
  }));
  const importId = await at.stage("RoleAssignments", rows);
  await at.applyAll(importId, await at.proofFor(importId));
  expect((await at.rowsOf(importId)).map(({ state, reason }) => `${state} ${reason}`)).toEqual([
    expect.stringContaining("Applied"),
    expect.stringContaining("Applied"),
  ]);
  const made = await at.database.client.principal.findMany({ where: { externalId: principal } });
  expect(made).toHaveLength(1);
});

it("that expands beyond every index is refused as too long", async () => {
  const long = Array.from({ length: 200 }, (_, index) => (index % 2 ? "\ufdfa" : "\ufdfb")).join("");
  expect(await create({ type: "Group", displayName: long })).toMatchObject(refusedAt("displayName"));
  expect(await create({ externalId: long })).toMatchObject(refusedAt("externalId"));
  const scope = `/subscriptions/${"語".repeat(900)}`;
  const row = [{ id: scope, name: "long", type: "Microsoft.Resources/subscriptions" }];
  expect(await reasonOf(await at.stage("Resources", row))).toContain("rite a shorter scope");
});

it("may be one name of a web app and a key vault in one resource group, and not of two web apps", async () => {
  const inGroup = (type: string, id: string, name: string) => ({
    id: `${at.tree.group.scope}/providers/${type}/${id}`,
    name,
    type,
  });
  await at.applyAll(
    await at.stage("Resources", [
      inGroup("Microsoft.Web/sites", "shop", "shop"),
      inGroup("Microsoft.KeyVault/vaults", "shop", "shop"),
    ]),
  );
  const third = await at.stage("Resources", [inGroup("Microsoft.Web/sites", "shop2", "Shop")]);
  expect(await reasonOf(third)).toContain("Bad: There is already shop below");
});

describe("a role's name that looks like another's", () => {
  const lookAlikes = [
    "0wner",
    "Οwner",
    "Оwnеr",
    "OWNER.",
    "Own er",
    "ᴏᴡɴᴇʀ",
    "🅾🆆🅽🅴🆁",
    "Øwɳeɽ",
    "Ѳwner",
    "Ovvner",
    "“Owner”",
    "𝗢𝘄𝗻𝗲𝗿",
    "_Owner_",
  ];
  it.each(lookAlikes)("is refused as %s: made, renamed or imported", async (name) => {
    expect(await createRoleDefinition(at.database, at.owner, definition(name))).toMatchObject(
      refusedAt("roleName"),
    );
    const other = await createRoleDefinition(at.database, at.owner, definition(`Other ${next()}`));
    if (!other.ok) throw new Error(JSON.stringify(other));
    expect(
      await updateRoleDefinition(at.database, at.owner, {
        roleDefinitionId: other.roleDefinitionId,
        expectedVersion: 0,
        definition: definition(name),
        justification: "As agreed",
        proofId: null,
      }),
    ).toMatchObject(refusedAt("roleName"));
    for (const more of [{}, { name: other.roleDefinitionId }])
      expect(await reasonOf(await at.stage("RoleDefinitions", importedRole(name, more)))).toMatch(/^Bad: /);
  });

  it("is refused beside a custom role, in one file too, and of two made at once", async () => {
    const made = (name: string) => createRoleDefinition(at.database, at.owner, definition(name));
    expect(await made("Web manager")).toMatchObject({ ok: true });
    expect(await made("Web rnanager")).toMatchObject(refusedAt("roleName"));
    expect(await made("Webmanager")).toMatchObject(refusedAt("roleName"));
    const file = [...importedRole("Mailer"), ...importedRole("Maiier")];
    expect(await reasonOf(await at.stage("RoleDefinitions", file))).toContain(
      "Bad: Its name looks like that of row 1",
    );
    const results = await atOnce(
      at.test,
      ["Biller one", "Bi11er one", "Biiier one"].map((name) => () => made(name)),
    );
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
  });

  it("is refused where it is another role's id, and so is an id that is a role's name", async () => {
    const role = await makeRole(at.database, `Plain ${next()}`, { actions: ["*/read"] });
    for (const name of [role.id, role.id.toUpperCase()]) {
      expect(await createRoleDefinition(at.database, at.owner, definition(name))).toMatchObject(
        refusedAt("roleName"),
      );
      expect(await reasonOf(await at.stage("RoleDefinitions", importedRole(name)))).toMatch(/^Bad: /);
    }
    const id = "0190bbbb-0000-4000-8000-000000000001";
    await makeRole(at.database, id, { actions: ["*/read"] });
    expect(await reasonOf(await at.stage("RoleDefinitions", importedRole("Named", { name: id })))).toContain(
      "Bad: Its id is the name of another role",
    );
  });

  it("may stay as it was in an edit of something else", async () => {
    const made = await createRoleDefinition(at.database, at.owner, definition(`Old ${next()}`));
    if (!made.ok) throw new Error(JSON.stringify(made));
    await at.test.asOwner("UPDATE role_definitions SET role_name = '0wner' WHERE id = $1", [
      made.roleDefinitionId,
    ]);
    expect(
      await updateRoleDefinition(at.database, at.owner, {
        roleDefinitionId: made.roleDefinitionId,
        expectedVersion: 0,
        definition: definition("0wner", { description: "Described" }),
        justification: "As agreed",
        proofId: null,
      }),
    ).toMatchObject({ ok: true });
  });
});

describe("another address or external id, by the form", () => {
  it("takes a proof that says both, as an import of it does; another name of a person takes none", async () => {
    const user = await makeUser(at.database, "Moved Person");
    const group = await makeGroup(at.database, [], `Moved group ${next()}`);
    const address = `moved${next()}@contoso.example`;
    for (const [id, change] of [
      [user.id, { email: address }],
      [user.id, { externalId: `moved-${next()}` }],
      [group.id, { externalId: `moved-${next()}` }],
      [group.id, { displayName: `Other group ${next()}` }],
    ] as const)
      expect(await rename(id, { ...change, proofId: null })).toMatchObject({
        error: { failures: [{ rule: "MfaRule", field: "code" }] },
      });
    const louder = group.displayName.toUpperCase();
    for (const [id, displayName] of [
      [user.id, "Renamed"],
      [group.id, louder],
    ] as const)
      expect(await rename(id, { displayName, proofId: null })).toMatchObject({ ok: true });
    expect(await rename(user.id, { email: address })).toMatchObject({ ok: true });
    const event = await at.database.client.auditEvent.findFirstOrThrow({
      where: { targetId: user.id, kind: "PrincipalUpdated", outcome: "Success" },
      orderBy: { sequence: "desc" },
    });
    expect(event.proofId).not.toBeNull();
    expect(event.details).toMatchObject({ before: { email: user.email }, after: { email: address } });
  });

  it("is described with what it was and what it becomes, to whoever manages people", async () => {
    const user = await makeUser(at.database, "Moved Person");
    const from = { email: user.email, externalId: "old-1", groupName: null };
    const to = { email: "moved@contoso.example", externalId: null, groupName: null };
    const operation = changeIdentifiersOperation(user.id, from, to);
    if (!operation) throw new Error("it takes no proof");
    const challenge = await createChallenge(at.database, at.owner, operation);
    expect(challenge?.description).toMatchObject({
      title: expect.stringMatching(/^Change the email and external id of .*Moved Person/),
      details: [
        {
          label: "Email",
          value: expect.stringMatching(`^.?moved@contoso.example.? instead of .*${user.email}`),
        },
        { label: "External id", value: expect.stringMatching(/none.* instead of .*old-1/) },
      ],
    });
    const stranger = await at.person("Sam Stranger");
    expect(await createChallenge(at.database, stranger, operation)).toBeNull();
  });
});

describe("a name normalised after the check", () => {
  it("is kept as it was checked, whatever was typed around it", async () => {
    const person = await create({ displayName: "  Zoe\u0308   Zett ", externalId: "  e\u0301xternal  " });
    if (!person.ok) throw new Error(JSON.stringify(person));
    expect(
      await at.database.client.principal.findUniqueOrThrow({ where: { id: person.principalId } }),
    ).toMatchObject({
      displayName: "Zoë Zett",
      externalId: "éxternal",
    });
    const role = await createRoleDefinition(at.database, at.owner, definition("  Cafe\u0301   reader "));
    if (!role.ok) throw new Error(JSON.stringify(role));
    expect(
      await at.database.client.roleDefinition.findUniqueOrThrow({ where: { id: role.roleDefinitionId } }),
    ).toMatchObject({ roleName: "Café reader" });
  });
});
