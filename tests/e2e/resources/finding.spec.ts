import { expect } from "@playwright/test";
import { askOne } from "../../support/e2e/database";
import { signIn, test } from "../../support/e2e/e2e";

test("Reader and Enter, pressed once more than needed, adds Reader and nothing else", async ({ page }) => {
  const production = await askOne(
    "SELECT id AS value FROM resources WHERE display_name = 'Contoso Production'",
  );
  await signIn(page, "owner", `/resources/${production}/assignments/add`);
  const roles = page.getByRole("searchbox", { name: "Roles" });
  const chosen = page.getByRole("list", { name: "Chosen: Roles" }).getByRole("listitem");
  await roles.pressSequentially("Reader");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await expect(chosen).toHaveText(["Reader"]);
  await expect(roles).toHaveValue("");
  await page.keyboard.press("Enter");
  await roles.pressSequentially("Owner");
  await expect(page.getByRole("list", { name: "Found: Roles" }).getByRole("button").first()).toHaveText(
    "Add Owner",
  );
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await expect(chosen).toHaveText(["Reader", "Owner"]);
});
