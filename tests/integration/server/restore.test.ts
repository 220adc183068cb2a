import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { openDatabase } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";
import { openBackup } from "@/lib/server/backup/backup-file";
import { restoreDatabase } from "@/lib/server/backup/restore-database";
import { externalTarget } from "@/lib/server/backup/restore-target";
import { storedTables, writePlainly } from "@/lib/server/backup/stored-tables";
import { verifyBackup } from "@/lib/server/backup/verify-backup";
import { knownMigrations, migrate } from "@/lib/server/database/migrate";
import {
  asOwner,
  asStarted,
  emptyDatabases,
  keys,
  keyText,
  makeBackup,
  ownFolder,
} from "../../support/database/backups";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import {
  grant,
  makeCaller,
  makeGroup,
  makeOwnerRole,
  makeRole,
  makeTree,
  makeUser,
} from "../../support/factories";
import { runCommand } from "../../support/processes/command";

const folder = ownFolder();
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
const databases = emptyDatabases();
beforeAll(async () => {
  test = await createTestDatabase();
  await asStarted(test.url);
  tree = await makeTree(test.database);
});
afterAll(async () => {
  await databases.drop();
  folder.remove();
  await test.drop();
});

/** The contents of every table, except those in which a restore ends what must not come back. */
const content = (url: string) =>
  asOwner(url, async (client) => {
    await writePlainly(client);
    const ends = [
      ...["audit_events", "notification_outbox", "sessions", "factor_passes", "totp_factors"],
      "password_credentials",
    ];
    const digests: Record<string, string> = {};
    for (const table of await storedTables(client))
      if (!ends.includes(table.name)) {
        // The physical order of rows differs between two databases.
        const { rows } = await client.query(
          `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS digest FROM ${table.name} t`,
        );
        digests[table.name] = rows[0].digest;
      }
    return digests;
  });

