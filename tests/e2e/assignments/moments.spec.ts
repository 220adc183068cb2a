import { expect, type Locator, type Page } from "@playwright/test";
import { askOne } from "../../support/e2e/database";
import { signIn, test } from "../../support/e2e/e2e";

const day = 86_400_000;
const fault = "Enter a full date and a time, with the year in four digits.";

/** Types into a date and time field part by part, as a person does. The first part is typed last. */
async function type(field: Locator, parts: readonly string[]): Promise<void> {
  await field.focus();
  for (const part of parts) await field.press(part);
}

async function openAssignments(page: Page): Promise<Locator> {
  const address = await askOne(
    `SELECT '/resources/' || r.id || '/roles/' || d.id AS value FROM resources r, role_definitions d
     WHERE r.display_name = 'Contoso Production' AND d.role_name = 'Reader'`,
  );
  await signIn(page, "owner", address);
  await page.getByRole("button", { name: "Add assignments" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("searchbox", { name: "Members" }).fill("Priya");
  await dialog.getByRole("button", { name: /Add Priya Raman/ }).click();
  await dialog.getByLabel("End").fill(new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 16));
  await dialog.getByLabel("Justification").fill("Incident cover");
  return dialog;
}

const given = () =>
  askOne("SELECT (SELECT count(*) FROM eligibilities) + (SELECT count(*) FROM assignments) AS value");

test("a date without its time, or a day that does not exist, is refused and assigns nothing", async ({
  page,
}) => {
  const dialog = await openAssignments(page);
  const before = await given();
  const start = dialog.getByLabel("Start");
  for (const typed of [
    ["1", "2", "3", "1", "2", "0", "9", "7"],
    [..."02312097", "Tab", ..."1000", "a"],
  ]) {
    await start.fill("");
    await type(start, typed);
    await dialog.getByRole("button", { name: "Assign", exact: true }).click();
    await expect(dialog.getByText(fault)).toBeVisible();
    await expect(start).toHaveAttribute("aria-invalid", "true");
    expect(await given()).toBe(before);
  }
});

test("a year takes four digits, and what is shown is what is given", async ({ page }) => {
  const dialog = await openAssignments(page);
  const start = dialog.getByLabel("Start");
  await start.fill("2027-01-05T10:00");
  await type(start, [..."01052", ..."02712"]);
  const shown = await start.inputValue();
  expect(shown).toMatch(/^\d{4}-|^$/);
  const submitted = await start.evaluate((input) => {
    const form = input instanceof HTMLInputElement ? input.form : null;
    return form ? String(new FormData(form).get("startsAt")) : null;
  });
  expect(submitted).toBe(shown === "" ? "unread" : new Date(shown).toISOString());
});

test("a year of five or six digits is refused, and no older date is saved in its place", async ({ page }) => {
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  const dialog = await openAssignments(page);
  const before = await given();
  // Some browsers let people type such a year, whatever the field's maximum.
  for (const label of ["Start", "End"])
    for (const year of ["20271", "202712"]) {
      const field = dialog.getByLabel(label, { exact: true });
      const old = await field.inputValue();
      await field.evaluate((input) => input.removeAttribute("max"));
      await field.fill(`${year}-01-05T10:00`);
      await dialog.getByRole("button", { name: "Assign", exact: true }).click();
      await expect(dialog.getByText(fault)).toBeVisible();
      await expect(field).toHaveValue(`${year}-01-05T10:00`);
      expect(await given()).toBe(before);
      await field.fill(old);
    }
  expect(faults).toEqual([]);
});

test.describe("a reader in another zone, whose clock is wrong", () => {
  test.use({ timezoneId: "Asia/Kolkata" });

  test("sees the page's times in their zone, which is named, and until when a role would last", async ({
    page,
  }) => {
    await page.clock.install({ time: new Date(Date.now() + 5 * 3_600_000) });
    await signIn(page, "member", "/my-roles");
    await expect(
      page
        .getByText("Times are in Asia/Kolkata (UTC+05:30).")
        .or(page.getByText("Times are in Asia/Calcutta (UTC+05:30).")),
    ).toBeVisible();
    await page.getByRole("button", { name: /^Activate Reader on Contoso Production/ }).click();
    const dialog = page.getByRole("dialog");
    const end = dialog.getByText(/until \d/i).first();
    await expect(end).toBeVisible();
    const [, hours] = /(\d\d):\d\d/.exec((await end.textContent()) ?? "") ?? [];
    const maximum = 8 * 3_600_000;
    const expected = [0, 1].map((minutes) =>
      new Intl.DateTimeFormat("en-GB", { hour: "2-digit", timeZone: "Asia/Kolkata" }).format(
        Date.now() + maximum + minutes * 60_000,
      ),
    );
    expect(expected).toContain(hours);
  });

  test("is offered ends of new assignments and of extensions by the server's clock", async ({ page }) => {
    await page.clock.install({ time: new Date(Date.now() - 400 * day) });
    const production = await askOne(
      "SELECT id AS value FROM resources WHERE display_name = 'Contoso Production'",
    );
    const days = async (dialog: Locator | Page) => {
      const typed = await dialog.getByLabel("End", { exact: true }).inputValue();
      return Math.round((Date.parse(`${typed}+05:30`) - Date.now()) / day);
    };
    await signIn(page, "owner", `/resources/${production}/assignments/add`);
    await expect.poll(() => days(page)).toBeGreaterThan(360);
    await page.getByText("15 days", { exact: true }).click();
    await expect.poll(() => days(page)).toBe(15);

    await page.goto(`/resources/${production}/assignments?tab=eligible`);
    await page.getByRole("button", { name: "Actions for Reader of Hana Novák" }).click();
    await page.getByRole("button", { name: "Extend Reader of Hana Novák" }).click();
    const dialog = page.getByRole("dialog");
    await expect.poll(() => days(dialog)).toBeGreaterThan(360);
  });
});
