import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { signIn, test } from "../../support/e2e/e2e";
import { address, open, readers, routes, signedOut } from "../../support/e2e/page-addresses";
import { sharedPage } from "../../support/e2e/shared-page";

/**
 * Axe's findings on the page, or on the part that has opened. Runs in both themes, one on a wide and the other on a
 * narrow screen, by turns, so that what all pages share is seen in all four ways. Also checks that nothing has to be
 * scrolled sideways (WCAG 1.4.10).
 */
async function findings(page: Page, what: string, part?: string): Promise<string[]> {
  const found = new Set<string>();
  // A refused page gets its title once its script has run.
  await expect(page).toHaveTitle(/Postern/);
  const themes = what.length % 2 === 0 ? ["light", "dark"] : ["dark", "light"];
  for (const [index, width] of [1440, 390].entries()) {
    const theme = themes[index] ?? "light";
    await page.setViewportSize({ width, height: 900 });
    await page.locator("html").evaluate((html, value) => {
      html.dataset.theme = value;
    }, theme);
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll("html, [role=dialog]")].some(
        (each) => each.scrollWidth > each.clientWidth,
      ),
    );
    if (wide) found.add(`${what} ${width}: is wider than the screen`);
    // Sending axe to a page, and a report of all that is in order, take three times as long as the checks themselves.
    const sent = await page.evaluate(() => "axe" in window);
    const axe = new AxeBuilder(sent ? { page, axeSource: " " } : { page }).setLegacyMode().options({
      resultTypes: ["violations"],
      // The visible text of a control is part of its name (WCAG 2.5.3), so that it can be activated by voice.
      rules: { "label-content-name-mismatch": { enabled: true } },
    });
    if (part) axe.include(part);
    for (const { id, nodes } of (await axe.analyze()).violations)
      found.add(`${what} ${width} ${theme}: ${id}: ${nodes[0]?.html}`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  return [...found];
}

/** Opens one of each kind of dialog on the page, and checks it. */
async function dialogFindings(page: Page, what: string): Promise<string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  const buttons = page.locator('main button[aria-haspopup="dialog"]:visible');
  for (let index = 0; index < (await buttons.count()); index += 1) {
    const button = buttons.nth(index);
    const kind = ((await button.textContent()) ?? "").trim();
    if (seen.has(kind) || (await button.isDisabled())) continue;
    seen.add(kind);
    await button.click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toBeVisible();
    await expect(dialog.getByText("Loading")).toHaveCount(0);
    found.push(...(await findings(page, `${what} › ${kind}`, "[role=dialog]")));
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(button, `${what} › ${kind}`).toBeFocused();
  }
  return found;
}

const wide = { width: 1440, height: 900 };

for (const route of routes) {
  test(`axe finds nothing on ${route}, nor in its dialogs`, async ({ browser, baseURL }) => {
    test.setTimeout(120_000);
    const key = signedOut.includes(route) ? "nobody" : (readers[route] ?? "owner");
    const page = await sharedPage(browser, baseURL, key, wide);
    const response = signedOut.includes(route) ? await page.goto(route) : await open(page, key, route);
    expect(response?.status(), route).toBe(200);
    expect([...(await findings(page, route)), ...(await dialogFindings(page, route))]).toEqual([]);
  });
}

const assignments = "/resources/[resourceId]/assignments";
const checked = "/resources/[resourceId]/check-access?principal=[principalId]&operation=*/read";

/** Pages as other people see them, and addresses that show more than the plain page. */
for (const [key, route] of [
  ["member", "/"],
  ["member", "/my-roles"],
  ["member", "/my-roles?tab=bundles"],
  ["member", "/my-roles?tab=expired"],
  ["eligible-owner", "/resources/[resourceId]"],
  ["newcomer", "/account/security"],
  ["newcomer", "/account/security/enrol"],
  ["newcomer", "/account/security/passkey"],
  ["approver", "/"],
  ["auditor", "/"],
  ["approver", "/approvals"],
  ["approver", "/access-reviews"],
  ["owner", "/resources?view=list"],
  ["owner", "/people?type=Group"],
  ["owner", "/people/[groupId]"],
  ["owner", `${assignments}?tab=active`],
  ["owner", `${assignments}?tab=expired`],
  ["owner", "/resources/[resourceId]/roles/[approvedId]/settings/edit"],
  [
    "owner",
    "/resources/[resourceId]/settings/replay?role=[approvedId]&activationRequiresTicket=yes&replay=1",
  ],
  ["owner", checked],
] as const) {
  test(`axe finds nothing on ${route} as ${key} sees it`, async ({ browser, baseURL }) => {
    test.setTimeout(120_000);
    const page = await sharedPage(browser, baseURL, key, wide);
    await open(page, key, route);
    expect([...(await findings(page, route)), ...(await dialogFindings(page, route))]).toEqual([]);
  });
}

test("axe finds nothing on what is refused or missing", async ({ page }) => {
  await signIn(page, "newcomer");
  const resource = await address("/resources/[resourceId]");
  for (const path of [
    `${resource}/roles`,
    "/no-such-page",
    "/resources/01890a5d-ac96-774b-bcce-b302099a8057",
  ]) {
    await page.goto(path);
    expect(await findings(page, path)).toEqual([]);
  }
});
