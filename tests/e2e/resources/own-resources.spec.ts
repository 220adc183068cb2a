import { expect } from "@playwright/test";
import { askOne } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";

test("an administrator adds a database, makes its first member eligible, renames it, moves it, retires it and restores it, each once they see what that changes", async ({
  page,
}) => {
  await signIn(page, "owner", "/resources");
  await page.getByRole("link", { name: "Add resource" }).click();
  await page.getByLabel("Type").selectOption({ label: "Database" });
  await page.getByLabel("Name", { exact: true }).fill("Zurich orders");
  await page.getByLabel("Name in the path").fill("or ders");
  await page.getByRole("button", { name: "Add resource" }).click();
  await expect(page.getByText(/Begin with a letter or a digit/).first()).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Zurich orders");
  await page.getByLabel("Name in the path").fill("orders");
  await expect(page.getByText("/databases/orders", { exact: true })).toBeVisible();
  await page.getByRole("button", { name: "Add resource" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Zurich orders" })).toBeVisible();
  await expect(page.getByText("Database · /databases/orders")).toBeVisible();

  await page.getByRole("link", { name: "Add assignments" }).click();
  for (const [field, value] of [
    ["Roles", "Backup Reader"],
    ["Members", "Priya Raman"],
  ] as const) {
    await page.getByRole("searchbox", { name: field, exact: true }).fill(value);
    await page.getByRole("button", { name: new RegExp(`^Add ${value}`) }).click();
  }
  await page.getByRole("button", { name: "Assign", exact: true }).click();
  await expect(page.getByText("The assignment is made.")).toBeVisible();

  await page.getByRole("link", { name: "Overview", exact: true }).click();
  await page.getByRole("link", { name: "Manage", exact: true }).click();
  await page.getByRole("textbox", { name: "Name" }).fill("Zurich orders and returns");
  await page.getByRole("button", { name: "Rename" }).click();
  await expect(
    page.getByRole("heading", { level: 1, name: "Manage Zurich orders and returns" }),
  ).toBeVisible();

  await page.getByRole("link", { name: "Move", exact: true }).click();
  await page.getByRole("searchbox", { name: "Search by name or path" }).fill("Contoso Sandbox");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  await page.getByRole("link", { name: "Contoso Sandbox", exact: true }).click();
  await expect(page.getByRole("heading", { name: /^Access that is gained/ })).toBeVisible();
  await expect(page.getByText("Nobody loses access by this move.")).toBeVisible();
  await expect(
    page.getByText(/^\/databases\/orders becomes \/subscriptions\/.+\/databases\/orders\./),
  ).toBeVisible();
  await page.getByLabel("Justification").fill("It belongs to the sandbox");
  await page.getByLabel("Verification code").fill(await freshCode(account("owner").totpSecret ?? ""));
  await expect(page.getByText(/^It is moved\./)).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Breadcrumb" })).toContainText("Contoso Sandbox");

  await page.getByRole("link", { name: "Manage", exact: true }).click();
  await page.getByRole("link", { name: "Retire", exact: true }).click();
  const ended = page.getByRole("region", { name: "Access that ends (1)" });
  await expect(ended).toContainText("Priya Raman");
  await page.getByLabel("Justification").fill("Nobody orders any more");
  await page.getByLabel("Verification code").fill(await freshCode(account("owner").totpSecret ?? ""));
  await expect(page.getByText("Retired. Nobody has access to it.")).toBeVisible();
  await page.goto("/resources?search=zurich+orders");
  const retired = page.getByRole("link", { name: "Retired", exact: true });
  await expect(retired).toBeVisible();
  await expect(page.getByRole("link", { name: "Zurich orders and returns" })).toHaveCount(0);
  await retired.click();
  await page.getByRole("link", { name: "Zurich orders and returns" }).click();
  await expect(page.getByRole("region", { name: "Access that is restored (1)" })).toContainText(
    "Priya Raman",
  );
  await page.getByLabel("Justification").fill("They order again");
  await page.getByLabel("Verification code").fill(await freshCode(account("owner").totpSecret ?? ""));
  await expect(
    page.getByRole("heading", { level: 1, name: "Zurich orders and returns", exact: true }),
  ).toBeVisible();
  await page.getByRole("link", { name: "Assignments", exact: true }).click();
  await expect(page.getByRole("row", { name: /^Select Backup Reader of Priya Raman/ })).toBeVisible();

  // A type that is in use cannot be removed.
  await page.goto("/organisation/resource-types");
  const row = page.getByRole("listitem").filter({ hasText: "/databases/…" });
  await expect(row.getByRole("link", { name: /^\d+ resources?$/ })).toBeVisible();
  await expect(row.getByRole("button", { name: /^Remove/ })).toHaveCount(0);
});

test.describe("in Tokyo", () => {
  test.use({ timezoneId: "Asia/Tokyo" });
  test("a move that a conflict forbids says so, in the reader's own time", async ({ page }) => {
    // Both resources, the person and the rule are this journey's own.
    const places =
      await askOne(`WITH ids AS MATERIALIZED (SELECT postern_uuidv7() AS moved, postern_uuidv7() AS place),
      made AS (INSERT INTO resources (id, parent_id, scope, display_name, resource_type)
        SELECT each.id, root.id, each.scope, each.name, each.type FROM resources root, ids,
          LATERAL (VALUES (ids.moved, '/databases/tokyo', 'Tokyo payments', 'databases'),
            (ids.place, '/environments/kyoto', 'Kyoto', 'environments')) AS each (id, scope, name, type)
        WHERE root.parent_id IS NULL),
      person AS (INSERT INTO principals (type, display_name, email)
        VALUES ('User', 'Kei Tokyo', 'kei.tokyo@contoso.example') RETURNING id),
      rule AS (INSERT INTO conflict_rules (resource_id, name, reason)
        SELECT ids.place, 'Registries and quotas', 'They belong in different hands.' FROM ids RETURNING id),
      sides AS (INSERT INTO conflict_rule_roles (role_definition_id, rule_id, side)
        SELECT d.id, rule.id, CASE d.role_name WHEN 'AcrPush' THEN 'First' ELSE 'Second' END::conflict_side
        FROM rule, role_definitions d WHERE d.role_name IN ('AcrPush', 'Quota Request Operator')),
      held AS (INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, starts_at, ends_at)
        SELECT person.id, d.id, CASE d.role_name WHEN 'AcrPush' THEN ids.moved ELSE ids.place END, 'Assigned', now(),
          date_trunc('day', now() + interval '40 days', 'UTC') + interval '1 hour'
        FROM ids, person, role_definitions d WHERE d.role_name IN ('AcrPush', 'Quota Request Operator'))
      SELECT '/resources/' || moved || '/move?to=' || place AS value FROM ids`);
    await signIn(page, "owner", "/resources");
    // The first page tells the server the zone, and is read again.
    await expect(page.getByText("Times are in Asia/Tokyo (UTC+09:00).")).toBeVisible();
    await page.goto(places);
    const conflicts = page.getByRole("region", { name: "Conflicting roles (1)" });
    await expect(conflicts).toContainText(
      /Kei Tokyo holds AcrPush on Tokyo payments until .*,\s10:00, which conflicts/,
    );
    await expect(page.getByRole("button", { name: /^Move below/ })).toHaveCount(0);
  });
});
