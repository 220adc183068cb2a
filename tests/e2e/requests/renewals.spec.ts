import { expect, type Page } from "@playwright/test";
import { axeViolations } from "../../support/e2e/axe";
import { ask, askOne } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";

async function openResource(page: Page, name: string) {
  await page.goto(`/resources?search=${encodeURIComponent(name)}`);
  await page.getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

async function openRole(page: Page, resourceName: string, roleName: string) {
  await openResource(page, resourceName);
  await page.getByRole("link", { name: "Roles", exact: true }).click();
  await page.getByLabel("Search roles").fill(roleName);
  await page.getByRole("main").getByRole("button", { name: "Search", exact: true }).click();
  await page.getByRole("link", { name: roleName, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: roleName })).toBeVisible();
}

async function addMember(page: Page, member: string, type: "Eligible" | "Active", days: number) {
  await page.getByRole("button", { name: "Add assignments" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("searchbox", { name: "Members" }).fill(member);
  await dialog.getByRole("button", { name: `Add ${member}` }).click();
  await dialog.getByLabel(type, { exact: true }).check();
  await dialog.getByLabel("End").fill(inDays(days));
  await dialog.getByLabel("Justification").fill("Project cover");
}

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 16);
const code = (key: string) => freshCode(account(key).totpSecret ?? "");

test("a member asks to extend, an administrator approves with a code, and the member sees it", async ({
  page,
  browser,
  baseURL,
}) => {
  test.setTimeout(120_000);
  const role = "Storage Blob Data Reader";
  await signIn(page, "owner");
  await openRole(page, "lab-web", role);
  await page.getByRole("link", { name: "Role settings", exact: true }).last().click();
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("Require Multi-Factor Authentication on direct assignment").check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The role settings are saved.")).toBeVisible();
  await openRole(page, "lab-web", role);
  await addMember(page, "Rosa Delgado", "Active", 9);
  await page
    .getByRole("dialog")
    .getByLabel("Verification code")
    .fill(await code("owner"));
  await expect(page.getByText("The assignment is made.")).toBeVisible();

  const context = await browser.newContext({ baseURL });
  const member = await context.newPage();
  await signIn(member, "requester", "/my-roles?tab=active");
  await member.getByRole("button", { name: `Extend ${role} on lab-web` }).click();
  const proposal = member.getByRole("dialog");
  await proposal.getByRole("button", { name: "Request extension" }).click();
  await expect(proposal.getByText("Give a reason.").first()).toBeVisible();
  await proposal.getByLabel("Reason").fill("The project goes on");
  await proposal.getByRole("button", { name: "Request extension" }).click();
  await expect(member.getByText("Your request waits for an administrator.")).toBeVisible();
  await expect(member.getByText("Extension requested")).toBeVisible();
  await expect(member.getByRole("button", { name: `Extend ${role} on lab-web` })).toBeHidden();

  await openResource(page, "lab-web");
  await page.getByRole("link", { name: "Assignments", exact: true }).click();
  await page.getByRole("link", { name: "Requests", exact: true }).click();
  await page.getByRole("button", { name: `Approve the extension of ${role} for Rosa Delgado` }).click();
  const decision = page.getByRole("dialog");
  await decision.getByLabel("End").fill(inDays(60));
  await decision.getByLabel("Justification").fill("Agreed with the project");
  await decision.getByLabel("Verification code").fill("000000");
  await expect(decision.getByRole("alert")).toContainText("is wrong");
  await decision.getByLabel("Verification code").fill(await code("owner"));
  await expect(page.getByText("The request is approved.")).toBeVisible();

  await member.goto("/my-roles?tab=active");
  await expect(member.getByRole("row").filter({ hasText: role })).toContainText("✓ Extended");
  await member.goto("/my-requests");
  await expect(member.getByRole("row", { name: new RegExp(role) }).first()).toContainText("Provisioned");
  await context.close();
});

test("an expired role is renewed at the member's request, and a denial shows its reason", async ({
  page,
  browser,
  baseURL,
}) => {
  test.setTimeout(120_000);
  await signIn(page, "member", "/my-roles?tab=expired");
  const renew = page.getByRole("button", { name: "Renew Monitoring Reader on stage-tools" });
  await renew.click();
  await page.getByRole("dialog").getByLabel("Reason").fill("Still on call");
  await page.getByRole("dialog").getByRole("button", { name: "Request renewal" }).click();
  await expect(page.getByText("Renewal requested")).toBeVisible();

  const context = await browser.newContext({ baseURL });
  const administrator = await context.newPage();
  await signIn(administrator, "approver");
  await openResource(administrator, "stage-tools");
  await administrator.getByRole("link", { name: "Assignments", exact: true }).click();
  await administrator.getByRole("link", { name: "Requests", exact: true }).click();
  await administrator
    .getByRole("button", { name: "Deny the renewal of Monitoring Reader for Mina Tanaka" })
    .click();
  await administrator.getByRole("dialog").getByLabel("Justification").fill("The rota has changed");
  await administrator.getByRole("dialog").getByRole("button", { name: "Deny" }).click();
  await expect(administrator.getByText("The request is denied.")).toBeVisible();
  await expect(administrator.getByText("No waiting requests")).toBeVisible();

  await page.reload();
  await expect(page.getByText("Renewal denied")).toBeVisible();
  await expect(page.getByText("The rota has changed")).toBeVisible();
  await expect(renew).toBeVisible();

  await administrator.getByRole("link", { name: "Expired", exact: true }).click();
  await administrator.getByRole("checkbox", { name: "Select Monitoring Reader of Mina Tanaka" }).check();
  await administrator.getByRole("button", { name: "Renew selected" }).click();
  const dialog = administrator.getByRole("dialog");
  await dialog.getByLabel("End").fill(inDays(40));
  await dialog.getByLabel("Justification").fill("The rota has changed back");
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByText(/Again from .* until/)).toBeVisible();
  await dialog.getByRole("button", { name: "Renew 1 assignment" }).click();
  await expect(dialog.getByText(/Renewed until/)).toBeVisible();
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  await expect(administrator.getByText("Select assignments to change them together.")).toBeVisible();
  await context.close();
  await page.reload();
  await expect(page.getByText("✓ Renewed")).toBeVisible();
});

