import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ActivateRoleInput, activateRole } from "@/lib/operations/activation/activate-role";
import { deactivateRole } from "@/lib/operations/activation/deactivate-role";
import { openDatabase } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";
import { openBackup } from "@/lib/server/backup/backup-file";
import { restoreDatabase } from "@/lib/server/backup/restore-database";
import { externalTarget } from "@/lib/server/backup/restore-target";
import { storedTables, writePlainly } from "@/lib/server/backup/stored-tables";
import { verifyBackup } from "@/lib/server/backup/verify-backup";
import { knownMigrations, migrate } from "@/lib/server/database/migrate";
import { checkNotRestoring } from "@/lib/server/database/restoring-folder";
import {
  asOwner,
  asStarted,
  emptyDatabase,
  keys,
  keyText,
  makeBackup,
  ownFolder,
  passphraseFile,
} from "../../support/database/backups";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import {
  grant,
  makeCaller,
  makeGroup,
  makeProof,
  makeRole,
  makeTree,
  makeUser,
} from "../../support/factories";
import { runCommand, startCommand } from "../../support/processes/command";

const folder = ownFolder();
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
const dropped: (() => Promise<void>)[] = [];
beforeAll(async () => {
  test = await createTestDatabase();
  await asStarted(test.url);
  tree = await makeTree(test.database);
});
afterAll(async () => {
  for (const drop of dropped) await drop();
  folder.remove();
  await test.drop();
});
async function empty(name: string): Promise<string> {
  const { url, drop } = await emptyDatabase(name);
  dropped.push(drop);
  return url;
}

/** A member who activates and deactivates over and over. `acknowledged` are the requests that were answered with success. */
async function activating(roleId: string) {
  const { database } = test;
  const user = await makeUser(database);
  const caller = await makeCaller(database, user);
  const eligibility = await grant(database, "eligible", user.id, roleId, tree.subscription.id);
  const input: Omit<ActivateRoleInput, "proofId"> = {
    ...{ eligibilityId: eligibility.id, resourceId: tree.subscription.id, startsAt: null },
    ...{ durationMinutes: 60, justification: "Deploy", ticketNumber: null, ticketSystem: null },
  };
  const acknowledged: string[] = [];
  let going = true;
  async function run(): Promise<void> {
    while (going) {
      const { eligibilityId, resourceId, durationMinutes } = input;
      const operation = {
        kind: "ActivateRole",
        eligibilityId,
        resourceId,
        startsAt: null,
        durationMinutes,
      } as const;
      const proofId = await makeProof(database, caller, operation);
      const made = await activateRole(database, caller, { ...input, proofId });
      if (!made.ok) throw new Error(JSON.stringify(made.error));
      acknowledged.push(made.requestId);
      if (made.status !== "PendingApproval")
        await deactivateRole(database, caller, { assignmentId: made.assignmentId });
    }
  }
  const running = run();
  return {
    acknowledged,
    async stop() {
      going = false;
      await running;
    },
  };
}

/** The requests of activations that a database holds, and those of them that are whole: with access, event and spent proof. */
const activations = (url: string) =>
  asOwner(url, async (client) => {
    const ids = async (sql: string) => {
      const { rows } = await client.query<{ id: string }>(sql);
      return rows.map(({ id }) => id).sort();
    };
    return {
      all: await ids("SELECT id FROM requests WHERE request_type = 'SelfActivate'"),
      whole: await ids(`SELECT r.id FROM requests r JOIN audit_events e ON e.request_id = r.id
        JOIN assignments a ON a.id = e.assignment_id JOIN step_up_proofs p ON p.id = e.proof_id
        WHERE e.kind = 'RoleActivated' AND e.outcome = 'Success' AND p.spent_at IS NOT NULL`),
    };
  });

/** What every table holds, but those in which a restore ends what must not come back. */
const content = (url: string) =>
  asOwner(url, async (client) => {
    await writePlainly(client);
    const ends = ["audit_events", "notification_outbox", "sessions", "factor_passes", "totp_factors"];
    const digests: Record<string, string> = {};
    for (const table of await storedTables(client))
      if (!ends.includes(table.name)) {
        // The order in which rows lie differs between two databases.
        const { rows } = await client.query(
          `SELECT count(*) || ' ' || coalesce(sum(hashtextextended(t::text, 0)), 0) AS digest FROM ${table.name} t`,
        );
        digests[table.name] = rows[0].digest;
      }
    return digests;
  });

