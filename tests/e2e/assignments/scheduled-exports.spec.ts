import { expect, type Page } from "@playwright/test";
import { queueExports } from "@/lib/operations/notifications/queue-exports";
import { sendDueMail } from "@/lib/operations/notifications/send-mail";
import { openDatabase } from "@/lib/platform/database";
import { openMailer } from "@/lib/platform/mail";
import { makeExport } from "@/lib/server/worker/make-export";
import { ask, askOne, databaseAddress } from "../../support/e2e/database";
import { account, signIn, test } from "../../support/e2e/e2e";
import { startMailServer } from "../../support/peers/mail-server";

// That of the demo is kept.
test.afterEach(() =>
  ask(
    "DELETE FROM export_schedules WHERE resource_id = (SELECT id FROM resources WHERE display_name = 'Contoso Production')",
  ),
);

const production = () =>
  askOne("SELECT '/resources/' || id AS value FROM resources WHERE display_name = 'Contoso Production'");

/** Does what a worker with a mail server does within a minute. Returns what the server received. */
async function workerSends() {
  const database = openDatabase({ url: databaseAddress(), maximumConnections: 2 });
  const server = await startMailServer();
  const mailer = openMailer({ smtpUrl: server.url, from: "Postern <postern@contoso.example>" });
  try {
    await queueExports(database);
    await sendDueMail(database, mailer, "https://postern.contoso.example", makeExport);
    return server.received;
  } finally {
    mailer.close();
    await server.close();
    await database.close();
  }
}

async function addRecipient(page: Page, search: string) {
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("searchbox", { name: "Recipients" }).fill(search);
  await dialog.getByRole("button", { name: `Add ${search}` }).click();
}

async function confirm(page: Page, label: string, done: string) {
  await page.getByRole("dialog").getByRole("button", { name: label, exact: true }).click();
  await expect(page.getByText(done)).toBeVisible();
  await expect(page.getByRole("dialog")).toBeHidden();
}

async function choose(page: Page, label: string) {
  const named = page.getByRole("main").getByRole("button", { name: new RegExp(`^${label} Role settings`) });
  if (!(await named.isVisible())) await page.getByRole("button", { name: /^More actions for/ }).click();
  await named.click();
}

test("an owner schedules the role settings for an auditor, sends them now, edits, pauses, resumes and deletes it", async ({
  page,
}) => {
  test.setTimeout(120_000);
  const auditor = account("auditor").email;
  const name = await askOne("SELECT display_name AS value FROM principals WHERE email = $1", [auditor]);
  await signIn(page, "owner", `${await production()}/settings`);
  await page.getByRole("link", { name: "Scheduled exports" }).click();
  await expect(page.getByRole("heading", { name: "Scheduled exports", level: 1 })).toBeVisible();
  await expect(page.getByText("No scheduled exports")).toBeVisible();
  await expect(page.getByText("Mail is not set up on this installation.")).toBeVisible();
  await page.getByRole("button", { name: "Schedule export" }).click();
  const dialog = page.getByRole("dialog", { name: "Schedule an export" });
  await dialog.getByRole("button", { name: "Schedule", exact: true }).click();
  await expect(dialog.getByText("Choose at least one person.")).toBeVisible();
  await dialog.getByLabel("Export", { exact: true }).selectOption("Role settings");
  await dialog.getByLabel("How often").selectOption("Every month");
  await dialog.getByLabel("Day of the month").selectOption("15");
  await dialog.getByLabel("Hour").selectOption("06:00");
  await addRecipient(page, name);
  await confirm(page, "Schedule", "The export is scheduled.");
  const row = page.getByRole("region", { name: "Scheduled exports" }).getByRole("row").nth(1);
  await expect(row).toContainText("On day 15 of each month at 06:00");
  await expect(row).toContainText("Not sent yet");

  await choose(page, "Send now");
  await confirm(page, "Send now", "The export will be sent within a minute.");
  // Everything else that is due is sent at the same time.
  const sent = (await workerSends()).filter(({ to }) => to && !Array.isArray(to) && to.text === auditor);
  const mail = sent.find(({ attachments }) => attachments[0]?.filename === "postern-role-settings.csv");
  expect(mail?.attachments[0]?.content.toString("utf8")).toContain("Contributor");
  await page.reload();
  await expect(row).toContainText(`${name} · Sent`);

  await choose(page, "Edit");
  await page.getByRole("dialog").getByLabel("How often").selectOption("Every day");
  await confirm(page, "Save", "The scheduled export is changed.");
  await expect(row).toContainText("Every day at 06:00");

  await choose(page, "Pause");
  await confirm(page, "Pause", "The scheduled export is paused.");
  await expect(row).toContainText("By an administrator.");
  await choose(page, "Resume");
  await confirm(page, "Resume", "The scheduled export is resumed. It runs for you now.");
  // Acting faster than the page would delete the former version.
  await expect(row).not.toContainText("By an administrator.");
  await choose(page, "Delete");
  await confirm(page, "Delete", "The scheduled export is deleted.");
  await expect(page.getByText("No scheduled exports")).toBeVisible();
});

test("an auditor, who may only read, is offered no scheduled exports", async ({ page }) => {
  const base = await production();
  await signIn(page, "auditor", `${base}/settings`);
  await expect(page.getByRole("link", { name: "Export as CSV" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Scheduled exports" })).toBeHidden();
  expect((await page.goto(`${base}/scheduled-exports`))?.status()).toBe(403);
});
