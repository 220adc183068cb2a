import { expect, type Page, type Request, type Route } from "@playwright/test";
import { ask } from "../../support/e2e/database";
import { account, freshCode, signIn, signInAnew, test } from "../../support/e2e/e2e";
import { serverAction } from "../../support/e2e/server-actions";

const code = () => freshCode(account("member").totpSecret ?? "");

/** Sends the browser's request over another connection, so that the browser gets no answer. */
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

interface Lost {
  readonly text: string;
  readonly cookies: string;
}

/** Cuts the connection after the server has activated a role and before the browser gets the answer. */
async function cutAnswer(page: Page): Promise<() => Promise<Lost>> {
  let cut = (_lost: Lost) => {};
  const once = new Promise<Lost>((resolve) => {
    cut = resolve;
  });
  const activation = serverAction("activate");
  const lose = async (route: Route) => {
    if (route.request().headers()["next-action"] !== activation.id) return route.continue();
    const answer = await deliver(route.request());
    const lost = { text: await answer.text(), cookies: answer.headers.getSetCookie().join("; ") };
    await route.abort("connectionreset");
    cut(lost);
  };
  await page.route("**/*", lose);
  return async () => {
    const lost = await once;
    await page.unroute("**/*", lose);
    return lost;
  };
}

async function openActivation(page: Page, role: string) {
  await page.goto("/my-roles");
  await page.getByRole("button", { name: `Activate ${role} on Contoso Production` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("An answer is lost");
  return dialog;
}

/** Lets the member's activations expire. */
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
    const dialog = await openActivation(page, "Contributor");
    await expect(dialog.getByLabel("Verification code")).toBeVisible();
    const heal = await cutAnswer(page);
    await dialog.getByLabel("Verification code").fill(await code());
    const { text, cookies } = await heal();
    expect(text).toContain('"ok":true');
    // The session's new secret, which the browser never gets.
    expect(cookies).toContain("postern-session=");
    // The operation succeeded, and the person continues where they were.
    await page.goto("/my-roles?tab=active");
    await expect(page.getByRole("heading", { level: 1, name: "My roles" })).toBeVisible();
    await expect(page.getByRole("cell", { name: /Contributor/ }).first()).toBeVisible();
    await letRunOut();
  }
  // The next code whose answer arrives gives the browser the session's secret again, for good.
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

test("two tabs of one session: a request of one succeeds while the other's code changes the session, and both continue", async ({
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
  // Sent before the session changes, and received after it.
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
