import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { rolesAt } from "@/lib/platform/database-roles";
import { operationDigest } from "@/lib/platform/operation-digest";
import { ownLogins } from "@/lib/server/database/database-logins";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { makeCaller, makeProof, makeUser, pastTheRules } from "../../support/factories";

/** Attempts of somebody who has a login of the application (docs/decisions/database-logins.md). */
let test: TestDatabase;
let logins: { serving: string; working: string };
beforeAll(async () => {
  test = await createTestDatabase();
  logins = await start();
});
afterAll(() => test.drop());

/** The logins as a start makes them. */
async function start() {
  const owner = new pg.Client({ connectionString: test.url });
  await owner.connect();
  const { serving, working, reason } = await ownLogins(owner, test.url);
  await owner.end();
  if (!serving || !working) throw new Error(reason ?? "");
  return { serving, working };
}

/** The answers to the statements, run one after the other in one session: the SQLSTATE, or the first value. */
async function session(url: string, statements: readonly string[], options?: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, ...(options ? { options } : {}) });
  await client.connect();
  const answers: unknown[] = [];
  for (const sql of statements) {
    try {
      const { rows } = await client.query({ text: sql, rowMode: "array" });
      answers.push(rows?.[0]?.[0] ?? null);
    } catch (error) {
      answers.push(error instanceof pg.DatabaseError ? error.code : String(error));
    }
  }
  await client.end();
  return answers;
}

/** Kinds of sessions: as it is opened, as the login alone, with settings of one's own, and as the worker. */
function ways(): [string, string, readonly string[], string?][] {
  const { application, worker } = rolesAt(test.url);
  return [
    ["the application's role", logins.serving, [], `-c role=${application}`],
    ["the login alone", logins.serving, ["RESET ROLE"]],
    ["no role", logins.serving, ["SET ROLE NONE"], `-c role=${application}`],
    ["all settings forgotten", logins.serving, ["DISCARD ALL"], `-c role=${application}`],
    ["another search_path", logins.serving, ["SELECT set_config('search_path', 'pg_temp, public', false)"]],
    ["the worker as the application", logins.working, [], `-c role=${application}`],
    ["the worker's role", logins.working, [], `-c role=${worker}`],
    ["the worker's login alone", logins.working, ["RESET ROLE"]],
  ];
}

/** Each statement, one after the other in one session of every kind: refused for lack of the right. */
async function expectRefused(statements: readonly string[], codes: readonly string[] = ["42501"]) {
  for (const [way, url, before, options] of ways()) {
    const answers = await session(url, [...before, ...statements], options);
    for (const [index, sql] of statements.entries())
      expect(codes, `${way}: ${sql}`).toContain(answers[before.length + index]);
  }
}

describe("the log", () => {
  it("takes no event of another time, place, id or transaction, prepared or copied", async () => {
    await expectRefused([
      "INSERT INTO public.audit_events (kind, outcome, occurred_at) VALUES ('SignIn', 'Success', '2020-01-01')",
      "INSERT INTO public.audit_events (kind, outcome, sequence) VALUES ('SignIn', 'Success', 1)",
      "PREPARE p AS INSERT INTO public.audit_events (kind, outcome, sequence) VALUES ('SignIn', 'Success', 1); EXECUTE p",
      "COPY public.audit_events (kind, outcome, occurred_at) FROM STDIN",
      "INSERT INTO public.audit_events SELECT * FROM public.audit_events",
      "MERGE INTO public.audit_events e USING (SELECT 1) s ON false WHEN NOT MATCHED THEN INSERT (kind, outcome, sequence) VALUES ('SignIn', 'Success', 1)",
      "SELECT setval('public.audit_events_sequence_seq', 1)",
      "UPDATE public.audit_events SET occurred_at = now()",
      "DELETE FROM public.audit_events",
      "WITH gone AS (DELETE FROM public.audit_events RETURNING 1) SELECT count(*) FROM gone",
      "TRUNCATE public.audit_events CASCADE",
      "SET session_replication_role = replica",
      "ALTER TABLE public.audit_events DISABLE TRIGGER ALL",
      "ALTER TABLE public.assignments DISABLE TRIGGER ALL",
      "DROP TRIGGER assignments_need_event ON public.assignments",
    ]);
  });
});

