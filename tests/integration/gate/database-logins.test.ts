import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import { openDatabase } from "@/lib/platform/database";
import { rolesAt } from "@/lib/platform/database-roles";
import { prepareQueues, startWorker } from "@/lib/platform/jobs";
import { inTransaction } from "@/lib/platform/transaction";
import { ownLogins } from "@/lib/server/database/database-logins";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";

let test: TestDatabase;
const made: string[] = [];
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(async () => {
  for (const role of made) await test.asOwner(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
  await test.drop();
});

/** The logins as a start makes them. Their owner is the login of the URL. */
async function logins(url = test.url) {
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  try {
    return await ownLogins(owner, url);
  } finally {
    await owner.end();
  }
}
async function own(): Promise<{ serving: string; working: string }> {
  const found = await logins();
  if (!found.serving || !found.working) throw new Error(found.reason ?? "");
  return { serving: found.serving, working: found.working };
}

/** The database's answer to a session as the serving process opens them: the SQLSTATE, or null. */
async function refusalOf(
  url: string,
  sql: string,
  as: "application" | "worker" = "application",
): Promise<string | null> {
  const client = new pg.Client({ connectionString: url, options: `-c role=${rolesAt(url)[as]}` });
  await client.connect();
  try {
    await client.query(sql);
    return null;
  } catch (error) {
    return error instanceof pg.DatabaseError ? (error.code ?? "") : String(error);
  } finally {
    await client.end();
  }
}

const ownersWork = [
  "DELETE FROM audit_events",
  "UPDATE audit_events SET actor_name = 'somebody else'",
  "TRUNCATE audit_events CASCADE",
  "ALTER TABLE audit_events DISABLE TRIGGER USER",
  "DROP TABLE audit_events CASCADE",
  "DELETE FROM requests",
  "UPDATE installation SET seeded_at = NULL",
  "CREATE TABLE public.mine (id integer)",
  "CREATE ROLE another_owner LOGIN SUPERUSER",
  "ALTER ROLE CURRENT_USER SUPERUSER",
  "GRANT postgres TO CURRENT_USER",
];

describe("the serving process's login", () => {
  it("does the application's work, and by no means becomes the owner", async () => {
    const { serving } = await own();
    const database = openDatabase({ url: serving });
    await inTransaction(database, (transaction) =>
      recordAuditEvent(transaction, { kind: "SignIn", outcome: "Success" }),
    );
    expect(await database.client.auditEvent.count()).toBe(1);
    await database.close();
    // One after the other in one session, as an injected statement would.
    for (const way of [
      "RESET ROLE",
      "SET ROLE NONE",
      "RESET SESSION AUTHORIZATION",
      "DISCARD ALL",
      "SELECT 1",
    ])
      for (const sql of ownersWork)
        expect(
          await refusalOf(serving, way === "DISCARD ALL" ? sql : `${way}; ${sql}`),
          `${way}; ${sql}`,
        ).toBe("42501");
    const { worker } = rolesAt(test.url);
    for (const sql of ["SET ROLE postgres", "SET SESSION AUTHORIZATION postgres", `SET ROLE ${worker}`])
      expect(await refusalOf(serving, sql), sql).toBe("42501");
    expect(await test.database.client.auditEvent.count()).toBe(1);
  });

  it("is the same at every start and on every replica, and comes back when its password was lost", async () => {
    const first = await own();
    expect(await own()).toEqual(first);
    const login = new URL(first.serving).searchParams.get("user") ?? "";
    await test.asOwner(`ALTER ROLE ${login} PASSWORD 'something else'`);
    expect(await refusalOf(first.serving, "SELECT 1").catch((error) => error.code)).toBe("28P01");
    expect(await own()).toEqual(first);
    expect(await refusalOf(first.serving, "SELECT 1")).toBeNull();
  });
});

describe("the worker's login", () => {
  it("runs the jobs, and cannot become the owner either", async () => {
    const { working } = await own();
    const database = openDatabase({ url: working, maximumConnections: 2 });
    const lines: string[] = [];
    let ran: () => void = () => {};
    const running = new Promise<void>((resolve) => {
      ran = resolve;
    });
    const job = { name: "count", title: "Count", everyMinutes: 60 as const };
    await prepareQueues(test.url, [job]);
    const worker = await startWorker({
      url: working,
      database,
      jobs: [{ ...job, run: async (own) => own.client.principal.count().finally(ran) }],
      tell: (line) => lines.push(line),
    });
    await running;
    await worker.stop();
    await database.close();
    expect(lines).toEqual([]);
    for (const as of ["application", "worker"] as const)
      for (const sql of ownersWork) {
        expect(await refusalOf(working, sql, as), sql).toBe("42501");
        expect(await refusalOf(working, `RESET ROLE; ${sql}`, as), sql).toBe("42501");
      }
  });
});

describe("where the database makes no logins for us", () => {
  it("says why, and leaves nothing behind", async () => {
    const serving = new URL((await own()).serving).searchParams.get("user") ?? "";
    const { application, worker } = rolesAt(test.url);
    const roles = () =>
      test.asOwner(
        "SELECT rolname FROM pg_roles WHERE rolname LIKE 'plain%' OR rolname = ANY ($1) ORDER BY 1",
        [Object.values(rolesAt(test.url))],
      );
    // A role that may not create roles, and one that may, but may not grant the application's.
    for (const [attribute, why] of [
      ["NOCREATEROLE", "permission denied"],
      ["CREATEROLE", "permission denied"],
    ] as const) {
      const role = `plain_${attribute.toLowerCase()}`;
      made.push(role);
      await test.asOwner(
        `CREATE ROLE ${role} LOGIN ${attribute} PASSWORD 'secret' IN ROLE ${application}, ${worker}`,
      );
      await test.asOwner(`GRANT CONNECT ON DATABASE ${new URL(test.url).pathname.slice(1)} TO ${role}`);
      const before = await roles();
      const url = new URL(test.url);
      [url.username, url.password] = [role, "secret"];
      // Another owner has another password, and so derives another password for the login. They may not change
      // the existing one.
      expect(await logins(url.href)).toMatchObject({ serving: null, reason: expect.stringContaining(why) });
      await test.asOwner(`DROP OWNED BY ${serving}; DROP ROLE ${serving}`);
      expect(await logins(url.href)).toMatchObject({ serving: null, reason: expect.stringContaining(why) });
      await own();
      expect((await roles()).rows).toEqual(before.rows);
    }
  });
});
