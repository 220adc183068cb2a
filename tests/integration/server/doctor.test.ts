import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { checkKeys as knowKeys } from "@/lib/server/database/encryption-keys";
import { installationOf } from "@/lib/server/database/installation";
import { sessionFingerprints } from "@/lib/server/database/session-fingerprints";
import { checkConfiguration, checkTransport } from "@/lib/server/doctor/check-configuration";
import { checkMigrations, checkRights, checkServer } from "@/lib/server/doctor/check-database";
import {
  checkBackup,
  checkClock,
  checkKeys,
  checkProxyHeaders,
  checkSessionSecret,
  checkWorker,
} from "@/lib/server/doctor/check-running";
import { checkDirectories, checkFirstFactor } from "@/lib/server/doctor/check-sign-in";
import { checkAnswers, checkDisk, checkImports, checkMail } from "@/lib/server/doctor/check-surroundings";
import { checkTraces } from "@/lib/server/doctor/check-traces";
import { examine } from "@/lib/server/doctor/examine";
import { exitCodeOf, type Finding, reportOf } from "@/lib/server/doctor/finding";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { makeCaller, makeUser } from "../../support/factories";
import { closeDoors, openDoor } from "../../support/peers/front-door";
import { startMailServer } from "../../support/peers/mail-server";
import { startTraceReceiver } from "../../support/peers/trace-receiver";
import { compiledProgram } from "../../support/processes/compiled";

