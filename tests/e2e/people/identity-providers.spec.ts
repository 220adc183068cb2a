import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";
import { server } from "../../support/e2e/server";

/** The address of the demo's own provider, which these servers start with. */
function demoIssuer(): string {
  const file = join(server().folder, "demo-identity-provider.json");
  const [provider] = JSON.parse(readFileSync(file, "utf8")) as { issuer: string }[];
  return provider?.issuer ?? "";
}

test("a person links their account at a provider, signs in with it to the page asked for, and is out once out there", async ({
  page,
}) => {
  await signIn(page, "auditor", "/account/security");
  await page.getByRole("button", { name: "Link Demo provider" }).click();
  const code = await freshCode(account("auditor").totpSecret ?? "");
  await page.getByRole("dialog").getByLabel("Verification code").fill(code);
  await page.getByRole("button", { name: /^Amara Nwosu/ }).click();
  await expect(page.getByText("Demo provider is linked.")).toBeVisible();

  await page.getByRole("button", { name: /your account$/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in**");
  await page.goto("/my-audit?kind=SignIn");
  await page.getByRole("link", { name: "Sign in with Demo provider" }).click();
  await expect(page).toHaveURL(/\/my-audit\?kind=SignIn$/);

  const there = await page.context().newPage();
  await there.goto(`${demoIssuer()}/session/end`);
  await there.getByRole("button", { name: "Sign out" }).click();
  await expect(there.getByRole("heading", { name: "Demo provider" })).toBeVisible();
  await page.goto("/my-audit");
  await expect(page).toHaveURL(/\/sign-in\?/);
});
