import { expect, type Page } from "@playwright/test";
import { ask, askOne } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";

const address = (role: string, resource: string) =>
  askOne(
    `SELECT '/resources/' || r.id || '/roles/' || d.id AS value FROM resources r, role_definitions d
     WHERE r.display_name = $2 AND d.role_name = $1`,
    [role, resource],
  );

/** Counts clicks of a mouse, but not those made with the keyboard. */
async function countClicks(page: Page): Promise<() => number> {
  let clicks = 0;
  await page.exposeFunction("countClick", () => {
    clicks += 1;
  });
  await page.addInitScript(() => {
    addEventListener(
      "click",
      (event) => {
        if (event.isTrusted && event.detail > 0) Reflect.get(window, "countClick")();
      },
      true,
    );
  });
  return () => clicks;
}

test("who has Owner here is one list, whatever the state, with what is inherited and what lies below", async ({
  page,
}) => {
  const [role, group] = ["Search Service Contributor", "lab-iot"];
  await ask(
    `WITH d AS (SELECT id FROM role_definitions WHERE role_name = $1),
      here AS (SELECT id, parent_id FROM resources WHERE display_name = $2),
      below AS (SELECT r.id FROM resources r JOIN here ON r.parent_id = here.id ORDER BY r.id LIMIT 1),
      person AS (SELECT id, row_number() OVER (ORDER BY email) AS n FROM principals
        WHERE type = 'User' AND disabled_at IS NULL)
    INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at, ends_at)
    SELECT p.id, d.id, places.id, now() - interval '9 days', now() + places.days * interval '1 day'
    FROM d, (SELECT id, 1 AS n, 5 AS days FROM here UNION ALL SELECT parent_id, 2, 20 FROM here
      UNION ALL SELECT id, 3, 9 FROM below UNION ALL SELECT id, 4, -1 FROM here) places
    JOIN person p ON p.n = places.n`,
    [role, group],
  );
  await signIn(page, "owner", await address(role, group));
  const rows = page.getByRole("region", { name: "Members" }).getByRole("row");
  const states = async () =>
    (await rows.allInnerTexts()).slice(1).map((text) => text.replaceAll(/\s+/g, " "));
  await expect(rows).toHaveCount(4);
  expect((await states()).map((text) => /Inherited/.test(text))).toEqual([true, false, false]);
  expect((await states()).map((text) => /Expired/.test(text))).toEqual([false, false, true]);
  await expect(page.getByText("3 assignments", { exact: true })).toBeVisible();

  await page.getByRole("button", { name: "Where", exact: true }).click();
  await page.getByRole("link", { name: "Here and below", exact: true }).click();
  await expect(page).toHaveURL(/where=below/);
  await expect(rows).toHaveCount(4);
  expect((await states()).some((text) => /resourceGroups\/lab-iot\/providers/.test(text))).toBe(true);

  const csv = await page.request.get(
    (await page.getByRole("link", { name: "Export as CSV" }).getAttribute("href")) ?? "",
  );
  const lines = (await csv.text()).trim().split("\r\n");
  expect(lines).toHaveLength(4);
  expect(lines[0]).toContain("state,memberName,memberType");
  const jsonLines = await page.request.get(
    (await page.getByRole("link", { name: "Export as JSON Lines" }).getAttribute("href")) ?? "",
  );
  const objects = (await jsonLines.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(objects.map((each) => each.roleName)).toEqual([role, role, role]);
  const logged = await ask<{ kind: string; details: { rows?: number; filter: object } }>(
    `SELECT kind::text, details FROM audit_events WHERE kind IN ('ExportStarted', 'ExportEnded')
     AND details ->> 'list' = 'Assignments' ORDER BY sequence DESC LIMIT 1`,
  );
  expect(logged[0]).toMatchObject({ kind: "ExportEnded", details: { rows: 3, filter: { where: "below" } } });

  await page.getByRole("link", { name: "Remove the filter: Where: Here and below" }).click();
  await page.getByRole("link", { name: "Expired", exact: true }).click();
  await expect(rows).toHaveCount(2);
});

test("a direct assignment takes six clicks at most from Home, and is given until the end that was shown", async ({
  page,
}) => {
  const clicks = await countClicks(page);
  await ask(
    `INSERT INTO role_management_policies (role_definition_id, resource_id, assignment_requires_mfa, version)
     SELECT d.id, r.id, true, 1 FROM role_definitions d, resources r
     WHERE d.role_name = 'Cognitive Services User' AND r.display_name = 'lab-iot'
     ON CONFLICT (resource_id, role_definition_id) DO UPDATE SET assignment_requires_mfa = true, version = 1`,
  );
  await signIn(page, "owner", "/");
  await page.getByRole("button", { name: /Search or activate/ }).click();
  await page.getByRole("combobox").pressSequentially("lab-iot");
  await expect(page.getByRole("option").first()).toContainText("lab-iot");
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: "Add assignments" }).click();
  await page.getByRole("button", { name: "Add Cognitive Services User", exact: true }).click();
  await page.keyboard.type("Priya");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("list", { name: "Chosen: Members" })).toContainText("Priya Raman");
  await page.getByLabel("Active", { exact: true }).click();
  await expect(page.getByRole("radio", { name: "1 day" })).toBeChecked();
  const end = await page.getByLabel("End", { exact: true }).inputValue();
  await page.getByLabel("Justification").focus();
  await page.keyboard.type("Incident cover");
  await page.getByLabel("Verification code").focus();
  await page.keyboard.type(await freshCode(account("owner").totpSecret ?? ""));
  await expect(page.getByText("The assignment is made.")).toBeVisible();
  expect(clicks()).toBeLessThanOrEqual(6);
  const given = await askOne(
    `SELECT to_char(a.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI') AS value FROM assignments a
     JOIN principals p ON p.id = a.principal_id JOIN role_definitions d ON d.id = a.role_definition_id
     WHERE p.display_name = 'Priya Raman' AND d.role_name = 'Cognitive Services User' ORDER BY a.id DESC LIMIT 1`,
  );
  expect(given).toBe(end);
  await expect(page.getByRole("row").filter({ hasText: "Cognitive Services User" })).toContainText(
    "Priya Raman",
  );
});

