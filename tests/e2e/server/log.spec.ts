import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import pg from "pg";
import { ensureDatabase, startPostgres } from "@/lib/server/database/embedded-postgres";
import { serverAction } from "../../support/e2e/server-actions";
import { spawnPostern, stopAll } from "../../support/processes/postern-process";

let folder: string;
let database: Awaited<ReturnType<typeof startPostgres>>;
let url: string;
const keys = `k1:${randomBytes(32).toString("hex")}`;
test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "postern-log-"));
  database = await startPostgres(join(folder, "elsewhere"), { durable: false });
  url = await ensureDatabase(database, "postern");
});
test.afterAll(async () => {
  await stopAll();
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("the log has a line for each request and job run, and nothing that anybody typed", async () => {
  test.setTimeout(180_000);
  const environment = {
    DATABASE_URL: url,
    POSTERN_DATA_DIR: folder,
    POSTERN_ENCRYPTION_KEYS: keys,
    POSTERN_WORKER: "1",
  };
  const postern = await spawnPostern(environment);
  const [, token = ""] = /set-up\?token=([\w-]+)/.exec(await postern.says("set-up?token=")) ?? [];
  let cookie = "";
  const call = async (name: string, fields: Readonly<Record<string, string>>) => {
    const body = new FormData();
    for (const [field, value] of Object.entries(fields)) body.append(`_1_${field}`, value);
    body.append("0", '[{"message":null,"fieldErrors":{},"email":""},"$K1"]');
    const action = serverAction(name);
    const response = await fetch(`${postern.url}${action.path}?token=${token}&q=query-secret`, {
      method: "POST",
      redirect: "manual",
      headers: { "next-action": action.id, origin: postern.url, cookie },
      body,
    });
    await response.arrayBuffer();
    cookie =
      response.headers
        .getSetCookie()
        .map((each) => each.split(";", 1)[0])
        .join("; ") || cookie;
    return response.headers.get("x-request-id");
  };
  const typed = { email: "first@contoso.example", password: "seven herons over tiled roofs" };
  await call("setUp", { token, displayName: "Ada Axe", ...typed });
  const failed = await call("signInAction", { email: typed.email, password: "a wrong heron" });
  await call("signInAction", typed);
  const page = await fetch(`${postern.url}/my-roles?search=query-secret`, { headers: { cookie } });
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("Ada Axe")]);

  type Line = Record<string, unknown>;
  const lines = () =>
    postern
      .output()
      .split("\n")
      .flatMap((line): Line[] => (line.startsWith("{") ? [JSON.parse(line)] : []));
  const requestsTo = (path: string) => lines().filter((line) => line.msg === "request" && line.path === path);
  await expect.poll(() => requestsTo("/my-roles")).toHaveLength(1);
  const owner = new pg.Client({ connectionString: environment.DATABASE_URL });
  await owner.connect();
  const asked = async (sql: string) => (await owner.query<{ id: string }>(sql)).rows.map(({ id }) => id);
  const [userId] = await asked("SELECT id FROM principals WHERE type = 'User'");
  // The audit events of a request are found by the id in its answer.
  expect(await asked("SELECT correlation_id AS id FROM audit_events WHERE kind = 'SignInFailed'")).toEqual([
    failed,
  ]);
  await owner.end();
  expect(requestsTo("/my-roles")[0]).toMatchObject({
    level: "info",
    process: "server",
    method: "GET",
    status: 200,
    userId,
    requestId: page.headers.get("x-request-id"),
    ms: expect.any(Number),
  });
  expect(requestsTo("/sign-in")).toContainEqual(
    expect.objectContaining({ method: "POST", requestId: failed }),
  );
  await expect
    .poll(() => lines().filter(({ msg, process }) => msg === "job" && process === "worker"))
    .toContainEqual(
      expect.objectContaining({
        job: "record-expiries",
        count: 0,
        ms: expect.any(Number),
        runId: expect.any(String),
      }),
    );
  await postern.stop();
  const secrets = [token, typed.email, typed.password, "a wrong heron", "query-secret", "Ada Axe"];
  const values = [...keys.split(":"), ...cookie.split("; ").map((each) => each.split("=")[1] ?? "")];
  const written = JSON.stringify(lines());
  for (const secret of [...secrets, ...values.filter((value) => value.length > 8)])
    expect(written).not.toContain(secret);
  expect(lines().filter(({ level }) => level === "error")).toEqual([]);
});
