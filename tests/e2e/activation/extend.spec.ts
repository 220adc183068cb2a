import { expect, type Page } from "@playwright/test";
import { axeViolations } from "../../support/e2e/axe";
import { ask, askOne } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";
import { type DemoRow, grantRow, journeyRows, rowName } from "../../support/e2e/rows";

/** Lets an account hold one of its roles for a number of minutes from now. Returns the activation's id. */
async function running(row: DemoRow & { account: string }, minutes: number): Promise<string> {
  const eligibilityId = await grantRow(row);
  await ask(
    "UPDATE assignments SET ends_at = greatest(starts_at, now()) WHERE eligibility_id = $1 AND ends_at > now()",
    [eligibilityId],
  );
  return askOne(
    `INSERT INTO assignments (principal_id, role_definition_id, resource_id, assignment_type, eligibility_id,
       starts_at, ends_at)
     SELECT principal_id, role_definition_id, resource_id, 'Activated', id, now() - interval '1 hour',
       date_trunc('milliseconds', now()) + make_interval(mins => $2::int)
     FROM eligibilities WHERE id = $1 RETURNING id AS value`,
    [eligibilityId, minutes],
  );
}

/** Leaves nothing active for later journeys. */
async function end(id: string): Promise<void> {
  await ask("UPDATE assignments SET ends_at = now(), removed_at = now() WHERE id = $1", [id]);
}

const code = (key: string) => freshCode(account(key).totpSecret ?? "");
const extendOf = (page: Page, name: string) => page.getByRole("button", { name: `Extend ${name}` });

test("a member who needs longer extends a running role, with a reason and a code, from Home", async ({
  page,
}) => {
  test.setTimeout(120_000);
  const row = journeyRows.extend.coded;
  const name = rowName(row);
  const id = await running(row, 40);
  await signIn(page, row.account, "/");
  await extendOf(page, name).click();
  const dialog = page.getByRole("dialog", { name: `Extend ${name}` });
  await expect(dialog.getByText(/^Until .+ instead of .+\./)).toBeVisible();
  expect(await axeViolations(page, "[role=dialog]")).toEqual([]);
  await dialog.getByText("1 h", { exact: true }).click();
  await dialog.getByLabel("Verification code").fill(await code(row.account));
  await expect(dialog.getByText("Give a reason.").first()).toBeVisible();
  await dialog.getByLabel("Reason").fill("The fix takes longer");
  await dialog.getByRole("button", { name: "Extend", exact: true }).click();
  await expect(page.getByText("The role now ends later.")).toBeVisible();
  const left = await askOne(
    "SELECT round(extract(epoch FROM ends_at - now()) / 60)::text AS value FROM assignments WHERE id = $1",
    [id],
  );
  expect(Number(left)).toBeGreaterThan(95);

  // The log records the extension, with both ends.
  await page.goto("/my-audit");
  await expect(page.getByText(/extended the activation of/).first()).toBeVisible();
  await expect(page.getByText(/until .+ instead of /).first()).toBeVisible();

  // From among the eligible roles as well.
  await page.goto(`/my-roles?search=${encodeURIComponent(row.role)}`);
  await page.getByRole("button", { name: `Extend the activation of ${name}` }).click();
  await expect(dialog.getByText(/^Until .+ instead of .+\./)).toBeVisible();
  await page.keyboard.press("Escape");

  // A reminder and the pill lead to the same dialog, which opens by itself and leaves the address.
  await page.goto(`/my-roles?tab=active&extend=${id}`);
  await expect(dialog).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/\/my-roles\?tab=active$/);

  // If nothing is left to extend, the dialog says why and has a button that closes it.
  await ask("UPDATE assignments SET ends_at = now() + interval '20 hours' WHERE id = $1", [id]);
  await page.reload();
  await extendOf(page, name).click();
  await expect(dialog.getByText(/Extend it later|cannot be extended/)).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toBeHidden();
  await end(id);
});

test("a role that takes approval stays active while its extension waits, and an approver moves its end", async ({
  page,
  browser,
  baseURL,
}) => {
  test.setTimeout(180_000);
  const row = journeyRows.extend.approved;
  const name = rowName(row);
  const approverId = await askOne("SELECT id AS value FROM principals WHERE email = $1", [
    account("approver").email,
  ]);
  const stage = {
    approverIds: [approverId],
    approvalsNeeded: 1,
    timeoutHours: 24,
    escalationApproverIds: [],
  };
  await ask(
    `INSERT INTO role_management_policies (role_definition_id, resource_id, version, approval_required, approval_stages)
     SELECT d.id, r.id, 1, true, $3::jsonb FROM role_definitions d, resources r
     WHERE d.role_name = $1 AND r.display_name = $2
     ON CONFLICT (resource_id, role_definition_id) DO UPDATE SET approval_required = true, approval_stages = $3::jsonb`,
    [row.role, row.resource, JSON.stringify([stage])],
  );
  const id = await running(row, 50);
  await signIn(page, row.account, "/my-roles?tab=active");
  await extendOf(page, name).click();
  const dialog = page.getByRole("dialog", { name: `Extend ${name}` });
  await expect(dialog.getByText(/once it is approved/)).toBeVisible();
  await dialog.getByLabel("Reason").fill("The rotation of keys is not done");
  await dialog.getByLabel("Verification code").fill(await code(row.account));
  await expect(page.getByText(/The request waits for approval/)).toBeVisible();
  const line = page.getByRole("row").filter({ hasText: row.role });
  await expect(line.getByRole("link", { name: "Extension waits for approval" })).toBeVisible();
  await expect(line).toContainText("Activated");
  await expect(extendOf(page, name)).toHaveCount(0);
  await page.goto("/my-requests?show=waiting");
  await expect(page.getByRole("row").filter({ hasText: row.role })).toContainText("Extend activation");

  const context = await browser.newContext({ baseURL });
  const approver = await context.newPage();
  await signIn(approver, "approver", "/approvals");
  const card = approver.getByRole("article", { name: new RegExp(`^Extend ${row.role}`) });
  await expect(card).toContainText("asks to extend");
  await expect(card).toContainText("instead of");
  await card.getByRole("button", { name: /^Approve / }).click();
  await approver.getByRole("dialog").getByLabel("Justification").fill("Go on");
  await approver.getByRole("dialog").getByRole("button", { name: "Approve" }).click();
  await expect(approver.getByText(/^Approved\./)).toBeVisible();
  await context.close();
  const left = await askOne(
    "SELECT round(extract(epoch FROM ends_at - now()) / 60)::text AS value FROM assignments WHERE id = $1",
    [id],
  );
  expect(Number(left)).toBeGreaterThan(100);
  await page.goto("/my-requests");
  await expect(page.getByRole("row").filter({ hasText: row.role }).first()).toContainText("Provisioned");
  await end(id);
});