it("a backup under load has every change that was acknowledged before it, and each of them whole", async () => {
  const { database } = test;
  const role = await makeRole(database, "Contributor", { actions: ["*"] });
  const members = await Promise.all([1, 2, 3].map(() => activating(role.id)));
  const acknowledged = () => members.flatMap((member) => member.acknowledged);
  await expect.poll(() => acknowledged().length, { timeout: 60_000 }).toBeGreaterThan(9);
  const path = folder.path("under-load");
  const passphrase = { POSTERN_BACKUP_PASSPHRASE_FILE: passphraseFile(folder.path("passphrase")) };
  const before = acknowledged();
  const made = await runCommand("backup", ["--with-keys", path], {
    ...{ DATABASE_URL: test.url, POSTERN_ENCRYPTION_KEYS: keyText, ...passphrase },
  });
  expect(made).toMatchObject({ code: 0, said: expect.stringContaining("The encryption keys are in it.") });
  await expect.poll(() => acknowledged().length, { timeout: 60_000 }).toBeGreaterThan(before.length + 3);
  for (const member of members) await member.stop();
  const { rows } = await test.asOwner("SELECT details FROM audit_events WHERE kind = 'BackupMade'");
  expect(rows).toMatchObject([{ details: { encrypted: true, withKeys: true } }]);

  // Everything is lost. The keys come with the backup.
  const url = await empty("lost");
  const kept = folder.path("kept");
  const environment = { DATABASE_URL: url, POSTERN_DATA_DIR: kept, ...passphrase };
  const restored = await runCommand("restore", [path], environment);
  expect(restored.code, restored.said).toBe(0);
  expect(restored.said).toMatch(
    /This goes back to \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: 3 people, 3 eligibilities/,
  );
  expect(readFileSync(join(kept, "encryption-keys"), "utf8")).toBe(keyText);
  const found = await activations(url);
  expect(found.whole).toEqual(found.all);
  expect(before.filter((id) => !found.all.includes(id))).toEqual([]);
  expect(found.all.length).toBeLessThan(acknowledged().length);
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
    const after = "now() + interval '1 hour'";
    await test.asOwner(
      `INSERT INTO factor_passes (user_id, pass_hash, expires_at) VALUES ('${user.id}', '\\x01', ${after});
       INSERT INTO audit_events (kind, outcome, assignment_id) VALUES ('ActiveAssignmentUpdated', 'Success', '${assignmentId}')`,
    );
    await makeBackup(test.url, path);
    url = await empty("quiet");
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
    const events = "SELECT id, sequence, kind, occurred_at, details FROM audit_events ORDER BY sequence";
    const { rows: former } = await test.asOwner(events);
    const now = await query(events);
    expect(now.slice(0, -1)).toEqual(former);
    expect(now.at(-1)).toMatchObject({ kind: "BackupRestored", details: { backupVersion: "0.1.0" } });
    expect(Number(now.at(-1).sequence)).toBeGreaterThan(Number(former.at(-1).sequence));
  });

  it("is nothing that was good for one browser or once", async () => {
    expect(await query("SELECT FROM sessions WHERE ended_at IS NULL")).toEqual([]);
    expect(await query("SELECT FROM factor_passes WHERE used_at IS NULL AND replaced_at IS NULL")).toEqual(
      [],
    );
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
      // An event from before must not count as the event of a new change, whatever number its transaction had.
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
    const foreign = await empty("foreign");
    await asOwner(foreign, (client) => client.query("CREATE SCHEMA shop; CREATE TABLE shop.orders ()"));
    await expect(externalTarget(foreign).check()).rejects.toThrow(/holds 1 tables \(shop\.orders/);
  });

  it("cut off half-way is no Postern until it is done again", async () => {
    const second = await empty("half");
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
  const former = await empty("former");
  await migrate(former, { only });
  await asStarted(former);
  await asOwner(former, (client) =>
    client.query(
      "INSERT INTO principals (type, display_name, email) VALUES ('User', 'Ada', 'ada@contoso.example')",
    ),
  );
  const path = folder.path("former");
  await makeBackup(former, path);
  const url = await empty("newer");
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

it("the embedded database is restored whole or not at all, and only where there is none", async () => {
  const path = folder.path("quiet-2");
  await makeBackup(test.url, path);
  const data = folder.path("data");
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(join(data, "encryption-keys"), keyText);
  const environment = { POSTERN_DATA_DIR: data };
  const killed = startCommand("restore", [path], environment);
  await expect
    .poll(() => existsSync(join(data, "restoring/postgres/postmaster.pid")), {
      timeout: 60_000,
      interval: 10,
    })
    .toBe(true);
  if (killed.child.pid) process.kill(-killed.child.pid, "SIGKILL");
  await killed.ended;
  expect(existsSync(join(data, "postgres"))).toBe(false);
  expect(() => checkNotRestoring(data)).toThrow(/A restore was cut off, so nothing is started/);

  const restored = await runCommand("restore", [path], environment);
  expect(restored.code, restored.said).toBe(0);
  expect(existsSync(join(data, "restoring"))).toBe(false);
  const over = await runCommand("restore", [path], environment);
  expect(over).toMatchObject({ code: 1, said: expect.stringMatching(/holds a database already/) });

  // It does not run, and a backup of it starts it for as long as that takes.
  const again = folder.path("again");
  const made = await runCommand("backup", [again], environment);
  expect(made.code, made.said).toBe(0);
  expect(existsSync(join(data, "postgres/postmaster.pid"))).toBe(false);
  const { header } = await verifyBackup(await openBackup(again, async () => ""), keys);
  expect(header.lastEvent?.kind).toBe("BackupRestored");
});
