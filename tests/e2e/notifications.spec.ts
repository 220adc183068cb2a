import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { signIn, test } from "../support/e2e";

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
  await signIn(member, "member");
  await member.goto("/my-roles");
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

  await signIn(page, "auditor");
  const ended = page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        fetch("/notifications/stream").then(async (answer) => {
          const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
          let text = "";
          for (;;) {
            const part = await reader?.read();
            if (!part || part.done) break;
            text += part.value;
          }
          resolve(text);
        });
      }),
  );
  const other = await browser.newContext({ baseURL });
  const elsewhere = await other.newPage();
  await signIn(elsewhere, "auditor");
  await elsewhere.goto("/account/security");
  await elsewhere.getByRole("button", { name: "End all other sessions" }).click();
  expect(await ended).toContain("event: unread");
  await other.close();
});

test("a person chooses what is mailed, and what concerns their factors cannot be switched off", async ({
  page,
}) => {
  await signIn(page, "approver");
  await page.goto("/account/notifications");
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
  await signIn(page, "owner");
  await page.goto("/worker");
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

test("axe finds nothing on the pages of notifications, in either theme", async ({
  page,
  context,
  baseURL,
}) => {
  await signIn(page, "owner");
  for (const theme of ["light", "dark"]) {
    await context.addCookies([{ name: "postern-theme", value: theme, url: baseURL }]);
    for (const path of [
      "/notifications",
      "/notifications?show=unread",
      "/account/notifications",
      "/worker",
    ]) {
      await page.goto(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id, nodes }) => `${path} ${theme} ${id} ${nodes[0]?.html}`)).toEqual([]);
    }
  }
});
