import { expect, type Page } from "@playwright/test";
import { axeViolations } from "../../support/e2e/axe";
import { ask } from "../../support/e2e/database";
import { account, signIn, test } from "../../support/e2e/e2e";
import { makeAccount } from "../../support/e2e/own-person";
import { grantRow } from "../../support/e2e/rows";

/** The key of the person who holds the roles of one journey. */
let who: string;

/** Somebody who is eligible for Reader on Contoso Production, which requires no code, and for another role there. */
test.beforeEach(async () => {
  who = await makeAccount("Hedda Holder");
  for (const role of ["Reader", "Monitoring Reader"])
    await grantRow({ account: who, role, resource: "Contoso Production" });
});

/** Another role that is active, as if it had been activated in another window. */
async function holdAnother(): Promise<void> {
  await ask(
    `INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, eligibility_id,
       starts_at, ends_at)
     SELECT e.principal_id, e.role_definition_id, e.resource_id, 'Activated', e.id, now(), now() + interval '8 hours'
     FROM eligibilities e JOIN role_definitions d ON d.id = e.role_definition_id
     WHERE e.principal_id = (SELECT id FROM principals WHERE email = $1) AND d.role_name = 'Monitoring Reader'
       AND e.ends_at > now() LIMIT 1`,
    [account(who).email],
  );
}

/** Ends what the person activated so many milliseconds from now. */
async function endIn(milliseconds: number): Promise<void> {
  await ask(
    `UPDATE assignments SET ends_at = now() + make_interval(secs => $2::float / 1000)
     WHERE assignment_type = 'Activated' AND starts_at <= now() AND ends_at > now()
       AND principal_id = (SELECT id FROM principals WHERE email = $1)`,
    [account(who).email, milliseconds],
  );
}

async function activateReader(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Activate Reader on Contoso Production", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/^Reason/).fill("Look at the logs");
  await dialog.getByRole("button", { name: "Activate", exact: true }).click();
  await expect(dialog).toBeHidden();
}

const pillOf = (page: Page) => page.getByRole("banner").getByRole("link", { name: /^Active now/ });

test("what one holds stands in the top bar, and is deactivated there, one by one and all", async ({
  page,
}) => {
  test.setTimeout(120_000);
  await signIn(page, who, "/my-roles");
  const pill = pillOf(page);
  await expect(page.getByRole("heading", { level: 1, name: "My roles" })).toBeVisible();
  await expect(pill).toHaveCount(0);
  await activateReader(page);
  await expect(pill).toHaveAccessibleName(/^Active now: Reader ?· ?\d+ (h|min).* left$/);
  await holdAnother();
  // The list is read when it opens, and the pill follows it.
  await pill.click();
  await expect(pill).toHaveAccessibleName(/^Active now: 2 roles/);
  await pill.click();

  await pill.click();
  const list = page.getByRole("dialog", { name: "Active now" });
  await expect(list.getByRole("listitem")).toHaveCount(2);
  await expect(list.getByRole("listitem").first()).toContainText("Contoso Production");
  expect(await axeViolations(page, "header")).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(list).toBeHidden();
  await expect(pill).toBeFocused();
  await page.keyboard.press("Enter");
  await list.getByRole("button", { name: "Deactivate Reader on Contoso Production" }).click();
  await page
    .getByRole("dialog", { name: "Deactivate Reader?" })
    .getByRole("button", { name: "Deactivate" })
    .click();
  await expect(pill).toHaveAccessibleName(/^Active now: Monitoring Reader/);

  await activateReader(page);
  await expect(pill).toHaveAccessibleName(/^Active now: 2 roles/);
  await pill.click();
  await list.getByRole("button", { name: "Deactivate all" }).click();
  const question = page.getByRole("dialog", { name: "Deactivate 2 roles?" });
  await expect(question.getByRole("listitem")).toHaveText([
    /Reader.* on .*Contoso Production/,
    /Reader.* on .*Contoso Production/,
  ]);
  await question.getByRole("button", { name: "Deactivate all" }).click();
  await expect(page.getByText("2 roles are no longer active.")).toBeVisible();
  await expect(pill).toHaveCount(0);
});

test("the last ten minutes are amber, lead to more time, and end by themselves", async ({ page }) => {
  test.setTimeout(120_000);
  await signIn(page, who, "/my-roles");
  // The browser's clock is three hours late. It must not matter.
  await page.addInitScript(() => {
    const real = Date.now;
    Date.now = () => real() - 3 * 3_600_000;
  });
  await page.goto("/my-roles");
  await activateReader(page);
  await endIn(9.5 * 60_000);
  await page.reload();
  const pill = pillOf(page);
  await expect(pill).toHaveAccessibleName(/^Active now: Reader ?· ?[89] min left$/);
  await expect(pill).toHaveClass(/held-pill-soon/);
  await pill.click();
  await page
    .getByRole("dialog", { name: "Active now" })
    .getByRole("link", { name: /^Extend/ })
    .click();
  const panel = page.getByRole("dialog", { name: /^Extend Reader/ });
  await panel.getByText("30 min", { exact: true }).click();
  await panel.getByLabel(/^Reason/).fill("A little longer");
  await panel.getByRole("button", { name: "Extend", exact: true }).click();
  await expect(page.getByText("The role now ends later.")).toBeVisible();
  await expect(pill).toHaveAccessibleName(/^Active now: Reader ?· ?(39|38|37) min left$/);
  await expect(page).toHaveURL(/\/my-roles\?tab=active$/);

  // On Home, with all its buttons, it fits the narrowest phone.
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto("/");
  await expect(page.getByRole("button", { name: /^Extend Reader/ })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  await page.setViewportSize({ width: 1280, height: 800 });
  await endIn(20_000);
  await page.goto("/my-roles");
  await expect(pill).toHaveAccessibleName(/under 1 min/);
  await expect(pill).toHaveCount(0, { timeout: 30_000 });
});

test("without JavaScript the pill is a link, and it fits the narrowest phone", async ({
  browser,
  baseURL,
  page,
}) => {
  await signIn(page, who, "/my-roles");
  await holdAnother();
  const plain = await browser.newContext({ baseURL, javaScriptEnabled: false });
  await plain.addCookies(await page.context().cookies());
  const reader = await plain.newPage();
  await reader.goto("/");
  await pillOf(reader).click();
  await expect(reader.getByRole("row", { name: /Monitoring Reader/ })).toContainText("Activated");
  await plain.close();
  // On the narrowest phone it takes the place of the link to Home, and no more.
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto("/");
  await expect(pillOf(page)).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});
