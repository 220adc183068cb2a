import { expect, type Page } from "@playwright/test";
import { askOne } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";

const place = (name: string) =>
  askOne(`SELECT '/resources/' || id AS value FROM resources WHERE display_name = '${name}'`);

/** A time in the zone of the browser, as its field takes it. */
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 16);

async function choose(page: Page, label: string, role: string) {
  await page.getByRole("searchbox", { name: label, exact: true }).fill(role);
  await page.getByRole("button", { name: `Add ${role}`, exact: true }).click();
  await expect(page.getByRole("list", { name: `Chosen: ${label}` })).toContainText(role);
}

async function assign(page: Page, address: string, role: string, member: string, end?: string) {
  await page.goto(`${address}/assignments/add`);
  await choose(page, "Roles", role);
  await page.getByRole("searchbox", { name: "Members", exact: true }).fill(member);
  await page.getByRole("button", { name: new RegExp(`^Add ${member}`) }).click();
  await page.getByLabel("Active", { exact: true }).click();
  if (end) await page.getByLabel("End", { exact: true }).fill(end);
  await page.getByLabel("Justification").fill("Month end");
  await page.getByRole("button", { name: "Assign", exact: true }).click();
}

test("an administrator keeps two roles in different hands: a rule refuses the second, until it is removed", async ({
  page,
}) => {
  const address = await place("Contoso Sandbox");
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

test("an administrator requests an exception for somebody, a second one approves it with a code, and either revokes it", async ({
  page,
  browser,
  baseURL,
}) => {
  const address = await place("Contoso Staging");
  const [enter, approve, member] = ["Cost Management Reader", "Billing Reader", "Priya Raman"];
  await signIn(page, "owner", `${address}/conflicting-roles/new`);
  await page.getByLabel("Name", { exact: true }).fill("Costs and reservations");
  await choose(page, "Roles", enter);
  await choose(page, "Conflict with", approve);
  await page.getByLabel("Reason").fill("Different hands.");
  await page.getByRole("button", { name: "Add rule" }).click();
  await expect(page.getByRole("heading", { name: "Costs and reservations", level: 1 })).toBeVisible();
  const rule = new URL(page.url()).pathname;
  await assign(page, address, enter, member, inDays(30));
  await expect(page.getByText("The assignment is made.")).toBeVisible();

  await assign(page, address, approve, member);
  await page.getByRole("link", { name: "Request an exception from Costs and reservations" }).click();
  await expect(page.getByRole("list", { name: "Chosen: Person or group" })).toContainText(member);
  await page.getByRole("button", { name: "Request exception" }).click();
  await expect(page.getByText("Choose an end").first()).toBeVisible();
  await page.getByLabel("End", { exact: true }).fill(inDays(7));
  await page.getByLabel("Justification").fill("The other one is on leave.");
  await page.getByRole("button", { name: "Request exception" }).click();
  const exceptions = page.getByRole("list", { name: "Exceptions", exact: true });
  await expect(exceptions).toContainText(/Priya Raman.*Waiting for a second administrator/);
  await expect(exceptions).toContainText("The other one is on leave.");
  await expect(exceptions.getByRole("button", { name: /^Approve/ })).toHaveCount(0);
  await expect(exceptions.getByRole("button", { name: /^Withdraw/ })).toBeVisible();

  const context = await browser.newContext({ baseURL });
  const second = await context.newPage();
  await signIn(second, "approver", "/approvals");
  await second
    .getByRole("link", { name: /^Decide: exception from .*Costs and reservations.* for .*Priya Raman/ })
    .click();
  await second.getByRole("button", { name: /^Approve the exception for Priya Raman/ }).click();
  const dialog = second.getByRole("dialog");
  await dialog.getByLabel("Justification").fill("For a week");
  await dialog.getByLabel("Verification code").fill(await freshCode(account("approver").totpSecret ?? ""));
  await expect(second.getByText(/The exception for Priya Raman.* is approved until/)).toBeVisible();
  await expect(second.getByRole("list", { name: "Exceptions", exact: true })).toContainText("In force");

  await assign(page, address, approve, member, inDays(10));
  await expect(page.getByText(/An exception allows both until .*: choose an end no later/)).toBeVisible();
  await assign(page, address, approve, member, inDays(2));
  await expect(page.getByText("The assignment is made.")).toBeVisible();

  await page.goto(rule);
  await expect(page.getByRole("region", { name: "Who holds both" }).first()).toContainText(
    /Priya Raman.*Until/,
  );
  await page.getByRole("button", { name: /^Revoke the exception for Priya Raman/ }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("The exception is revoked.")).toBeVisible();
  await expect(page.getByRole("list", { name: "Exceptions that ended" })).toContainText(
    /Priya Raman.*Revoked/,
  );
  await page.goto(`${address}/audit`);
  await expect(page.getByText(/revoked the exception for Priya Raman/).first()).toBeVisible();
  await context.close();
});
