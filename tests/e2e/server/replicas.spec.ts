import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import pg from "pg";
import { ensureDatabase, startPostgres } from "@/lib/server/database/embedded-postgres";
import { freshCode, test } from "../../support/e2e/e2e";
import { runCommand } from "../../support/processes/command";
import { type PosternProcess, ready, spawnPostern, stopAll } from "../../support/processes/postern-process";

interface Account {
  readonly key: string;
  readonly email: string;
  readonly password: string;
  readonly totpSecret: string | null;
}

/** A PostgreSQL of the tests, as an operator would run it: the target of `DATABASE_URL`. */
let folder: string;
let database: Awaited<ReturnType<typeof startPostgres>>;
let databaseUrl: string;
/** The configuration that all replicas of an external database share. */
const keys = { POSTERN_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString("hex")}` };
test.describe.configure({ mode: "serial" });
test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "postern-replicas-"));
  database = await startPostgres(join(folder, "elsewhere"));
  databaseUrl = await ensureDatabase(database, "postern");
});
test.afterAll(async () => {
  await stopAll();
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A machine whose clock is thirty hours ahead, longer than any session or activation lasts. */
const wrongClock = [
  "--import",
  `data:text/javascript,${encodeURIComponent(`
    const Right = Date;
    const ahead = 30 * 3_600_000;
    globalThis.Date = class extends Right {
      // Next.js wraps Date and keeps its own properties, not the inherited ones.
      static UTC = Right.UTC;
      static parse = Right.parse;
      constructor(...given) {
        if (given.length === 0) super(Right.now() + ahead);
        else super(...given);
      }
      static now() {
        return Right.now() + ahead;
      }
    };`)}`,
];

/** The users of the connections to a database, without this one. */
async function connectedAs(name: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: database.url(name) });
  await client.connect();
  try {
    const { rows } = await client.query(
      `SELECT DISTINCT usename FROM pg_stat_activity
       WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`,
    );
    return rows.map(({ usename }) => String(usename));
  } finally {
    await client.end();
  }
}

function account(key: string): Account {
  const accounts = JSON.parse(readFileSync(join(folder, "demo-accounts.json"), "utf8")) as Account[];
  const found = accounts.find((each) => each.key === key);
  if (!found) throw new Error(`no demo account ${key}`);
  return found;
}
const code = (key: string) => freshCode(account(key).totpSecret ?? "");

async function signIn(page: Page, url: string, key: string, password = account(key).password): Promise<void> {
  await typePassword(page, url, key, password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

async function typePassword(page: Page, url: string, key: string, password: string): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("Email").fill(account(key).email);
  await page.getByLabel("Password").fill(password);
}

async function openActivation(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/my-roles`);
  await page.getByRole("button", { name: "Activate Owner on Contoso Production" }).click();
  await page.getByRole("dialog").getByLabel("Reason").fill("Quarterly review");
}

let left: PosternProcess;
let right: PosternProcess;

test("two replicas started at once on an empty database share sessions, step-ups and locks, and the database's clock", async ({
  page,
}) => {
  test.setTimeout(180_000);
  const environment = { ...keys, DATABASE_URL: databaseUrl, POSTERN_DEMO: "1", POSTERN_DATA_DIR: folder };
  [left, right] = await Promise.all([spawnPostern(environment), spawnPostern(environment, wrongClock)]);
  await Promise.all([left.says(ready), right.says(ready)]);

  // Cookies ignore ports, so one browser can use both.
  await signIn(page, left.url, "eligible-owner");
  await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  await openActivation(page, left.url);
  const dialog = page.getByRole("dialog");
  for (let tries = 0; tries < 2; tries += 1) {
    await dialog.getByLabel("Verification code").fill("000000");
    await expect(dialog.getByRole("alert")).toContainText(`${4 - tries} attempt`);
  }
  await openActivation(page, right.url);
  await dialog.getByLabel("Verification code").fill("000000");
  await expect(dialog.getByRole("alert")).toContainText("2 attempts");
  await dialog.getByLabel("Verification code").fill(await code("eligible-owner"));
  await expect(page.getByText("The role is active now.")).toBeVisible();
  // The step-up gave the session a new secret on one replica. The other accepts it.
  for (const { url } of [left, right]) {
    await page.goto(`${url}/my-roles?tab=active`);
    await expect(page.getByRole("timer").first()).toHaveText(/^[0-7]:[0-5]\d:[0-5]\d$/);
  }
  // Neither has a connection that can become the owner of the tables.
  expect(await connectedAs("postern")).toEqual([expect.stringMatching(/^postern_serving_/)]);
  await page.goto(`${right.url}/my-audit?range=1h`);
  await expect(
    page
      .getByRole("listitem")
      .filter({ hasText: /activated Owner/ })
      .first(),
  ).toBeVisible();
});

