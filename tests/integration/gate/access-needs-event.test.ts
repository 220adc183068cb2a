import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applicationRoleAt } from "@/lib/platform/database";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeGroup, makeRole, makeTree, makeUser } from "../../support/factories";

/** Access cannot commit without an event that names it, however it is written (docs/rules.md, rule 9). */
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
let roleId: string;
let userId: string;
beforeAll(async () => {
  test = await createTestDatabase();
  tree = await makeTree(test.database);
  roleId = (await makeRole(test.database, "Reader", { actions: ["*/read"] })).id;
  userId = (await makeUser(test.database)).id;
});
afterAll(() => test.drop());

/** The database's answer to these statements, in one transaction as the application's role: SQLSTATE, or null. */
async function answerTo(...statements: string[]): Promise<string | null> {
  const client = new pg.Client({
    connectionString: test.url,
    options: `-c role=${applicationRoleAt(test.url)}`,
  });
  await client.connect();
  try {
    await client.query("BEGIN");
    for (const sql of statements) await client.query(sql);
    await client.query("COMMIT");
    return null;
  } catch (error) {
    return error instanceof pg.DatabaseError ? (error.code ?? "") : String(error);
  } finally {
    await client.end();
  }
}

const person = async () => (await makeUser(test.database)).id;
const insert = (id: string, table: string, principalId: string) => `
  WITH made AS (
    INSERT INTO ${table} (principal_id, role_definition_id, resource_id, ${table === "assignments" ? "assignment_type, " : ""} starts_at)
    VALUES ('${principalId}', '${roleId}', '${tree.group.id}', ${table === "assignments" ? "'Assigned', " : ""} now())
    RETURNING id)
  SELECT set_config('test.made_${id}', id::text, false) FROM made`;
const eventOf = (id: string, table: string, outcome = "Success", when = "now()") => `
  INSERT INTO audit_events (kind, outcome, ${table === "assignments" ? "assignment_id" : "eligibility_id"})
  SELECT 'ActiveAssignmentAdded', '${outcome}', current_setting('test.made_${id}')::uuid WHERE ${when} IS NOT NULL`;
const missing = "23000";