describe("what a restore leaves", () => {
  let url: string;
  let assignmentId: string;
  let target: ReturnType<typeof externalTarget>;
  const path = folder.path("quiet");
  beforeAll(async () => {
    const { database } = test;
    const [user, other] = [await makeUser(database, "Ada Byron"), await makeUser(database)];
    const role = await makeRole(database, "Reader \\ \t\n \u202e ☃", { actions: ["*/read"] });
    await makeGroup(database, [user.id]);
    assignmentId = (await grant(database, "active", user.id, role.id, tree.group.id)).id;
    await makeCaller(database, other);
    await grant(database, "active", other.id, (await makeOwnerRole(database)).id, tree.root.id);
    const after = "now() + interval '1 hour'";
    await test.asOwner(
      `INSERT INTO factor_passes (user_id, pass_hash, expires_at) VALUES ('${user.id}', '\\x01', ${after});
       INSERT INTO password_credentials (user_id, hash, changed_at, must_change, expires_at) VALUES
         ('${user.id}', 'one-time', now(), true, ${after}), ('${other.id}', 'own', now(), false, NULL);
       INSERT INTO audit_events (kind, outcome, assignment_id) VALUES ('ActiveAssignmentUpdated', 'Success', '${assignmentId}')`,
    );
    await makeBackup(test.url, path);
    url = await databases.make("quiet");
    target = externalTarget(url);
    await restore();
  });
  /** As the command does it, in this process. */
  async function restore(): Promise<void> {
    const file = await openBackup(path, async () => "");
    const verified = await verifyBackup(file, keys);
    await target.fill((client, at) => restoreDatabase(client, at, file, verified, keys));
  }
  const query = (sql: string) => asOwner(url, async (client) => (await client.query(sql)).rows);

  it("is every row as it was, and the log with one event more", async () => {
    expect(await content(url)).toEqual(await content(test.url));
    const events =
      "SELECT id, sequence, kind, occurred_at, resource_name, details FROM audit_events ORDER BY sequence";
    const { rows: former } = await test.asOwner(events);
    const now = await query(events);
    expect(now.slice(0, -1)).toEqual(former);
    expect(now.at(-1)).toMatchObject({
      kind: "BackupRestored",
      resource_name: "Contoso",
      details: { backupVersion: "0.1.0" },
    });
    expect(Number(now.at(-1).sequence)).toBeGreaterThan(Number(former.at(-1).sequence));
  });

  it("is nothing that was good for one browser or once", async () => {
    expect(await query("SELECT FROM sessions WHERE ended_at IS NULL")).toEqual([]);
    expect(await query("SELECT FROM factor_passes WHERE used_at IS NULL AND replaced_at IS NULL")).toEqual(
      [],
    );
    // A one-time password may have been used since; a person's own password stays as it was.
    expect(
      await query("SELECT hash FROM password_credentials WHERE expires_at IS NULL OR expires_at > now()"),
    ).toEqual([{ hash: "own" }]);
    expect((await test.asOwner("SELECT FROM sessions WHERE ended_at IS NULL")).rowCount).toBeGreaterThan(0);
  });

  it("is a database that refuses what it refused before", async () => {
    const shape = `SELECT tgrelid::regclass::text, tgname, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
      UNION ALL SELECT conrelid::regclass::text, conname, convalidated::text FROM pg_constraint WHERE conrelid <> 0
      ORDER BY 1, 2, 3`;
    expect(await query(shape)).toEqual((await test.asOwner(shape)).rows);
    await expect(query("UPDATE audit_events SET kind = 'SignIn'")).rejects.toThrow(/never changed/);
    await expect(query("TRUNCATE requests CASCADE")).rejects.toThrow(/never changed|audit_events/);
    const opened = openDatabase({ url, maximumConnections: 2 });
    try {
      // An earlier event must not count as the event of a new change, whatever the number of its transaction.
      expect(
        await query("SELECT FROM audit_events WHERE transaction_id < pg_current_xact_id()"),
      ).toHaveLength(1);
      await expect(
        inTransaction(opened, (transaction) =>
          transaction.assignment.update({ where: { id: assignmentId }, data: { endsAt: new Date() } }),
        ),
      ).rejects.toThrow(/no event of the log/);
    } finally {
      await opened.close();
    }
  });

  it("is not overwritten, nor filled while somebody is connected", async () => {
    await expect(target.check()).rejects.toThrow(/holds a Postern with \d+ people: name an empty one/);
    await asOwner(url, () => expect(target.check()).rejects.toThrow(/1 other session uses/));
    // A session that ends after it was counted once, as of a replica that has just been stopped.
    const ending = new pg.Client({ connectionString: url });
    await ending.connect();
    const checked = expect(target.check()).rejects.toThrow(/holds a Postern with/);
    const counted = async () =>
      (
        await ending.query(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle' AND query LIKE '%AS others%'",
        )
      ).rowCount;
    await expect.poll(counted, { interval: 5 }).toBe(1);
    await ending.end();
    await checked;
    const foreign = await databases.make("foreign");
    await asOwner(foreign, (client) => client.query("CREATE SCHEMA shop; CREATE TABLE shop.orders ()"));
    await expect(externalTarget(foreign).check()).rejects.toThrow(/holds 1 tables \(shop\.orders/);
  });

  it("notifies the administrators of the root", async () => {
    const opened = openDatabase({ url, maximumConnections: 4 });
    try {
      await deliverNotifications(opened, { mail: false });
    } finally {
      await opened.close();
    }
    expect(await query("SELECT title FROM notifications WHERE title LIKE '%restored%'")).toEqual([
      { title: "Postern was restored from a backup" },
    ]);
  });

  it("cut off half-way is no Postern until it is done again", async () => {
    const second = await databases.make("half");
    const file = await openBackup(path, async () => "");
    const verified = await verifyBackup(file, keys);
    const failing = {
      ...file,
      async *frames() {
        for await (const chunk of file.frames()) {
          yield chunk.subarray(0, chunk.length >> 1);
          throw new Error("cut off");
        }
      },
    };
    const { fill } = externalTarget(second);
    await expect(fill((client, at) => restoreDatabase(client, at, failing, verified, keys))).rejects.toThrow(
      "cut off",
    );
    expect(
      await asOwner(second, async (client) => (await client.query("SELECT FROM principals")).rowCount),
    ).toBe(0);
    await expect(migrate(second)).rejects.toThrow(/was cut off, so it is not used/);
    await fill((client, at) => restoreDatabase(client, at, file, verified, keys));
    expect(await migrate(second)).toEqual([]);
    expect(await content(second)).toEqual(await content(test.url));
  });
});

it("an older backup is read in as what it was and brought up to date", async () => {
  const names = [...knownMigrations().keys()];
  const only = new Set(names.slice(0, -12));
  const former = await databases.make("former");
  await migrate(former, { only });
  await asStarted(former);
  await asOwner(former, (client) =>
    client.query(
      "INSERT INTO principals (type, display_name, email) VALUES ('User', 'Ada', 'ada@contoso.example')",
    ),
  );
  const path = folder.path("former");
  await makeBackup(former, path);
  const url = await databases.make("newer");
  const environment = {
    DATABASE_URL: url,
    POSTERN_ENCRYPTION_KEYS: keyText,
    POSTERN_DATA_DIR: folder.path("n"),
  };
  const restored = await runCommand("restore", [path], environment);
  expect(restored.code, restored.said).toBe(0);
  expect(await migrate(url)).toEqual([]);
  const { rows } = await asOwner(url, (client) => client.query("SELECT display_name FROM principals"));
  expect(rows).toEqual([{ display_name: "Ada" }]);
});
