import { expect, type Page } from "@playwright/test";
import { ask } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";
import { grantRow, journeyRows, rowName } from "../../support/e2e/rows";

const first = journeyRows.bundles.first;
const second = journeyRows.bundles.second;
const ended = journeyRows.bundles.ended;
const code = () => freshCode(account("member").totpSecret ?? "");

const giveBack = (id: string) =>
  ask("UPDATE eligibilities SET ends_at = now() + interval '90 days' WHERE id = $1", [id]);

test.beforeEach(async () => {
  for (const row of [first, second, ended]) await giveBack(await grantRow(row));
});

/** Deletes the bundles of the journeys, and ends what was activated with them. */
test.afterEach(async () => {
  await ask("DELETE FROM bundles WHERE name LIKE 'Journey%'");
  for (const row of [first, second, ended])
    await ask(
      "UPDATE assignments SET ends_at = greatest(starts_at, now()) WHERE eligibility_id = $1 AND ends_at > now()",
      [await grantRow(row)],
    );
});

async function select(page: Page, row: typeof first | typeof second | typeof ended) {
  await page.getByLabel("Search roles and resources").fill(row.role);
  await page.getByRole("main").getByRole("button", { name: "Search", exact: true }).click();
  await page.getByRole("checkbox", { name: `Select ${rowName(row)}` }).check();
}

/** Saves rows as a bundle from the list of eligible roles. */
async function save(page: Page, name: string, rows: readonly Parameters<typeof select>[1][]) {
  await signIn(page, "member", "/my-roles");
  for (const row of rows) await select(page, row);
  await page.getByRole("button", { name: "Save as bundle" }).click();
  const dialog = page.getByRole("dialog", { name: "Save as bundle" });
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: "Save" }).dblclick();
  await expect(page.getByText("The bundle is saved.")).toBeVisible();
  await expect(dialog).toBeHidden();
}

const end = (id: string) => ask("UPDATE eligibilities SET ends_at = now() WHERE id = $1", [id]);

test("a member saves roles as a bundle, and activates and deactivates them by its name with one code", async ({
  page,
}) => {
  test.setTimeout(120_000);
  await save(page, "Journey to release", [first, second]);
  await page.goto("/");
  const home = page.getByRole("region", { name: "Bundles" });
  await expect(home).toContainText(`${rowName(first)}, ${rowName(second)}`);
  await home.getByRole("button", { name: "Activate Journey to release" }).click();
  const dialog = page.getByRole("dialog", { name: "Activate Journey to release" });
  await expect(dialog.getByRole("list", { name: "Roles" }).getByRole("listitem")).toHaveCount(2);
  await dialog.getByLabel("Reason").fill("Release");
  await dialog.getByLabel("Verification code").fill(await code());
  await expect(page.getByText("2 of 2 roles are active now.")).toBeVisible();
  await expect(dialog).toBeHidden();
  const named = await ask<{ bundle: string }>(
    `SELECT details ->> 'bundle' AS bundle FROM audit_events WHERE kind = 'RoleActivated' AND outcome = 'Success'
     AND actor_id = (SELECT id FROM principals WHERE email = $1) ORDER BY sequence DESC LIMIT 2`,
    [account("member").email],
  );
  expect(named).toEqual([{ bundle: "Journey to release" }, { bundle: "Journey to release" }]);

  const row = home.getByRole("listitem").filter({ hasText: "Journey to release" });
  await expect(row).toContainText("✓ Active");
  await expect(row.getByRole("button", { name: /^Activate/ })).toHaveCount(0);
  await row.getByRole("button", { name: "Deactivate Journey to release" }).click();
  const confirm = page.getByRole("dialog", { name: "Deactivate Journey to release?" });
  await expect(confirm).toContainText(`${rowName(first)}, ${rowName(second)}`);
  await confirm.getByRole("button", { name: "Deactivate" }).click();
  await expect(page.getByText("2 roles are no longer active.")).toBeVisible();
  await expect(row.getByRole("button", { name: "Activate Journey to release" })).toBeVisible();
});

