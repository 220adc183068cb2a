import { expect, test } from "@playwright/test";
import pg from "pg";
import { serverAction } from "../../support/e2e/server-actions";
import { type OutsideDatabase, startOutsideDatabase } from "../../support/processes/outside-database";
import { spawnPostern } from "../../support/processes/postern-process";

let database: OutsideDatabase;
test.beforeAll(async () => {
  database = await startOutsideDatabase("log", "Roles");
});
test.afterAll(() => database.stop());

test("the log has a line for each request and job run, and nothing that anybody typed", async () => {
  test.setTimeout(180_000);
  const postern = await spawnPostern({ ...database.environment, POSTERN_WORKER: "1" });
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
  const owner = new pg.Client({ connectionString: database.url });
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
  const keys = database.environment.POSTERN_ENCRYPTION_KEYS;
  const values = [...keys.split(":"), ...cookie.split("; ").map((each) => each.split("=")[1] ?? "")];
  const written = JSON.stringify(lines());
  for (const secret of [...secrets, ...values.filter((value) => value.length > 8)])
    expect(written).not.toContain(secret);
  expect(lines().filter(({ level }) => level === "error")).toEqual([]);
});