describe("the clock", () => {
  it("is not moved, by a setting of the session, the connection or the login, nor by saying that this is a test", async () => {
    await test.asOwner("UPDATE installation SET test_database = false");
    const year = "SELECT extract(year FROM public.postern_now())::int";
    const { rows } = await test.asOwner("SELECT extract(year FROM clock_timestamp())::int AS year");
    const login = new URL(logins.serving).searchParams.get("user") ?? "";
    for (const [statements, options] of [
      [["SET postern.now = '2001-01-01'"]],
      [["SELECT set_config('postern.now', '2001-01-01', false)"]],
      [["BEGIN", "SET LOCAL postern.now = '2001-01-01'"]],
      [[], "-c postern.now=2001-01-01"],
      [["SET postern.now = 'nonsense'"]],
    ] as const)
      expect((await session(logins.serving, [...statements, year], options)).at(-1)).toBe(rows[0].year);
    await session(logins.serving, [`ALTER ROLE ${login} SET postern.now = '2001-01-01'`]);
    expect((await session(logins.serving, [year])).at(-1)).toBe(rows[0].year);
    await expectRefused([
      "UPDATE public.installation SET test_database = true",
      "UPDATE public.installation SET seeded_at = NULL, seeding_since = now()",
      "INSERT INTO public.installation DEFAULT VALUES",
      "CREATE OR REPLACE FUNCTION public.postern_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
      "ALTER FUNCTION public.postern_moved_clock() RESET ALL",
      "ALTER DATABASE CURRENT SET postern.now = '2001-01-01'".replace(
        "CURRENT",
        new URL(test.url).pathname.slice(1),
      ),
    ]);
  });
});

