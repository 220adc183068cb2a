import { expect } from "@playwright/test";
import { generateSync } from "otplib";
import { ask } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";
import { makeAccount } from "../../support/e2e/own-person";
import { tabTo } from "../../support/e2e/tab-to";

test("a person replaces the authenticator app by keyboard alone, and is back at their factors", async ({
  page,
}) => {
  const who = await makeAccount("Kim Keyboard");
  await page.setViewportSize({ width: 360, height: 740 });
  await signIn(page, who, "/account/security");
  await tabTo(page, page.getByRole("link", { name: "Replace" }));
  await page.keyboard.press("Enter");
  // The page before it has a field for a code, too.
  await expect(page.getByRole("heading", { level: 1, name: "Replace the authenticator app" })).toBeVisible();
  await tabTo(page, page.getByLabel("Verification code"));
  await page.keyboard.type(await freshCode(account(who).totpSecret ?? ""));
  const key = page.getByText(/^Key:/).locator("code");
  await expect(key).toBeVisible();
  const secret = ((await key.textContent()) ?? "").replaceAll(/\s/g, "");
  await tabTo(page, page.getByLabel("Code of the new app"));
  await page.keyboard.type(generateSync({ secret }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Factors" })).toBeVisible();
  await expect(page.getByText("The new authenticator app is set up.")).toBeVisible();
  await expect(page).toHaveURL(/\/account\/security$/);
});

test("a person unlinks a provider by keyboard alone", async ({ page }) => {
  const who = await makeAccount("Uli Unlink");
  await ask(
    `INSERT INTO identity_links (principal_id, issuer, subject, address)
     SELECT $1::uuid, 'https://login.former.example', $2, 'uli@former.example'`,
    [who, `subject of ${who}`],
  );
  await page.setViewportSize({ width: 360, height: 740 });
  await signIn(page, who, "/account/security");
  const unlink = page.getByRole("main").getByRole("button", { name: /^Unlink/ });
  await tabTo(page, unlink);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog").getByLabel("Verification code")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(unlink).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog").getByLabel("Verification code")).toBeFocused();
  await page.keyboard.type(await freshCode(account(who).totpSecret ?? ""));
  await expect(page.getByText(/^Unlinked\./)).toBeVisible();
  await expect(unlink).toHaveCount(0);
});