describe.each(["assignments", "eligibilities"])("a row of %s", (table) => {
  it("cannot be added without an event of the same transaction that names it", async () => {
    expect(await answerTo(insert("a", table, await person()))).toBe(missing);
    expect(
      await answerTo(insert("a", table, await person()), eventOf("a", table, "Failure")),
      "a refusal",
    ).toBe(missing);
    expect(
      await answerTo(
        insert("a", table, await person()),
        insert("b", table, await person()),
        eventOf("a", table),
      ),
      "another's event",
    ).toBe(missing);
    expect(
      await answerTo(insert("a", table, await person()), "SAVEPOINT s", eventOf("a", table), "ROLLBACK TO s"),
      "an event taken back",
    ).toBe(missing);
    expect(
      await answerTo(
        "SET CONSTRAINTS ALL IMMEDIATE",
        insert("a", table, await person()),
        eventOf("a", table),
      ),
      "asked at once",
    ).toBe(missing);
    const other = table === "assignments" ? "eligibilities" : "assignments";
    expect(
      await answerTo(insert("a", table, await person()), eventOf("a", other)),
      "the other kind's event",
    ).toBe(missing);
  });

  it("among many of one transaction is looked for by its own events, not by all of them", async () => {
    const [count, column] = [200, table === "assignments" ? "assignment_id" : "eligibility_id"];
    const type = table === "assignments" ? ", assignment_type" : "";
    await test.asOwner(
      `INSERT INTO principals (type, display_name) SELECT 'Group', $1 FROM generate_series(1, ${count})`,
      [`Many of ${table}`],
    );
    // The table has few rows, and PostgreSQL knows it, so that reading all of them looks cheap.
    await test.asOwner("ANALYZE audit_events");
    const client = new pg.Client({
      connectionString: test.url,
      options: `-c role=${applicationRoleAt(test.url)}`,
    });
    await client.connect();
    const eventsRead = async () => {
      const { rows } = await client.query<{ read: string }>(
        "SELECT idx_tup_fetch + seq_tup_read AS read FROM pg_stat_xact_user_tables WHERE relname = 'audit_events'",
      );
      return Number(rows[0]?.read);
    };
    try {
      await client.query("BEGIN");
      await client.query(
        `WITH made AS (
           INSERT INTO ${table} (principal_id, role_definition_id, resource_id, starts_at${type})
           SELECT p.id, $1, $2, now()${type === "" ? "" : ", 'Assigned'"} FROM principals p WHERE p.display_name = $3
           RETURNING id)
         INSERT INTO audit_events (kind, outcome, ${column}) SELECT 'ActiveAssignmentAdded', 'Success', id FROM made`,
        [roleId, tree.group.id, `Many of ${table}`],
      );
      const before = await eventsRead();
      await client.query("SET CONSTRAINTS ALL IMMEDIATE");
      expect((await eventsRead()) - before).toBe(count);
    } finally {
      await client.end();
    }
  });

  it("can with one, before or after it, and within savepoints", async () => {
    expect(await answerTo(insert("a", table, await person()), eventOf("a", table))).toBeNull();
    expect(
      await answerTo(
        "SAVEPOINT s",
        insert("a", table, await person()),
        eventOf("a", table),
        "RELEASE s",
        "SAVEPOINT t",
        "ROLLBACK TO t",
      ),
    ).toBeNull();
  });

  it("cannot be ended, extended, moved, or given to another without one", async () => {
    const kind = table === "assignments" ? "active" : "eligible";
    const { id } = await grant(test.database, kind, await person(), roleId, tree.group.id);
    const event = `INSERT INTO audit_events (kind, outcome, ${table === "assignments" ? "assignment_id" : "eligibility_id"})
      VALUES ('ActiveAssignmentUpdated', 'Success', '${id}')`;
    for (const change of [
      "ends_at = now()",
      "ends_at = now() + interval '1 day'",
      "starts_at = starts_at - interval '1 day'",
      "removed_at = now()",
    ]) {
      const update = `UPDATE ${table} SET ${change} WHERE id = '${id}'`;
      expect(await answerTo(update), change).toBe(missing);
      expect(await answerTo(event), "an event of an earlier transaction").toBeNull();
      expect(await answerTo(update), change).toBe(missing);
      expect(await answerTo("SAVEPOINT s", update, "RELEASE s"), change).toBe(missing);
      expect(await answerTo(event, "SAVEPOINT s", update, "RELEASE s"), change).toBeNull();
    }
    for (const change of [
      `principal_id = '${userId}'`,
      `resource_id = '${tree.root.id}'`,
      `role_definition_id = '${roleId}'`,
      "created_at = now()",
      "origin = 'Api'",
      `id = '${randomUUID()}'`,
      ...(table === "assignments" ? ["assignment_type = 'Activated'", "eligibility_id = NULL"] : []),
    ])
      expect(await answerTo(event, `UPDATE ${table} SET ${change} WHERE id = '${id}'`), change).toBe("42501");
    expect(await answerTo(event, `DELETE FROM ${table} WHERE id = '${id}'`)).toBe("42501");
    // The mark that an end is logged is not a change of access.
    expect(await answerTo(`UPDATE ${table} SET expiry_recorded_for = ends_at WHERE id = '${id}'`)).toBeNull();
  });
});

/** For each thing: a row as a test finds it, a change of it, and the event that records the change. */
const changes: Readonly<
  Record<
    string,
    {
      arrange: () => Promise<{ id: string; also: string }>;
      change: (id: string, also: string) => string;
      kind: string;
      event: (id: string, also: string) => string;
    }
  >
