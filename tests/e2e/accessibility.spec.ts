import { readdirSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { account, signIn, test } from "../support/e2e";
import { askOne } from "../support/e2e-database";

/** A sample for each variable part of an address. A page with a new one fails here until it has a sample. */
const samples: Readonly<Record<string, () => Promise<string>>> = {
  resourceId: () => askOne("SELECT id AS value FROM resources WHERE display_name = 'Contoso Production'"),
  roleId: () => askOne("SELECT id AS value FROM role_definitions WHERE role_name = 'Contributor'"),
  eventId: () =>
    askOne(
      "SELECT id AS value FROM audit_events WHERE kind = 'RoleSettingsUpdated' ORDER BY sequence LIMIT 1",
    ),
  groupId: () =>
    askOne("SELECT id AS value FROM principals WHERE type = 'Group' ORDER BY created_at LIMIT 1"),
  approvedId: () =>
    askOne("SELECT id AS value FROM role_definitions WHERE role_name = 'User Access Administrator'"),
  requestId: () =>
    askOne("SELECT id AS value FROM requests WHERE status = 'PendingApproval' ORDER BY id LIMIT 1"),
  principalId: () => askOne("SELECT id AS value FROM principals WHERE email = $1", [account("member").email]),
};
const signedOut = ["/sign-in", "/set-up", "/choose-password"];
/** Pages that the Owner does not see. */
const readers: Readonly<Record<string, string>> = { "/access-reviews/[reviewId]": "approver" };
const production = "SELECT id FROM resources WHERE display_name = 'Contoso Production'";
/** Pages of things that are first created in the browser. */
const madeThere: Readonly<Record<string, (page: Page) => Promise<string>>> = {
  "/import/[importId]": async (page) => {
    await page.goto("/import");
    await page.getByLabel("What", { exact: true }).selectOption({ label: "Users" });
    const buffer = Buffer.from("displayName,email\nAda Axe,ada.axe@contoso.example\nNo Address,none\n");
    await page.getByLabel("File").setInputFiles({ name: "axe.csv", mimeType: "text/csv", buffer });
    await page.getByRole("button", { name: "Preview changes" }).click();
    await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
    return new URL(page.url()).pathname;
  },
};
/** Addresses whose variable parts depend on each other. */
const addresses: Readonly<Record<string, () => Promise<string>>> = {
  "/access-reviews/[reviewId]": () =>
    askOne(`SELECT '/access-reviews/' || id AS value FROM access_reviews WHERE resource_id = (${production})
      ORDER BY created_at LIMIT 1`),
  "/resources/[resourceId]/access-reviews/[reviewId]": () =>
    askOne(`SELECT '/resources/' || resource_id || '/access-reviews/' || id AS value FROM access_reviews
      ORDER BY created_at LIMIT 1`),
  "/resources/[resourceId]/conflicting-roles/[ruleId]": () =>
    askOne(`WITH made AS (
        INSERT INTO conflict_rules (resource_id, name, reason)
        VALUES ((${production}), 'Tags and quotas', 'They belong in different hands.') RETURNING id, resource_id),
      roles AS (
        INSERT INTO conflict_rule_roles (role_definition_id, rule_id, side)
        SELECT d.id, made.id, CASE d.role_name WHEN 'Tag Contributor' THEN 'First' ELSE 'Second' END::conflict_side
        FROM made, role_definitions d WHERE d.role_name IN ('Tag Contributor', 'Quota Request Operator'))
      SELECT '/resources/' || resource_id || '/conflicting-roles/' || id AS value FROM made`),
  "/resources/[resourceId]/roles/[roleId]/edit": () =>
    askOne(`WITH made AS (
        INSERT INTO role_definitions (role_name, description, role_type, permissions, assignable_scopes)
        VALUES ('Pager Operator', 'Answers pages', 'CustomRole',
          '[{"actions":["*/read"],"notActions":[],"dataActions":[],"notDataActions":[]}]', '{/}')
        RETURNING id)
      SELECT '/resources/' || (${production}) || '/roles/' || id || '/edit' AS value FROM made`),
};

/** Every page of the product, by its address with the variable parts in brackets. */
const routes = readdirSync(join(import.meta.dirname, "../../app"), { recursive: true, encoding: "utf8" })
  .filter((path) => /(^|\/)page\.tsx$/.test(path))
  .map((path) =>
    `/${path.replace(/\/?page\.tsx$/, "").replaceAll(/\([^)]+\)\/?/g, "")}`.replace(/(?<=.)\/$/, ""),
  )
  .sort();

async function open(page: Page, key: string, route: string) {
  const made = madeThere[route];
  if (!made) return signIn(page, key, await address(route));
  await signIn(page, key);
  return page.goto(await made(page));
}

async function address(route: string): Promise<string> {
  const whole = addresses[route];
  if (whole) return whole();
  let path = route;
  for (const [part, name = ""] of route.matchAll(/\[(\w+)\]/g)) {
    const sample = samples[name];
    if (!sample)
      throw new Error(`${route} is new: give tests/e2e/accessibility.spec.ts a sample for ${name}`);
    path = path.replace(part, await sample());
  }
  return path;
}

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
  }
  return found;
}

for (const route of routes) {
  test(`axe finds nothing on ${route}, nor in its dialogs`, async ({ page }) => {
    test.setTimeout(120_000);
    const response = signedOut.includes(route)
      ? await page.goto(route)
      : await open(page, readers[route] ?? "owner", route);
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
  ["member", "/my-roles?tab=expired"],
  ["eligible-owner", "/resources/[resourceId]"],
  ["newcomer", "/account/security"],
  ["newcomer", "/account/security/enrol"],
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
  ["owner", checked],
] as const) {
  test(`axe finds nothing on ${route} as ${key} sees it`, async ({ page }) => {
    test.setTimeout(120_000);
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
