import { expect } from "@playwright/test";
import { askOne } from "../../support/e2e/database";
import { signIn, test } from "../../support/e2e/e2e";
import { address } from "../../support/e2e/page-addresses";

/** Forms, and the fields that must be marked when all of them are empty. */
const forms = [
  {
    route: "/account/security",
    button: "Change password",
    marked: ["Current password", "New password"],
  },
  { route: "/resources/[resourceId]/assignments/add", button: "Assign", marked: ["Roles", "Members"] },
  {
    route: "/resources/[resourceId]/conflicting-roles/new",
    button: "Add rule",
    marked: ["Name", "Roles", "Conflict with", "Reason"],
  },
  {
    route: "/resources/[resourceId]/conflicting-roles/[ruleId]/exceptions/new",
    button: "Request exception",
    marked: ["Person or group", "End"],
  },
] as const;

test("a person who sends an empty form sees which fields are missing, and is in the first of them", async ({
  page,
}) => {
  for (const { route, button, marked } of forms) {
    await signIn(page, "owner", await address(route));
    const form = page.locator("main form").filter({ has: page.getByRole("button", { name: button }) });
    await form.getByRole("button", { name: button }).click();
    for (const label of marked) {
      const field = form.getByLabel(label, { exact: true });
      await expect(field, `${label} of ${route}`).toHaveAttribute("aria-invalid", "true");
      await expect(field, `${label} of ${route}`).toHaveAccessibleDescription(/(Choose|Enter|Give|Say) /);
    }
    await expect(form.getByLabel(marked[0], { exact: true })).toBeFocused();
  }
});

test("a break-glass account that is added without a person says so beside the search", async ({ page }) => {
  await signIn(page, "owner", "/organisation/sign-in");
  await page.getByRole("button", { name: "Add account" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("What it is for").fill("When nothing else works");
  await dialog.getByRole("button", { name: "Add account" }).click();
  await expect(dialog.getByLabel("Account", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await expect(dialog.getByText("Choose one person.")).toBeVisible();
  expect(await askOne("SELECT count(*) AS value FROM break_glass_accounts")).toBe("0");
});
