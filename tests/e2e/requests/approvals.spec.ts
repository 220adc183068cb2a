import { expect, type Page } from "@playwright/test";
import { axeViolations } from "../../support/e2e/axe";
import { askOne } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";
import { journeyRows, rowName } from "../../support/e2e/rows";

const role = rowName(journeyRows.approvals.approved);
const code = (key: string) => freshCode(account(key).totpSecret ?? "");

/** Requests the role that requires approval. */
async function ask(page: Page, reason: string) {
  await page.goto("/my-roles");
  await page.getByRole("button", { name: `Activate ${role}` }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill(reason);
  await dialog.getByLabel("Ticket number").fill("CHG-1");
  await dialog.getByLabel("Ticket system").fill("Service desk");
  await expect(dialog.getByText("once the approvers of this role have approved it")).toBeVisible();
  await dialog.getByLabel("Verification code").fill(await code("requester"));
  await expect(page.getByText("The request waits for approval.")).toBeVisible();
}

test("a request waits until an approver approves it with a code, denies it, or the member cancels it", async ({
  page,
  browser,
  baseURL,
}) => {
  test.setTimeout(300_000);
  await signIn(page, "requester");
  const context = await browser.newContext({ baseURL });
  const approver = await context.newPage();
  await signIn(approver, "approver");
  const mine = `${role} for Rosa Delgado`;

  await test.step("asking gives nothing yet, says so everywhere, and is not offered again", async () => {
    await ask(page, "Onboard the new auditors");
    await expect(page.getByRole("row", { name: /User Access Administrator/ })).toContainText(
      "Waiting for approval",
    );
    // A waiting request is not offered again, to be refused only after everything is typed.
    const offered = page.getByRole("button", { name: `Activate ${role}`, exact: true });
    await expect(offered).toHaveCount(0);
    await expect(page.getByRole("checkbox", { name: `Select ${role}` })).toHaveCount(0);
    await page.goto("/my-roles?tab=active");
    await expect(page.getByRole("cell", { name: "User Access Administrator" })).toBeHidden();
    await page.goto("/");
    await expect(page.getByRole("heading", { name: "My pending requests" })).toBeVisible();
    await expect(offered).toHaveCount(0);
    await page.goto("/approvals");
    await expect(page.getByText("No requests to approve")).toBeVisible();
  });

  await test.step("the approver sees who, what and why, and approves with a code", async () => {
    await approver.goto("/");
    await expect(approver.getByRole("heading", { name: "Requests waiting for me" })).toBeVisible();
    await approver
      .getByRole("navigation")
      .getByRole("link", { name: /Approve requests \d+ waiting/ })
      .click();
    const card = approver.getByRole("article", { name: mine });
    await expect(card).toContainText("Onboard the new auditors");
    await expect(card).toContainText("CHG-1 in Service desk");
    await card.getByRole("link", { name: `Open the request: ${mine}` }).click();
    await expect(approver.getByRole("region", { name: "Story" })).toContainText("Rosa Delgado");
    await approver.goBack();
    await card.getByRole("button", { name: `Approve ${mine}` }).click();
    const dialog = approver.getByRole("dialog");
    await dialog.getByRole("button", { name: "Approve" }).click();
    await expect(dialog.getByRole("alert")).toContainText("Give a reason.");
    await dialog.getByLabel("Justification").fill("Checked with the audit team");
    await dialog.getByLabel("Verification code").fill(await code("approver"));
    await expect(approver.getByText("Approved. The role is active now.")).toBeVisible();
    await expect(card).toBeHidden();
  });

  await test.step("the member holds the role, and gives it up", async () => {
    await page.goto("/my-roles?tab=active");
    await expect(page.getByRole("row", { name: /User Access Administrator/ })).toContainText("Activated");
    await page.getByRole("button", { name: "Deactivate" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
    await expect(page.getByText("The role is no longer active.")).toBeVisible();
  });

  await test.step("a denied request says why", async () => {
    await ask(page, "Once more");
    await approver.goto("/approvals");
    await approver.getByRole("button", { name: `Deny ${mine}` }).click();
    const dialog = approver.getByRole("dialog");
    await dialog.getByLabel("Justification").fill("The audit is over");
    await dialog.getByLabel("Verification code").fill(await code("approver"));
    await expect(approver.getByText("The request is denied.")).toBeVisible();
    await page.goto("/my-requests");
    await expect(page.getByRole("row", { name: /Once more/ })).toContainText(
      /Denied.?Arjun Mehta \(.+\).?: The audit is over/,
    );
  });

  await test.step("a request that is canceled while its page is open says so there", async () => {
    await ask(page, "And again");
    const id = await askOne("SELECT id AS value FROM requests WHERE justification = 'And again'");
    // The mail and the notice lead to its page.
    await expect
      .poll(() => askOne("SELECT count(*) AS value FROM notifications WHERE href = $1", [`/requests/${id}`]))
      .not.toBe("0");
    await approver.goto(`/requests/${id}`);
    const story = approver.getByRole("region", { name: "Story" });
    await expect(story).toContainText(`Rosa Delgado`);
    await expect(story).toContainText("It times out then, if nobody decides");
    await page.goto(`/requests/${id}`);
    await expect(page.getByRole("region", { name: "Who may decide now" })).toContainText("Arjun Mehta");
    // The title of a page that was opened in place arrives after its content.
    await expect(approver).toHaveTitle(/Postern/);
    expect(await axeViolations(approver)).toEqual([]);
    await approver.getByRole("button", { name: `Approve ${mine}` }).click();
    const dialog = approver.getByRole("dialog");
    await dialog.getByLabel("Justification").fill("Too late");
    await page.goto("/my-requests?show=waiting");
    await page.getByRole("button", { name: `Cancel ${role}` }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel the request" }).click();
    await expect(page.getByText("The request is canceled.")).toBeVisible();
    await expect(page.getByText("No pending requests")).toBeVisible();
    await dialog.getByLabel("Verification code").fill(await code("approver"));
    await expect(dialog.getByRole("alert")).toContainText("no longer waits for a decision: it was canceled");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    // The page behind shows it too, without a reload.
    await expect(approver.getByRole("article", { name: mine })).toBeHidden();
    await expect(story).toContainText("canceled the request");
    await approver.goto("/notifications");
    await expect(approver.getByText(/No longer needs a decision: .*Rosa Delgado/).first()).toBeVisible();
  });
  await context.close();
});

test("an approved request starts with a new code of its member, and not before", async ({
  page,
  browser,
  baseURL,
}) => {
  test.setTimeout(300_000);
  const vault = rowName(journeyRows.approvals.codeAfterApproval);
  await signIn(page, "requester", "/my-roles");
  const context = await browser.newContext({ baseURL });
  const approver = await context.newPage();

  await test.step("asking says that another code is asked for", async () => {
    await page.getByRole("button", { name: `Activate ${vault}` }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByText("have approved it and you have entered a new code")).toBeVisible();
    await dialog.getByLabel("Reason").fill("Rotate the signing key");
    await dialog.getByLabel("Verification code").fill(await code("requester"));
    await expect(page.getByText("The request waits for approval.")).toBeVisible();
  });

  await test.step("the approval says what it waits for", async () => {
    await signIn(approver, "approver", "/approvals");
    const card = approver.getByRole("article", { name: `${vault} for Rosa Delgado` });
    await expect(card).toContainText("from when they enter a new code after the approval");
    await approver.getByRole("button", { name: `Approve ${vault} for Rosa Delgado` }).click();
    const dialog = approver.getByRole("dialog");
    await dialog.getByLabel("Justification").fill("Planned rotation");
    await dialog.getByRole("button", { name: "Approve" }).click();
    await expect(
      approver.getByText("Approved. The role starts once the member enters a new code."),
    ).toBeVisible();
  });

  await test.step("the member is told, and nothing is active", async () => {
    await page.goto("/my-roles?tab=active");
    await expect(page.getByRole("cell", { name: "Key Vault Administrator" })).toBeHidden();
    await page.goto("/my-roles");
    await expect(page.getByRole("row", { name: /Key Vault Administrator/ })).toContainText(
      "Approved, waiting for your code",
    );
    await page.goto("/");
    await expect(page.getByText(/^Approved, waiting for your code: Key Vault/)).toBeVisible();
    await expect(async () => {
      await page.goto("/notifications");
      await expect(
        page.getByRole("link", { name: /^Enter your code to start Key Vault/ }).first(),
      ).toBeVisible({
        timeout: 1_000,
      });
    }).toPass();
    await page
      .getByRole("link", { name: /^Enter your code to start Key Vault/ })
      .first()
      .click();
  });

  await test.step("a wrong code starts nothing, and the right one does by its six digits", async () => {
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("Rotate the signing key");
    await expect(dialog).toContainText("Planned rotation");
    await expect(dialog.getByLabel("Verification code")).toBeFocused();
    await expect(dialog.getByText(/^You confirm:/)).toBeVisible();
    // The title of a page that was opened in place arrives after its content.
    await expect(page).toHaveTitle(/Postern/);
    expect(await axeViolations(page)).toEqual([]);
    const right = await code("requester");
    await page.keyboard.type(right === "000000" ? "111111" : "000000");
    await expect(dialog.getByText(/code/i).and(dialog.locator(".error-text"))).toBeVisible();
    await expect(dialog.getByLabel("Verification code")).toBeFocused();
    await page.keyboard.type(await code("requester"));
    await expect(page.getByText("The role is active now.")).toBeVisible();
    await expect(dialog).toBeHidden();
    await page.goto("/my-roles?tab=active");
    const row = page.getByRole("row", { name: /Key Vault Administrator/ });
    await expect(row).toContainText("Activated");
    await row.getByRole("button", { name: "Deactivate" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
    await expect(page.getByText("The role is no longer active.")).toBeVisible();
  });
  await context.close();
});

test("a stale edit of role settings is shown beside the newer one, and continues from it", async ({
  page,
  context,
}) => {
  await signIn(page, "owner", "/resources?search=Contoso%20Sandbox");
  await page.getByRole("link", { name: "Contoso Sandbox" }).first().click();
  await page.getByRole("link", { name: "Role settings", exact: true }).click();
  await page.getByLabel("Search roles").fill("Storage Blob Data Reader");
  await page.getByLabel("Search roles").press("Enter");
  await page.getByRole("link", { name: "Storage Blob Data Reader", exact: true }).click();
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("Activation maximum duration (hours)").fill("4");
  await page.getByLabel("Require approval to activate").check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Choose at least one approver.").first()).toBeVisible();
  await page.getByRole("searchbox", { name: "Approvers", exact: true }).fill("Security Resp");
  await page.getByRole("button", { name: "Add Security Response" }).click();

  const other = await context.newPage();
  await other.goto(page.url());
  await other.getByLabel("Require ticket information on activation").check();
  await other.getByRole("button", { name: "Save" }).click();
  await expect(other.getByText("The role settings are saved.")).toBeVisible();

  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Two edits of the same settings" })).toBeFocused();
  const both = page.getByRole("region", { name: "Your edit and theirs" });
  await expect(both.getByRole("row", { name: /maximum duration/ })).toContainText("48");
  await expect(both.getByRole("row", { name: /ticket information/ })).toContainText("NoYes");
  await expect(both.getByRole("row", { name: /^Approvers/ })).toContainText("Security Response");
  await page.getByRole("button", { name: "Continue from theirs" }).click();
  await expect(page.getByLabel("Activation maximum duration (hours)")).toHaveValue("4");
  await expect(page.getByLabel("Require ticket information on activation")).toBeChecked();
  await expect(page.getByLabel("Require approval to activate")).toBeChecked();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The role settings are saved.")).toBeVisible();
  await expect(page.getByRole("heading", { name: "Role setting detail" })).toBeVisible();
  await expect(page.getByText(/one of Security Response.* within 24 h/)).toBeVisible();
});
