import { expect, type Locator } from "@playwright/test";
import { ask, askOne } from "../../support/e2e/database";
import { account, signIn, test } from "../../support/e2e/e2e";
import { open } from "../../support/e2e/page-addresses";

/** Whether all of an element is on screen, with nothing over it. */
const inSight = (element: Locator) =>
  element.evaluate((target) => {
    const { left, right, top, bottom } = target.getBoundingClientRect();
    return [top + 1, bottom - 1].every((y) => {
      const found = document.elementFromPoint((left + right) / 2, y);
      return found !== null && (target.contains(found) || found.contains(target));
    });
  });

test("a person who types a wrong code sees it and the error, on a laptop and on a phone", async ({
  page,
}) => {
  for (const [width, height] of [
    [1366, 768],
    [390, 844],
    [360, 640],
  ] as const) {
    await page.setViewportSize({ width, height });
    await signIn(page, "member", "/my-roles");
    await page.getByRole("button", { name: "Activate Contributor on Contoso Production" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Reason").fill("Look at the dialog");
    const code = dialog.getByLabel("Verification code");
    await code.focus();
    await expect(dialog.getByText("You confirm:")).toBeVisible();
    await expect.poll(() => inSight(code), `the code at ${width}`).toBe(true);
    await page.keyboard.type("12345");
    await page.keyboard.press("Enter");
    const error = dialog.getByText("This did not count as an attempt.").first();
    await expect(error).toBeVisible();
    await expect.poll(() => inSight(code), `the code after an error at ${width}`).toBe(true);
    await expect.poll(() => inSight(error), `the error at ${width}`).toBe(true);
    await page.keyboard.press("Escape");
  }
});

test("the longest name of a role makes no page of a member's wider than the screen", async ({ page }) => {
  const name = "OperatorOfEverything".repeat(26).slice(0, 512);
  const eligibility = await askOne(
    `WITH role AS (
       INSERT INTO role_definitions (role_name, description, role_type, permissions, assignable_scopes)
       VALUES ($1, 'Has a long name', 'CustomRole',
         '[{"actions":["*/read"],"notActions":[],"dataActions":[],"notDataActions":[]}]', '{/}')
       RETURNING id)
     INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at, ends_at)
     SELECT p.id, role.id, r.id, now() - interval '1 day', now() + interval '90 days'
     FROM role, principals p, resources r
     WHERE p.email = $2 AND r.display_name = 'Contoso Production' RETURNING id AS value`,
    [name, account("newcomer").email],
  );
  try {
    await signIn(page, "newcomer");
    for (const width of [1440, 1366, 390, 360])
      for (const path of ["/", "/my-roles"]) {
        await page.setViewportSize({ width, height: 844 });
        await page.goto(path);
        const row = page.getByRole("main").getByText(name).first();
        await expect(row).toBeVisible();
        const where = `${path} at ${width}`;
        expect(await page.evaluate(() => document.documentElement.scrollWidth), where).toBeLessThanOrEqual(
          width,
        );
        expect(await row.evaluate((text) => text.scrollWidth - text.clientWidth), where).toBeLessThanOrEqual(
          0,
        );
      }
  } finally {
    await ask("UPDATE eligibilities SET ends_at = now() WHERE id = $1", [eligibility]);
  }
});

/** The lines on which elements stand, by their tops. */
const lines = (elements: Locator) =>
  elements.evaluateAll((all) => [
    ...new Set(all.map((each) => Math.round(each.getBoundingClientRect().top))),
  ]);

test("a person on a small phone sees every tab of an import", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await open(page, "owner", "/import/[importId]");
  const tabs = page.getByRole("navigation", { name: "Rows" }).getByRole("link");
  await expect(tabs).toHaveCount(4);
  for (const tab of await tabs.all()) expect(await inSight(tab), (await tab.textContent()) ?? "").toBe(true);
});

test("a person who selects on a small phone has the actions on one line", async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  const production = await askOne(
    "SELECT id AS value FROM resources WHERE display_name = 'Contoso Production'",
  );
  for (const [key, path, action] of [
    ["owner", `/resources/${production}/assignments?tab=eligible`, "Remove selected"],
    ["member", "/my-roles", "Activate selected"],
  ] as const) {
    await signIn(page, key, path);
    await page
      .getByRole("checkbox", { name: /^Select (?!all)/ })
      .first()
      .check();
    const bar = page
      .getByRole("group")
      .filter({ has: page.getByRole("button", { name: "Clear selection" }) });
    await expect(bar.getByRole("button", { name: action })).toBeVisible();
    const actions = bar.getByRole("button").filter({ hasNotText: "Clear" });
    expect(await lines(actions), `${path}: lines of actions`).toHaveLength(1);
    await page.getByRole("button", { name: "Clear selection" }).click();
  }
});
