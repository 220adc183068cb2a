import { expect, type Page } from "@playwright/test";
import { ask } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";
import { grantRow, journeyRows, rowName } from "../../support/e2e/rows";

const ending = journeyRows.activation.ending;
const name = rowName(ending);

/** Gives the member a role that ends after so many minutes, none of it activated. Returns the eligibility's id. */
async function endingAfter(minutes: number): Promise<string> {
  const id = await grantRow(ending);
  await ask(
    `UPDATE assignments SET ends_at = greatest(starts_at, now()) WHERE eligibility_id = $1 AND ends_at > now()`,
    [id],
  );
  await ask("UPDATE eligibilities SET ends_at = now() + make_interval(mins => $2::int) WHERE id = $1", [
    id,
    minutes,
  ]);
  return id;
}

const code = () => freshCode(account(ending.account).totpSecret ?? "");

async function openPanel(page: Page, path = "/my-roles") {
  await signIn(page, ending.account, path);
  await page.getByRole("button", { name: `Activate ${name}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("Finish the migration");
  return dialog;
}

test("a person who presses Enter out of habit after the sixth digit stays at the active role", async ({
  page,
}) => {
  await endingAfter(10_000);
  const dialog = await openPanel(page);
  await dialog.getByLabel("Verification code").pressSequentially((await code()).replace(/^(...)/, "$1 "));
  await page.keyboard.press("Enter");
  await expect(page.getByText("The role is active now.")).toBeVisible();
  await expect(dialog).toBeHidden();
  await page.keyboard.press("Enter");
  const row = page.getByRole("row", { name: new RegExp(ending.role) });
  await expect(row).toContainText("Active");
  await expect(row).toBeFocused();
  await expect(dialog).toBeHidden();
});

test("a person who presses Enter again still sees that the code was not right", async ({ page }) => {
  await endingAfter(10_000);
  const dialog = await openPanel(page);
  const field = dialog.getByLabel("Verification code");
  await field.fill("000000");
  const error = dialog.getByText("code is wrong").first();
  await expect(error).toBeVisible();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await expect(field).toBeFocused();
  await expect(error).toBeVisible();
  await field.fill(await code());
  await expect(page.getByText("The role is active now.")).toBeVisible();
});

test("a role that is active shows its time left and Deactivate, and is not offered again", async ({
  page,
}) => {
  await endingAfter(10_000);
  const dialog = await openPanel(page);
  await dialog.getByText("1 h", { exact: true }).click();
  await dialog.getByLabel("Verification code").fill(await code());
  await expect(page.getByText("The role is active now.")).toBeVisible();
  const row = page.getByRole("row", { name: new RegExp(ending.role) });
  await expect(row.getByRole("timer")).toHaveText(/^0:5\d:/);
  await expect(row.getByRole("button", { name: `Activate ${name}`, exact: true })).toHaveCount(0);
  await expect(page.getByRole("checkbox", { name: `Select ${name}` })).toHaveCount(0);
  for (const path of ["/", "/my-roles"]) {
    await page.goto(path);
    await expect(page.getByRole("main").getByRole("timer").first()).toBeVisible();
    await expect(page.getByRole("button", { name: `Activate ${name}`, exact: true })).toHaveCount(0);
  }
  await row.getByRole("button", { name: `Deactivate ${name}` }).click();
  await dialog.getByRole("button", { name: "Deactivate" }).click();
  await expect(page.getByRole("button", { name: `Activate ${name}`, exact: true })).toBeVisible();
});

test("a person is offered what the eligibility has left, and told so before a code is asked for", async ({
  page,
}) => {
  const id = await endingAfter(20);
  const dialog = await openPanel(page);
  await expect(dialog.getByText("This eligibility ends in", { exact: false })).toBeVisible();
  await dialog.getByLabel("Verification code").fill(await code());
  await expect(page.getByText("The role is active now.")).toBeVisible();

  // An eligibility that gets shorter while the panel is open.
  await endingAfter(600);
  await openPanel(page, "/my-roles");
  await ask("UPDATE eligibilities SET ends_at = now() + interval '50 minutes' WHERE id = $1", [id]);
  await dialog.getByLabel("Verification code").focus();
  await expect(dialog.getByText(/Choose at most (49|50) minutes/).first()).toBeVisible();
  await expect(dialog.getByText("You confirm:")).toHaveCount(0);
});

test("a first request for a code is no error, and on a phone reason and code are seen together", async ({
  page,
}) => {
  await endingAfter(10_000);
  await page.setViewportSize({ width: 390, height: 450 });
  const dialog = await openPanel(page);
  const field = dialog.getByLabel("Verification code");
  await field.focus();
  await expect(dialog.getByText("You confirm:")).toBeVisible();
  await expect(field).toBeInViewport({ ratio: 1 });
  await expect(dialog.getByLabel("Reason")).toBeInViewport({ ratio: 1 });
  const reason = await dialog.getByLabel("Reason").inputValue();
  await dialog.getByLabel("Reason").fill("");
  await dialog.getByRole("button", { name: "Activate" }).click();
  await expect(dialog.getByLabel("Reason")).toHaveAttribute("aria-invalid", "true");
  await expect(dialog.getByLabel("Reason")).toBeFocused();
  await dialog.getByLabel("Reason").fill(reason);
  await dialog.getByRole("button", { name: "Activate" }).click();
  await expect(field).toBeFocused();
  await expect(dialog.getByRole("alert")).toHaveCount(0);
  await expect(field).not.toHaveAttribute("aria-invalid");
});
