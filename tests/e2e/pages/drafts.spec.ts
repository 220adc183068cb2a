import { expect } from "@playwright/test";
import { signIn, test } from "../../support/e2e/e2e";

const contributor = "Activate Contributor on Contoso Production";

test("a person who clicks beside a dialog is asked before what they typed is thrown away", async ({
  page,
}) => {
  await signIn(page, "member", "/my-roles");
  const open = page.getByRole("button", { name: contributor });
  const dialog = page.getByRole("dialog");
  await open.click();
  await expect(dialog.getByLabel("Reason")).toBeVisible();
  // Nothing is typed, so no question is asked.
  await page.mouse.click(5, 400);
  await expect(dialog).toBeHidden();

  await open.click();
  await dialog.getByLabel("Reason").fill("Restart the gateway");
  await page.mouse.click(5, 400);
  const question = page.getByRole("alertdialog", { name: "Discard what you typed?" });
  const keep = question.getByRole("button", { name: "Keep editing" });
  await expect(keep).toBeFocused();
  await keep.click();
  await expect(question).toBeHidden();
  await expect(dialog.getByLabel("Reason")).toBeFocused();
  await expect(dialog.getByLabel("Reason")).toHaveValue("Restart the gateway");

  await page.mouse.click(5, 400);
  await question.getByRole("button", { name: "Discard" }).click();
  await expect(dialog).toBeHidden();
  await expect(open).toBeFocused();
  await open.click();
  await expect(dialog.getByLabel("Reason")).toHaveValue("");
});

test("a person who closes a dialog with Escape finds what they typed when they open it again", async ({
  page,
}) => {
  await signIn(page, "member", "/my-roles");
  const open = page.getByRole("button", { name: contributor });
  const dialog = page.getByRole("dialog");
  await open.click();
  await dialog.getByLabel("Reason").fill("Look at the failing build");
  await dialog.getByLabel("Verification code").fill("12");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await open.click();
  await expect(dialog.getByLabel("Reason")).toHaveValue("Look at the failing build");
  // A code is never kept.
  await expect(dialog.getByLabel("Verification code")).toHaveValue("");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await open.click();
  await expect(dialog.getByLabel("Reason")).toHaveValue("");
});
