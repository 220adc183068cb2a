import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { expect, test } from "@playwright/test";
import pg from "pg";
import { freePort } from "@/lib/server/database/embedded-postgres";
import { serverAction } from "../../support/e2e/server-actions";
import { openRaw, statusOf } from "../../support/peers/raw-http";
import { childRunning, childrenRunning, environmentOf } from "../../support/processes/child-processes";
import { type OutsideDatabase, startOutsideDatabase } from "../../support/processes/outside-database";
import { ready, spawnPostern } from "../../support/processes/postern-process";

let database: OutsideDatabase;
let environment: OutsideDatabase["environment"];
let url: string;
let flooded: string;
const newKey = (name: string) => `${name}:${randomBytes(32).toString("hex")}`;
test.describe.configure({ mode: "serial" });
test.beforeAll(async () => {
  database = await startOutsideDatabase("processes", "Roles");
  ({ environment, url } = database);
  flooded = await database.copy("flooded");
});
test.afterAll(() => database.stop());

async function asOwner(sql: string, parameters: unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(sql, parameters).finally(() => client.end());
}

/** The exit and the output of a Postern that refuses to start. */
async function refused(changes: Readonly<Record<string, string>>): Promise<string[]> {
  const postern = await spawnPostern({ ...environment, POSTERN_ENCRYPTION_KEYS: "", ...changes });
  expect(await postern.ended).toBe(1);
  return postern.output().trim().split("\n");
}

test("server and worker start with what they need, and neither knows the owner or the other's secrets", async () => {
  test.setTimeout(180_000);
  const secrets = {
    POSTERN_SESSION_SECRET: randomBytes(32).toString("hex"),
    POSTERN_SMTP_URL: "smtp://postern:mail-password@127.0.0.1:1",
    POSTERN_MAIL_FROM: "Postern <postern@contoso.example>",
    SOMETHING_ELSE: "of the deployment's",
  };
  const postern = await spawnPostern({ ...environment, ...secrets, POSTERN_WORKER: "1" });
  await postern.says(ready);
  if (process.platform === "linux") {
    const server = environmentOf(childRunning(postern.pid, "server.mjs") ?? 0);
    const worker = environmentOf(childRunning(postern.pid, "worker.mjs") ?? 0);
    for (const each of [server, worker]) {
      expect(JSON.stringify(each)).not.toContain(new URL(url).password);
      expect(each).not.toHaveProperty("SOMETHING_ELSE");
    }
    expect(new URL(server.DATABASE_URL ?? "").searchParams.get("user")).toMatch(/^postern_serving_/);
    expect(server.POSTERN_SESSION_SECRET).toBe(secrets.POSTERN_SESSION_SECRET);
    expect(JSON.stringify(server)).not.toContain("mail-password");
    expect(new URL(worker.DATABASE_URL ?? "").searchParams.get("user")).toMatch(/^postern_working_/);
    expect(worker.POSTERN_SMTP_URL).toBe(secrets.POSTERN_SMTP_URL);
    for (const secret of [secrets.POSTERN_SESSION_SECRET, environment.POSTERN_ENCRYPTION_KEYS])
      expect(JSON.stringify(worker)).not.toContain(secret);
  }
  // It works with that, and so does its job that needs the keys.
  const health = () => fetch(`${postern.url}/healthz`).then((each) => each.json());
  await expect
    .poll(health, { timeout: 60_000 })
    .toMatchObject({ status: "ok", worker: { state: "running" } });
  await postern.stop();
});

test("a replica without the keys of the stored secrets refuses to start, and a running one says so", async () => {
  test.setTimeout(180_000);
  const postern = await spawnPostern(environment);
  await postern.says(ready);
  await asOwner(
    `WITH person AS (
       INSERT INTO principals (type, display_name, email) VALUES ('User', 'Ada', 'ada@contoso.example') RETURNING id)
     INSERT INTO totp_factors (user_id, key_id, nonce, ciphertext, confirmed_at)
     SELECT id, 'k1', $1, $2, now() FROM person`,
    [randomBytes(12), randomBytes(48)],
  );
  for (const [given, expected] of [
    ["", "POSTERN_ENCRYPTION_KEYS is not set"],
    [newKey("k2"), "POSTERN_ENCRYPTION_KEYS lacks k1"],
    [newKey("k1"), "k1 with other digits"],
    ["k1:short", "POSTERN_ENCRYPTION_KEYS must be"],
  ] as const)
    expect(await refused({ POSTERN_ENCRYPTION_KEYS: given }), given).toEqual([
      expect.stringContaining(expected),
    ]);

  const health = () => fetch(`${postern.url}/healthz`).then(async (each) => [each.status, await each.json()]);
  await asOwner("UPDATE totp_factors SET key_id = 'k2'");
  await expect
    .poll(health)
    .toMatchObject([503, { status: "encryption keys missing", encryptionKeys: { missing: ["k2"] } }]);
  await asOwner("UPDATE totp_factors SET key_id = 'k1'");
  await expect.poll(health).toMatchObject([200, { encryptionKeys: { state: "complete", missing: [] } }]);
  await postern.stop();
});

