import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { test } from "../../support/e2e/e2e";
import { type DatabasePair, startDatabasePair } from "../../support/processes/database-pair";
import { type OutsideDatabase, startOutsideDatabase } from "../../support/processes/outside-database";
import { type PosternProcess, ready, spawnPostern } from "../../support/processes/postern-process";

// The primary dies at the very moment at which a person activates, and a standby takes over.

let outside: OutsideDatabase;
let pair: DatabasePair;
let postern: PosternProcess;
test.describe.configure({ mode: "serial" });
test.beforeAll(async () => {
  test.setTimeout(240_000);
  outside = await startOutsideDatabase("failover", "Demo");
  await outside.cluster.stop();
  pair = await startDatabasePair(join(outside.folder, "elsewhere"));
  postern = await spawnPostern({ ...outside.environment, DATABASE_URL: pair.bothUrl });
  await postern.says(ready);
});
test.afterAll(async () => {
  // A test that failed in the middle leaves a suspended standby. A set-up that failed has no pair.
  await Promise.allSettled([pair?.stop()]);
  await outside?.stop();
});

const role = "Reader on Contoso Production";
const reason = "While the primary dies";

test("a primary that dies while somebody activates: the page says so, keeps what was typed, and goes on with the standby", async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const accounts = JSON.parse(readFileSync(join(outside.folder, "demo-accounts.json"), "utf8"));
  const member = accounts.find(({ key }: { readonly key: string }) => key === "member");
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${postern.url}/sign-in`);
  await page.getByLabel("Email").fill(member.email);
  await page.getByLabel("Password").fill(member.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  await page.goto(`${postern.url}/my-roles`);
  await page.getByRole("button", { name: `Activate ${role}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill(reason);

  // The commit waits for the standby when its server dies.
  const release = pair.holdStandby();
  await dialog.getByRole("button", { name: "Activate" }).click();
  await expect
    .poll(
      async () =>
        (await pair.ask(pair.ports.primary, "SELECT FROM pg_stat_activity WHERE wait_event = 'SyncRep'"))
          .length,
    )
    .toBeGreaterThan(0);
  pair.killPrimary();
  await expect(
    dialog.getByRole("alert").or(page.getByText("Nothing you typed is lost")).first(),
  ).toBeVisible();
  await expect(dialog.getByLabel("Reason")).toHaveValue(reason);

  // In the gap.
  const ask = (path: string) => page.request.get(`${postern.url}${path}`);
  await expect.poll(async () => (await ask("/readyz")).status()).toBe(503);
  // Requests in the first moments fail with an error page; each process notices for itself that the database is
  // gone.
  await expect.poll(async () => (await ask("/my-roles")).status()).toBe(503);
  const answer = await ask("/my-roles");
  expect(Number(answer.headers()["retry-after"])).toBeGreaterThan(0);
  const visitor = await page.context().newPage();
  await visitor.goto(`${postern.url}/my-roles`);
  await expect(visitor.getByRole("heading", { name: "The database cannot be reached" })).toBeVisible();

  release();
  await pair.promoteStandby();
  await expect.poll(async () => (await ask("/readyz")).status(), { timeout: 60_000 }).toBe(200);
  await visitor.getByRole("link", { name: "Try again" }).click();
  await expect(visitor.getByRole("heading", { level: 1, name: "My roles" })).toBeVisible();
  await dialog.getByRole("button", { name: "Activate" }).click();
  // The standby may have the activation, though its primary did not confirm it. Then there is no second one.
  await expect(page.getByText(/The role is active now\.|already/).first()).toBeVisible();
  await page.goto(`${postern.url}/my-roles?tab=active`);
  await expect(page.getByRole("timer")).toHaveCount(1);
  await page.context().close();
});

test("a start goes past a host that is down", async () => {
  const { standby, primary } = pair.ports;
  const reversed = pair.bothUrl.replace(
    `127.0.0.1:${standby},127.0.0.1:${primary}`,
    `127.0.0.1:${primary},127.0.0.1:${standby}`,
  );
  const other = await spawnPostern({ ...outside.environment, DATABASE_URL: reversed });
  await other.says(ready);
  expect((await fetch(`${other.url}/readyz`)).status).toBe(200);
});