test("roles open with those in use or edited here; Reader and Enter finds Reader first among all", async ({
  page,
}) => {
  const roles = (await address("Reader", "Contoso Production")).replace(/\/[^/]+$/, "");
  await signIn(page, "owner", roles);
  const names = page.getByRole("region", { name: "Roles" }).getByRole("row");
  await expect(page.getByRole("link", { name: "In use or edited here" })).toHaveAttribute(
    "aria-current",
    "page",
  );
  await expect(page.getByRole("link", { name: "Contributor", exact: true })).toBeVisible();
  await expect(page.getByText("AcrQuarantineReader")).toBeHidden();
  await page.getByLabel("Search roles").fill("reader");
  await page.getByLabel("Search roles").press("Enter");
  await expect(names.nth(1)).toContainText(/^Reader/);
  await page.getByLabel("Search roles").fill("secrets vault KEY");
  await page.getByLabel("Search roles").press("Enter");
  await expect(names.nth(1)).toContainText("Key Vault Secrets");
  await page.getByRole("link", { name: "In use or edited here" }).click();
  await expect(page.getByRole("link", { name: "Contributor", exact: true })).toBeVisible();

  await page.goto(roles.replace(/\/roles$/, "/settings"));
  await expect(page.getByRole("columnheader", { name: "Last changed" })).toBeVisible();
});

test("a full page of a list stays small, whatever it lists", async ({ page }) => {
  const staging = (await address("Contributor", "Contoso Staging")).replace(/\/roles\/.*$/, "");
  await signIn(page, "owner", "/");
  const sizes: Record<string, number> = {};
  const full = await address("Contributor", "Contoso Staging");
  const most = {
    [full]: 120_000,
    [`${staging}/assignments`]: 130_000,
    [`${staging}/assignments?where=below`]: 135_000,
    [`${staging}/roles?show=all`]: 100_000,
    [`${staging}/settings?show=all`]: 115_000,
    [`${staging}/assignments/add`]: 100_000,
    "/assignments?when=any": 125_000,
    "/resources?view=list": 100_000,
    "/resources": 100_000,
    "/people": 100_000,
  };
  for (const path of Object.keys(most)) sizes[path] = (await (await page.request.get(path)).body()).length;
  const over = Object.entries(most).filter(([path, size]) => (sizes[path] ?? size) >= size);
  expect(over, JSON.stringify(sizes)).toEqual([]);
});
