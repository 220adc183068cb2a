import { expect } from "@playwright/test";
import { signIn, test } from "../../support/e2e/e2e";

test("an Owner clones a built-in role, narrows it, tests it, and deletes it", async ({ page }) => {
  await signIn(page, "owner", "/resources?search=Contoso%20Sandbox");
  await page.getByRole("link", { name: "Contoso Sandbox" }).click();
  await page.getByRole("link", { name: "Roles", exact: true }).click();
  await page.getByLabel("Search roles").fill("Website Contributor");
  await page.getByRole("main").getByRole("button", { name: "Search" }).click();
  await page.getByRole("link", { name: "Website Contributor", exact: true }).click();
  await page.getByRole("link", { name: "Permissions", exact: true }).click();
  await page.getByRole("link", { name: "Clone" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Sandbox web deployer");
  await page.getByLabel("Actions", { exact: true }).fill("Microsoft.Web/sites/*\nnot a pattern");
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page.getByText("Line 2: “not a pattern” has a space in it.").first()).toBeVisible();
  await page.getByLabel("Actions", { exact: true }).fill("Microsoft.Web/sites/*\n*/read");
  await page.getByLabel("Not actions", { exact: true }).fill("Microsoft.Web/sites/delete");
  // Permissions of other roles are found and added, once however often Enter is pressed.
  const find = page.getByRole("searchbox", { name: "Find actions in use" });
  await find.fill("sites restart");
  await find.press("Enter");
  await expect(page.getByText(/^Microsoft.Web\/sites\/.*restart.* is added to actions\.$/i)).toBeVisible();
  await find.press("Enter");
  await expect(page.getByLabel("Actions", { exact: true })).toHaveValue(
    /^Microsoft\.Web\/sites\/\*\n\*\/read\nMicrosoft\.Web\/sites\/\S*restart\S*$/i,
  );
  await page.getByRole("button", { name: "Create" }).click();
  await expect(page.getByRole("heading", { name: "Permissions of Sandbox web deployer" })).toBeVisible();

  await page.getByLabel("Operation").fill("microsoft.web/sites/DELETE");
  await page.getByRole("button", { name: "Test" }).click();
  await expect(page.getByRole("main").getByRole("status")).toContainText(
    "Microsoft.Web/sites/delete of its notActions",
  );
  await page.getByLabel("Operation").fill("Microsoft.Web/sites/write");
  await page.getByRole("button", { name: "Test" }).click();
  await expect(page.getByRole("main").getByRole("status")).toContainText(
    "Yes, on Contoso Sandbox. Allowed by Microsoft.Web/sites/*",
  );
  await page
    .getByRole("textbox", { name: "Scope" })
    .fill("/subscriptions/11111111-1111-4111-8111-111111111111");
  await page.getByRole("button", { name: "Test" }).click();
  await expect(page.getByRole("main").getByRole("status")).toContainText(
    "No. The role cannot be assigned on Contoso Production",
  );
  await page.getByRole("textbox", { name: "Scope" }).fill("/subscriptions/nowhere");
  await page.getByRole("button", { name: "Test" }).click();
  await expect(page.getByRole("main").getByRole("status")).toContainText("does not exist");

  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("Not actions", { exact: true }).fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The custom role is saved.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Permissions of Sandbox web deployer" })).toBeVisible();
  const permissionsUrl = page.url();

  await page.getByRole("link", { name: "Check access", exact: true }).first().click();
  await page.getByLabel("Search users and groups").fill("Amara");
  await page.getByRole("main").getByRole("button", { name: "Search" }).click();
  await page.getByRole("link", { name: "Amara Nwosu" }).click();
  await page.getByLabel("Operation").fill("Microsoft.Web/sites/read");
  await page.getByRole("button", { name: "Test" }).click();
  await expect(page.getByRole("main").getByRole("status")).toContainText("Yes.");
  await expect(page.getByRole("cell", { name: "Allowed by */read of its actions." })).toBeVisible();

  await page.goto(permissionsUrl);
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("Sandbox web deployer is deleted.")).toBeVisible();
  expect((await page.goto(permissionsUrl))?.status()).toBe(404);
});