test("an administrator assigns several roles to several members with one code, extends and removes them in bulk", async ({
  page,
}) => {
  test.setTimeout(150_000);
  const roles = ["Cost Management Reader", "Billing Reader"];
  await signIn(page, "owner");
  await openRole(page, "lab-shared", "Billing Reader");
  await page.getByRole("link", { name: "Role settings", exact: true }).last().click();
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("Require Multi-Factor Authentication on direct assignment").check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The role settings are saved.")).toBeVisible();

  await openResource(page, "lab-shared");
  await page.getByRole("link", { name: "Assignments", exact: true }).click();
  await page.getByRole("link", { name: "Add assignments" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Add assignments" })).toBeVisible();
  for (const role of roles) {
    await page.getByRole("searchbox", { name: "Roles", exact: true }).fill(role);
    await page.getByRole("button", { name: `Add ${role}`, exact: true }).click();
  }
  for (const member of ["Wei Chen", "Nadia Petrova"]) {
    await page.getByRole("searchbox", { name: "Members", exact: true }).fill(member);
    await page.getByRole("button", { name: `Add ${member}` }).click();
  }
  await expect(page.getByText("4 assignments.")).toBeVisible();
  await page.getByLabel("Active", { exact: true }).check();
  await page.getByLabel("End", { exact: true }).fill("");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("Choose an end, or Permanently.").first()).toBeVisible();
  await page.getByLabel("End", { exact: true }).fill(inDays(12));
  await page.getByLabel("Justification").fill("The sandbox is shared");
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByText("This will happen to all 4 rows:")).toBeVisible();
  await page.getByRole("button", { name: "Make 4 assignments" }).click();
  await expect(page.getByLabel("Verification code")).toBeFocused();
  await page.getByLabel("Verification code").fill(await code("owner"));
  await expect(page.getByText("Everything is done:")).toBeVisible();
  await page.getByRole("main").getByRole("button", { name: "Close", exact: true }).click();

  await page.getByLabel("Search members and roles").fill("Billing Reader");
  await page.getByRole("main").getByRole("button", { name: "Search", exact: true }).click();
  const heads = page.getByRole("columnheader");
  await expect(heads.filter({ hasText: "End" })).toHaveAttribute("aria-sort", "ascending");
  for (const [direction, first] of [
    ["ascending", "Nadia Petrova"],
    ["descending", "Wei Chen"],
  ] as const) {
    await heads.getByRole("link", { name: "Member" }).click();
    await expect(heads.filter({ hasText: "Member" })).toHaveAttribute("aria-sort", direction);
    await expect(page.getByRole("row").nth(1)).toContainText(first);
  }
  await page.getByRole("checkbox", { name: "Select Billing Reader of Wei Chen" }).check();
  await expect(page.getByText("1 selected")).toBeVisible();
  // The selection survives another search.
  await page.getByLabel("Search members and roles").fill("nobody of this name");
  await page.getByRole("main").getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.getByText("1 selected, 1 not on this page")).toBeVisible();
  await page.getByLabel("Search members and roles").fill("Billing Reader");
  await page.getByRole("main").getByRole("button", { name: "Search", exact: true }).click();
  await page.getByRole("checkbox", { name: "Select all on this page" }).check();
  await expect(page.getByText("2 selected")).toBeVisible();
  await page.getByRole("button", { name: "Extend selected" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("End").fill(inDays(30));
  await dialog.getByLabel("Justification").fill("The sandbox stays shared");
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByText(/instead of/)).toHaveCount(2);
  await dialog.getByLabel("Verification code").fill(await code("owner"));
  await expect(dialog.getByText(/Extended until/)).toHaveCount(2);
  await dialog.getByRole("button", { name: "Close", exact: true }).click();

  await test.step("of two tabs with one assignment, the later is told what the other saved", async () => {
    const other = await page.context().newPage();
    await other.goto(page.url());
    for (const tab of [page, other]) {
      await tab.getByLabel("Search members and roles").fill("Cost Management Reader");
      await tab.getByRole("main").getByRole("button", { name: "Search", exact: true }).click();
      await tab.getByRole("button", { name: "Actions for Cost Management Reader of Wei Chen" }).click();
      await tab.getByRole("button", { name: "Update Cost Management Reader of Wei Chen" }).click();
    }
    const save = async (tab: Page, days: number) => {
      await tab.getByRole("dialog").getByLabel("End").fill(inDays(days));
      await tab.getByRole("dialog").getByLabel("Justification").fill(`For ${days} days`);
      await tab.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    };
    await save(other, 20);
    await expect(other.getByText("The assignment is updated.")).toBeVisible();
    await other.close();
    await save(page, 25);
    await expect(dialog.getByRole("alert")).toContainText("You changed this assignment after you opened it.");
    await expect(dialog.getByRole("alert")).toContainText(/It now ends .*The form showed that it ends/);
    await expect(dialog.getByLabel("Justification")).toHaveValue("For 25 days");
    expect(await axeViolations(page, "[role=dialog]")).toEqual([]);
    await dialog.getByRole("button", { name: "Save" }).click();
    await expect(page.getByText("The assignment is updated.")).toBeVisible();
    await page.getByLabel("Search members and roles").fill("Billing Reader");
    await page.getByRole("main").getByRole("button", { name: "Search", exact: true }).click();
  });

  await page.getByRole("checkbox", { name: "Select Billing Reader of Wei Chen" }).check();
  await page.getByRole("button", { name: "Remove selected" }).click();
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByText("Ends at once.")).toBeVisible();
  await dialog.getByRole("button", { name: "Back" }).click();
  await dialog.getByLabel("Justification (optional)").fill("No longer needed");
  await dialog.getByRole("button", { name: "Preview" }).click();
  await dialog.getByRole("button", { name: "Remove 1 assignment" }).click();
  await expect(dialog.getByText("Removed.")).toBeVisible();
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  await expect(page.getByRole("checkbox", { name: "Select Billing Reader of Wei Chen" })).toBeHidden();
  await expect(page.getByRole("checkbox", { name: "Select Billing Reader of Nadia Petrova" })).toBeVisible();
});