> = {
  ...Object.fromEntries(
    [
      ["PrincipalDisabled", "disabled_at = now()"],
      ["PrincipalEnabled", "disabled_at = NULL"],
      ["PrincipalUpdated", "display_name = 'Olga Owner'"],
      ["PrincipalUpdated", "email = gen_random_uuid() || '@evil.example'"],
      ["PrincipalUpdated", "external_id = gen_random_uuid()::text"],
    ].map(([kind = "", column = ""]) => [
      `a principal's ${column.split(" =")[0]} (${kind})`,
      {
        arrange: async () => {
          const id = await person();
          if (kind === "PrincipalEnabled")
            await test.asOwner("UPDATE principals SET disabled_at = now() WHERE id = $1", [id]);
          return { id, also: "" };
        },
        change: (id: string) => `UPDATE principals SET ${column} WHERE id = '${id}'`,
        kind,
        event: (id: string) => `target_id) VALUES ('${kind}', 'Success', '${id}')`,
      },
    ]),
  ),
  "a principal's manager": {
    arrange: async () => ({ id: await person(), also: await person() }),
    change: (id, also) => `UPDATE principals SET manager_id = '${also}' WHERE id = '${id}'`,
    kind: "ManagerChanged",
    event: (id) => `target_id) VALUES ('ManagerChanged', 'Success', '${id}')`,
  },
  "a member who joins a group": {
    arrange: async () => ({ id: (await makeGroup(test.database, [])).id, also: await person() }),
    change: (id, also) => `INSERT INTO group_members (group_id, member_id) VALUES ('${id}', '${also}')`,
    kind: "GroupMemberAdded",
    event: (id, also) =>
      `target_id, details) VALUES ('GroupMemberAdded', 'Success', '${also}', '{"groupId": "${id}"}')`,
  },
  "a member who leaves a group": {
    arrange: async () => {
      const also = await person();
      return { id: (await makeGroup(test.database, [also])).id, also };
    },
    change: (id, also) => `DELETE FROM group_members WHERE group_id = '${id}' AND member_id = '${also}'`,
    kind: "GroupMemberRemoved",
    event: (id, also) =>
      `target_id, details) VALUES ('GroupMemberRemoved', 'Success', '${also}', '{"groupId": "${id}"}')`,
  },
  ...Object.fromEntries(
    [
      ["RoleDefinitionUpdated", `permissions = '[{"actions": ["*"]}]'`],
      ["RoleDefinitionUpdated", "assignable_scopes = '{/}'"],
      ["RoleDefinitionDeleted", "deleted_at = now()"],
    ].map(([kind = "", column = ""]) => [
      `a role's ${column.split(" =")[0]}`,
      {
        arrange: async () => {
          const { id } = await makeRole(test.database, `Custom ${randomUUID()}`, { actions: ["*/read"] });
          await test.asOwner(
            "UPDATE role_definitions SET assignable_scopes = '{/x}', role_type = 'CustomRole' WHERE id = $1",
            [id],
          );
          return { id, also: "" };
        },
        change: (id: string) => `UPDATE role_definitions SET ${column} WHERE id = '${id}'`,
        kind,
        event: (id: string) => `role_definition_id) VALUES ('${kind}', 'Success', '${id}')`,
      },
    ]),
  ),
  ...Object.fromEntries(
    [
      "activation_requires_mfa = false",
      "assignment_requires_mfa = NOT assignment_requires_mfa",
      "activation_maximum_minutes = 1440",
      "approval_stages = '[{}]'",
      "notifications = '{}'",
      "version = 7",
    ].map((column) => [
      `role settings' ${column.split(" =")[0]}`,
      {
        arrange: async () => {
          const { id } = await makeRole(test.database, `Custom ${randomUUID()}`, { actions: ["*/read"] });
          const data = { resourceId: tree.group.id, roleDefinitionId: id };
          await test.database.client.roleManagementPolicy.create({ data });
          return { id, also: tree.group.id };
        },
        change: (id: string) =>
          `UPDATE role_management_policies SET ${column} WHERE role_definition_id = '${id}'`,
        kind: "RoleSettingsUpdated",
        event: (id: string, also: string) =>
          `role_definition_id, resource_id) VALUES ('RoleSettingsUpdated', 'Success', '${id}', '${also}')`,
      },
    ]),
  ),
  ...Object.fromEntries(
    (
      [
        [
          "AuthenticatorEnrolled",
          "UPDATE totp_factors SET confirmed_at = now() WHERE confirmed_at IS NULL AND",
        ],
        [
          "AuthenticatorRemoved",
          "UPDATE totp_factors SET removed_at = now() WHERE confirmed_at IS NOT NULL AND",
        ],
        ["PasswordChanged", "UPDATE password_credentials SET hash = 'x' WHERE"],
        ["SignInIssued", "UPDATE password_credentials SET must_change = false, expires_at = now() WHERE"],
        ["SignInIssued", "UPDATE password_credentials SET changed_at = '2020-01-01' WHERE"],
      ] as const
    ).map(([kind, update]) => [
      `how somebody signs in: ${update.slice(0, 50)}`,
      {
        arrange: async () => {
          const user = await makeUser(test.database);
          const { id } = user;
          const { sessionId } = await makeCaller(test.database, user);
          const sealed = { keyId: "k1", nonce: new Uint8Array(12), ciphertext: new Uint8Array(40) };
          const confirmedAt = kind === "AuthenticatorEnrolled" ? null : new Date();
          await test.database.client.passwordCredential.create({ data: { userId: id, hash: "-" } });
          await test.database.client.totpFactor.create({
            data: { userId: id, sessionId, ...sealed, confirmedAt },
          });
          return { id, also: "" };
        },
        change: (id: string) => `${update} user_id = '${id}'`,
        kind,
        event: (id: string) => `target_id) VALUES ('${kind}', 'Success', '${id}')`,
      },
    ]),
  ),
  ...Object.fromEntries(
    (
      [
        ["PasskeyRenamed", "UPDATE passkeys SET name = 'Another' WHERE"],
        ["PasskeyRemoved", "UPDATE passkeys SET removed_at = now() WHERE"],
      ] as const
    ).map(([kind, update]) => [
      `a passkey: ${update}`,
      {
        arrange: async () => {
          const id = await person();
          const data = { userId: id, name: "Key", counter: 0, backupEligible: false, backedUp: false };
          const [credentialId, publicKey] = [Buffer.from(randomUUID()), Buffer.from("key")];
          await test.database.client.passkey.create({ data: { ...data, credentialId, publicKey } });
          return { id, also: "" };
        },
        change: (id: string) => `${update} user_id = '${id}'`,
        kind,
        event: (id: string) => `target_id) VALUES ('${kind}', 'Success', '${id}')`,
      },
    ]),
  ),
  "a passkey that is added": {
    arrange: async () => ({ id: await person(), also: "" }),
    change: (
      id,
    ) => `INSERT INTO passkeys (user_id, credential_id, public_key, counter, backup_eligible, backed_up, name)
      VALUES ('${id}', sha256('${id}'), '\\x00', 0, false, false, 'Key')`,
    kind: "PasskeyRegistered",
    event: (id) => `target_id) VALUES ('PasskeyRegistered', 'Success', '${id}')`,
  },
  "an identity that is linked": {
    arrange: async () => ({ id: await person(), also: "" }),
    change: (id) =>
      `INSERT INTO identity_links (principal_id, issuer, subject) VALUES ('${id}', 'https://id.example', '${id}')`,
    kind: "IdentityLinked",
    event: (id) => `target_id) VALUES ('IdentityLinked', 'Success', '${id}')`,
  },
  "an identity that is unlinked": {
    arrange: async () => {
      const id = await person();
      const data = { principalId: id, issuer: "https://id.example", subject: id };
      await test.database.client.identityLink.create({ data });
      return { id, also: "" };
    },
    change: (id) => `DELETE FROM identity_links WHERE principal_id = '${id}'`,
    kind: "IdentityUnlinked",
    event: (id) => `target_id) VALUES ('IdentityUnlinked', 'Success', '${id}')`,
  },
  "the right to link an identity": {
    arrange: async () => ({ id: await person(), also: "" }),
    change: (
      id,
    ) => `INSERT INTO identity_link_passes (principal_id, issuer, token_hash, created_by_id, expires_at)
      VALUES ('${id}', 'https://id.example', sha256('${id}'), '${id}', now() + interval '1 day')`,
    kind: "IdentityLinkIssued",
    event: (id) => `target_id) VALUES ('IdentityLinkIssued', 'Success', '${id}')`,
  },
  "an account on the break-glass list": {
    arrange: async () => ({ id: await person(), also: "" }),
    change: (id) =>
      `INSERT INTO break_glass_accounts (user_id, named_by_id, reason) VALUES ('${id}', '${id}', 'Because')`,
    kind: "BreakGlassAccountNamed",
    event: (id) => `target_id) VALUES ('BreakGlassAccountNamed', 'Success', '${id}')`,
  },
  "recovery codes": {
    arrange: async () => ({ id: await person(), also: "" }),
    change: (id) => `INSERT INTO recovery_codes (user_id, hash) VALUES ('${id}', '${"0".repeat(64)}')`,
    kind: "RecoveryCodesReplaced",
    event: (id) => `target_id) VALUES ('RecoveryCodesReplaced', 'Success', '${id}')`,
  },
  "a token that gets another in its place": {
    arrange: async () => {
      const id = await person();
      const data = {
        userId: id,
        purpose: "Invitation" as const,
        tokenHash: Buffer.from(randomUUID()),
        expiresAt: new Date(),
      };
      await test.database.client.passwordTicket.create({ data });
      return { id, also: "" };
    },
    change: (
      id,
    ) => `UPDATE password_tickets SET token_hash = sha256('${id}'), expires_at = now() + interval '1 day'
      WHERE user_id = '${id}'`,
    kind: "OneTimePasswordUsed",
    event: (id) => `target_id) VALUES ('OneTimePasswordUsed', 'Success', '${id}')`,
  },
  "a token to choose a password by": {
    arrange: async () => ({ id: await person(), also: "" }),
    change: (id) => `INSERT INTO password_tickets (user_id, purpose, token_hash, expires_at)
      VALUES ('${id}', 'Invitation', sha256('${id}'), now() + interval '1 day')`,
    kind: "SignInIssued",
    event: (id) => `target_id) VALUES ('SignInIssued', 'Success', '${id}')`,
  },
};

