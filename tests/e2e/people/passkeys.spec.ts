import type { Page } from "@playwright/test";
import { expect } from "@playwright/test";
import { ask } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";

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

/** Makes the auditor eligible for a role whose settings accept only a passkey on activation. */
async function eligibleByPasskeyAlone(): Promise<void> {
  const named = `principals p, role_definitions d, resources r
    WHERE p.email = $1 AND d.role_name = 'Storage Blob Data Reader' AND r.display_name = 'Contoso Production'`;
  await ask(
    `INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at)
     SELECT p.id, d.id, r.id, now() FROM ${named}`,
    [account("auditor").email],
  );
  await ask(
    `INSERT INTO role_management_policies (role_definition_id, resource_id, activation_phishing_resistant, version)
     SELECT d.id, r.id, true, 1 FROM ${named}
     ON CONFLICT (resource_id, role_definition_id) DO UPDATE SET activation_phishing_resistant = true, version = 1`,
    [account("auditor").email],
  );
}

test("a role that accepts only a passkey leads to adding one and back with nothing lost, and the passkey signs in", async ({
  page,
}) => {
  await virtualAuthenticator(page);
  await eligibleByPasskeyAlone();
  await signIn(page, "auditor", "/my-roles");
  await page
    .getByRole("button", { name: /^Activate Storage Blob Data Reader on Contoso Production/ })
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("Look at the audit trail");
  await expect(
    dialog.getByText("The role settings accept only a phishing-resistant factor here"),
  ).toBeVisible();
  await expect(dialog.getByLabel("Verification code")).toBeHidden();
  await dialog.getByRole("link", { name: "Add a passkey" }).click();

  await page.getByLabel("Name").fill("Laptop");
  await page.getByLabel("Verification code").fill(await freshCode(account("auditor").totpSecret ?? ""));
  await expect(dialog.getByLabel("Reason")).toHaveValue("Look at the audit trail");
  await expect(dialog.getByLabel("Verification code")).toBeHidden();
  await dialog.getByRole("button", { name: "Activate", exact: true }).click();
  await expect(page.getByText("The role is active now.")).toBeVisible();

  // In a browser that nobody is signed in to, the passkey signs in, and leads to what was asked for.
  await page.context().clearCookies();
  await page.goto("/account/security");
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Factors" })).toBeVisible();
  const laptop = page.getByRole("region", { name: "Passkeys" }).getByRole("listitem");
  await expect(laptop).toContainText("Last used");
  await laptop.getByRole("button", { name: "Remove" }).click();
  await dialog.getByRole("button", { name: "Use a passkey" }).click();
  await expect(page.getByText("The passkey Laptop is removed.")).toBeVisible();
  await expect(laptop).toBeHidden();
});
