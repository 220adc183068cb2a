import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openBackup } from "@/lib/server/backup/backup-file";
import { verifyBackup } from "@/lib/server/backup/verify-backup";
import { checkNotRestoring } from "@/lib/server/database/restoring-folder";
import { asStarted, keys, keyText, makeBackup, ownFolder } from "../../support/database/backups";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { runCommand, startCommand } from "../../support/processes/command";

const folder = ownFolder();
let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  await asStarted(test.url);
});
afterAll(async () => {
  folder.remove();
  await test.drop();
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

  // The database does not run, so a backup starts it for the time it needs.
  const again = folder.path("again");
  const made = await runCommand("backup", [again], environment);
  expect(made.code, made.said).toBe(0);
  expect(existsSync(join(data, "postgres/postmaster.pid"))).toBe(false);
  const { header } = await verifyBackup(await openBackup(again, async () => ""), keys);
  expect(header.lastEvent?.kind).toBe("BackupRestored");
});
