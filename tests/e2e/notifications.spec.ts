import { expect } from "@playwright/test";
import { signIn, signInAnew, test } from "../support/e2e";

test("an activation shows in the administrator's bell without a reload, and is read from the list", async ({
  page,
  browser,
  baseURL,
}) => {
  await signIn(page, "owner");
  const bell = page.getByRole("link", { name: /^Notifications, / });
  await expect(bell).toBeVisible();
  const reason = `Read the dashboards ${Date.now()}`;

  const context = await browser.newContext({ baseURL });
  const member = await context.newPage();
  await signIn(member, "member", "/my-roles");
  await member.getByRole("button", { name: /Activate Reader on Contoso Production/ }).click();
  const dialog = member.getByRole("dialog");
  await dialog.getByLabel("Reason").fill(reason);
  await dialog.getByRole("button", { name: "Activate" }).click();
  await expect(member.getByText("The role is active now.")).toBeVisible();

  await expect(page.getByRole("status").filter({ hasText: "New notification" })).toContainText(
    /activated Reader on Contoso Production/,
  );
  await expect(bell).toHaveAccessibleName(/Notifications, [1-9]/);
  await bell.click();
  await expect(page.getByRole("heading", { level: 1, name: "Notifications" })).toBeVisible();
  const mine = page.getByRole("listitem").filter({ hasText: reason });
  await expect(mine).toHaveCount(1);
  await mine.getByRole("button", { name: /Mark as read/ }).click();
  await expect(mine.getByRole("button", { name: /Mark as read/ })).toBeHidden();
  await page.getByRole("link", { name: "Unread", exact: true }).click();
  await expect(mine).toHaveCount(0);
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await expect(page.getByText("You have read everything.")).toBeVisible();
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

test("whoever administers the root sees how the worker does; nobody else knows of the page", async ({
  page,
  request,
}) => {
  await signIn(page, "owner", "/worker");
  await expect(page.getByText("Running", { exact: true })).toBeVisible();
  await expect(page.getByRole("cell", { name: "Tell people of what happened" })).toBeVisible();
  const health = await request.get("/healthz");
  expect(health.status()).toBe(200);
  expect(await health.json()).toMatchObject({ status: "ok", worker: { state: "running" } });
});

test("an auditor gets no worker page", async ({ page }) => {
  await signIn(page, "auditor");
  expect((await page.goto("/worker"))?.status()).toBe(404);
  await expect(page.getByRole("link", { name: "Worker" })).toHaveCount(0);
});