test("a member opens a bundle from the palette, and reads what of it ended and that nothing is left", async ({
  page,
}) => {
  test.setTimeout(120_000);
  await save(page, "Journey of old", [ended, first]);
  await end(await grantRow(ended));
  const open = async () => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Search" }).fill("activate journey of");
    await page.getByRole("option", { name: /Activate .?Journey of old/ }).click();
  };
  await open();
  const dialog = page.getByRole("dialog", { name: "Activate Journey of old" });
  await expect(dialog.getByText("Not included:")).toBeVisible();
  await expect(dialog).toContainText(`${rowName(ended)}: You are no longer eligible for it.`);
  await expect(dialog.getByRole("list", { name: "Roles" }).getByRole("listitem")).toHaveCount(1);
  // It ends between opening and activating.
  const eligibilityId = await grantRow(first);
  await dialog.getByLabel("Reason").fill("Look at the old site");
  await end(eligibilityId);
  await dialog.getByLabel("Verification code").fill(await code());
  await expect(dialog.getByText("Nothing can be activated now:")).toBeVisible();
  await expect(dialog).toContainText(`${rowName(first)}: You are no longer eligible for it.`);
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(page).toHaveURL(/\/my-roles\?tab=bundles$/);
  const row = page.getByRole("row", { name: /Journey of old/ });
  await expect(row.getByText("No longer eligible")).toHaveCount(2);
  for (const each of [first, ended]) await giveBack(await grantRow(each));
  await page.reload();
  await expect(row.getByText("No longer eligible")).toHaveCount(0);
});

test("a member activates the rest of a bundle while one role of it is active, and loses nothing typed", async ({
  page,
}) => {
  test.setTimeout(120_000);
  await save(page, "Journey begun", [first, second]);
  await ask(
    `INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, eligibility_id, starts_at, ends_at)
     SELECT principal_id, role_definition_id, resource_id, 'Activated', id, now(), now() + interval '1 hour'
     FROM eligibilities WHERE id = $1`,
    [await grantRow(first)],
  );
  await page.goto("/");
  const home = page.getByRole("region", { name: "Bundles" });
  const row = home.getByRole("listitem").filter({ hasText: "Journey begun" });
  await expect(row).toContainText("1 of 2 active");
  await row.getByRole("button", { name: "Activate Journey begun", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Activate Journey begun" });
  await expect(dialog).toContainText(`${rowName(first)}: Active until`);
  await dialog.getByLabel("Reason").pressSequentially("Go on with the release", { delay: 40 });
  await expect(dialog.getByLabel("Reason")).toHaveValue("Go on with the release");
  await dialog.getByLabel("Verification code").fill(await code());
  await expect(page.getByText("1 of 1 roles are active now.")).toBeVisible();
  await expect(row).toContainText("✓ Active");
  await expect(row.getByRole("button", { name: /^Activate/ })).toHaveCount(0);
});

test("a member edits a bundle in two tabs: the older edit is refused, and goes on from the newer state", async ({
  page,
  context,
}) => {
  test.setTimeout(120_000);
  await save(page, "Journey in tabs", [first]);
  await page.goto("/my-roles?tab=bundles");
  await page.getByRole("button", { name: "Edit Journey in tabs" }).click();
  const edit = page.getByRole("dialog", { name: "Edit Journey in tabs" });
  await edit.getByLabel("Name").fill("Journey renamed");

  const other = await context.newPage();
  await other.goto("/my-roles");
  await select(other, second);
  await other.getByRole("button", { name: "Save as bundle" }).click();
  const add = other.getByRole("dialog", { name: "Save as bundle" });
  await add.getByLabel("Bundle").selectOption("Journey in tabs");
  await add.getByRole("button", { name: "Add" }).click();
  await expect(other.getByText("1 role is added to the bundle.")).toBeVisible();
  await other.close();

  await edit.getByRole("button", { name: "Save" }).click();
  await expect(edit.getByRole("alert")).toContainText("You changed this bundle in another window");
  await expect(edit.getByLabel("Name")).toHaveValue("Journey renamed");
  await edit.getByRole("checkbox", { name: rowName(second) }).uncheck();
  await edit.getByRole("checkbox", { name: rowName(first) }).uncheck();
  await edit.getByRole("button", { name: "Save" }).click();
  await expect(edit.getByRole("alert")).toContainText("Keep at least one role");
  await edit.getByRole("checkbox", { name: rowName(second) }).check();
  await edit.getByRole("button", { name: "Save" }).click();
  await expect(edit).toBeHidden();
  const row = page.getByRole("row", { name: /Journey renamed/ });
  await expect(row).toContainText(rowName(second));
  await expect(row).not.toContainText(rowName(first));

  await row.getByRole("button", { name: /^More actions/ }).click();
  await page.getByRole("button", { name: "Delete Journey renamed" }).click();
  await page
    .getByRole("dialog", { name: "Delete Journey renamed?" })
    .getByRole("button", { name: "Delete" })
    .click();
  await expect(page.getByText("The bundle is deleted.")).toBeVisible();
  await expect(row).toHaveCount(0);
});