describe.each(Object.entries(changes))("%s", (_, { arrange, change, kind, event }) => {
  it("changes only with an event of the same transaction, of its kind, that names it", async () => {
    const { id, also } = await arrange();
    const tell = (of: string, by: string, as = kind, outcome = "Success") =>
      `INSERT INTO audit_events (kind, outcome, ${event(of, by)}`.replace(
        `'${kind}', 'Success'`,
        `'${as}', '${outcome}'`,
      );
    expect(await answerTo(change(id, also)), "none").toBe(missing);
    expect(await answerTo(tell(id, also)), "an event of an earlier transaction").toBeNull();
    expect(await answerTo(change(id, also)), "an earlier one").toBe(missing);
    expect(await answerTo(change(id, also), tell(userId, userId)), "another's").toBe(missing);
    expect(await answerTo(change(id, also), tell(id, also, kind, "Failure")), "a refusal").toBe(missing);
    expect(await answerTo(change(id, also), tell(id, also, "SignIn")), "another kind").toBe(missing);
    expect(
      await answerTo("SAVEPOINT s", tell(id, also), "ROLLBACK TO s", change(id, also)),
      "taken back",
    ).toBe(missing);
    expect(
      await answerTo(tell(id, also), "SAVEPOINT s", change(id, also), "RELEASE s"),
      "its own",
    ).toBeNull();
  });
});

