import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import { openDatabase } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";
import { ensureDatabase, startPostgres } from "@/lib/server/database/embedded-postgres";
import { migrate } from "@/lib/server/database/migrate";
import { openHealth } from "@/lib/server/http/health";
import { takeDatabaseHosts } from "@/scripts/parts/database-hosts.mjs";
import { asStarted, keyText } from "../../support/database/backups";
import { runCommand } from "../../support/processes/command";
import { type DatabasePair, startDatabasePair } from "../../support/processes/database-pair";

const patience = { timeout: 60_000, interval: 20 };
let folder: string;
let pair: DatabasePair;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "postern-standby-"));
  const home = join(folder, "home");
  const made = await startPostgres(home, { durable: false });
  await migrate(await ensureDatabase(made, "postern"));
  await made.stop();
  pair = await startDatabasePair(home);
}, 60_000);
afterAll(async () => {
  for (const close of closing.splice(0)) await close();
  await pair.stop();
  rmSync(folder, { recursive: true, force: true });
});

it("a backup is made from a standby, and is whole", async () => {
  const file = join(folder, "backup");
  // As a start has done.
  await asStarted(pair.url(pair.ports.primary));
  await vi.waitFor(async () => {
    expect(await pair.ask(pair.ports.standby, "SELECT FROM encryption_keys")).toHaveLength(1);
  }, patience);
  const made = await runCommand("backup", [file], {
    DATABASE_URL: pair.url(pair.ports.standby),
    POSTERN_ENCRYPTION_KEYS: keyText,
  });
  expect(made, made.said).toMatchObject({ code: 0 });
  expect(await runCommand("restore", ["--verify", file], {})).toMatchObject({ code: 0 });
});

it("when the primary dies while people work, the promoted standby has all that was acknowledged, and serves from then on", async () => {
  const source: Record<string, string | undefined> = { DATABASE_URL: pair.bothUrl };
  takeDatabaseHosts(source);
  const url = source.DATABASE_URL ?? "";
  const database = openDatabase({ url });
  const health = openHealth({ url, keys: [], patienceMilliseconds: 1_000 });
  closing.push(database.close, health.close);
  expect(await health.readiness()).toBe("ready");

  const acknowledged: number[] = [];
  let number = 0;
  let working = true;
  const work = async () => {
    while (working) {
      number += 1;
      const own = number;
      try {
        await inTransaction(database, (transaction) =>
          recordAuditEvent(transaction, { kind: "SignIn", outcome: "Failure", details: { number: own } }),
        );
        acknowledged.push(own);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  };
  const workers = Array.from({ length: 4 }, work);
  closing.push(async () => {
    working = false;
    await Promise.all(workers);
  });
  await expect.poll(() => acknowledged.length, patience).toBeGreaterThan(40);
  pair.killPrimary();
  await expect.poll(health.readiness, patience).toBe("database unavailable");
  // Nobody takes the standby for the primary before it is one.
  await expect(inTransaction(database, async () => {})).rejects.toThrow();
  const before = acknowledged.length;
  await pair.promoteStandby();
  await expect.poll(health.readiness, patience).toBe("ready");
  await expect.poll(() => acknowledged.length, patience).toBeGreaterThan(before + 20);
  working = false;
  await Promise.all(workers);

  const kept = await pair.ask(
    pair.ports.standby,
    "SELECT (details->>'number')::int AS number FROM audit_events WHERE kind = 'SignIn'",
  );
  const numbers = new Set(kept.map((row) => row.number));
  expect(acknowledged.filter((each) => !numbers.has(each))).toEqual([]);
}, 120_000);
