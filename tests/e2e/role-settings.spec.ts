import { expect, type Locator, type Page } from "@playwright/test";
import { account, freshCode, signIn, test } from "../support/e2e";
import { ask } from "../support/e2e-database";

const role = "Contributor";
/** Requires Multi-Factor Authentication for the role on Contoso Production, as the demo does. */
const requireMfa = () =>
  ask(
    `UPDATE role_management_policies p SET activation_requires_mfa = true
     FROM role_definitions d, resources r WHERE d.id = p.role_definition_id AND r.id = p.resource_id
       AND d.role_name = $1 AND r.display_name = 'Contoso Production'`,
    [role],
  );
const mfa = "Require Multi-Factor Authentication on activation";

async function openEdit(page: Page) {
  await page.goto("/resources?search=Contoso%20Production");
  await page.getByRole("link", { name: "Contoso Production" }).click();
  await page.getByRole("link", { name: "Role settings", exact: true }).click();
  await page.getByRole("link", { name: `Edit ${role}`, exact: true }).click();
}

test("an Owner changes a role setting in five clicks from Home, and sees what it weakens beside the code", async ({
  page,
}) => {
  try {
    await signIn(page, "owner", "/");
    let clicks = 0;
    const click = async (name: string) => {
      await page.getByRole("link", { name, exact: true }).first().click();
      clicks += 1;
    };
    await page.getByRole("button", { name: /^Search or activate/ }).click();
    await page.getByRole("combobox", { name: "Search" }).fill("Contoso Production");
    await page.getByRole("option", { name: /^Contoso Production/ }).click();
    clicks += 2;
    await click("Role settings");
    await click(`Edit ${role}`);
    await page.getByLabel(mfa).click();
    clicks += 1;
    const changes = page.getByRole("region", { name: /^1 change/ });
    await expect(changes).toContainText(`${mfa}: Yes → No`);
    await expect(changes.getByText("Weaker", { exact: true })).toBeVisible();
    await page.getByLabel("Verification code").fill(await freshCode(account("owner").totpSecret ?? ""));
    await expect(page.getByText("The role settings are saved.")).toBeVisible();
    expect(clicks).toBeLessThanOrEqual(5);
    await expect(page.getByText(/^Changed by Olivia Okafor/)).toBeVisible();
  } finally {
    await requireMfa();
  }
});

test("an Owner strengthens a role setting in five clicks from Home", async ({ page }) => {
  await signIn(page, "owner", "/");
  let clicks = 0;
  const click = async (what: Locator) => {
    await what.click();
    clicks += 1;
  };
  const ticket = page.getByLabel("Require ticket information on activation");
  await click(page.getByRole("button", { name: /^Search or activate/ }));
  await page.getByRole("combobox", { name: "Search" }).fill("Contoso Production");
  await click(page.getByRole("option", { name: /^Role settings of \P{L}*Contoso Production/u }));
  await click(page.getByRole("link", { name: "Edit Network Contributor", exact: true }));
  const before = await ticket.isChecked();
  await click(ticket);
  await click(page.getByRole("main").getByRole("button", { name: "Save", exact: true }));
  await expect(page.getByText("The role settings are saved.")).toBeVisible();
  expect(before).toBe(false);
  expect(clicks).toBeLessThanOrEqual(5);
});

test("an Owner who goes Back, uses the palette or signs out with unsaved role settings is asked first", async ({
  page,
}) => {
  await signIn(page, "owner", "/");
  await openEdit(page);
  await page.getByLabel("Require ticket information on activation").click();
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  const inThePalette = async () => {
    await page.getByRole("button", { name: /^Search or activate/ }).click();
    await page.getByRole("combobox", { name: "Search" }).fill("Notifications");
    await page.getByRole("option", { name: "Notifications", exact: true }).click();
  };
  const bySigningOut = async () => {
    await page.getByRole("button", { name: /, your account$/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
  };
  const byShortcut = async () => {
    await page.getByRole("heading", { name: "Edit role settings" }).click();
    await page.keyboard.press("g");
    await page.keyboard.press("h");
  };
  const byBack = () => page.evaluate(() => history.back());
  const byTwoPages = () => page.evaluate(() => history.go(-2));
  // Twice, since the first question may not use up the second.
  for (const leave of [byBack, byBack, byTwoPages, inThePalette, byShortcut, bySigningOut]) {
    await leave();
    await question.getByRole("button", { name: "Keep editing" }).click();
    await expect(question).toBeHidden();
    await expect(page).toHaveURL(/\/settings\/edit$/);
    await expect(page.getByRole("region", { name: /^1 change/ })).toBeVisible();
  }
  await byBack();
  await question.getByRole("button", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { name: "Role settings", exact: true })).toBeVisible();
  await expect(page).toHaveURL(/\/settings$/);
});

test("an Owner who reloads with unsaved role settings is asked by the browser", async ({ page }) => {
  await signIn(page, "owner", "/");
  await openEdit(page);
  await page.getByLabel("Require ticket information on activation").click();
  const asked = page.waitForEvent("dialog");
  const reload = page.evaluate(() => location.reload()).catch(() => null);
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.dismiss();
  await reload;
  await expect(page.getByRole("region", { name: /^1 change/ })).toBeVisible();
});

test("an Owner who leaves with unsaved role settings is asked first", async ({ page }) => {
  await signIn(page, "owner", "/");
  await openEdit(page);
  const ticket = page.getByLabel("Require ticket information on activation");
  await ticket.click();
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  for (const leave of [
    page.getByRole("main").getByRole("button", { name: "Cancel" }),
    page.getByRole("link", { name: "My roles" }),
  ]) {
    await leave.click();
    await question.getByRole("button", { name: "Keep editing" }).click();
    await expect(question).toBeHidden();
    await expect(page).toHaveURL(/\/settings\/edit$/);
  }
  await page.getByRole("link", { name: "My roles" }).click();
  await question.getByRole("button", { name: "Leave" }).click();
  await expect(page).toHaveURL(/\/my-roles$/);
  // Nothing is asked where nothing was changed.
  await openEdit(page);
  await page.getByRole("main").getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("heading", { name: "Role setting detail" })).toBeVisible();
});
