import { expect } from "@playwright/test";
import { ask, askOne } from "../../support/e2e/database";
import { signIn, test } from "../../support/e2e/e2e";

test("an administrator reduces standing access: from the dashboard to the line that goes down", async ({
  page,
}) => {
  const [role, group] = ["Data Factory Contributor", "lab-iot"];
  const place = await askOne(
    `SELECT r.id AS value FROM resources r JOIN resources parent ON parent.id = r.parent_id
     WHERE parent.display_name = $1 ORDER BY r.id DESC LIMIT 1`,
    [group],
  );
  // Somebody of the journey's own: other journeys find the demo's people unchanged.
  const people = await ask<{ id: string; name: string }>(
    `INSERT INTO principals (type, display_name, email) VALUES ('User', 'Bea Without', 'bea.without@contoso.example')
     RETURNING id, display_name AS name`,
  );
  const ready = await ask<{ id: string; name: string }>(
    `SELECT id, display_name AS name FROM principals p WHERE type = 'User' AND disabled_at IS NULL
      AND EXISTS (SELECT FROM factors_in_force f WHERE f.user_id = p.id)
      AND email NOT LIKE 'owner@%' ORDER BY email DESC LIMIT 2`,
  );
  const [bare] = people;
  const [first, second] = ready;
  if (!bare || !first || !second) throw new Error("the demo has too few people");
  for (const { id } of [bare, first, second])
    await ask(
      `INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, starts_at)
       SELECT $1, d.id, $3, 'Assigned', now() - interval '9 days' FROM role_definitions d WHERE d.role_name = $2`,
      [id, role, place],
    );

  await signIn(page, "owner", "/dashboard");
  await page.getByRole("link", { name: "Reduce standing access" }).first().click();
  await expect(page.getByRole("heading", { name: "Reduce standing access", level: 1 })).toBeVisible();

  await page.goto(`/resources/${place}/standing-access`);
  const rows = page.getByRole("region", { name: "Standing access" }).last().getByRole("row");
  await expect(rows.filter({ hasText: first.name })).toContainText("Make eligible");
  await expect(rows.filter({ hasText: bare.name })).toContainText("Has no second factor to activate it with");
  await expect(page.getByText("3 active assignments", { exact: true })).toBeVisible();
  const now = page
    .getByRole("figure")
    .getByText(/\d+ now/)
    .last();
  await expect(now).toHaveText("3 now");

  await page.getByRole("checkbox", { name: "Select all on this page" }).check();
  await page.getByRole("button", { name: "Make selected eligible" }).click();
  const dialog = page.getByRole("dialog", { name: "Make 2 assignments eligible" });
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByText("This will happen to all 2 rows:")).toBeVisible();
  await expect(dialog.getByText(/instead of active permanently/)).toHaveCount(2);
  await dialog.getByRole("button", { name: "Make 2 assignments eligible" }).click();
  await expect(dialog.getByText("Everything is done:")).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).click();

  await expect(page.getByText("1 active assignment", { exact: true })).toBeVisible();
  await expect(now).toHaveText("1 now");

  // Somebody without a factor is made eligible by hand, and the preview states the consequence.
  await page.goto(`/resources/${place}/assignments?tab=active`);
  await page.getByRole("button", { name: new RegExp(`^Actions for ${role} of ${bare.name}`) }).click();
  await page.getByRole("button", { name: new RegExp(`^Make eligible ${role} of ${bare.name}`) }).click();
  const one = page.getByRole("dialog");
  await one.getByRole("button", { name: "Preview" }).click();
  await expect(one.getByText(/Cannot activate it yet: they have no second factor/)).toBeVisible();
  await one.getByRole("button", { name: "Make 1 assignment eligible" }).click();
  await expect(one.getByText("Everything is done:")).toBeVisible();
  const kinds = await ask<{ kind: string }>(
    `SELECT kind::text FROM audit_events WHERE target_id = $1 ORDER BY sequence DESC LIMIT 1`,
    [bare.id],
  );
  expect(kinds).toEqual([{ kind: "EligibleAssignmentReplacedActive" }]);
  await ask(
    `UPDATE eligibilities e SET ends_at = now() FROM role_definitions d
     WHERE d.id = e.role_definition_id AND d.role_name = $1 AND e.resource_id = $2 AND e.ends_at > now()`,
    [role, place],
  );
});
