import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openDatabase } from "@/lib/platform/database";
import { databaseRoles } from "@/lib/platform/database-roles";
import { listenForNotifications } from "@/lib/platform/notification-listener";
import { inTransaction } from "@/lib/platform/transaction";
import { ownLogins } from "@/lib/server/database/database-logins";
import { freePort } from "@/lib/server/database/embedded-postgres";
import { checkPooler } from "@/lib/server/doctor/check-database";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { makeUser } from "../../support/factories";
import { pgbouncer, startPooler } from "../../support/peers/pooler";
import { runCommand } from "../../support/processes/command";

let test: TestDatabase;
let folder: string;
beforeAll(async () => {
  test = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "postern-pooler-"));
});
afterAll(async () => {
  await test.drop();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a pooler in front of the test's database, and calls back with the address through it. */
async function throughPooler(settings: string, work: (url: string) => Promise<void>): Promise<void> {
  const pooler = await startPooler(test.url, settings);
  await work(pooler.url).finally(pooler.stop);
}

it("PostgreSQL itself is no pooler", async () => {
  expect(await checkPooler(test.url)).toMatchObject([{ state: "ok" }]);
});

if (pgbouncer)
  it.each([
    ["refuses", "", "unsupported startup parameter"],
    ["drops", "ignore_startup_parameters = options", "something in between drops them"],
  ])(
    "a pooler that %s the settings of connections is found by the doctor and at a start",
    async (_, settings, said) => {
      await throughPooler(settings, async (url) => {
        expect(await checkPooler(url)).toMatchObject([
          {
            state: "fault",
            found: expect.stringContaining(said),
            todo: expect.stringContaining("add pool_mode=session"),
          },
        ]);
        const start = {
          DATABASE_URL: url,
          POSTERN_DATA_DIR: folder,
          POSTERN_ENCRYPTION_KEYS: `k1:${"1".repeat(64)}`,
        };
        const { code, said: line } = await runCommand("start", [], {
          ...start,
          PORT: String(await freePort()),
        });
        expect(code).toBe(1);
        expect(line).toContain("a pooler seems to stand between");
      });
    },
  );

const through = (url: string) => `${url}?pool_mode=session`;

if (pgbouncer) {
  it("one that keeps a connection for each session is passed, with roles, limits, plans and notices as without it", async () => {
    await throughPooler("", async (url) => {
      expect(await checkPooler(through(url))).toMatchObject([{ state: "ok" }]);
      const owner = new pg.Client({ connectionString: through(url) });
      await owner.connect();
      const own = await ownLogins(owner, through(url)).finally(() => owner.end());
      expect(own.reason).toBeNull();
      const database = openDatabase({ url: own.serving ?? "" });
      const roles = databaseRoles(new URL(test.url).pathname.slice(1));
      // More of them than the pool opens, and again after each has been handed back.
      for (let round = 0; round < 2; round += 1) {
        const seen = await Promise.all(
          Array.from({ length: 12 }, () =>
            inTransaction(
              database,
              (transaction) => transaction.$queryRaw<object[]>`
              SELECT session_user AS login, current_user AS role, current_setting('statement_timeout') AS longest,
                current_setting('search_path') AS path, pg_sleep(0.01)::text AS slept`,
            ),
          ),
        );
        for (const [row] of seen)
          expect(row).toMatchObject({
            login: roles.serving,
            role: roles.application,
            longest: "30s",
            path: "public",
          });
      }
      const planned = () => database.reads.$queryRaw<object[]>`
        SELECT current_user AS role, current_setting('plan_cache_mode') AS plans`;
      // A statement that runs the first time is not kept.
      await planned();
      expect(await planned()).toEqual([{ role: roles.application, plans: "force_generic_plan" }]);
      const person = await makeUser(test.database);
      const listener = listenForNotifications(own.serving ?? "");
      const called = new Promise<void>((resolve) => listener.subscribe(person.id, resolve));
      await called;
      await listener.close();
      await database.close();
      // The next session on the same connection has none of it.
      const next = new pg.Client({ connectionString: own.serving ?? "" });
      await next.connect();
      const { rows } = await next.query(
        "SELECT current_user AS role, current_setting('statement_timeout') AS longest",
      );
      await next.end();
      expect(rows).toEqual([{ role: roles.serving, longest: "0" }]);
    });
  });

  it.each([
    ["shares connections", "pool_mode = transaction", "transaction or statement pooling"],
    [
      "shares connections in turn",
      "pool_mode = transaction\nserver_round_robin = 1\nmin_pool_size = 3",
      "transaction or statement pooling",
    ],
    ["resets nothing", "server_reset_query =", "settings of the session before"],
  ])("one that %s is found, whatever the address says of it", async (_, settings, said) => {
    await throughPooler(settings, async (url) => {
      expect(await checkPooler(through(url))).toMatchObject([
        {
          state: "fault",
          found: expect.stringContaining(said),
          todo: expect.stringContaining("pool_mode = session"),
        },
      ]);
    });
  });

  it("one that does not know Postern's logins is no way to the database", async () => {
    await throughPooler(
      "auth_query = SELECT rolname, rolpassword FROM pg_authid WHERE rolname = $1 AND rolsuper",
      async (url) => {
        const start = {
          DATABASE_URL: through(url),
          POSTERN_DATA_DIR: folder,
          POSTERN_ENCRYPTION_KEYS: `k1:${"1".repeat(64)}`,
        };
        const { code, said } = await runCommand("start", [], { ...start, PORT: String(await freePort()) });
        expect(code).toBe(1);
        expect(said).toContain("Let the pooler ask the database for passwords");
      },
    );
  });
}

it("an address that names another way of pooling is refused", async () => {
  expect(await checkPooler(`${test.url}?pool_mode=transaction`)).toMatchObject([
    { state: "fault", found: expect.stringContaining("other than session") },
  ]);
});
