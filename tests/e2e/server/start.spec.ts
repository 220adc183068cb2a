import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type APIRequestContext, expect, test } from "@playwright/test";
import { ready, spawnPostern, stopAll } from "../../support/processes/postern-process";

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "postern-start-"));
});
test.afterEach(async () => {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
});

/** Signs in as a page without scripts does. */
async function signIn(request: APIRequestContext, url: string): Promise<void> {
  const accounts = JSON.parse(readFileSync(join(folder, "demo-accounts.json"), "utf8"));
  const owner = (accounts as { email: string; password: string }[])[0];
  if (!owner) throw new Error("there are no accounts");
  const { email, password } = owner;
  const page = await (await request.get(`${url}/sign-in`)).text();
  const hidden = [...page.matchAll(/<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?/g)];
  const fields = Object.fromEntries(
    hidden.map(([, name, value = ""]) => [name, value.replaceAll("&quot;", '"').replaceAll("&amp;", "&")]),
  );
  const answer = await request.post(`${url}/sign-in`, {
    multipart: { ...fields, email, password },
    headers: { origin: url },
    maxRedirects: 0,
  });
  expect(answer.status()).toBe(303);
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { timeout: 60_000, intervals: [20] }).toBe(true);
}

test("a first start killed at any point is completed by the next, and a kill -9 while serving loses nothing", async ({
  request,
}) => {
  test.setTimeout(240_000);
  const environment = { POSTERN_DATA_DIR: folder };
  const points: [string, (said: () => string) => boolean][] = [
    ["making the database", () => existsSync(join(folder, "postgres-new"))],
    ["starting it", () => existsSync(join(folder, "postgres", "postmaster.pid"))],
    ["seeding", (said) => said().includes("Making the demo organisation")],
    ["seeding, with accounts written", () => existsSync(join(folder, "demo-accounts.json"))],
  ];
  for (const [, reached] of points) {
    const interrupted = await spawnPostern(environment);
    await until(() => reached(interrupted.output));
    await interrupted.kill();
  }
  const first = await spawnPostern(environment);
  await first.says(ready);
  await signIn(request, first.url);
  expect((await request.get(`${first.url}/my-audit`, { maxRedirects: 0 })).status()).toBe(200);
  // Reading the log is logged too, and differs each time.
  const log = async (url: string) =>
    (await (await request.get(`${url}/audit/export?format=jsonl`)).text())
      .split("\n")
      .filter((line) => !line.includes('"kind":"Export'))
      .join("\n");
  const before = await log(first.url);
  expect(before.split("\n").length).toBeGreaterThan(500);
  await first.kill();

  const second = await spawnPostern({ ...environment, PORT: String(first.port) });
  await second.says(ready);
  expect((await request.get(`${second.url}/my-audit`, { maxRedirects: 0 })).status()).toBe(200);
  expect(await log(second.url)).toBe(before);
  await second.stop();
  expect(existsSync(join(folder, "postgres", "postmaster.pid"))).toBe(false);
  expect(existsSync(join(folder, "postern.pid"))).toBe(false);
});

test("what prevents a start is reported in one line, before anything is changed", async () => {
  const fault = async (environment: Record<string, string>, nodeArguments: string[] = []) => {
    const postern = await spawnPostern({ POSTERN_DATA_DIR: folder, ...environment }, nodeArguments);
    expect(await postern.ended).toBe(1);
    const lines = postern.output().trim().split("\n");
    expect(lines).toHaveLength(1);
    return lines[0];
  };
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, resolve));
  const address = taken.address();
  const port = String(typeof address === "object" && address ? address.port : "");
  expect(await fault({ PORT: port })).toContain(`Port ${port} is taken: set PORT to another.`);
  await new Promise((resolve) => taken.close(resolve));
  expect(await fault({ PORT: "eighty" })).toContain("PORT is eighty");
  expect(await fault({ POSTERN_DATA_DIR: "/dev/null/postern" })).toContain("cannot be written");
  const old =
    'data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"18.20.0"}})';
  expect(await fault({}, ["--import", old])).toContain("Postern needs Node 20.19 or newer; this is 18.20.0.");
  const outside = { DATABASE_URL: "postgresql://nobody@127.0.0.1:1/postern" };
  expect(await fault(outside)).toContain("POSTERN_ENCRYPTION_KEYS is not set");
  const keys = { POSTERN_ENCRYPTION_KEYS: `one:${"ab".repeat(32)}` };
  expect(await fault({ ...outside, ...keys })).toContain("cannot be reached");
  expect(existsSync(join(folder, "postgres"))).toBe(false);
});