test("two processes serve one port and are counted together, a dead one is replaced, and none outlives Postern", async () => {
  test.skip(process.platform !== "linux", "Processes are found in /proc.");
  test.setTimeout(180_000);
  const metricsPort = await freePort();
  const postern = await spawnPostern({
    ...environment,
    POSTERN_PROCESSES: "2",
    POSTERN_WORKER: "1",
    POSTERN_LOG_LEVEL: "info",
    POSTERN_METRICS_ADDRESS: String(metricsPort),
    POSTERN_DRAIN_SECONDS: "2",
  });
  await postern.says(ready);
  const leader = childRunning(postern.pid, "server.mjs");
  const serving = () => childrenRunning(leader, "server.mjs");
  /** The processes that write a log line for requests on connections of their own. */
  const answering = async (): Promise<Set<string | undefined>> => {
    const before = postern.output().length;
    for (let count = 0; count < 8; count += 1) {
      const request = [
        "GET /sign-in HTTP/1.1",
        `Host: localhost:${postern.port}`,
        "Connection: close",
        "",
        "",
      ];
      expect(statusOf(await openRaw(postern.port, request).closed)).toBe(200);
    }
    const lines = postern.output().slice(before).split("\n");
    return new Set(
      lines.map((line) => /"process":"(server-\d)".*"msg":"request"/.exec(line)?.[1]).filter(Boolean),
    );
  };
  const both = new Set(["server-1", "server-2"]);
  await expect.poll(answering, { timeout: 60_000 }).toEqual(both);
  for (const each of serving()) {
    expect(JSON.stringify(environmentOf(each))).not.toContain(new URL(url).password);
    expect(environmentOf(each)).not.toHaveProperty("SOMETHING_ELSE");
  }

  const scrape = async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const counted = async () =>
    Number(
      /^postern_http_requests_total\{method="GET",route="\/sign-in",status="2xx"\} (\d+)$/m.exec(
        await scrape(),
      )?.[1],
    );
  const logged = (name: string) =>
    postern
      .output()
      .split(`"process":"${name}"`)
      .join("\n>")
      .split("\n")
      .filter((line) => line.startsWith(">"))
      .filter((line) => line.includes('"path":"/sign-in"')).length;
  await expect.poll(async () => (await counted()) - logged("server-1") - logged("server-2")).toBe(0);
  for (const each of both) expect(logged(each), each).toBeGreaterThan(0);
  await expect
    .poll(scrape, { timeout: 30_000 })
    .toMatch(/^postern_job_duration_seconds_count\{job="record-expiries",outcome="succeeded"\} [1-9]/m);
  const text = await scrape();
  for (const each of ["server-1", "server-2", "worker"]) {
    expect(text).toContain(`postern_process_up{process="${each}"} 1\n`);
    expect(text).toContain(`postern_nodejs_eventloop_lag_p99_seconds{process="${each}"}`);
    expect(text).toContain(`postern_database_pool_max{process="${each}",pool="transactions"}`);
  }
  for (const line of ["postern_database_up 1", "postern_workers 1", 'postern_queue_waiting{queue="mail"} 0'])
    expect(text).toContain(`${line}\n`);
  // No label contains an id, an address or a name of a person.
  const labels = [...text.matchAll(/="([^"]*)"/g)].map(([, value = ""]) => value);
  expect(labels.filter((value) => /[0-9a-f]{8}|@|(\d+\.){3}\d|::|contoso/i.test(value))).toEqual([]);
  const metricsStatus = async (path: string) => (await fetch(path)).status;
  expect(await metricsStatus(`${postern.url}/metrics`)).toBe(404);
  expect(await metricsStatus(`http://127.0.0.1:${metricsPort}/sign-in`)).toBe(404);
  const before = await counted();

  const [victim = 0, survivor] = serving();
  process.kill(victim, "SIGKILL");
  await postern.says("ended by itself and is started again");
  await expect.poll(answering, { timeout: 60_000 }).toEqual(both);
  expect(serving()).toContain(survivor);
  expect(serving()).not.toContain(victim);

  expect(await counted()).toBeGreaterThanOrEqual(before + 8);

  const all = serving();
  const stopped = postern.stop();
  const probe = (name: string) => fetch(`${postern.url}/${name}`).then((each) => each.text());
  await expect.poll(() => probe("readyz"), { intervals: [50] }).toBe('{"status":"stopping"}');
  expect(await probe("livez")).toBe('{"status":"alive"}');
  await stopped;
  for (const each of all) expect(existsSync(`/proc/${each}`)).toBe(false);
});

