import { expect, type Page, type Request, type Route } from "@playwright/test";
import { account, freshCode, signIn, signInAnew, test } from "../support/e2e";
import { ask } from "../support/e2e-database";

const code = () => freshCode(account("member").totpSecret ?? "");

/** Does what the browser asked, over a connection of its own, so that the browser hears of nothing. */
async function deliver(request: Request): Promise<Response> {
  const sent = await request.allHeaders();
  const kept = ["accept", "content-type", "cookie", "next-action", "next-router-state-tree", "origin"];
  const headers = Object.fromEntries(Object.entries(sent).filter(([name]) => kept.includes(name)));
  const body = request.postDataBuffer();
  const response = await fetch(request.url(), {
    method: "POST",
    redirect: "manual",
    headers,
    ...(body === null ? {} : { body: new Uint8Array(body) }),
  });
  expect(response.status).toBeLessThan(400);
  return response;
}

/** Cuts the connection each time that the server has done what an action asks and before the browser hears of it. */
async function cutAnswers(page: Page): Promise<() => Promise<void>> {
  let cut = () => {};
  const once = new Promise<void>((resolve) => {
    cut = resolve;
  });
  const lose = async (route: Route) => {
    if (route.request().headers()["next-action"] === undefined) return route.continue();
    await (await deliver(route.request())).arrayBuffer();
    await route.abort("connectionreset");
    cut();
  };
  await page.route("**/*", lose);
  return async () => {
    await once;
    await page.unroute("**/*", lose);
  };
}

async function openActivation(page: Page, role: string) {
  await page.goto("/my-roles");
  await page.getByRole("button", { name: `Activate ${role} on Contoso Production` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("An answer is lost");
  return dialog;
}

const secretOf = async () => {
  const [row] = await ask<{ hash: string }>(
    `SELECT encode(secret_hash, 'hex') AS hash FROM sessions
     WHERE ended_at IS NULL AND user_id = (SELECT id FROM principals WHERE email = $1)
     ORDER BY created_at DESC LIMIT 1`,
    [account("member").email],
  );
  return row?.hash;
};

/** Lets what the member activated run out. */
const letRunOut = () =>
  ask(
    `UPDATE assignments SET ends_at = clock_timestamp()
     WHERE assignment_type = 'Activated' AND ends_at > clock_timestamp() AND starts_at < clock_timestamp()
       AND principal_id = (SELECT id FROM principals WHERE email = $1)`,
    [account("member").email],
  );

test.beforeEach(letRunOut);
test.afterAll(letRunOut);

test("an answer that is lost after a step-up, twice in a row, signs nobody out", async ({ page }) => {
  test.setTimeout(180_000);
  await signInAnew(page, "member");
  for (let loss = 0; loss < 2; loss += 1) {
    const before = await secretOf();
    const dialog = await openActivation(page, "Contributor");
    await expect(dialog.getByLabel("Verification code")).toBeVisible();
    const heal = await cutAnswers(page);
    await dialog.getByLabel("Verification code").fill(await code());
    await heal();
    expect(await secretOf()).not.toBe(before);
    // What was done is done, and the person goes on where they were.
    await page.goto("/my-roles?tab=active");
    await expect(page.getByRole("heading", { level: 1, name: "My roles" })).toBeVisible();
    await expect(page.getByRole("cell", { name: /Contributor/ }).first()).toBeVisible();
    await letRunOut();
  }
  // The next code that is heard of gives the browser the session's secret again, for good.
  const dialog = await openActivation(page, "Contributor");
  await dialog.getByLabel("Verification code").fill(await code());
  await expect(page.getByText("The role is active now.")).toBeVisible();
  await ask(
    `UPDATE sessions SET former_hashes = '{}', former_until = '{}'
     WHERE user_id = (SELECT id FROM principals WHERE email = $1)`,
    [account("member").email],
  );
  await page.goto("/my-roles?tab=active");
  await expect(page.getByRole("heading", { level: 1, name: "My roles" })).toBeVisible();
});

test("two tabs of one session: what one asks while the other's code changes the session is done, and both go on", async ({
  page,
  context,
}) => {
  test.setTimeout(180_000);
  await signIn(page, "member");
  const other = await context.newPage();
  const reading = await openActivation(other, "Reader");
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  // Sent before the session changes, and at the server after it.
  await other.route("**/*", async (route) => {
    if (route.request().headers()["next-action"] === undefined) return route.continue();
    await released;
    const response = await deliver(route.request());
    await route.fulfill({
      status: response.status,
      headers: { "content-type": response.headers.get("content-type") ?? "" },
      body: await response.text(),
    });
  });
  const sent = other.waitForRequest((request) => request.headers()["next-action"] !== undefined);
  await reading.getByRole("button", { name: "Activate", exact: true }).click();
  await sent;
  const dialog = await openActivation(page, "Contributor");
  await dialog.getByLabel("Verification code").fill(await code());
  await expect(page.getByText("The role is active now.")).toBeVisible();
  release();
  await expect(other.getByText("The role is active now.")).toBeVisible();
  await other.unrouteAll({ behavior: "wait" });
  for (const tab of [page, other]) {
    await tab.goto("/my-roles?tab=active");
    await expect(tab.getByRole("heading", { level: 1, name: "My roles" })).toBeVisible();
    await expect(tab.getByRole("cell", { name: /Reader/ }).first()).toBeVisible();
    await expect(tab.getByRole("cell", { name: /Contributor/ }).first()).toBeVisible();
  }
});
