import type { Page } from "@playwright/test";
import { expect } from "@playwright/test";
import { account, freshCode, signIn, test } from "../support/e2e";

/** An authenticator of the browser that verifies its owner without asking. */
async function virtualAuthenticator(page: Page): Promise<void> {
  const client = await page.context().newCDPSession(page);
  await client.send("WebAuthn.enable");
  await client.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      ...{ protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    },
  });
}

test("somebody adds a passkey, proves themselves with it, and removes it", async ({ page }) => {
  await virtualAuthenticator(page);
  await signIn(page, "auditor", "/account/security");
  await page.getByRole("link", { name: "Add a passkey" }).click();
  await page.getByLabel("Name").fill("Laptop");
  await page.getByLabel("Verification code").fill(await freshCode(account("auditor").totpSecret ?? ""));
  await expect(page.getByText("The passkey Laptop is added.")).toBeVisible();
  await expect(page.getByText("Not used yet")).toBeVisible();

  await page
    .getByRole("listitem")
    .filter({ hasText: "Laptop" })
    .getByRole("button", { name: "Remove" })
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Use a passkey" }).click();
  await expect(page.getByText("The passkey Laptop is removed.")).toBeVisible();
  await expect(page.getByText("Laptop", { exact: true })).toBeHidden();
});