test("an administrator decides several requests with one reason and one code, and sees the result of each", async ({
  page,
  browser,
  baseURL,
}) => {
  test.setTimeout(150_000);
  const role = "Storage Queue Data Reader";
  const place = `(SELECT id FROM role_definitions WHERE role_name = '${role}'),
    (SELECT id FROM resources WHERE display_name = 'prod-network')`;
  await ask(
    `INSERT INTO role_management_policies (role_definition_id, resource_id, assignment_requires_mfa)
     VALUES (${place}, true)
     ON CONFLICT (resource_id, role_definition_id) DO UPDATE SET assignment_requires_mfa = true`,
  );
  const give = (key: string) =>
    askOne(
      `INSERT INTO assignments (role_definition_id, resource_id, principal_id, assignment_type, starts_at, ends_at)
       SELECT ${place}, p.id, 'Assigned', now() - interval '20 days', now() + interval '9 days'
       FROM principals p WHERE p.email = $1 RETURNING id AS value`,
      [account(key).email],
    );
  await give("requester");
  const shortened = await give("member");
  for (const key of ["requester", "member"]) {
    const context = await browser.newContext({ baseURL });
    const member = await context.newPage();
    await signIn(member, key, "/my-roles?tab=active");
    await member.getByRole("button", { name: `Extend ${role} on prod-network` }).click();
    await member.getByRole("dialog").getByLabel("Reason").fill("The project goes on");
    await member.getByRole("dialog").getByRole("button", { name: "Request extension" }).click();
    await expect(member.getByText("Your request waits for an administrator.")).toBeVisible();
    await context.close();
  }

  await signIn(page, "owner", "/approvals");
  const list = page.getByRole("region", { name: "Requests to extend or renew" });
  for (const name of ["Rosa Delgado", "Mina Tanaka"])
    await list.getByRole("checkbox", { name: `Select the extension of ${role} for ${name}` }).check();
  await list.getByRole("button", { name: "Approve selected" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByText("Give a reason.")).toBeVisible();
  await dialog.getByLabel("Justification").fill("Agreed with the project");
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByText(/instead of/)).toHaveCount(2);
  expect(await axeViolations(page, "[role=dialog]")).toEqual([]);
  // Another administrator shortens one of them in the meantime.
  await ask("UPDATE assignments SET ends_at = now() + interval '1 day' WHERE id = $1", [shortened]);
  await dialog.getByLabel("Verification code").fill("000000");
  await expect(dialog.getByText(/code is wrong/).first()).toBeVisible();
  await dialog.getByLabel("Verification code").fill(await code("owner"));
  await expect(dialog.getByText("1 of 2 are done. The others did not change:")).toBeVisible();
  await expect(dialog.getByRole("listitem").filter({ hasText: "Rosa Delgado" })).toContainText(
    "Extended until",
  );
  await expect(dialog.getByRole("listitem").filter({ hasText: "Mina Tanaka" })).toContainText(
    "changed this assignment after you opened it",
  );
  await dialog.getByRole("button", { name: "Close", exact: true }).click();

  // Refused rows stay selected.
  await expect(list.getByText("1 selected")).toBeVisible();
  await list.getByRole("button", { name: "Deny selected" }).click();
  await dialog.getByLabel("Justification").fill("It was shortened on purpose");
  await dialog.getByRole("button", { name: "Preview" }).click();
  await expect(dialog.getByText("Denied: nothing changes.")).toBeVisible();
  await dialog.getByRole("button", { name: "Deny 1 request" }).click();
  await expect(dialog.getByText("Everything is done:")).toBeVisible();
  await dialog.getByRole("button", { name: "Close", exact: true }).click();
  await expect(page.getByRole("row").filter({ hasText: role })).toHaveCount(0);
});