describe("proofs", () => {
  const operation: ProtectedOperation = { kind: "RemoveAuthenticator" };
  const hex = (digest: Uint8Array) => `'\\x${Buffer.from(digest).toString("hex")}'::bytea`;

  it("are not written by hand", async () => {
    const caller = await makeCaller(test.database, await makeUser(test.database));
    const proof = await makeProof(test.database, caller, operation);
    await expectRefused([
      `UPDATE public.step_up_proofs SET spent_at = NULL WHERE id = '${proof}'`,
      `UPDATE public.step_up_proofs SET expires_at = 'infinity' WHERE id = '${proof}'`,
      "INSERT INTO public.step_up_proofs SELECT * FROM public.step_up_proofs",
      `DELETE FROM public.step_up_proofs WHERE id = '${proof}'`,
      "UPDATE public.step_up_challenges SET user_id = session_id",
      "UPDATE public.step_up_challenges SET operation_digest = ''",
      "UPDATE public.step_up_challenges SET expires_at = 'infinity'",
      "INSERT INTO public.step_up_challenges (user_id, session_id, operation, operation_digest, created_at, expires_at) SELECT user_id, session_id, operation, operation_digest, created_at, expires_at FROM public.step_up_challenges",
    ]);
  });

  it("are made only for an open challenge of that person, session and factor, and once", async () => {
    const { database } = test;
    const [user, other] = [await makeUser(database), await makeUser(database)];
    const [caller, elsewhere, stranger] = [
      await makeCaller(database, user),
      await makeCaller(database, user),
      await makeCaller(database, other),
    ];
    const factor = async (userId: string, removed = false) =>
      (
        await pastTheRules(database, (to) =>
          to.totpFactor.create({
            data: {
              ...{ userId, keyId: "1", nonce: Buffer.from("n"), ciphertext: Buffer.from("c") },
              ...{ confirmedAt: new Date(), removedAt: removed ? new Date() : null },
            },
          }),
        )
      ).id;
    const [own, theirs, gone] = [await factor(user.id), await factor(other.id), await factor(user.id, true)];
    const challenge = async (expires = "5 minutes", age = "0") => {
      const { rows } = await test.asOwner(
        `INSERT INTO step_up_challenges (user_id, session_id, operation, operation_digest, created_at, expires_at)
         VALUES ($1, $2, '{}', $3, now() - $5::interval, now() + $4::interval) RETURNING id`,
        [user.id, caller.sessionId, operationDigest(operation), expires, age],
      );
      return String(rows[0].id);
    };
    const make = async (of: string, userId: string, sessionId: string, by: string | null) =>
      (
        await session(logins.serving, [
          `SELECT proof_id FROM public.make_step_up_proof('${of}', '${userId}', '${sessionId}', 'Totp', ${by ? `'${by}'` : "NULL"})`,
        ])
      )[0];
    const open = await challenge();
    expect(await make(randomUUID(), user.id, caller.sessionId, own), "no challenge").toBeNull();
    expect(await make(open, other.id, caller.sessionId, own), "another person").toBeNull();
    expect(await make(open, user.id, elsewhere.sessionId, own), "another session").toBeNull();
    expect(await make(open, other.id, stranger.sessionId, theirs), "all of another's").toBeNull();
    expect(await make(open, user.id, caller.sessionId, theirs), "another's factor").toBeNull();
    expect(await make(open, user.id, caller.sessionId, gone), "a factor that is gone").toBeNull();
    expect(await make(open, user.id, caller.sessionId, null), "no factor").toBeNull();
    expect(
      await make(await challenge("-1 second"), user.id, caller.sessionId, own),
      "an expired one",
    ).toBeNull();
    expect(
      await make(await challenge("1 year", "11 minutes"), user.id, caller.sessionId, own),
      "an old one that says it lives long",
    ).toBeNull();
    const proof = await make(open, user.id, caller.sessionId, own);
    expect(proof).not.toBeNull();
    expect(await make(open, user.id, caller.sessionId, own), "a second time").toBeNull();

    const spend = async (userId: string, sessionId: string, digest: Uint8Array) =>
      (
        await session(logins.serving, [
          `SELECT proof_id FROM public.spend_step_up_proof('${proof}', '${userId}', '${sessionId}', ${hex(digest)})`,
        ])
      )[0];
    const digest = operationDigest(operation);
    expect(await spend(other.id, caller.sessionId, digest)).toBeNull();
    expect(await spend(user.id, elsewhere.sessionId, digest)).toBeNull();
    expect(
      await spend(user.id, caller.sessionId, operationDigest({ kind: "ReplaceRecoveryCodes" })),
    ).toBeNull();
    expect(await spend(user.id, caller.sessionId, digest)).toBe(proof);
    expect(await spend(user.id, caller.sessionId, digest), "twice").toBeNull();

    const passkey = async (userId: string, removed = false) =>
      (
        await pastTheRules(database, (to) =>
          to.passkey.create({
            data: {
              ...{
                userId,
                credentialId: Buffer.from(randomUUID()),
                publicKey: Buffer.from("k"),
                name: "Key",
              },
              ...{ counter: 7, backupEligible: false, backedUp: false },
              removedAt: removed ? new Date() : null,
            },
          }),
        )
      ).id;
    const [key, theirKey, goneKey] = [
      await passkey(user.id),
      await passkey(other.id),
      await passkey(user.id, true),
    ];
    const another = await challenge();
    const makeBy = async (method: string, by: string) =>
      (
        await session(logins.serving, [
          `SELECT proof_id FROM public.make_step_up_proof('${another}', '${user.id}', '${caller.sessionId}', '${method}', '${by}')`,
        ])
      )[0];
    expect(await makeBy("Passkey", theirKey), "another's passkey").toBeNull();
    expect(await makeBy("Passkey", goneKey), "a passkey that is gone").toBeNull();
    expect(await makeBy("Passkey", own), "an app as a passkey").toBeNull();
    expect(await makeBy("Totp", key), "a passkey as an app").toBeNull();
    expect(await makeBy("Passkey", key)).not.toBeNull();
    await expectRefused([
      `UPDATE public.passkeys SET public_key = 'x' WHERE id = '${key}'`,
      `UPDATE public.passkeys SET user_id = '${other.id}' WHERE id = '${key}'`,
      `DELETE FROM public.passkeys WHERE id = '${key}'`,
      `UPDATE public.passkey_registrations SET challenge = sha256('x')`,
    ]);

    await test.asOwner("UPDATE sessions SET ended_at = now() WHERE id = $1", [caller.sessionId]);
    expect(await make(await challenge(), user.id, caller.sessionId, own), "an ended session").toBeNull();
    await expectRefused([
      "CREATE OR REPLACE FUNCTION public.spend_step_up_proof(uuid, uuid, uuid, bytea) RETURNS TABLE (proof_id uuid, proof_method public.step_up_method) LANGUAGE sql AS 'SELECT NULL::uuid, NULL::public.step_up_method'",
      "ALTER FUNCTION public.make_step_up_proof(uuid, uuid, uuid, public.step_up_method, uuid) SET search_path = pg_temp",
    ]);
  });
});

