import { expect } from "@playwright/test";
import { axeViolations } from "../../support/e2e/axe";
import { ask } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";
import { grantRow, journeyRows, rowName } from "../../support/e2e/rows";

const row = journeyRows.emergency.used;
const role = rowName(row);
const code = (key: string) => freshCode(account(key).totpSecret ?? "");

test("a member approves their own request in an emergency, and somebody else closes the review", async ({
  page,
  browser,
  baseURL,
}) => {
  test.setTimeout(300_000);
  const eligibilityId = await grantRow(row);
  await signIn(page, "member", "/my-roles");
  const context = await browser.newContext({ baseURL });
  const approver = await context.newPage();

  await test.step("they ask for the role as ever, and it waits", async () => {
    await page.getByRole("button", { name: `Activate ${role}` }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Reason").fill("Rotate the leaked key");
    await dialog.getByLabel("Verification code").fill(await code("member"));
    await expect(page.getByText("The request waits for approval.")).toBeVisible();
    await page.goto("/my-requests?show=waiting");
    await page.getByRole("link", { name: /Key Vault Administrator/ }).click();
    await expect(page.getByRole("heading", { name: "Who may decide now" })).toBeVisible();
  });

  await test.step("nobody answers: they approve it with a reason and a code", async () => {
    await page.getByRole("button", { name: "Emergency…" }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByText("Approvers and administrators are notified now")).toBeVisible();
    await expect(dialog.getByText("At most 1 hour.")).toBeVisible();
    await dialog.getByRole("button", { name: "Approve and activate now" }).click();
    await expect(dialog.getByRole("alert")).toContainText("Say why this cannot wait for an approver.");
    await dialog.getByLabel("Why it cannot wait for an approver").fill("The key is public, nobody answers");
    await dialog.getByLabel("Verification code").focus();
    await expect(dialog.getByText(/^You confirm:/)).toContainText("Approve your own request");
    // The page behind is drawn again after a refusal, and has no title for a moment then.
    expect(await axeViolations(page, "[role=dialog]")).toEqual([]);
    await dialog.getByLabel("Verification code").fill(await code("member"));
    await expect(page.getByText("The role is active now.")).toBeVisible();
    await expect(page.getByText("Emergency, review open").first()).toBeVisible();
    await expect(page.getByRole("button", { name: "Emergency…" })).toBeHidden();
  });

  await test.step("the member cannot close the review, and sees it in their requests", async () => {
    await page.reload();
    await expect(page.getByRole("heading", { name: "Approved in an emergency" })).toBeVisible();
    await expect(page.getByText("The review stays open until an approver")).toBeVisible();
    await expect(page.getByRole("button", { name: /Close review/ })).toBeHidden();
    await page.goto("/my-requests");
    await expect(page.getByRole("row", { name: /Rotate the leaked key/ })).toContainText("Emergency");
    await page.goto("/my-roles?tab=active");
    await expect(page.getByRole("row", { name: /Key Vault Administrator/ })).toContainText("Activated");
  });

  await test.step("an approver is notified, and closes the review with the activation", async () => {
    await signIn(approver, "approver", "/");
    await expect(async () => {
      await approver.goto("/notifications");
      await expect(approver.getByRole("link", { name: /^Emergency: / }).first()).toBeVisible({
        timeout: 1_000,
      });
    }).toPass();
    await approver.goto("/approvals");
    await approver.getByRole("link", { name: new RegExp(`^Review: ${role}`) }).click();
    await expect(approver.getByText("The key is public, nobody answers").first()).toBeVisible();
    // The title of a page that was opened in place arrives after its content.
    await expect(approver).toHaveTitle(/Postern/);
    expect(await axeViolations(approver)).toEqual([]);
    await approver.getByRole("button", { name: /^Close review/ }).click();
    const dialog = approver.getByRole("dialog");
    await dialog.getByRole("button", { name: "Close review" }).click();
    await expect(dialog.getByRole("alert")).toContainText("Choose whether it was justified.");
    await dialog.getByText("Justified", { exact: true }).click();
    await dialog.getByLabel("What the review found").fill("The key was public indeed");
    await dialog.getByLabel("End the activation now").check();
    await dialog.getByRole("button", { name: "Close review" }).click();
    await expect(approver.getByText("The review is closed, and the activation has ended.")).toBeVisible();
    await expect(approver.getByText("Emergency, reviewed").first()).toBeVisible();
    await approver.goto("/approvals");
    await expect(approver.getByText("Emergency activations to review")).toBeHidden();
  });

  await test.step("the member no longer holds it, and reads the outcome", async () => {
    await page.goto("/my-roles?tab=active");
    await expect(page.getByRole("cell", { name: "Key Vault Administrator" })).toBeHidden();
    await page.goto("/my-requests");
    await page
      .getByRole("link", { name: /Key Vault Administrator/ })
      .first()
      .click();
    await expect(page.getByText("The key was public indeed").first()).toBeVisible();
  });
  await ask("UPDATE eligibilities SET ends_at = now() WHERE id = $1", [eligibilityId]);
  await context.close();
});
