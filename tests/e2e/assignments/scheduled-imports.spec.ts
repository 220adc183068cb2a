import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { runImportSchedules } from "@/lib/operations/imports/run-import-schedules";
import { openDatabase } from "@/lib/platform/database";
import { ask, askOne, databaseAddress } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";
import { importFolder, server } from "../../support/e2e/server";

const name = `Crew ${randomUUID()}`;

// The demo's own is kept.
test.afterEach(() => ask("DELETE FROM import_schedules WHERE name = $1", [name]));

/** A group of three people who have been members for days; their ids. */
async function makeCrew(): Promise<string[]> {
  const ids = await askOne(
    `WITH crew AS (INSERT INTO principals (type, display_name) VALUES ('Group', $1) RETURNING id),
       people AS (INSERT INTO principals (type, display_name, email)
         SELECT 'User', $1 || ' ' || n, n || '.' || $2 FROM generate_series(1, 3) n RETURNING id),
       joined AS (INSERT INTO group_members (group_id, member_id, added_at)
         SELECT crew.id, people.id, now() - interval '3 days' FROM crew, people RETURNING member_id)
     SELECT string_agg(member_id::text, ' ') AS value FROM joined`,
    [name, `${randomUUID()}@contoso.example`],
  );
  return ids.split(" ");
}

/** Does what the worker does within a minute, if that has not begun, and waits for the result. */
async function runUntil(page: Page, shown: string): Promise<void> {
  const sources = { folder: join(server().folder, importFolder), hosts: [] };
  const database = openDatabase({ url: databaseAddress(), maximumConnections: 2 });
  try {
    await expect(async () => {
      await runImportSchedules(database, sources);
      await page.reload();
      await expect(rowOf(page)).toContainText(shown, { timeout: 2_000 });
    }).toPass({ timeout: 60_000 });
  } finally {
    await database.close();
  }
}

const rowOf = (page: Page) => page.getByRole("row").filter({ hasText: name });

/** Types the code, which sends the form. */
async function confirm(page: Page, done: string) {
  const code = await freshCode(account("owner").totpSecret ?? "");
  await page.getByRole("dialog").getByLabel("Verification code").fill(code);
  await expect(page.getByText(done)).toBeVisible();
}

test("an Owner schedules an import of a folder, is shown what differs, and a run that would remove too many stops", async ({
  page,
}) => {
  test.setTimeout(120_000);
  const [first = "", second = "", third = ""] = await makeCrew();
  const folder = randomUUID();
  const lists = join(server().folder, importFolder, folder);
  mkdirSync(lists, { recursive: true });
  const list = (...members: string[]) =>
    writeFileSync(
      join(lists, "members.csv"),
      `group,member\n${members.map((each) => `${name},${each}\n`).join("")}`,
    );
  const newcomer = await askOne("SELECT id AS value FROM principals WHERE email = $1", [
    account("newcomer").email,
  ]);
  list(first, second, third, newcomer);

  await signIn(page, "owner", "/import");
  await page.getByRole("link", { name: "Scheduled imports" }).click();
  await page.getByRole("button", { name: "Schedule import" }).click();
  const dialog = page.getByRole("dialog", { name: "Schedule an import" });
  await dialog.getByLabel("Name", { exact: true }).fill(name);
  await dialog.getByLabel("Folder", { exact: true }).fill(folder);
  await dialog.getByLabel("Remove members that the files do not name").check();
  await confirm(page, "It runs within a minute.");
  await runUntil(page, "Differs: check the preview");
  await rowOf(page).getByRole("link", { name: "Last preview" }).click();
  await expect(page.getByRole("link", { name: "To add (1)" })).toBeVisible();
  await page.goto("/notifications");
  await expect(page.getByRole("listitem").filter({ hasText: name }).first()).toBeVisible();

  list(first);
  await page.goto("/import/schedules");
  await rowOf(page).getByRole("button", { name: /^Edit/ }).click();
  await page.getByLabel("Apply changes that need no code automatically").check();
  await page.getByLabel("Justification").fill("Follows the crew's list");
  await confirm(page, "It runs within a minute.");
  await runUntil(page, "Stopped: it would remove too many");
  const members =
    "SELECT count(*)::text AS value FROM group_members m JOIN principals g ON g.id = m.group_id WHERE g.display_name = $1";
  expect(await askOne(members, [name])).toBe("3");
});
