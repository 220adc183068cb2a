import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { log } from "@/lib/platform/log";
import { endLeftover } from "@/lib/server/database/leftover-postgres";
import { type PostgresAccount, postgresAccount } from "@/lib/server/database/postgres-account";
import { environment, messageLine, nativeFolder } from "@/lib/server/database/postgres-programs";

/** A running embedded PostgreSQL. */
export interface PostgresCluster {
  /** The address of one of its databases, as its owner. */
  url(database: string): string;
  readonly port: number;
  /** The server's present process. It changes with a restart. */
  pid(): number | undefined;
  /** Stops it, which rolls back its sessions, and waits. */
  stop(): Promise<void>;
}

const startTimeoutMilliseconds = 30_000;

/** A port of 127.0.0.1 that is free at this moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/**
 * Creates a new cluster beside its place and moves it there when it is complete, so that an interrupted start
 * leaves nothing that looks finished. The password is written before the move.
 */
function initialise(account: PostgresAccount, folder: string, passwordFile: string): void {
  const unfinished = `${folder}-new`;
  const initialPassword = `${unfinished}-password`;
  for (const path of [unfinished, initialPassword]) rmSync(path, { recursive: true, force: true });
  const password = randomBytes(24).toString("hex");
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(initialPassword, password, { mode: 0o600 });
  account.give(unfinished);
  account.give(initialPassword);
  const [program, args, user] = account.command(join(account.native, "bin", "initdb"), [
    ...["-D", unfinished, "-U", "postgres", `--pwfile=${initialPassword}`, "--auth=scram-sha-256"],
    // Sorted by code points as with C, but with upper and lower case for every letter.
    ...["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
    "--no-instructions",
  ]);
  const made = spawnSync(program, [...args], {
    ...user,
    cwd: account.home,
    env: environment(account.native),
    encoding: "utf8",
  });
  rmSync(initialPassword, { force: true });
  if (made.status !== 0) {
    rmSync(unfinished, { recursive: true, force: true });
    throw new Error(`The database could not be made: ${messageLine(made.stderr || String(made.error))}`);
  }
  writeFileSync(passwordFile, password, { mode: 0o600 });
  renameSync(unfinished, folder);
}

async function waitUntilReady(url: string, ended: () => boolean, log: () => string): Promise<void> {
  const { default: pg } = await import("pg");
  const until = Date.now() + startTimeoutMilliseconds;
  for (;;) {
    if (ended() || Date.now() > until) throw new Error(`The database did not start: ${messageLine(log())}`);
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

/**
 * Starts a PostgreSQL in `parent`/postgres, creating it the first time. Resolves when it accepts connections.
 * If it ends by itself, it is started again on the same port; `onGone` is called if that fails. `durable:
 * false` is only for throwaway clusters of tests.
 */
export async function startPostgres(
  parent: string,
  {
    durable = true,
    port: wanted = null,
    onGone = () => {},
  }: {
    readonly durable?: boolean;
    readonly port?: number | null;
    readonly onGone?: (reason: string) => void;
  } = {},
): Promise<PostgresCluster> {
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  const account = postgresAccount(nativeFolder(), parent);
  const folder = join(account.home, "postgres");
  const passwordFile = join(parent, "postgres-password");
  if (!existsSync(folder)) initialise(account, folder, passwordFile);
  if (!existsSync(passwordFile))
    throw new Error(`${passwordFile} is missing: put it back, or move ${folder} away to begin anew.`);
  account.give(folder);
  const password = readFileSync(passwordFile, "utf8").trim();
  const port = wanted ?? (await freePort());
  const settings = [
    ...["listen_addresses=127.0.0.1", `port=${port}`, "unix_socket_directories=", "max_connections=120"],
    ...["timezone=UTC", "log_min_messages=warning", "logging_collector=off"],
    // Tables of tests are counted where a test says so, so that plans do not depend on what else runs.
    ...(durable ? [] : ["fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"]),
  ].flatMap((setting) => ["-c", setting]);
  const [program, args, user] = account.command(join(account.native, "bin", "postgres"), [
    "-D",
    folder,
    ...settings,
  ]);
  const url = (database: string) => `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`;
  let stopping = false;
  let child: ChildProcess;
  let ended: Promise<unknown>;

  async function launch(): Promise<void> {
    await endLeftover(folder);
    if (stopping) return;
    // A process group of its own, so that Ctrl-C reaches only Postern, which stops the database last.
    const started = spawn(program, [...args], {
      ...user,
      cwd: account.home,
      env: environment(account.native),
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
    });
    child = started;
    let log = "";
    started.stderr.setEncoding("utf8").on("data", (text: string) => {
      log = (log + text).slice(-4_000);
    });
    started.on("error", (error) => {
      log = error.message;
    });
    ended = new Promise((resolve) => {
      started.once("exit", resolve);
      started.once("error", resolve);
    });
    let over = false;
    ended.then(() => {
      over = true;
    });
    await waitUntilReady(
      url("postgres"),
      () => over,
      () => log,
    );
    ended.then(() => {
      if (!stopping) startAgain(messageLine(log));
    });
  }

  async function startAgain(reason: string): Promise<void> {
    log().error(`The database ended by itself (${reason}); starting it again.`);
    for (let tries = 1; !stopping; tries += 1) {
      try {
        await launch();
        if (tries > 1) log().error("The database runs again.");
        return;
      } catch (error) {
        // The rest of the old server can keep its memory for a moment. Room on the disk may take longer.
        const message = error instanceof Error ? error.message : String(error);
        const waits = message.includes("No space left");
        if (tries >= 5 && !waits) return onGone(message);
        if (tries === 5) log().error(`${message}. It is tried again until there is room.`);
        await new Promise((resolve) => setTimeout(resolve, tries < 5 ? 1_000 : 3_000));
      }
    }
  }

  await launch();
  return {
    url,
    port,
    pid: () => child.pid,
    async stop() {
      stopping = true;
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGINT");
      await ended;
    },
  };
}

/** Creates the database if the cluster does not have it yet. */
export async function ensureDatabase(cluster: Pick<PostgresCluster, "url">, name: string): Promise<string> {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: cluster.url("postgres") });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT FROM pg_database WHERE datname = $1", [name]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  return cluster.url(name);
}
