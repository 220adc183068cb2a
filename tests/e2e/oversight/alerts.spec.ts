import { expect } from "@playwright/test";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";
import { journeyRows, rowName } from "../../support/e2e/rows";

test("an Owner fixes one alert, dismisses another with a reason, and moves a threshold", async ({ page }) => {
  await signIn(page, "owner", "/resources?view=list&search=Contoso%20Staging");
  await page.getByRole("link", { name: "Contoso Staging", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Contoso Staging" })).toBeVisible();
  // The pane says how many wait, and how severe they are.
  await page.getByRole("link", { name: /^Alerts \S+ open, severity (high|medium|low)$/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Alerts" })).toBeVisible();
  const unused = page
    .getByRole("region", { name: "Low: Eligible but never activated" })
    .getByRole("listitem")
    .filter({ hasText: `is eligible for ${rowName(journeyRows.alerts.unused)}` });
  await expect(unused.first()).toBeVisible();
  const before = await unused.count();
  expect(before).toBeGreaterThan(1);

  await unused.first().getByRole("button", { name: "Dismiss" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Dismiss" }).click();
  await expect(dialog.getByText("Say why this is no concern.")).toBeVisible();
  await dialog.getByLabel("Reason").fill("Seasonal work");
  await dialog.getByRole("button", { name: "Dismiss" }).click();
  await expect(page.getByText("The alert is dismissed.")).toBeVisible();
  await expect(unused).toHaveCount(before - 1);

  // An action on a selection names the people concerned.
  await unused.first().getByRole("checkbox").check();
  const bar = page.getByRole("group", { name: "Selected alerts" });
  await expect(bar).toContainText("@contoso.example");
  await bar.getByRole("button", { name: "Remove eligibility" }).click();
  await expect(dialog.getByText("The member can no longer activate the role.")).toBeVisible();
  await expect(dialog.getByRole("list", { name: "Concerns" })).toContainText("@contoso.example");
  await dialog.getByRole("button", { name: "Remove eligibility" }).click();
  await expect(page.getByText("Done: Remove eligibility.")).toBeVisible();
  await expect(unused).toHaveCount(before - 2);

  await page.getByRole("link", { name: "Dismissed" }).click();
  await expect(page.getByText("Seasonal work")).toBeVisible();

  await page.getByRole("link", { name: "Alert settings" }).click();
  const days = page.getByLabel("Days without an activation");
  await days.fill("0");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Enter a whole number from 1 to 365.")).toBeVisible();
  await expect(page.getByLabel("Verification code", { exact: true })).toHaveCount(0);
  // Fewer alerts require a code, which confirms the stated change.
  await days.fill("60");
  await expect(page.getByLabel("Verification code", { exact: true })).toBeVisible();
  const owners = page.getByRole("region", { name: "Too many Owners" });
  await owners.getByLabel("At least this many Owners").fill("6");
  await owners.getByLabel("And at least this percentage of everybody assigned here").fill("10");
  await page
    .getByLabel("Verification code", { exact: true })
    .fill(await freshCode(account("owner").totpSecret ?? ""));
  await expect(page.getByText("Hours are in UTC, the organisation's time zone.")).toBeVisible();
  await expect(page.getByText("The alert settings are saved.")).toBeVisible();
  await page.reload();
  await expect(owners.getByText("Set here.")).toBeVisible();
  await expect(owners.getByLabel("And at least this percentage of everybody assigned here")).toHaveValue(
    "10",
  );
});

test("an Owner scans for alerts now and sees when that was done", async ({ page }) => {
  await signIn(page, "owner", "/resources?view=list&search=Contoso%20Staging");
  await page.getByRole("link", { name: "Contoso Staging", exact: true }).click();
  await page.getByRole("link", { name: /^(High|Medium|Low) \S+ open alerts?$/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Alerts" })).toBeVisible();
  await page.getByRole("button", { name: "Scan now" }).click();
  await expect(page.getByRole("button", { name: "Scanning…" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Scan now" })).toBeVisible({ timeout: 20_000 });
  await expect(page.getByText(/Last scanned/)).toBeVisible();
  await page.getByRole("button", { name: "Scan now" }).click();
  await expect(
    page.getByText("A scan was asked for less than a minute ago.", { exact: false }),
  ).toBeVisible();
});
