import { expect } from "@playwright/test";
import { askOne } from "../../support/e2e/database";
import { signIn, test } from "../../support/e2e/e2e";

test.use({ timezoneId: "America/New_York" });

/** The latest day that is over: events of other journeys and jobs are all of today. */
const over = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);

test("an auditor exports yesterday's activations with three clicks from Home", async ({ page }) => {
  await signIn(page, "auditor");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Audit log" }).click();
  await page.getByRole("link", { name: "Yesterday's activations" }).click();
  await expect(page).toHaveURL(/range=yesterday&kind=activations/);
  await expect(page.getByRole("button", { name: "Kind: Activations" })).toBeVisible();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export as CSV" }).click();
  expect((await download).suggestedFilename()).toMatch(/^postern-audit.*\.csv$/);
  const days = page.getByRole("heading", { level: 2 });
  for (const day of await days.allTextContents()) expect(day).toMatch(/^Yesterday, /);
});

test("an auditor chooses several kinds, opens an event in place, and continues and back", async ({
  page,
}) => {
  await signIn(page, "auditor", `/audit?to=${over}`);
  const first = await page
    .getByRole("listitem")
    .filter({ has: page.locator("summary") })
    .first()
    .textContent();
  await page.getByRole("button", { name: "Kind" }).click();
  const kinds = page.getByRole("group", { name: "Kind", exact: true });
  await kinds.getByLabel("Activations", { exact: true }).check();
  await kinds.locator("details").filter({ hasText: "Role settings updated" }).locator("summary").click();
  await kinds.getByLabel("Role settings updated").check();
  await kinds.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/kind=activations&kind=RoleSettingsUpdated/);
  await expect(page.getByRole("button", { name: "Kind: Activations and 1 more" })).toBeVisible();

  const event = page
    .getByRole("listitem")
    .filter({ hasText: /activated/ })
    .first();
  await event.locator("summary").click();
  await expect(event.getByRole("button", { name: "Copy the event's id" })).toBeVisible();
  await expect(event.getByText(/^\/subscriptions\//)).toBeVisible();

  await page.getByRole("link", { name: "Next page" }).click();
  await expect(page).toHaveURL(/after=/);
  await page.getByRole("link", { name: "Previous page" }).click();
  await expect(page).toHaveURL(/before=/);
  await expect(page.getByRole("link", { name: "Previous page" })).toBeHidden();
  await page.getByRole("link", { name: "Remove the filter: Kind: Activations and 1 more" }).click();
  await expect(
    page
      .getByRole("listitem")
      .filter({ has: page.locator("summary") })
      .first(),
  ).toHaveText(first ?? "");
});

test("an auditor finds what somebody did by their address, in days of their own zone", async ({ page }) => {
  await signIn(page, "auditor", "/audit?actor=yuki.sato%40contoso&range=30d");
  const events = page.getByRole("listitem").filter({ has: page.locator("summary") });
  await expect(events.first()).toContainText("Yuki Sato");
  await expect(page.getByText(/Times are in America\/New York \(UTC-0[45]:00\)/)).toBeVisible();
  // Half a date gets a message where it was typed, and does not count as none.
  await page.getByRole("button", { name: "Days" }).click();
  const from = page.getByLabel("From", { exact: true });
  await from.pressSequentially("12");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(from).toBeFocused();
  await expect(from).toBeVisible();
  await page.keyboard.press("Escape");
  // On a phone the line of times fades where there is more, and only there.
  await page.setViewportSize({ width: 390, height: 844 });
  const times = page.getByRole("navigation", { name: "Time" });
  const fade = () =>
    times.evaluate((line) => Number.parseFloat(getComputedStyle(line).getPropertyValue("--fade")));
  await expect.poll(fade).toBeGreaterThan(20);
  await times.evaluate((line) => line.scrollTo({ left: line.scrollWidth }));
  await expect.poll(fade).toBe(0);
  await times.evaluate((line) => {
    line.scrollTo({ left: 0 });
    for (const chip of [...line.children].slice(2)) chip.remove();
  });
  await expect.poll(fade).toBe(0);
});

test("an auditor finds what an approver approved, and the history of the member from its row", async ({
  page,
}) => {
  await signIn(page, "auditor", `/audit?kind=RequestApproved&to=${over}`);
  const events = page.getByRole("listitem").filter({ has: page.locator("summary") });
  const approver = (await events.first().locator("strong").first().textContent()) ?? "";
  await page.getByRole("link", { name: /^Remove the filter: Kind/ }).click();
  await expect(page).not.toHaveURL(/kind=/);
  await page.getByRole("button", { name: "Approver" }).click();
  await page.getByRole("textbox", { name: "Name or address" }).fill(approver);
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/approver=/);
  await expect(events.filter({ hasText: `${approver} ` }).first()).toBeVisible();
  const activated = events.filter({ hasText: "activated" }).first();
  await expect(activated).toContainText(`approved by ${approver}`);
  // A space before what is less prominent, where the line may break.
  await expect(activated).toContainText(/ until \d/);
  await activated.locator("summary").click();
  const link = activated.getByRole("link", { name: /^History of / });
  const name = (await link.textContent()) ?? "";
  await link.click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page).toHaveURL(/\/audit\/people\//);
  await page.getByRole("button", { name: "Ticket" }).click();
  await page.getByRole("textbox", { name: "Ticket number" }).fill("no such ticket");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("No events")).toBeVisible();
});

test("an administrator opens a member's history from the assignments of a resource", async ({ page }) => {
  const resource = await askOne(
    "SELECT id AS value FROM resources WHERE display_name = 'Contoso Production'",
  );
  await signIn(page, "owner", `/resources/${resource}/assignments`);
  const member = page.getByRole("row").nth(1).getByRole("link").first();
  await member.click();
  await page.getByRole("link", { name: "History", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^History of / })).toBeVisible();
});
