import { expect, type Page } from "@playwright/test";
import { account, freshCode, signIn, test } from "../support/e2e";
import { askOne } from "../support/e2e-database";

const place = () =>
  askOne("SELECT '/resources/' || id AS value FROM resources WHERE display_name = 'Contoso Sandbox'");

async function choose(page: Page, label: string, role: string) {
  await page.getByRole("searchbox", { name: label, exact: true }).fill(role);
  await page.getByRole("button", { name: `Add ${role}`, exact: true }).click();
  await expect(page.getByRole("list", { name: `Chosen: ${label}` })).toContainText(role);
}

async function assign(page: Page, address: string, role: string, member: string) {
  await page.goto(`${address}/assignments/add`);
  await choose(page, "Roles", role);
  await page.getByRole("searchbox", { name: "Members", exact: true }).fill(member);
  await page.getByRole("button", { name: new RegExp(`^Add ${member}`) }).click();
  await page.getByLabel("Active", { exact: true }).click();
  await page.getByLabel("Justification").fill("Month end");
  await page.getByRole("button", { name: "Assign", exact: true }).click();
}

test("an administrator keeps two roles in different hands: a rule refuses the second, until it is removed", async ({
  page,
}) => {
  const address = await place();
  const [enter, approve, member] = ["Cost Management Contributor", "Billing Reader", "Priya Raman"];
  await signIn(page, "owner", address);
  await page.getByRole("link", { name: "Conflicting roles", exact: true }).click();
  await expect(page.getByText("No roles conflict here")).toBeVisible();
  await page.getByRole("link", { name: "Add rule" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Costs and bills");
  await choose(page, "Roles", enter);
  await choose(page, "Conflict with", approve);
  await expect(page.getByText("Nobody holds both now.")).toBeVisible();
  await page.getByLabel("Reason").fill("Whoever plans costs does not read the bills.");
  await page.getByRole("button", { name: "Add rule" }).click();
  await expect(page.getByRole("heading", { name: "Costs and bills", level: 1 })).toBeVisible();
  await expect(page.getByText("Nobody holds both.")).toBeVisible();

  await assign(page, address, enter, member);
  await expect(page.getByText("The assignment is made.")).toBeVisible();
  await assign(page, address, approve, member);
  await expect(
    page.getByText(/Priya Raman.* holds Cost Management Contributor on Contoso Sandbox.*Costs and bills/),
  ).toBeVisible();

  await page.goto(`${address}/conflicting-roles`);
  await page.getByRole("link", { name: "Costs and bills" }).click();
  await page.getByRole("button", { name: "Remove rule" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Justification").fill("Tried out");
  await dialog.getByLabel("Verification code").fill(await freshCode(account("owner").totpSecret ?? ""));
  await expect(page.getByText("The rule Costs and bills is removed.")).toBeVisible();
  await expect(page.getByText("No roles conflict here")).toBeVisible();

  await assign(page, address, approve, member);
  await expect(page.getByText("The assignment is made.")).toBeVisible();
});
