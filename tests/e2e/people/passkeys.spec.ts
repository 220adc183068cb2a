import { expect } from "@playwright/test";
import { ask, askOne } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";
import { makeAccount, makePerson, signInAs } from "../../support/e2e/own-person";
import { virtualAuthenticator } from "../../support/e2e/virtual-authenticator";

/** Makes somebody eligible for a role whose settings accept only a passkey on activation. Returns their key. */
async function eligibleByPasskeyAlone(): Promise<string> {
  const who = await makeAccount("Pia Passkey");
  const named = `principals p, role_definitions d, resources r
    WHERE p.email = $1 AND d.role_name = 'Storage Blob Data Reader' AND r.display_name = 'Contoso Production'`;
  await ask(
    `INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at)
     SELECT p.id, d.id, r.id, now() FROM ${named}`,
    [account(who).email],
  );
  await ask(
    `INSERT INTO role_management_policies (role_definition_id, resource_id, activation_phishing_resistant, version)
     SELECT d.id, r.id, true, 1 FROM ${named}
     ON CONFLICT (resource_id, role_definition_id) DO UPDATE SET activation_phishing_resistant = true, version = 1`,
    [account(who).email],
  );
  return who;
}

test("a role that accepts only a passkey leads to adding one and back with nothing lost, and the passkey signs in", async ({
  page,
}) => {
  await virtualAuthenticator(page);
  const who = await eligibleByPasskeyAlone();
  await signIn(page, who, "/my-roles");
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
  await page.getByLabel("Verification code").fill(await freshCode(account(who).totpSecret ?? ""));
  await expect(dialog.getByLabel("Reason")).toHaveValue("Look at the audit trail");
  await expect(dialog.getByLabel("Verification code")).toBeHidden();
  await dialog.getByRole("button", { name: "Activate", exact: true }).click();
  await expect(page.getByText("The role is active now.")).toBeVisible();

  // In a browser where nobody is signed in, the passkey signs in and leads to the requested page.
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

test("an administrator without a passkey who assigns a role that takes one comes back to what they had filled in", async ({
  page,
}) => {
  const [role, resource] = ["Storage Table Data Reader", "Contoso Staging"];
  const [admin, member] = [await makePerson("Alma Administrator"), await makePerson("Milo Member")];
  await ask(
    `INSERT INTO assignments (principal_id, role_definition_id, resource_id, starts_at, assignment_type)
     SELECT $1::uuid, d.id, r.id, now(), 'Assigned' FROM role_definitions d, resources r
     WHERE d.role_name = 'Owner' AND r.display_name = $2`,
    [admin.id, resource],
  );
  await ask(
    `INSERT INTO role_management_policies
       (role_definition_id, resource_id, assignment_requires_mfa, assignment_phishing_resistant, version)
     SELECT d.id, r.id, true, true, 1 FROM role_definitions d, resources r
     WHERE d.role_name = $1 AND r.display_name = $2
     ON CONFLICT (resource_id, role_definition_id) DO UPDATE
       SET assignment_requires_mfa = true, assignment_phishing_resistant = true, version = 1`,
    [role, resource],
  );
  const address = await askOne(
    `SELECT '/resources/' || r.id || '/roles/' || d.id AS value FROM role_definitions d, resources r
     WHERE d.role_name = $1 AND r.display_name = $2`,
    [role, resource],
  );
  await virtualAuthenticator(page);
  await signInAs(page, admin, address);
  await page.getByRole("button", { name: "Add assignments" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("searchbox", { name: "Members" }).fill(member.email);
  await dialog.getByRole("searchbox", { name: "Members" }).press("Enter");
  await expect(dialog.getByRole("list", { name: "Chosen: Members" })).toContainText("Milo Member");
  await dialog.getByLabel("Active", { exact: true }).check();
  await dialog.getByText("7 days", { exact: true }).click();
  const end = await dialog.getByLabel("End", { exact: true }).inputValue();
  await dialog.getByLabel("Justification").fill("Incident cover");
  await dialog.getByRole("link", { name: "Add a passkey" }).click();
  await page.getByLabel("Name").fill("Laptop");
  await page.getByLabel("Password").fill(admin.password);
  await page.getByRole("button", { name: "Add passkey" }).click();

  await expect(dialog.getByLabel("Justification")).toHaveValue("Incident cover");
  await expect(dialog.getByRole("list", { name: "Chosen: Members" })).toContainText("Milo Member");
  await expect(dialog.getByLabel("Active", { exact: true })).toBeChecked();
  await expect(dialog.getByRole("radio", { name: "7 days" })).toBeChecked();
  expect((await dialog.getByLabel("End", { exact: true }).inputValue()).slice(0, 8)).toBe(end.slice(0, 8));
  await dialog.getByRole("button", { name: "Assign", exact: true }).click();
  await expect(page.getByText("The assignment is made.")).toBeVisible();
});