test("a lock made on one replica holds on the other", async ({ browser }) => {
  const [page, ready] = [await browser.newPage(), await browser.newPage()];
  // The wait after the sixth is two seconds: the right password is typed before it.
  await typePassword(ready, right.url, "auditor", account("auditor").password);
  for (let tries = 0; tries < 6; tries += 1) {
    await signIn(page, tries % 2 === 0 ? left.url : right.url, "auditor", "wrong");
    await expect(page.getByRole("alert").first()).toContainText("is wrong");
  }
  await ready.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(ready.getByRole("alert").first()).toContainText("too many attempts");
  await Promise.all([page.close(), ready.close()]);
});

test("a change of password on one replica ends the sessions on the other", async ({ browser }) => {
  const [here, there] = [await browser.newContext(), await browser.newContext()];
  const [page, other] = [await here.newPage(), await there.newPage()];
  await signIn(other, right.url, "approver");
  await expect(other.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  await signIn(page, left.url, "approver");
  await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  await page.goto(`${left.url}/account/security`);
  const password = "seven brown loaves of bread";
  await page.getByLabel("Current password").fill("not this one");
  await page.getByLabel("New password").fill(password);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByRole("alert").first()).toContainText("not your password");
  await expect(page.getByLabel("New password")).toHaveValue(password);
  await page.getByLabel("Current password").fill(account("approver").password);
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("Your password is changed")).toBeVisible();
  await other.goto(`${right.url}/my-roles`);
  await expect(other.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.goto(`${right.url}/my-audit`);
  await expect(page.getByText("changed their password").first()).toBeVisible();
  await signIn(other, right.url, "approver", password);
  await expect(other.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  await page.goto(`${left.url}/account/sessions`);
  await page.getByRole("button", { name: "End all other sessions" }).click();
  await expect(page.getByRole("button", { name: "End session" })).toHaveCount(0);
  await other.goto(`${right.url}/`);
  await expect(other.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await here.close();
  await there.close();
});

test("a session that ends while a form is filled in loses nothing that was typed", async ({ browser }) => {
  const [here, there] = [await browser.newContext(), await browser.newContext()];
  const [page, other] = [await here.newPage(), await there.newPage()];
  await signIn(page, left.url, "requester");
  await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  await page.goto(`${left.url}/my-roles`);
  await page
    .getByRole("button", { name: "Activate User Access Administrator on Contoso Production" })
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("Typed before the session ended");
  await signIn(other, right.url, "requester");
  await expect(other.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  await other.goto(`${right.url}/account/sessions`);
  await other.getByRole("button", { name: "End all other sessions" }).click();
  await expect(other.getByRole("button", { name: "End session" })).toHaveCount(0);
  await dialog.getByLabel("Verification code").fill("000000");
  await expect(dialog.getByRole("alert")).toContainText("Your session has ended");
  const [fresh] = await Promise.all([
    here.waitForEvent("page"),
    dialog.getByRole("link", { name: "Sign in" }).click(),
  ]);
  await fresh.getByLabel("Email").fill(account("requester").email);
  await fresh.getByLabel("Password").fill(account("requester").password);
  await fresh.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(fresh.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  await expect(dialog.getByLabel("Reason")).toHaveValue("Typed before the session ended");
  await dialog.getByLabel("Verification code").fill("000000");
  await expect(dialog.getByRole("alert")).toContainText("This code is wrong");
  await here.close();
  await there.close();
});

test("when the database goes down, pages say so, keep what was typed, and recover without a restart", async ({
  browser,
}) => {
  test.setTimeout(120_000);
  const page = await browser.newPage();
  await signIn(page, left.url, "member");
  await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  await page.goto(`${left.url}/my-roles`);
  await page.getByRole("button", { name: "Activate Reader on Contoso Production" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("Typed before the database went down");
  const { port } = database;
  await database.stop();
  await expect.poll(async () => (await page.request.get(`${left.url}/healthz`)).status()).toBe(503);
  const down = await page.request.get(`${right.url}/my-roles`);
  expect(down.status()).toBe(503);
  expect(await down.text()).toContain("The database cannot be reached");
  await dialog.getByRole("button", { name: "Activate" }).click();
  await expect(page.getByText("Nothing you typed is lost")).toBeVisible();

  database = await startPostgres(join(folder, "elsewhere"), { port });
  await expect.poll(async () => (await page.request.get(`${left.url}/healthz`)).status()).toBe(200);
  await expect(dialog.getByLabel("Reason")).toHaveValue("Typed before the database went down");
  await dialog.getByRole("button", { name: "Activate" }).click();
  await expect(page.getByText("The role is active now.")).toBeVisible();
  expect((await page.request.get(`${right.url}/my-roles`)).status()).toBe(200);
  await page.close();
});

test("secrets are changed while people work: replicas of before and after serve side by side, and nobody is signed out", async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const [newSecret, newKey] = [randomBytes(32).toString("hex"), `k2:${randomBytes(32).toString("hex")}`];
  const oldSecret = readFileSync(join(folder, "session-secret"), "utf8").trim();
  const shared = { DATABASE_URL: databaseUrl, POSTERN_DEMO: "1", POSTERN_DATA_DIR: folder };
  const oldKey = keys.POSTERN_ENCRYPTION_KEYS;
  const restarted = async (
    replica: PosternProcess,
    sessionSecrets: readonly string[],
    encryption: string,
  ) => {
    const [POSTERN_SESSION_SECRET = "", POSTERN_OTHER_SESSION_SECRET = ""] = sessionSecrets;
    await replica.stop();
    const again = await spawnPostern({
      ...shared,
      ...{ POSTERN_SESSION_SECRET, POSTERN_OTHER_SESSION_SECRET, POSTERN_ENCRYPTION_KEYS: encryption },
      PORT: String(replica.port),
    });
    await again.says(ready);
    return again;
  };
  const [here, there] = [await browser.newContext(), await browser.newContext()];
  const [before, after] = [await here.newPage(), await there.newPage()];
  const expectIn = async (page: Page, replica: PosternProcess) => {
    await page.goto(`${replica.url}/my-roles`);
    await expect(page.getByRole("heading", { level: 1, name: "My roles" })).toBeVisible();
  };
  await signIn(before, left.url, "owner");
  await expect(before.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  right = await restarted(right, [oldSecret, newSecret], `${oldKey},${newKey}`);
  await expectIn(before, right);
  left = await restarted(left, [newSecret, oldSecret], `${newKey},${oldKey}`);
  await expectIn(before, left);
  await signIn(after, left.url, "member");
  await expect(after.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  await expectIn(after, right);

  const keyAlone = { ...shared, POSTERN_ENCRYPTION_KEYS: `${newKey},${oldKey}` };
  const finished = await runCommand("rotate", ["encryption-key", "--finish"], keyAlone);
  expect(finished).toMatchObject({ code: 0, said: expect.stringMatching(/Re-encrypted: [1-9]/) });
  right = await restarted(right, [newSecret], newKey);
  await expectIn(after, right);
  await before.goto(`${right.url}/my-roles`);
  await expect(before.getByRole("heading", { name: "Sign in" })).toBeVisible();
  // An older factor is checked with the new key alone.
  await after.getByRole("button", { name: "Activate Contributor on Contoso Production" }).click();
  const dialog = after.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("After the change of keys");
  await dialog.getByLabel("Verification code").fill(await code("member"));
  await expect(after.getByText("The role is active now.")).toBeVisible();
  await Promise.all([here.close(), there.close()]);
});

test("without demo data every replica prints the same address to set Postern up, and it makes one Owner, once; over https the cookie is bound to the host", async ({
  browser,
}) => {
  test.setTimeout(120_000);
  await Promise.all([left.stop(), right.stop()]);
  const empty = { ...keys, DATABASE_URL: await ensureDatabase(database, "empty"), POSTERN_DATA_DIR: folder };
  const [first, second] = await Promise.all([spawnPostern(empty), spawnPostern(empty)]);
  const addressOf = async (replica: PosternProcess) => {
    await replica.says("Set it up at ");
    return /Set it up at (\S+)/.exec(replica.output())?.[1] ?? "";
  };
  const addresses = [await addressOf(first), await addressOf(second)];
  const tokens = addresses.map((address) => new URL(address).searchParams.get("token"));
  expect(tokens[0]).toBe(tokens[1]);
  const [page, rival] = [await browser.newPage(), await browser.newPage()];
  const password = "seven brown loaves of bread";
  for (const [each, name, address] of [
    [page, "First", addresses[0]],
    [rival, "Second", addresses[1]],
  ] as const) {
    await each.goto(address ?? "");
    // The second person finds it named already.
    if (await each.getByRole("heading", { name: "Your organisation" }).isVisible()) {
      await each.getByLabel("Organisation").fill("Fabrikam");
      await each.getByRole("button", { name: "Continue" }).click();
    }
    await each.getByLabel("Name").fill(name);
    await each.getByLabel("Email").fill(`${name.toLowerCase()}@contoso.example`);
    await each.getByLabel("Password").fill("password1234");
    await each.getByRole("button", { name: "Continue" }).click();
    await expect(each.getByText("easy to guess")).toBeVisible();
    await expect(each.getByLabel("Name")).toHaveValue(name);
    await each.getByLabel("Password").fill(password);
  }
  const settled = (each: Page) =>
    Promise.race([
      each
        .getByRole("heading", { name: "Your second factor" })
        .waitFor()
        .then(() => "made"),
      each
        .getByText("Somebody else has already done this step")
        .waitFor()
        .then(() => "refused"),
    ]);
  await Promise.all([page, rival].map((each) => each.getByRole("button", { name: "Continue" }).click()));
  const results = await Promise.all([settled(page), settled(rival)]);
  expect([...results].sort()).toEqual(["made", "refused"]);
  const winner = results[0] === "made" ? "first" : "second";
  await page.goto(`${first.url}/sign-in`);
  await page.getByLabel("Email").fill(`${winner}@contoso.example`);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  await page.close();
  await Promise.all([first.stop(), second.stop()]);

  const https = "https://postern.example";
  const secure = await spawnPostern({ ...empty, POSTERN_URL: https });
  expect(await secure.says(ready)).not.toContain("set-up?token");
  const asked = { host: "postern.example" };
  const form = await rival.request.get(`${secure.url}/sign-in`, { headers: asked });
  expect(form.headers()["strict-transport-security"]).toBe("max-age=63072000; includeSubDomains");
  expect(form.headers()["content-security-policy"]).toContain("upgrade-insecure-requests");
  const hidden = [
    ...(await form.text()).matchAll(/<input type="hidden" name="([^"]+)"(?: value="([^"]*)")?/g),
  ];
  const fields = Object.fromEntries(
    hidden.map(([, name, value = ""]) => [name, value.replaceAll("&quot;", '"')]),
  );
  const answer = await rival.request.post(`${secure.url}/sign-in`, {
    multipart: { ...fields, email: `${winner}@contoso.example`, password },
    headers: { ...asked, origin: https },
    maxRedirects: 0,
  });
  expect(answer.status()).toBe(303);
  const cookie = answer.headersArray().find(({ name }) => name.toLowerCase() === "set-cookie")?.value ?? "";
  expect(cookie).toMatch(/^__Host-postern-session=/);
  for (const attribute of ["Path=/", "Secure", "HttpOnly", "SameSite=lax"])
    expect(cookie).toContain(attribute);
  expect(cookie).not.toContain("Domain=");
  await rival.close();
});
