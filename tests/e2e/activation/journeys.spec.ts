import { expect, type Page } from "@playwright/test";
import { ask } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";

async function openProduction(page: Page) {
  await page.goto("/resources?search=Contoso%20Production");
  await page.getByRole("link", { name: "Contoso Production" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Contoso Production" })).toBeVisible();
}

test("an eligible Owner sees the banner, activates with a code, and the pane is enabled until it ends", async ({
  page,
  context,
}) => {
  await signIn(page, "eligible-owner");
  await openProduction(page);
  await expect(page.getByText("You have eligible roles that can be activated")).toBeVisible();
  await expect(page.getByRole("link", { name: "Role settings", exact: true })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  const refused = await page.goto(`${page.url()}/roles`);
  expect(refused?.status()).toBe(403);
  await expect(page.getByText("You have eligible roles that can be activated")).toBeVisible();

  await page.getByRole("button", { name: "Activate Owner on Contoso Production" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("Quarterly review");
  await dialog.getByLabel("Verification code").fill("000000");
  await expect(dialog.getByRole("alert")).toContainText("is wrong");
  await dialog
    .getByLabel("Verification code")
    .fill(await freshCode(account("eligible-owner").totpSecret ?? ""));
  await expect(page.getByText("The role is active now.")).toBeVisible();
  await expect(page.getByText("You have eligible roles that can be activated")).toBeHidden();
  await expect(page.getByRole("link", { name: "Role settings", exact: true })).not.toHaveAttribute(
    "aria-disabled",
    "true",
  );

  // Lets the others expire, as they would after eight hours.
  const roles = await context.newPage();
  await ask(
    `UPDATE assignments SET ends_at = clock_timestamp() + interval '5 seconds'
     WHERE assignment_type = 'Activated' AND ends_at > clock_timestamp()
       AND principal_id = (SELECT id FROM principals WHERE email = $1)`,
    [account("eligible-owner").email],
  );
  await roles.goto("/my-roles?tab=active");
  await expect(roles.getByRole("timer")).toHaveText(/^0:00:0\d$/);
  await expect(roles.getByRole("timer")).toBeHidden();
  await expect(roles.getByRole("button", { name: "Deactivate" })).toBeHidden();
  await page.getByRole("link", { name: "Role settings", exact: true }).click();
  await expect(page.getByText("You have eligible roles that can be activated")).toBeVisible();
  await expect(page.getByRole("link", { name: "Role settings", exact: true })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
});

test("an Owner weakens role settings only with a code, and adds a direct assignment with another", async ({
  page,
}) => {
  await signIn(page, "owner");
  await openProduction(page);
  await page.getByRole("link", { name: "Role settings", exact: true }).click();
  await page.getByLabel("Search roles").fill("Key Vault Reader");
  await page.getByRole("main").getByRole("button", { name: "Search", exact: true }).click();
  await page.getByRole("link", { name: "Key Vault Reader", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Role setting detail" })).toBeVisible();
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("Require Multi-Factor Authentication on direct assignment").check();
  await page.getByLabel("Require Multi-Factor Authentication on activation").uncheck();
  await page.getByLabel("Verification code").fill(await freshCode(account("owner").totpSecret ?? ""));
  await expect(page.getByText("The role settings are saved.")).toBeVisible();
  await page.getByRole("link", { name: "Members" }).click();

  await page.getByRole("button", { name: "Add assignments" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("searchbox", { name: "Members" }).fill("Priya");
  await dialog.getByRole("button", { name: /Add Priya Raman/ }).click();
  await dialog.getByLabel("Active").check();
  const end = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 16);
  await dialog.getByLabel("End", { exact: true }).fill(end);
  await dialog.getByLabel("Justification").fill("Incident cover");
  await dialog.getByLabel("Verification code").fill(await freshCode(account("owner").totpSecret ?? ""));
  await expect(page.getByText("The assignment is made.")).toBeVisible();
  await page.getByRole("link", { name: "Active", exact: true }).click();
  await expect(page.getByRole("cell", { name: /^Priya Raman \S+@\S+$/ })).toBeVisible();
});

test("an auditor filters the log, opens an event and exports it; a member reads only their own", async ({
  page,
  browser,
  baseURL,
}) => {
  await signIn(page, "auditor", "/audit?kind=RoleActivated&outcome=Failure");
  const refused = page.getByRole("listitem").filter({ hasText: /^\d\d:\d\d.*Refused.*tried to activate/ });
  await refused.first().getByText("Refused").click();
  await refused.first().getByRole("link", { name: "All details" }).click();
  await expect(page.getByRole("heading", { name: "Role activated" })).toBeVisible();
  const csv = await page.request.get("/audit/export?kind=RoleActivated&format=csv");
  expect(csv.status()).toBe(200);
  expect((await csv.text()).split("\r\n").length).toBeGreaterThan(20);
  const context = await browser.newContext({ baseURL });
  const other = await context.newPage();
  await signIn(other, "newcomer", "/audit?kind=RoleActivated&actor=Yuki%20Sato");
  await expect(other.getByText("No events")).toBeVisible();
  expect((await context.request.get("/resources/00000000-0000-4000-8000-000000000000")).status()).toBe(404);
  await context.close();
});

test("a newcomer who activates is led to enrol an authenticator app, and back with nothing lost", async ({
  page,
}) => {
  await signIn(page, "newcomer", "/my-roles");
  await page.getByRole("button", { name: /^Activate Contributor on Contoso Production/ }).click();
  const dialog = page.getByRole("dialog");
  const scope = dialog.getByLabel("Scope", { exact: true });
  await dialog.getByRole("button", { name: "Change scope" }).click();
  await scope.selectOption({ index: 2 });
  const chosen = await scope.locator("option:checked").textContent();
  await dialog.getByText("Other", { exact: true }).click();
  await dialog.getByRole("spinbutton", { name: "Hours" }).fill("1.5");
  await dialog.getByLabel("Reason").fill("My first week");
  await expect(dialog.getByLabel("Verification code")).toBeHidden();
  await dialog.getByRole("link", { name: "Set up authenticator app" }).click();

  await expect(page.getByRole("heading", { level: 1, name: "Set up an authenticator app" })).toBeVisible();
  // The page shows no key when it is opened.
  await expect(page.locator("code")).toHaveCount(0);
  const password = page.getByLabel("Your password");
  await password.fill("not this one");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(password).toBeFocused();
  // Visible once, beside its field. The other is for screen readers only.
  await expect(page.getByText("This is not your password").and(page.locator(":not(.sr-only)"))).toHaveCount(
    1,
  );
  await password.fill(account("newcomer").password);
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByText(/^Scan this with an authenticator app/)).toBeFocused();
  const key = (await page.locator("code").first().textContent())?.replaceAll(" ", "") ?? "";
  // A phone cannot scan its own screen.
  expect(await page.locator('a[href^="otpauth://totp/"]').getAttribute("href")).toContain(`secret=${key}`);
  await page.getByLabel("Verification code").fill(await freshCode(key));
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByText("Your recovery codes")).toBeVisible();
  await expect(page.locator("ul.font-mono li")).toHaveCount(10);
  const file = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  expect((await file).suggestedFilename()).toBe("postern-recovery-codes.txt");
  await page.getByRole("button", { name: "I have stored them" }).click();

  await expect(scope.locator("option:checked")).toHaveText(chosen ?? "");
  await expect(dialog.getByRole("spinbutton", { name: "Hours" })).toHaveValue("1.5");
  await expect(dialog.getByLabel("Reason")).toHaveValue("My first week");
  await dialog.getByLabel("Verification code").fill(await freshCode(key));
  await expect(page.getByText("The role is active now.")).toBeVisible();
  await page.goto("/my-roles?tab=active");
  await expect(page.getByRole("timer")).toHaveText(/^1:29:/);
  await page.getByRole("button", { name: "Deactivate" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
  await expect(page.getByText("The role is no longer active.")).toBeVisible();
});

test("signing in works without JavaScript, and a foreign return address is not followed", async ({
  browser,
  baseURL,
}) => {
  const context = await browser.newContext({ javaScriptEnabled: false, baseURL });
  const page = await context.newPage();
  const { email, password } = account("member");
  await page.goto("/sign-in?return=//evil.example/");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill("wrong");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("is wrong");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  expect(new URL(page.url()).origin).toBe(baseURL);
  await expect(page.locator("noscript .banner")).toBeVisible();
  await context.close();
});
