import { readFile } from "node:fs/promises";
import { expect, type Page } from "@playwright/test";
import { ask, askOne } from "../../support/e2e/database";
import { signIn, test } from "../../support/e2e/e2e";

const production = () =>
  askOne("SELECT '/resources/' || id AS value FROM resources WHERE display_name = 'Contoso Production'");

/** Downloads the target of a link of the page. */
async function download(page: Page, name: string): Promise<string> {
  const file = page.waitForEvent("download");
  await page.getByRole("link", { name, exact: true }).click();
  return readFile(await (await file).path(), "utf8");
}

const objects = (lines: string): Record<string, unknown>[] =>
  lines
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

test("an auditor takes the role settings of a subscription along, and of everything below it", async ({
  page,
}) => {
  const base = await production();
  await signIn(page, "auditor", `${base}/settings`);
  const shown = await page.getByRole("region", { name: "Role settings" }).getByRole("row").count();
  const csv = await download(page, "Export as CSV");
  const [head] = csv.split("\r\n");
  for (const column of ["roleName", "scope", "approvers", "activationMaximumHours", "assignmentRequiresMfa"])
    expect(head).toContain(column);
  const here = objects(await download(page, "Export as JSON Lines"));
  expect(here.filter((row) => row.place === "here")).toHaveLength(shown - 1);
  expect(here.some((row) => row.place === "below")).toBe(false);
  const administrator = here.find(
    (row) => row.roleName === "User Access Administrator" && row.place === "here",
  );
  expect(administrator).toMatchObject({ approvalRequired: true, approvers: expect.stringContaining("@") });
  await ask(
    `WITH below AS (SELECT c.id FROM resources c JOIN resources p ON p.id = c.parent_id
        WHERE '/resources/' || p.id = $1 ORDER BY c.id LIMIT 1),
      reader AS (SELECT id FROM role_definitions WHERE role_name = 'Reader')
    INSERT INTO role_management_policies (resource_id, role_definition_id, version, activation_maximum_minutes, updated_at)
    SELECT below.id, reader.id, 1, 90, now() FROM below, reader
    ON CONFLICT (resource_id, role_definition_id) DO UPDATE SET version = 1, activation_maximum_minutes = 90`,
    [base],
  );
  const all = objects(await download(page, "Export with everything below as JSON Lines"));
  expect(all.filter((row) => row.place === "below")).toContainEqual(
    expect.objectContaining({ roleName: "Reader", edited: true, activationMaximumHours: 1.5 }),
  );
  await page.getByRole("searchbox", { name: "Search roles" }).fill("contributor");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/search=contributor/);
  for (const row of objects(await download(page, "Export as JSON Lines")))
    expect(String(row.roleName)).toMatch(/contributor/i);
});

test("an auditor takes the assignments of a subscription along, and sees who gave them and what is inherited", async ({
  page,
}) => {
  const base = await production();
  await signIn(page, "auditor", `${base}/assignments`);
  const rows = objects(await download(page, "Export as JSON Lines"));
  expect(new Set(rows.map((row) => row.place))).toEqual(new Set(["here", "inherited"]));
  expect(rows.every((row) => /^\d{4}-.*Z$/.test(String(row.startsAt)))).toBe(true);
  expect(rows.some((row) => row.requestedByEmail && row.requestType === "AdminAssign")).toBe(true);
  await page.getByRole("button", { name: "Where", exact: true }).click();
  await page.getByRole("link", { name: "Here only", exact: true }).click();
  await expect(page).toHaveURL(/where=here/);
  const here = objects(await download(page, "Export as JSON Lines"));
  expect(new Set(here.map((row) => row.place))).toEqual(new Set(["here"]));
});
