import { expect, type Page } from "@playwright/test";
import { ask } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";

test("a click on Activate before the panel's code is there opens the panel once it has come", async ({
  page,
}) => {
  await signIn(page, "member", "/my-roles");
  const open = page.getByRole("button", { name: "Activate Contributor on Contoso Production" });
  await expect(open).toBeVisible();
  // The corner for toasts is the last thing that a page loads by itself.
  await expect(page.getByRole("region", { name: /^Notifications/ })).toBeAttached();
  const arrive: (() => void)[] = [];
  let slow = true;
  await page.route("**/_next/static/chunks/**", async (route) => {
    if (slow) await new Promise<void>((resolve) => arrive.push(resolve));
    await route.continue();
  });
  await open.click();
  await expect.poll(() => arrive.length).toBeGreaterThan(0);
  await expect(page.getByRole("dialog")).toBeHidden();
  slow = false;
  for (const each of arrive) each();
  const reason = page.getByRole("dialog").getByLabel("Reason");
  await expect(reason).toBeVisible();
  await expect(reason).toBeFocused();
});

test("the answer to an activation with a code comes alone, before the page is drawn again", async ({
  page,
}) => {
  await signIn(page, "member", "/my-roles");
  await page.getByRole("button", { name: "Activate Contributor on Contoso Production", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("Look at the answer");
  const answers: { body: string; renewed: boolean }[] = [];
  await page.route("**/my-roles", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    const answer = await route.fetch();
    const renewed = (answer.headers()["set-cookie"] ?? "").includes("session");
    answers.push({ body: await answer.text(), renewed });
    await route.fulfill({ response: answer });
  });
  await dialog.getByLabel("Verification code").fill(await freshCode(account("member").totpSecret ?? ""));
  await expect(dialog).toBeHidden();
  const activated = answers.find(({ body }) => body.includes("The role is active now."));
  // The session has a new secret, for which Next.js would draw the page.
  expect(activated?.renewed).toBe(true);
  expect(activated?.body).not.toContain("Eligible roles");
  expect(activated?.body.length).toBeLessThan(500);
});

test("what a person chooses and types before the page's code has come stays, and the fields that follow from it appear", async ({
  page,
}) => {
  await signIn(page, "owner");
  const scripts = await lateScripts(page);
  scripts.hold();
  await page.goto("/import", { waitUntil: "commit" });
  const kind = page.getByLabel("What", { exact: true });
  await kind.selectOption({ label: "Group members" });
  await expect(page.getByLabel("Group", { exact: true })).toBeHidden();
  scripts.release();
  await expect(page.getByLabel("Group", { exact: true })).toBeVisible();
  await expect(kind).toHaveValue("GroupMembers");

  scripts.hold();
  await page.goto("/audit", { waitUntil: "commit" });
  const entry = page.locator(".log details").first();
  await entry.locator("summary").click();
  await expect(entry.locator("dl")).toHaveCount(0);
  scripts.release();
  await expect(entry.locator("dl")).toBeVisible();

  scripts.hold();
  const [root] = await ask("SELECT id FROM resources WHERE parent_id IS NULL");
  await page.goto(`/resources/${root?.id}/add`, { waitUntil: "commit" });
  const path = page.getByTestId("new-path");
  await page.getByLabel("Type", { exact: true }).selectOption({ label: "Database" });
  await page.getByLabel("Name", { exact: true }).fill("Typed early");
  await expect(path).not.toContainText("typed");
  scripts.release();
  await expect(path).toHaveText(/databases\/typed-early$/);
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Typed early");
});

test("rows that a person ticks before the page's code has come are selected, beside those selected before", async ({
  page,
}) => {
  const [production] = await ask("SELECT id FROM resources WHERE display_name = 'Contoso Production'");
  // A long list, whose rows no other journey can use up.
  const list = `/resources/${production?.id}/assignments?tab=eligible&where=below`;
  await signIn(page, "owner", list);
  const boxes = page.getByRole("checkbox", { name: /^Select .+ of / });
  await page
    .getByRole("checkbox", { name: /^Select Reader of / })
    .first()
    .check();
  const bar = page.getByRole("group", { name: "Selected assignments" });
  await expect(bar).toContainText("1 selected");
  const scripts = await lateScripts(page);
  scripts.hold();
  await page.goto(`${list}&search=Contributor`, { waitUntil: "commit" });
  for (const row of [1, 2, 3]) await boxes.nth(row).click();
  scripts.release();
  await expect(bar).toContainText("4 selected");
  for (const row of [1, 2, 3]) await expect(boxes.nth(row)).toBeChecked();
  await bar.getByRole("button", { name: "Clear selection" }).click();
});

test("a role setting that is changed before the code that judges it has come is judged once it has", async ({
  page,
}) => {
  const [at] = await ask(
    `SELECT r.id AS resource, d.id AS role FROM resources r, role_definitions d
     WHERE r.display_name = 'Contoso Production' AND d.role_name = 'Contributor'`,
  );
  await signIn(page, "owner", `/resources/${at?.resource}/roles/${at?.role}/settings/edit`);
  await expect(page.getByRole("region", { name: /^Notifications/ })).toBeAttached();
  const scripts = await lateScripts(page);
  scripts.hold();
  const ticket = page.getByLabel("Require ticket information on activation");
  await ticket.click();
  await expect(ticket).toBeChecked();
  await page.getByRole("button", { name: "Cancel" }).click();
  scripts.release();
  // The question, whose code comes late as well.
  await page.getByRole("button", { name: "Keep editing" }).click();
  await expect(page.getByRole("heading", { name: "1 change" })).toBeVisible();
  await expect(page.getByRole("region", { name: "What would this have changed?" })).toContainText(
    "would have had a different outcome",
  );
});

test("the page to sign in stays where it is when its script comes", async ({ page }) => {
  const scripts = await lateScripts(page);
  scripts.hold();
  await page.goto("/sign-in", { waitUntil: "commit" });
  const [email, passkey] = [page.getByLabel("Email"), page.getByText("Sign in with a passkey")];
  await expect(email).toBeVisible();
  await expect(passkey).toBeHidden();
  const place = await email.boundingBox();
  scripts.release();
  await expect(passkey).toBeVisible();
  expect(await email.boundingBox()).toEqual(place);
  // A browser without passkeys keeps no place for the button, from the start.
  await page.addInitScript(() => Reflect.deleteProperty(window, "PublicKeyCredential"));
  scripts.hold();
  await page.goto("/sign-in", { waitUntil: "commit" });
  await expect(page.getByText("Demo provider")).toBeVisible();
  expect(await passkey.boundingBox()).toBeNull();
  const lower = await email.boundingBox();
  scripts.release();
  await expect(passkey).toHaveCount(0);
  expect(await email.boundingBox()).toEqual(lower);
});

/** Holds the scripts of pages back, from `hold` to `release`. */
async function lateScripts(page: Page) {
  const waiting: (() => void)[] = [];
  let late = false;
  await page.route("**/_next/static/chunks/**/*.js", async (route) => {
    if (late) await new Promise<void>((resolve) => waiting.push(resolve));
    await route.continue();
  });
  return {
    hold: () => {
      late = true;
    },
    release: () => {
      late = false;
      for (const each of waiting.splice(0)) each();
    },
  };
}
