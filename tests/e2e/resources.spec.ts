import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";
import { signIn, test } from "../support/e2e";

test("the tree is walked by keyboard, fetches what is opened, and stays open on the way back", async ({
  page,
}) => {
  await signIn(page, "auditor");
  await page.goto("/resources");
  const item = (name: string) =>
    page.getByRole("treeitem", { name: new RegExp(`^${name} (Tenants|Management groups|Subscriptions)$`) });
  await expect(item("Contoso")).toHaveAttribute("aria-expanded", "true");
  await item("Contoso").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await expect(item("Platform")).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(item("Platform")).toHaveAttribute("aria-expanded", "true");
  await page.keyboard.press("ArrowRight");
  await expect(item("Contoso Production")).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(item("Platform")).toBeFocused();
  await page.keyboard.press("l");
  await expect(item("Labs")).toBeFocused();
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
  await expect(item("Contoso")).toBeFocused();

  await page.reload();
  await expect(item("Contoso Production")).toBeVisible();
  await item("Contoso Production").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Contoso Production" })).toBeVisible();
  await page.goBack();
  await expect(item("Contoso Production")).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);

  await item("Platform").getByRole("button", { includeHidden: true }).first().click();
  await expect(item("Contoso Production")).toBeHidden();
});

test("the list is searched by name or scope, filtered by type, and both stand in the address", async ({
  page,
}) => {
  await signIn(page, "auditor");
  await page.goto("/resources");
  await page.getByRole("link", { name: "List", exact: true }).click();
  await page.getByLabel("Search by name or scope").fill("prod-WEB");
  await page.getByLabel("Type").selectOption("Microsoft.KeyVault/vaults");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page).toHaveURL(/search=prod-WEB&type=Microsoft.KeyVault%2Fvaults/);
  await expect(page.getByRole("row")).toHaveCount(2);
  await expect(page.getByRole("link", { name: /^kv-prod-web-/ })).toBeVisible();
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
  await page.getByLabel("Search by name or scope").fill("no such resource");
  await page.getByRole("button", { name: "Search" }).click();
  await expect(page.getByText("No resource matches")).toBeVisible();
  await page.getByRole("link", { name: "Clear the filters" }).click();
  await expect(page.getByRole("link", { name: "Next page" })).toBeVisible();
});

test("a member sees only the way to their roles and what lies below, also with a made-up address", async ({
  page,
}) => {
  await signIn(page, "member");
  await page.goto("/resources");
  await expect(page.getByRole("treeitem", { name: /^Contoso Production / })).toBeVisible();
  await expect(page.getByRole("treeitem", { name: /^Labs / })).toHaveCount(0);
  await page.goto("/resources?view=list&search=Sandbox&after=%00&type=%27");
  await expect(page.getByText("No resource matches")).toBeVisible();
  await page.goto("/resources?open=11111111-1111-4111-8111-111111111111.nonsense");
  await expect(page.getByRole("treeitem", { name: /^Contoso Tenants$/ })).toBeVisible();
});