const key = (name: string, digit: string) => `${name}:${digit.repeat(64)}`;
const settings = {
  POSTERN_SESSION_SECRET: "a secret of the test's own, which is long enough",
  POSTERN_ENCRYPTION_KEYS: key("k1", "1"),
};
let test: TestDatabase;
let client: pg.Client;
afterEach(async () => {
  await client.query("ROLLBACK");
  closeDoors();
});
beforeAll(async () => {
  test = await createTestDatabase();
  client = new pg.Client({ connectionString: test.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await test.drop();
});

const states = (findings: readonly Finding[]) => findings.map(({ state }) => state);

describe("the doctor", () => {
  it("takes the settings of a start, and names what is wrong with others", () => {
    const check = (more: Record<string, string>) => {
      const source = { ...settings, DATABASE_URL: test.url, ...more };
      return checkConfiguration(installationOf(source), source);
    };
    expect(states(check({}))).toEqual(["ok"]);
    for (const [wrong, named] of [
      [{ POSTERN_SESSION_SECRET: "short" }, "POSTERN_SESSION_SECRET"],
      [{ POSTERN_ENCRYPTION_KEYS: "k1:12" }, "POSTERN_ENCRYPTION_KEYS"],
      [{ POSTERN_TRUSTED_PROXIES: "some" }, "POSTERN_TRUSTED_PROXIES"],
      [{ POSTERN_PROCESSES: "0" }, "POSTERN_PROCESSES"],
      [{ POSTERN_SMTP_URL: "smtp://mail" }, "POSTERN_MAIL_FROM"],
      [{ POSTERN_SMTP_URL: "smtp:mail", POSTERN_MAIL_FROM: "a@example.com" }, "POSTERN_SMTP_URL"],
      [{ POSTERN_IDENTITY_PROVIDERS: "/no/such/file.json" }, "/no/such/file.json"],
    ] as const) {
      const [finding] = check(wrong);
      expect(finding?.state, named).toBe("fault");
      expect(finding?.found).toContain(named);
    }
  });

  it("names the setting that is missing beside an outer database", () => {
    const source = { DATABASE_URL: test.url, POSTERN_DATA_DIR: "/no/such/folder" };
    const [finding] = checkConfiguration(installationOf(source), source);
    expect(finding?.found).toMatch(/^POSTERN_SESSION_SECRET is not set/);
    expect(() => installationOf(source).encryptionKeys()).toThrow(/^POSTERN_ENCRYPTION_KEYS is not set/);
    expect(() => installationOf({ ...source, DATABASE_URL: "" }).sessionSecret()).toThrow(
      "/no/such/folder/session-secret is missing: set POSTERN_DATA_DIR",
    );
  });

  it("wants https wherever people come from elsewhere", () => {
    expect(states(checkTransport({ POSTERN_URL: "https://postern.example.com" }))).toEqual(["ok"]);
    expect(states(checkTransport({ POSTERN_URL: "http://localhost:3000" }))).toEqual(["ok"]);
    expect(states(checkTransport({}))).toEqual(["warning"]);
    expect(states(checkTransport({ POSTERN_URL: "http://postern.example.com" }))).toEqual(["fault"]);
    expect(states(checkTransport({ POSTERN_URL: "postern" }))).toEqual(["fault"]);
  });

  it("finds a database in order, and says what it lacks", async () => {
    expect(states(await checkServer(client))).toEqual(["ok"]);
    await client.query("BEGIN");
    await client.query(
      "ALTER EXTENSION pg_trgm SET SCHEMA public; UPDATE pg_extension SET extname = 'x' WHERE extname = 'pg_trgm'",
    );
    const [lacking] = await checkServer(client);
    // Before the first start they are not there yet.
    await client.query("ALTER TABLE _prisma_migrations RENAME TO others");
    expect(states(await checkServer(client))).toEqual(["ok"]);
    await client.query("ROLLBACK");
    expect(lacking).toMatchObject({
      state: "fault",
      todo: expect.stringContaining("CREATE EXTENSION pg_trgm"),
    });
  });

  it("finds a database of another version, older or newer", async () => {
    expect(states(await checkMigrations(client))).toEqual(["ok"]);
    const when = async (sql: string) => {
      await client.query("BEGIN");
      await client.query(sql);
      const [finding] = await checkMigrations(client);
      await client.query("ROLLBACK");
      return finding;
    };
    const last = "(SELECT max(migration_name) FROM _prisma_migrations)";
    expect(await when(`DELETE FROM _prisma_migrations WHERE migration_name = ${last}`)).toMatchObject({
      state: "warning",
      found: expect.stringContaining("1 of this version"),
    });
    expect(
      await when(`UPDATE _prisma_migrations SET checksum = 'x' WHERE migration_name = ${last}`),
    ).toMatchObject({ state: "fault", found: expect.stringContaining("changed after") });
    expect(
      await when(
        `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('x', 'x', '99990101_new', now())`,
      ),
    ).toMatchObject({ state: "fault", found: expect.stringContaining("99990101_new") });
    expect(await when("DROP TABLE _prisma_migrations")).toMatchObject({ state: "warning" });
  });

  it("knows whether Postern has logins of its own, which may do no more than they should", async () => {
    const { rows } = await client.query<{ name: string }>(
      "SELECT rolname AS name FROM pg_roles WHERE rolname LIKE 'postern_app_%' AND pg_has_role(rolname, 'USAGE')",
    );
    expect(rows.length).toBeGreaterThan(0);
    // A test's database has the roles, but no logins.
    expect(await checkRights(client)).toMatchObject([
      { state: "warning", todo: expect.stringContaining("CREATEROLE") },
    ]);
    const stranger = new pg.Client({ connectionString: test.url });
    await stranger.connect();
    await stranger.query("SET ROLE pg_monitor");
    expect(await checkRights(stranger)).toMatchObject([
      { state: "fault", todo: expect.stringContaining("DATABASE_URL") },
    ]);
    await stranger.end();
  });

  it("compares this machine's clock with the database's", async () => {
    const off = (seconds: number) => checkClock(client, () => Date.now() + seconds * 1_000);
    expect(states(await off(0))).toEqual(["ok"]);
    expect(await off(5)).toMatchObject([{ state: "warning", found: expect.stringContaining("before") }]);
    expect(await off(-3_600)).toMatchObject([{ state: "fault", found: expect.stringContaining("behind") }]);
  });

  it("finds a key that is missing, another of the same name, and an older one in use", async () => {
    const both = `${key("k2", "2")},${key("k1", "1")}`;
    await knowKeys(client, readEncryptionKeys(both));
    const person = await makeUser(test.database, "Kay Key");
    await test.database.client.totpFactor.create({
      data: {
        ...{ userId: person.id, keyId: "k1", confirmedAt: new Date() },
        ...{ nonce: new Uint8Array(12), ciphertext: new Uint8Array(32) },
      },
    });
    expect(states(await checkKeys(client, key("k1", "1")))).toEqual(["ok"]);
    expect(await checkKeys(client, both)).toMatchObject([
      { state: "warning", found: expect.stringContaining("k1") },
    ]);
    expect(states(await checkKeys(client, key("k2", "2")))).toEqual(["fault"]);
    expect(states(await checkKeys(client, key("k1", "3")))).toEqual(["fault"]);
  });

  it("finds a replica with another session secret, as long as its worker runs", async () => {
    const [mine, next, theirs] = ["a", "b", "c"].map((letter) => letter.repeat(32));
    const worker = async (host: string, ...secrets: readonly (string | undefined)[]) =>
      client.query("INSERT INTO worker_instances (host, session_secrets) VALUES ($1, $2)", [
        ...[host, await sessionFingerprints(client, secrets)],
      ]);
    await client.query("BEGIN");
    expect(states(await checkSessionSecret(client, [mine]))).toEqual(["ok"]);
    await worker("the same", mine, undefined);
    await worker("of the version before");
    expect(states(await checkSessionSecret(client, [mine]))).toEqual(["ok"]);
    await worker("elsewhere", theirs);
    expect(await checkSessionSecret(client, [mine, undefined])).toMatchObject([
      { state: "fault", found: expect.stringMatching(/ on elsewhere: /) },
    ]);
    expect(await checkSessionSecret(client, [theirs])).toMatchObject([
      { state: "fault", found: expect.stringMatching(/ on the same: /) },
    ]);
    await client.query("UPDATE worker_instances SET seen_at = now() - interval '5 minutes'");
    expect(states(await checkSessionSecret(client, [mine]))).toEqual(["ok"]);
    // While the secret is changed, replicas of two adjacent steps open what the other seals.
    await worker("accepts", mine, next);
    expect(states(await checkSessionSecret(client, [mine]))).toEqual(["ok"]);
    expect(states(await checkSessionSecret(client, [next, mine]))).toEqual(["ok"]);
    expect(states(await checkSessionSecret(client, [next])), "a step too early").toEqual(["fault"]);
    const { rows } = await client.query<{ sizes: number[] }>(
      "SELECT array(SELECT octet_length(unnest(session_secrets))) AS sizes FROM worker_instances WHERE host = 'accepts'",
    );
    expect(rows[0]?.sizes, "too short to tell a secret by").toEqual([2, 2]);
  });

  it("says whether a worker runs, is behind, or fails", async () => {
    expect(states(await checkWorker(client))).toEqual(["fault"]);
    await client.query("BEGIN");
    await client.query("INSERT INTO worker_instances (host) VALUES ('here')");
    expect(states(await checkWorker(client))).toEqual(["ok"]);
    await client.query(
      "INSERT INTO worker_jobs (name, title, every_minutes, failures_in_row, last_started_at) VALUES ('x', 'X', 1, 3, now() - interval '1 day')",
    );
    expect(states(await checkWorker(client))).toEqual(["fault", "warning"]);
    await client.query("ROLLBACK");
  });

  it("suspects a proxy where everybody comes from one private address", async () => {
    const check = () => checkProxyHeaders(client, {});
    expect(states(await check())).toEqual(["ok"]);
    for (let count = 0; count < 5; count += 1)
      await makeCaller(test.database, await makeUser(test.database, `Person ${count}`));
    await client.query("UPDATE sessions SET ip_address = '10.0.0.3'");
    expect(await check()).toMatchObject([
      {
        state: "warning",
        found: expect.stringContaining("10.0.0.3"),
        todo: expect.stringContaining("TRUSTED"),
      },
    ]);
    await client.query("UPDATE sessions SET ip_address = '203.0.113.9'");
    expect(states(await check())).toEqual(["ok"]);
  });

  it("asks the endpoint of traces, if there is one", async () => {
    expect(await checkTraces({})).toEqual([]);
    const receiver = await startTraceReceiver();
    const at = (url: string) => {
      vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", url);
      vi.stubEnv("OTEL_EXPORTER_OTLP_TIMEOUT", "500");
      return checkTraces(process.env);
    };
    expect(await at(receiver.url)).toMatchObject([{ state: "ok" }]);
    await receiver.close();
    expect(await at(receiver.url)).toMatchObject([
      { state: "warning", found: expect.stringContaining(receiver.url) },
    ]);
    vi.unstubAllEnvs();
  });

  it("reads the folder of scheduled imports, if there is one", async () => {
    expect(await checkImports({})).toEqual([]);
    const folder = mkdtempSync(join(tmpdir(), "postern-imports-"));
    expect(await checkImports({ POSTERN_IMPORT_FOLDER: folder })).toMatchObject([{ state: "ok" }]);
    rmSync(folder, { recursive: true });
    expect(await checkImports({ POSTERN_IMPORT_FOLDER: folder })).toMatchObject([
      { state: "fault", found: expect.stringContaining(folder), todo: expect.stringContaining("user") },
    ]);
  });

  it("asks the mail server without sending anything", async () => {
    const POSTERN_MAIL_FROM = "Postern <postern@example.com>";
    const server = await startMailServer({
      authOptional: false,
      onAuth: ({ username, password }, _session, done) =>
        username === "postern" && password === "right"
          ? done(null, { user: username })
          : done(new Error("no")),
      allowInsecureAuth: true,
    } as Parameters<typeof startMailServer>[0]);
    const as = (user: string) => server.url.replace("//", `//${user}@`);
    const check = (url: string) => checkMail({ POSTERN_SMTP_URL: url, POSTERN_MAIL_FROM });
    expect(states(await check(as("postern:right")))).toEqual(["ok"]);
    expect(states(await check(as("postern:wrong")))).toEqual(["fault"]);
    expect(server.received).toEqual([]);
    await server.close();
    expect(states(await check(as("postern:right")))).toEqual(["fault"]);
    expect(states(await checkMail({}))).toEqual(["warning"]);
    for (const url of ["mail.example.com", "smtp:mail", "smtp://"])
      expect(await check(url), url).toMatchObject([
        { state: "fault", found: expect.stringContaining("is no address") },
      ]);
  });

  it("asks at the address that people use, and finds a proxy that hides it", async () => {
    const { port } = await openDoor();
    expect(states(await checkAnswers(`http://localhost:${port}/`))).toEqual(["ok"]);
    expect(states(await checkAnswers("postern.example.com"))).toEqual(["unchecked"]);
    const elsewhere = await openDoor({ publicUrl: "https://postern.example.com" });
    expect(await checkAnswers(`http://localhost:${elsewhere.port}`)).toMatchObject([
      { state: "fault", todo: expect.stringContaining("Host") },
    ]);
    const broken = createServer((_request, response) => response.writeHead(502).end());
    await new Promise<void>((resolve) => broken.listen(0, resolve));
    const address = `http://localhost:${(broken.address() as AddressInfo).port}`;
    expect(states(await checkAnswers(address))).toEqual(["fault"]);
    await new Promise((resolve) => broken.close(resolve));
    expect(await checkAnswers(address)).toMatchObject([
      { state: "fault", found: expect.stringContaining("ECONNREFUSED") },
    ]);
  });

  it("measures the room that is left", async () => {
    expect((await checkDisk(process.cwd()))[0]?.found).toMatch(/^\d+ MiB free \(\d+ %\) at /);
    const with_ = (free: number, all: number) =>
      checkDisk("/", (async () => ({ bavail: free, blocks: all, bsize: 1_048_576 })) as never);
    expect(states(await with_(9_000, 10_000))).toEqual(["ok"]);
    expect(states(await with_(9_000, 100_000))).toEqual(["warning"]);
    expect(states(await with_(2_000, 4_000))).toEqual(["warning"]);
    expect(states(await with_(500, 1_000))).toEqual(["fault"]);
  });

  it("knows when the last backup was made", async () => {
    const made = (age: string) =>
      client.query(
        `INSERT INTO audit_events (kind, outcome, occurred_at) VALUES ('BackupMade', 'Success', now() - interval '${age}')`,
      );
    await client.query("BEGIN");
    expect(states(await checkBackup(client))).toEqual(["warning"]);
    await made("8 days");
    expect(await checkBackup(client)).toMatchObject([{ state: "warning", found: "the last is 8 days old" }]);
    await made("2 days");
    expect(states(await checkBackup(client))).toEqual(["ok"]);
  });

  it("warns of a rule by which a password enrols a factor, but not in the demo", async () => {
    await client.query("BEGIN");
    await client.query("UPDATE sign_in_rules SET first_factor = 'OneTimePass'");
    expect(states(await checkFirstFactor(client))).toEqual(["ok"]);
    await client.query("UPDATE sign_in_rules SET first_factor = 'AnyoneSignedIn'");
    expect(await checkFirstFactor(client)).toMatchObject([
      { state: "warning", found: expect.stringMatching(/\d+ people have none/) },
    ]);
    await client.query("UPDATE installation SET demo = true");
    expect(states(await checkFirstFactor(client))).toEqual(["ok"]);
  });

  it("finds a directory that two providers link by, by its name and its id, and one that is not there", async () => {
    const maker = await makeUser(test.database, "Dora Directory");
    const { id } = await test.database.client.directory.create({
      data: { name: "Contoso", createdById: maker.id },
    });
    const by = (linkByDirectory?: string) => ({ id: `by-${linkByDirectory}`, linkByDirectory });
    expect(states(await checkDirectories(client, [by()]))).toEqual(["ok"]);
    expect(states(await checkDirectories(client, [by("Contoso"), by()]))).toEqual(["ok"]);
    expect(
      await checkDirectories(client, [by("Contoso"), by(id.toUpperCase()), by("Elsewhere")]),
    ).toMatchObject([
      { state: "warning", found: expect.stringContaining("by-Elsewhere") },
      { state: "fault", found: expect.stringContaining("by-Contoso and by-") },
    ]);
  });

  it("makes the other checks where the database cannot be reached, and says which it could not", async () => {
    const findings = await examine({ ...settings, DATABASE_URL: "postgresql://nobody:x@127.0.0.1:1/none" });
    expect(findings.find(({ check }) => check === "database")).toMatchObject({ state: "fault" });
    expect(findings.filter(({ state }) => state === "unchecked").length).toBe(11);
    expect(findings.some(({ check }) => check === "mail")).toBe(true);
    expect(exitCodeOf(findings)).toBe(2);
  });

  it("answers monitors by its exit code, and people by what to do", async () => {
    const ok = { check: "mail", state: "ok", found: "", todo: null } as const;
    expect(exitCodeOf([ok])).toBe(0);
    expect(exitCodeOf([ok, { ...ok, state: "unchecked" }])).toBe(1);
    expect(exitCodeOf([ok, { ...ok, state: "warning" }])).toBe(1);
    const doctor = await compiledProgram("doctor");
    const run = (args: readonly string[]) =>
      new Promise<{ code: number; text: string }>((resolve) => {
        const environment = { ...process.env, ...settings, DATABASE_URL: test.url, PORT: "1" };
        execFile(process.execPath, [doctor, ...args], { env: environment }, (error, text) =>
          resolve({ code: Number(error?.code ?? 0), text }),
        );
      });
    const [shown, read] = [await run([]), await run(["--json"])];
    expect(shown.code).toBe(2);
    expect(shown.text).toContain("Run at least one replica without POSTERN_WORKER=0.");
    const findings: Finding[] = JSON.parse(read.text);
    expect(findings.find(({ check }) => check === "migrations")).toMatchObject({ state: "ok", todo: null });
    expect(reportOf(findings)).toMatch(/\n\d+ in order, \d+ warnings?, \d+ faults?$/);
    expect(reportOf([ok, { ...ok, state: "fault" }])).toMatch(/\n1 in order, 0 warnings, 1 fault$/);
    expect(shown.text).not.toContain(settings.POSTERN_SESSION_SECRET);
  });
});
