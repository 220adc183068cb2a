import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import { openDatabase } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";
import { ensureDatabase, freePort, startPostgres } from "@/lib/server/database/embedded-postgres";
import { migrate } from "@/lib/server/database/migrate";
import { postgresAccount } from "@/lib/server/database/postgres-account";
import { environment, nativeFolder } from "@/lib/server/database/postgres-programs";
import { openHealth } from "@/lib/server/http/health";
import { takeDatabaseHosts } from "@/scripts/parts/database-hosts.mjs";
import { asStarted, keyText } from "../../support/database/backups";
import { runCommand } from "../../support/processes/command";

// Two real servers: a primary, and a standby that every commit waits for.
const patience = { timeout: 60_000, interval: 20 };
let folder: string;
let password: string;
const ports = { primary: 0, standby: 0 };
const servers: Record<string, ReturnType<typeof spawn>> = {};
const closing: (() => Promise<unknown>)[] = [];

const urlOf = (port: number) => `postgresql://postgres:${password}@127.0.0.1:${port}/postern`;

function launch(name: "primary" | "standby", ...settings: readonly string[]): void {
  const account = postgresAccount(nativeFolder(), join(folder, name));
  const port = ports[name];
  const all = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=120",
    ...settings,
  ];
  const [program, args, user] = account.command(join(account.native, "bin", "postgres"), [
    ...["-D", join(account.home, "postgres")],
    ...all.flatMap((setting) => ["-c", setting]),
  ]);
  servers[name] = spawn(program, [...args], {
    ...user,
    cwd: account.home,
    env: environment(account.native),
    stdio: "ignore",
  });
}

async function onServer<Result>(port: number, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: urlOf(port) });
  client.on("error", () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const ask = async (port: number, sql: string): Promise<readonly Record<string, unknown>[]> =>
  (await onServer(port, (client) => client.query(sql))).rows;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "postern-standby-"));
  const made = await startPostgres(join(folder, "primary"), { durable: false });
  await migrate(await ensureDatabase(made, "postern"));
  await made.stop();
  password = readFileSync(join(folder, "primary", "postgres-password"), "utf8").trim();
  cpSync(join(folder, "primary"), join(folder, "standby"), { recursive: true });
  writeFileSync(join(folder, "standby", "postgres", "standby.signal"), "");
  Object.assign(ports, { primary: await freePort(), standby: await freePort() });
  launch("primary", "synchronous_standby_names=standby");
  launch(
    "standby",
    `primary_conninfo=host=127.0.0.1 port=${ports.primary} user=postgres password=${password} application_name=standby`,
  );
  await vi.waitFor(async () => {
    expect(await ask(ports.primary, "SELECT sync_state FROM pg_stat_replication")).toEqual([
      { sync_state: "sync" },
    ]);
    await ask(ports.standby, "SELECT 1");
  }, patience);
}, 60_000);
afterAll(async () => {
  for (const close of closing.splice(0)) await close();
  for (const server of Object.values(servers)) {
    if (server.exitCode !== null || server.signalCode !== null) continue;
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGQUIT");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

it("a backup is made from a standby, and is whole", async () => {
  const file = join(folder, "backup");
  // As a start has done.
  await asStarted(urlOf(ports.primary));
  await vi.waitFor(async () => {
    expect(await ask(ports.standby, "SELECT FROM encryption_keys")).toHaveLength(1);
  }, patience);
  const made = await runCommand("backup", [file], {
    DATABASE_URL: urlOf(ports.standby),
    POSTERN_ENCRYPTION_KEYS: keyText,
  });
  expect(made, made.said).toMatchObject({ code: 0 });
  expect(await runCommand("restore", ["--verify", file], {})).toMatchObject({ code: 0 });
});

it("when the primary dies while people work, the promoted standby has all that was acknowledged, and serves from then on", async () => {
  const source: Record<string, string | undefined> = {
    // The standby stands first, and is not taken.
    DATABASE_URL: `postgresql://postgres:${password}@127.0.0.1:${ports.standby},127.0.0.1:${ports.primary}/postern?target_session_attrs=read-write`,
  };
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
  servers.primary?.kill("SIGKILL");
  await expect.poll(health.readiness, patience).toBe("database unavailable");
  // Nobody takes the standby for the primary before it is.
  await expect(inTransaction(database, async () => {})).rejects.toThrow();
  const before = acknowledged.length;
  await ask(ports.standby, "SELECT pg_promote()");
  await expect.poll(health.readiness, patience).toBe("ready");
  await expect.poll(() => acknowledged.length, patience).toBeGreaterThan(before + 20);
  working = false;
  await Promise.all(workers);

  const kept = await ask(
    ports.standby,
    "SELECT (details->>'number')::int AS number FROM audit_events WHERE kind = 'SignIn'",
  );
  const numbers = new Set(kept.map((row) => row.number));
  expect(acknowledged.filter((each) => !numbers.has(each))).toEqual([]);
}, 120_000);