describe("the application", () => {
  it("adds nobody and no role without an event, and no settings but the defaults", async () => {
    const name = `'${randomUUID()}'`;
    expect(await answerTo(`INSERT INTO principals (type, display_name) VALUES ('Group', ${name})`)).toBe(
      missing,
    );
    expect(
      await answerTo(`INSERT INTO role_definitions (role_name, description, role_type, permissions, assignable_scopes)
        VALUES (${name}, 'x', 'CustomRole', '[]', '{/}')`),
    ).toBe(missing);
    const policy = `INSERT INTO role_management_policies (resource_id, role_definition_id`;
    const of = `VALUES ('${tree.root.id}', '${roleId}'`;
    expect(await answerTo(`${policy}, activation_requires_mfa) ${of}, false)`)).toBe("42501");
    expect(await answerTo(`${policy}) ${of})`)).toBeNull();
  });

  it("cannot make a row another's, nor write when it was made", async () => {
    for (const sql of [
      "UPDATE group_members SET group_id = member_id",
      "UPDATE group_members SET added_at = '2020-01-01'",
      "INSERT INTO group_members (group_id, member_id, added_at) SELECT id, id, '2020-01-01' FROM principals",
      "UPDATE principals SET id = gen_random_uuid()",
      "UPDATE principals SET type = 'User'",
      "UPDATE principals SET former_identities = NULL",
      "UPDATE role_definitions SET role_type = 'BuiltInRole'",
      "UPDATE role_management_policies SET resource_id = resource_id",
      "UPDATE role_management_policies SET role_definition_id = role_definition_id",
      "UPDATE totp_factors SET user_id = user_id",
      "UPDATE password_credentials SET user_id = user_id",
      "UPDATE password_tickets SET user_id = user_id",
      "UPDATE password_tickets SET purpose = 'Invitation'",
      "UPDATE recovery_codes SET hash = hash",
      "UPDATE recovery_codes SET user_id = user_id",
      "DELETE FROM principals",
      "DELETE FROM role_definitions",
      "DELETE FROM role_management_policies",
    ])
      expect(await answerTo(sql), sql).toBe("42501");
  });

  it("unspends no recovery code and no token", async () => {
    const id = await person();
    await test.database.client.recoveryCode.create({ data: { userId: id, hash: "1".repeat(64) } });
    await test.asOwner("UPDATE recovery_codes SET used_at = now() WHERE user_id = $1", [id]);
    expect(await answerTo(`UPDATE recovery_codes SET used_at = NULL WHERE user_id = '${id}'`)).toBe("42501");
  });
});

describe("an event of the log", () => {
  it("gets its time, place, id and transaction from the database alone", async () => {
    for (const [column, value] of [
      ["occurred_at", "'2020-01-01'"],
      ["sequence", "1"],
      ["id", `'${randomUUID()}'`],
      ["transaction_id", "'1'"],
    ])
      expect(
        await answerTo(
          `INSERT INTO audit_events (kind, outcome, ${column}) VALUES ('SignIn', 'Success', ${value})`,
        ),
        column,
      ).toBe("42501");
    expect(await answerTo("SELECT setval('audit_events_sequence_seq', 1)")).toBe("42501");
    expect(await answerTo("ALTER SEQUENCE audit_events_sequence_seq RESTART")).toBe("42501");
  });
});