test("a wrong address or proxy setting is reported at the start", async () => {
  for (const [name, value] of [
    ["POSTERN_TRUSTED_PROXIES", "some"],
    ["POSTERN_URL", "postern.example"],
    ["POSTERN_PROCESSES", "all"],
    ["POSTERN_METRICS_ADDRESS", "everywhere"],
    ["POSTERN_DRAIN_SECONDS", "long"],
  ] as const)
    expect(
      await refused({ [name]: value, POSTERN_ENCRYPTION_KEYS: environment.POSTERN_ENCRYPTION_KEYS }),
    ).toEqual([expect.stringContaining(`${name} is ${value}: set it to`)]);
});

test("behind a proxy that ends TLS, Postern uses the proxy's address, and reports a proxy that is not configured", async () => {
  test.setTimeout(120_000);
  const https = { ...environment, POSTERN_URL: "https://postern.example" };
  const postern = await spawnPostern(https);
  await postern.says(ready);
  const ask = (...lines: string[]) => openRaw(postern.port, [...lines, "Connection: close", "", ""]).closed;
  const passedOn = ["X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: https"];
  expect(statusOf(await ask("GET /sign-in HTTP/1.1", "Host: postern.example", ...passedOn))).toBe(200);
  await postern.says("POSTERN_TRUSTED_PROXIES is not set");
  expect(statusOf(await ask("GET /sign-in HTTP/1.1", `Host: localhost:${postern.port}`))).toBe(421);
  await postern.stop();
  const behind = await spawnPostern({ ...https, POSTERN_TRUSTED_PROXIES: "1" });
  await behind.says(ready);
  const rewritten = ["GET / HTTP/1.1", "Host: upstream", "X-Forwarded-Host: postern.example", ...passedOn];
  const answer = await openRaw(behind.port, [...rewritten, "Connection: close", "", ""]).closed;
  expect(statusOf(answer)).toBe(307);
  expect(answer).toMatch(/^location: \/sign-in/im);
  expect(behind.output()).not.toContain("POSTERN_TRUSTED_PROXIES");
  await behind.stop();
});

test("a flood of passwords delays only itself: the rest is asked to try again, and nobody else waits for it", async () => {
  test.setTimeout(180_000);
  const postern = await spawnPostern({
    ...environment,
    DATABASE_URL: flooded,
    POSTERN_TRUSTED_PROXIES: "1",
  });
  const [, token = ""] = /set-up\?token=([\w-]+)/.exec(await postern.says("set-up?token=")) ?? [];
  const call = async (name: string, address: string, fields: Readonly<Record<string, string>>) => {
    const body = new FormData();
    for (const [field, value] of Object.entries(fields)) body.append(`_1_${field}`, value);
    body.append("0", '[{"message":null,"fieldErrors":{},"email":""},"$K1"]');
    const action = serverAction(name);
    const response = await fetch(`${postern.url}${action.path}`, {
      method: "POST",
      redirect: "manual",
      headers: { "next-action": action.id, origin: postern.url, "x-forwarded-for": address },
      body,
    });
    const leadsTo = response.headers.get("x-action-redirect");
    return { status: response.status, leadsTo, text: await response.text() };
  };
  const owner = { email: "first@contoso.example", password: "seven herons over tiled roofs" };
  const setUp = { token, displayName: "First", ...owner };
  const busy = /Many people are signing in at the moment/;
  const flooding = Array.from({ length: 200 }, (_, index) =>
    index % 2 === 0
      ? call("signInAction", "2001:db8::1", { email: `${index}@contoso.example`, password: "a guess" })
      : call("setUp", "2001:db8::2", { ...setUp, token: `${token.slice(1)}x` }),
  );
  const begun = performance.now();
  const [health, page, made] = await Promise.all([
    fetch(`${postern.url}/healthz`),
    fetch(`${postern.url}/sign-in`),
    call("setUp", "203.0.113.9", setUp),
  ]);
  expect(performance.now() - begun).toBeLessThan(20_000);
  expect([health.status, page.status]).toEqual([200, 200]);
  expect(made.leadsTo).toContain("/set-up");
  const answers = await Promise.all(flooding);
  expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
  expect(answers.filter(({ text }) => busy.test(text)).length).toBeGreaterThan(0);
  // A person from another address can sign in, although the flood used the same names.
  expect((await call("signInAction", "203.0.113.9", owner)).leadsTo).not.toBeNull();
  await postern.stop();
});