describe("what could stand in for something else", () => {
  it("cannot be made: tables, functions, operators, views, types and schemas, temporary or not", async () => {
    await expectRefused(
      [
        "CREATE TEMP TABLE installation (test_database boolean)",
        "CREATE TEMP TABLE audit_events AS SELECT 1",
        "SELECT 1 AS id INTO TEMP resources",
        "CREATE TEMP VIEW principals AS SELECT 1 AS id",
        "CREATE TEMP SEQUENCE s",
        "CREATE FUNCTION pg_temp.statement_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE OPERATOR public.=== (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = uuid_eq)",
        "CREATE OPERATOR pg_temp.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = uuid_ne)",
        "CREATE AGGREGATE public.mine(int) (SFUNC = int4pl, STYPE = int)",
        "CREATE CAST (text AS uuid) WITH INOUT AS IMPLICIT",
        "CREATE TYPE public.mine AS (id uuid)",
        "CREATE VIEW public.mine AS SELECT 1",
        "CREATE SCHEMA mine",
        "CREATE EXTENSION dblink",
        "CREATE EXTENSION file_fdw",
        "CREATE LANGUAGE plpython3u",
        "CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw",
        "CREATE PUBLICATION p FOR ALL TABLES",
        "CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION public.refuse_change()",
        "CREATE RULE r AS ON INSERT TO public.audit_events DO INSTEAD NOTHING",
        "CREATE POLICY p ON public.audit_events USING (false)",
        "COMMENT ON TABLE public.audit_events IS 'mine'",
      ],
      // 0A000 and 58P01: not part of this server; 42704: its prerequisite is missing; 42809, 42883: not even
      // parsed.
      ["42501", "0A000", "58P01", "42704"],
    );
    // The functions mean the same with nothing on the search_path.
    for (const call of [
      "public.active_assignments(public.postern_uuidv7(), public.postern_now())",
      "public.principal_and_groups(public.postern_uuidv7())",
      "public.path_ids('01a2207aa62773a7967f6d0ba87aacbc')",
    ])
      expect(
        (await session(logins.serving, ["SET search_path = ''", `SELECT count(*) FROM ${call} AS x`])).at(-1),
        call,
      ).toMatch(/^[01]$/);
  });
});

describe("the server", () => {
  it("gives no files, programs, large objects or other sessions, and is not set otherwise", async () => {
    const [owners] = await test.database.client.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
    await expectRefused([
      "COPY public.principals TO '/tmp/principals'",
      "COPY public.principals TO PROGRAM 'cat'",
      "COPY public.resources (scope) FROM '/etc/passwd'",
      "SELECT pg_read_file('/etc/passwd')",
      "SELECT pg_read_binary_file('/etc/passwd')",
      "SELECT pg_ls_dir('/')",
      "SELECT pg_stat_file('/etc/passwd')",
      "SELECT lo_import('/etc/passwd')",
      "SELECT lo_create(0)",
      "SELECT lo_creat(-1)",
      "SELECT lo_from_bytea(0, 'x')",
      "SELECT pg_reload_conf()",
      "SELECT pg_rotate_logfile()",
      "SELECT * FROM pg_authid",
      "SELECT * FROM pg_hba_file_rules",
      "ALTER SYSTEM SET log_statement = 'all'",
      "SET log_statement = 'none'",
      "SET SESSION AUTHORIZATION postgres",
      "SET ROLE postgres",
      "SET ROLE pg_read_all_data",
      "SET ROLE pg_write_server_files",
      "GRANT pg_read_server_files TO CURRENT_USER",
      "CREATE ROLE mine LOGIN",
      "ALTER ROLE postgres PASSWORD 'mine'",
      "ALTER ROLE CURRENT_USER BYPASSRLS",
      `SELECT pg_terminate_backend(${owners?.pid})`,
    ]);
  });

  it("forgets at the next start what a login set for its own later connections, and its password", async () => {
    const roles = rolesAt(test.url);
    for (const url of [logins.serving, logins.working]) {
      const login = new URL(url).searchParams.get("user") ?? "";
      const name = new URL(test.url).pathname.slice(1);
      await session(url, [
        `ALTER ROLE ${login} SET search_path = pg_temp`,
        `ALTER ROLE ${login} IN DATABASE ${name} SET statement_timeout = 1`,
        `ALTER ROLE ${login} PASSWORD 'mine'`,
      ]);
    }
    await test.asOwner(`GRANT pg_read_all_data TO ${roles.serving}`);
    expect(await start()).toEqual(logins);
    const { rows } = await test.asOwner(
      "SELECT setconfig FROM pg_db_role_setting WHERE setrole = ANY ($1::regrole[])",
      [[roles.serving, roles.working]],
    );
    expect(rows).toEqual([]);
    expect(await session(logins.serving, ["SHOW search_path", "SET ROLE pg_read_all_data"])).toEqual([
      '"$user", public',
      "42501",
    ]);
  });
});
