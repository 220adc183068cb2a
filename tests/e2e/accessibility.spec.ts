import { readdirSync } from "node:fs";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";
import { account, signIn, test } from "../support/e2e";
import { askOne } from "../support/e2e-database";

/** What stands for each variable part of an address. A page with a new one fails here until it is given a sample. */
const samples: Readonly<Record<string, () => Promise<string>>> = {
  resourceId: () => askOne("SELECT id AS value FROM resources WHERE display_name = 'Contoso Production'"),
  roleId: () => askOne("SELECT id AS value FROM role_definitions WHERE role_name = 'Contributor'"),
  eventId: () =>
    askOne(
      "SELECT id AS value FROM audit_events WHERE kind = 'RoleSettingsUpdated' ORDER BY sequence LIMIT 1",
    ),
  principalId: () => askOne("SELECT id AS value FROM principals WHERE email = $1", [account("member").email]),
};
const signedOut = ["/sign-in", "/set-up", "/choose-password"];
/** Pages that only somebody else than the Owner sees. */
const readers: Readonly<Record<string, string>> = { "/access-reviews/[reviewId]": "approver" };
const production = "SELECT id FROM resources WHERE display_name = 'Contoso Production'";
/** Addresses whose variable parts depend on each other. */
const addresses: Readonly<Record<string, (page: Page) => Promise<string>>> = {
  "/import/[importId]": async (page) => {
    await page.goto("/import");
    await page.getByLabel("What", { exact: true }).selectOption({ label: "Users" });
    const buffer = Buffer.from("displayName,email\nAda Axe,ada.axe@contoso.example\nNo Address,none\n");
    await page.getByLabel("File").setInputFiles({ name: "axe.csv", mimeType: "text/csv", buffer });
    await page.getByRole("button", { name: "Show what would change" }).click();
    await page.waitForURL(/\/import\/[0-9a-f-]{36}/);
    return new URL(page.url()).pathname;
  },
  "/access-reviews/[reviewId]": () =>
    askOne(`SELECT '/access-reviews/' || id AS value FROM access_reviews WHERE resource_id = (${production})
      ORDER BY created_at LIMIT 1`),
  "/resources/[resourceId]/access-reviews/[reviewId]": () =>
    askOne(`SELECT '/resources/' || resource_id || '/access-reviews/' || id AS value FROM access_reviews
      ORDER BY created_at LIMIT 1`),
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

async function address(page: Page, route: string): Promise<string> {
  const whole = addresses[route];
  if (whole) return whole(page);
  const parts = await Promise.all(
    route.split("/").map(async (part) => {
      const name = /^\[(\w+)\]$/.exec(part)?.[1];
      if (name === undefined) return part;
      const sample = samples[name];
      if (!sample)
        throw new Error(`${route} is new: give tests/e2e/accessibility.spec.ts a sample for ${name}`);
      return sample();
    }),
  );
  return parts.join("/");
}

/**
 * Axe's findings on what is shown now, in both themes, on a wide and on a narrow screen. What does not depend on the
 * theme is looked for once a width.
 */
async function findings(page: Page, what: string): Promise<string[]> {
  const found = new Set<string>();
  for (const [width, theme, everything] of [
    [1440, "light", true],
    [1440, "dark", false],
    [390, "light", false],
    [390, "dark", true],
  ] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.locator("html").evaluate((html, value) => {
      html.dataset.theme = value;
    }, theme);
    const axe = new AxeBuilder({ page }).setLegacyMode();
    const { violations } = await (everything ? axe : axe.withRules(["color-contrast"])).analyze();
    for (const { id, nodes } of violations) found.add(`${what} ${width} ${theme}: ${id}: ${nodes[0]?.html}`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  return [...found];
}

/** Opens one of each kind of dialog that the page's buttons open, and looks into it. */
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
    found.push(...(await findings(page, `${what} › ${kind}`)));
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
  }
  return found;
}

for (const route of routes) {
  test(`axe finds nothing on ${route}, nor in its dialogs`, async ({ page }) => {
    test.setTimeout(120_000);
    if (!signedOut.includes(route)) await signIn(page, readers[route] ?? "owner");
    const response = await page.goto(await address(page, route));
    expect(response?.status(), route).toBe(200);
    expect([...(await findings(page, route)), ...(await dialogFindings(page, route))]).toEqual([]);
  });
}

for (const [key, route] of [
  ["member", "/"],
  ["member", "/my-roles"],
  ["eligible-owner", "/resources/[resourceId]"],
  ["newcomer", "/account/security"],
] as const) {
  test(`axe finds nothing on ${route} as ${key} sees it`, async ({ page }) => {
    test.setTimeout(120_000);
    await signIn(page, key);
    await page.goto(await address(page, route));
    expect([...(await findings(page, route)), ...(await dialogFindings(page, route))]).toEqual([]);
  });
}

test("axe finds nothing on what is refused or missing", async ({ page }) => {
  await signIn(page, "newcomer");
  const resource = await address(page, "/resources/[resourceId]");
  for (const path of [
    `${resource}/roles`,
    "/no-such-page",
    "/resources/01890a5d-ac96-774b-bcce-b302099a8057",
  ]) {
    await page.goto(path);
    expect(await findings(page, path)).toEqual([]);
  }
});
