import { randomUUID } from "node:crypto";
import { expect, type Page } from "@playwright/test";
import { axeViolations } from "../../support/e2e/axe";
import { ask, askOne } from "../../support/e2e/database";
import { account, signIn, signInAnew, test } from "../../support/e2e/e2e";
import { makeAccount } from "../../support/e2e/own-person";
import { grantRow } from "../../support/e2e/rows";

test("an activation shows in the administrator's bell without a reload, and is read from the list", async ({
  page,
  browser,
  baseURL,
}) => {
  // At a place of their own: jobs and other journeys notify the demo's administrators at any moment.
  const [administrator, holder] = [await makeAccount("Nadja Newsroom"), await makeAccount("Milo Monitor")];
  const place = await askOne(
    `INSERT INTO resources (parent_id, scope, display_name, resource_type)
     SELECT id, scope || '/databases/newsroom', 'Newsroom', 'databases' FROM resources WHERE display_name = 'lab-web'
     RETURNING id AS value`,
  );
  await ask(
    `INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, starts_at)
     SELECT $1, id, $2, 'Assigned', now() - interval '9 days' FROM role_definitions WHERE role_name = 'Owner'`,
    [administrator, place],
  );
  await ask(
    `INSERT INTO role_management_policies (role_definition_id, resource_id, activation_requires_mfa, version)
     SELECT id, $1, false, 1 FROM role_definitions WHERE role_name = 'Reader'`,
    [place],
  );
  await grantRow({ account: holder, role: "Reader", resource: "Newsroom" });
  await signIn(page, administrator);
  const bell = page.getByRole("link", { name: /^Notifications, / });
  await expect(bell).toBeVisible();
  const reason = `Read the dashboards ${Date.now()}`;

  const context = await browser.newContext({ baseURL });
  const member = await context.newPage();
  await signIn(member, holder, "/my-roles");
  await member.getByRole("button", { name: "Activate Reader on Newsroom" }).click();
  const dialog = member.getByRole("dialog");
  await dialog.getByLabel("Reason").fill(reason);
  await dialog.getByRole("button", { name: "Activate" }).click();
  await expect(member.getByText("The role is active now.")).toBeVisible();

  await expect(page.getByRole("status").filter({ hasText: "New notification" })).toContainText(
    /activated Reader on Newsroom/,
  );
  await expect(bell).toHaveAccessibleName(/Notifications, [1-9]/);
  await bell.click();
  // The list opens in place, newest first, and links to the page with all of them.
  const list = page.getByRole("dialog", { name: "Notifications" });
  const row = list.getByRole("listitem").filter({ hasText: /activated Reader on Newsroom/ });
  await expect(row.filter({ hasText: reason })).toContainText("Unread:");
  await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  await list.getByRole("link", { name: "All notifications" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Notifications" })).toBeVisible();
  const mine = page.getByRole("listitem").filter({ hasText: reason });
  await expect(mine).toHaveCount(1);
  await mine.getByRole("button", { name: /Mark as read/ }).click();
  await expect(mine.getByRole("button", { name: /Mark as read/ })).toBeHidden();
  // Marking all is offered only while something is unread.
  await expect(page.getByRole("button", { name: "Mark all as read" })).toHaveCount(0);
  await notify(administrator, "/my-roles");
  await page.getByRole("link", { name: "Unread", exact: true }).click();
  await expect(mine).toHaveCount(0);
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await expect(page.getByText("You have read everything.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Mark all as read" })).toHaveCount(0);
  await expect(bell).toHaveAccessibleName("Notifications, none unread");

  await member.goto("/my-roles?tab=active");
  await member
    .getByRole("row", { name: /Reader/ })
    .getByRole("button", { name: "Deactivate" })
    .click();
  await member.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
  await expect(member.getByText("The role is no longer active.")).toBeVisible();
  await context.close();
});

const bellOf = (page: Page) => page.getByRole("banner").getByRole("link", { name: /^Notifications, / });

/** A notification of somebody, as the worker writes it. Returns its title. */
async function notify(key: string, href: string, body = ""): Promise<string> {
  const title = `You now hold Reader ${randomUUID()}`;
  await ask(
    `INSERT INTO notifications (recipient_id, subject_key, category, title, body, href)
     SELECT id, $2, 'access', $2, $3, $4 FROM principals WHERE email = $1`,
    [account(key).email, title, body, href],
  );
  return title;
}

test("the bell's list works by keyboard, follows what comes and is read elsewhere, and leads to what it is about", async ({
  page,
}) => {
  await signIn(page, "requester", "/my-audit");
  const first = await notify("requester", "/my-requests", "Until 1 Mar 2027, 09:30 UTC.");
  const bell = bellOf(page);
  await expect(bell).toHaveAccessibleName(/, [1-9]\d* unread$/);
  await bell.focus();
  await page.keyboard.press("Enter");
  const list = page.getByRole("dialog", { name: "Notifications" });
  const rows = list.getByRole("listitem");
  // Notices caused by other journeys may come at any moment.
  await expect(rows.filter({ hasText: first })).toContainText(`Unread: ${first}`);
  await expect(rows.filter({ hasText: first }).locator("time")).toHaveAttribute("title", / UTC$/);
  expect(await rows.count()).toBeLessThanOrEqual(10);
  expect(await axeViolations(page, "header")).toEqual([]);
  // A notice that comes while the list is open appears in it, and is announced.
  const second = await notify("requester", "/my-roles");
  await expect(rows.filter({ hasText: second })).toContainText(second);
  await expect(page.getByRole("status").filter({ hasText: second })).toHaveText(/^New notification: /);
  await page.keyboard.press("Escape");
  await expect(list).toBeHidden();
  await expect(bell).toBeFocused();
  await page.keyboard.press("Enter");
  await list.getByRole("link", { name: new RegExp(second) }).press("Enter");
  await expect(page).toHaveURL(/\/my-roles$/);
  await expect(list).toBeHidden();
  // Following it has marked it as read, and no other one.
  await bell.click();
  await expect(rows.filter({ hasText: second })).not.toContainText("Unread:");
  await expect(rows.filter({ hasText: first })).toContainText("Unread:");
  await list.getByRole("button", { name: "Mark all as read" }).click();
  await expect(bell).toHaveAccessibleName("Notifications, none unread");
  await expect(rows.filter({ hasText: "Unread:" })).toHaveCount(0);
  await expect(list).toBeFocused();
  await expect(list.getByRole("button", { name: "Mark all as read" })).toHaveCount(0);
  // It fits on a phone.
  await page.setViewportSize({ width: 360, height: 740 });
  await expect(list).toBeInViewport({ ratio: 1 });
  await bell.click();
  await expect(list).toBeHidden();
});

test("the bell's list says when there is nothing, when it cannot be read, and is a link without JavaScript", async ({
  page,
  browser,
  baseURL,
}) => {
  await signIn(page, "auditor", "/my-audit");
  const bell = bellOf(page);
  const list = page.getByRole("dialog", { name: "Notifications" });
  let answer = { status: 500, body: "" };
  await page.route("**/notifications/newest", (route) => route.fulfill(answer));
  await bell.click();
  await expect(list.getByRole("alert")).toHaveText(/The list could not be read\./);
  answer = { status: 200, body: "[]" };
  await list.getByRole("button", { name: "Try again" }).click();
  await expect(list.getByRole("status")).toHaveText(/You are notified here when you get a role/);
  await bell.click();
  answer = { status: 401, body: "Sign in first." };
  await bell.click();
  await expect(list.getByRole("alert")).toHaveText("Your session has ended. Reload the page to sign in.");

  const plain = await browser.newContext({ baseURL, javaScriptEnabled: false });
  await plain.addCookies(await page.context().cookies());
  const reader = await plain.newPage();
  await reader.goto("/");
  await bellOf(reader).click();
  await expect(reader.getByRole("heading", { level: 1, name: "Notifications" })).toBeVisible();
  await plain.close();
});

test("only whoever is signed in can listen, and the stream ends with the session", async ({
  page,
  browser,
  baseURL,
}) => {
  const stranger = await browser.newContext({ baseURL });
  expect((await stranger.request.get("/notifications/stream")).status()).toBe(401);
  await stranger.close();

  await signInAnew(page, "auditor");
  const cookies = await page.context().cookies();
  const headers = { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join("; ") };
  const answer = await fetch(`${baseURL}/notifications/stream`, { headers });
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  const heard = answer.text();
  await page.getByRole("button", { name: /your account$/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in");
  expect(await heard).toContain("event: unread");
});

test("a person chooses what is mailed, and what concerns their factors cannot be switched off", async ({
  page,
}) => {
  await signIn(page, "approver", "/account/notifications");
  await expect(page.getByLabel("Your sign-in and your second factor")).toBeDisabled();
  await page.getByLabel("Weekly digest for administrators").uncheck();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Your choice is saved.")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Weekly digest for administrators")).not.toBeChecked();
  await expect(page.getByLabel("Your roles", { exact: true })).toBeChecked();
});

test("root administrators see the state of the worker, and nobody else sees the page", async ({
  page,
  request,
}) => {
  await signIn(page, "owner", "/worker");
  await expect(page.getByText("Running", { exact: true })).toBeVisible();
  await expect(page.getByRole("cell", { name: "Notify people of what happened" })).toBeVisible();
  const health = await request.get("/healthz");
  expect(health.status()).toBe(200);
  expect(await health.json()).toMatchObject({ status: "ok", worker: { state: "running" } });
});

test("an auditor gets no worker page", async ({ page }) => {
  await signIn(page, "auditor");
  expect((await page.goto("/worker"))?.status()).toBe(404);
  await expect(page.getByRole("link", { name: "Background jobs" })).toHaveCount(0);
});

test("a failed delivery is shown with its reason and can be retried, and a failing job is shown at once", async ({
  page,
  request,
}) => {
  const address = `${Date.now()}@contoso.example`;
  const why = "550 5.1.1 User unknown";
  const content = JSON.stringify({ title: "You now hold Reader", body: "", facts: [], href: "/my-roles" });
  await ask(
    `INSERT INTO mail_messages (address, subject_key, category, content, attempts, last_error, dead_at)
     VALUES ($1, $1, 'access', $2, 1, $3, now())`,
    [address, content, why],
  );
  await ask(
    `INSERT INTO worker_jobs (name, title, every_minutes, last_started_at, last_failed_at, last_error, failures_in_row)
     VALUES ('broken', 'Broken', 60, now(), now(), 'It is broken.', 2)`,
  );
  try {
    await signIn(page, "owner", "/worker");
    const letter = page.getByRole("row").filter({ hasText: address });
    await expect(letter).toContainText(why);
    await expect(page.getByRole("row").filter({ hasText: "It is broken." })).toContainText("2 in a row");
    expect(await (await request.get("/healthz")).json()).toMatchObject({
      status: "degraded",
      worker: { state: "running", failingJobs: 1 },
    });
    await letter.getByRole("button", { name: "Try again: You now hold Reader" }).click();
    await expect(letter).toHaveCount(0);
    const tried = "SELECT dead_at IS NULL AND attempts = 0 AS value FROM mail_messages WHERE address = $1";
    expect(await askOne(tried, [address])).toBe("true");
  } finally {
    // Nobody sends mail here.
    await ask("DELETE FROM mail_messages WHERE address = $1", [address]);
    await ask("DELETE FROM worker_jobs WHERE name = 'broken'");
  }
});
