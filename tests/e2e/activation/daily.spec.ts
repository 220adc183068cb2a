import { expect, type Page } from "@playwright/test";
import { axeViolations } from "../../support/e2e/axe";
import { ask } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";
import { tabTo } from "../../support/e2e/tab-to";

const code = (key: string) => freshCode(account(key).totpSecret ?? "");

/** Deactivates every activation of a person. */
async function deactivateAll(page: Page): Promise<void> {
  await page.goto("/my-roles?tab=active");
  await expect(page.getByRole("heading", { name: "My roles" })).toBeVisible();
  const buttons = page.getByRole("main").getByRole("button", { name: /^Deactivate/ });
  for (let left = await buttons.count(); left > 0; left -= 1) {
    await buttons.first().click();
    const dialog = page.getByRole("dialog");
    await expect(dialog).toContainText("immediately");
    await dialog.getByRole("button", { name: "Deactivate" }).click();
    await expect(buttons).toHaveCount(left - 1);
  }
}

test("from sign-in to an active role by keyboard alone, again as last time", async ({ page }) => {
  test.setTimeout(120_000);
  const { email, password } = account("member");
  await page.goto("/sign-in");
  await tabTo(page, page.getByLabel("Email"));
  await page.keyboard.type(email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  // The first sign-in and the first page of a server that has just started.
  await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible({ timeout: 30_000 });

  const again = page.getByRole("button", { name: "Activate again Contributor on prod-web" });
  // The last activation there, by the demo's history or another test, as shown beside the button.
  const line = page
    .getByRole("listitem")
    .filter({ has: again })
    .getByText(/^Last time/);
  const [, lastReason = "no reason was shown"] =
    /^Last time [^:]+: (.+)$/.exec((await line.textContent()) ?? "") ?? [];
  await tabTo(page, again);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Verification code")).toBeFocused();
  await expect(dialog.getByLabel("Reason")).toHaveValue(lastReason);
  await page.keyboard.press("Escape");
  await expect(again).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(dialog.getByLabel("Verification code")).toBeFocused();
  await page.keyboard.type(await code("member"));
  await expect(page.getByText("The role is active now.")).toBeVisible();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("main").getByRole("timer").first()).toBeVisible();
  await expect(page.locator("body")).not.toBeFocused();
  await deactivateAll(page);
});

function requireTicket(required: boolean) {
  return ask(
    `UPDATE role_management_policies p SET activation_requires_ticket = $1
     FROM role_definitions d, resources r WHERE d.id = p.role_definition_id AND r.id = p.resource_id
       AND d.role_name = 'Reader' AND r.display_name = 'Contoso Production'`,
    [required],
  );
}

// In case the journey failed in between.
test.afterAll(() => requireTicket(false));

test("several roles with one reason and one code, each reported on its own", async ({ page, context }) => {
  test.setTimeout(120_000);
  await signIn(page, "member", "/my-roles");
  await page.getByRole("checkbox", { name: "Select Contributor on Contoso Production" }).check();
  // The selection survives another search.
  const search = async (words: string) => {
    await page.getByLabel("Search roles and resources").fill(words);
    await page.getByRole("main").getByRole("button", { name: "Search", exact: true }).click();
  };
  await search("reader on nothing of this name");
  await expect(page.getByText("1 selected, 1 not on this page")).toBeVisible();
  await search("reader");
  await page.getByRole("checkbox", { name: "Select Reader on Contoso Production" }).check();
  await expect(page.getByText("2 selected, 1 not on this page")).toBeVisible();
  await page.getByRole("button", { name: "Activate selected" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("Release day");

  const other = await context.newPage();
  await other.goto("/my-roles");
  await other.getByRole("button", { name: "Activate Reader on Contoso Production" }).click();
  await other.getByLabel("Reason").fill("Meanwhile, in another window");
  // Settings that became stricter while the panel was open show their new fields, and keep what was typed.
  await requireTicket(true);
  await other.getByRole("dialog").getByRole("button", { name: "Activate" }).click();
  await expect(other.getByLabel("Ticket number")).toBeFocused();
  await expect(other.getByLabel("Reason")).toHaveValue("Meanwhile, in another window");
  await requireTicket(false);
  await other.getByRole("dialog").getByRole("button", { name: "Activate" }).click();
  await expect(other.getByText("The role is active now.")).toBeVisible();
  await other.close();

  await dialog.getByLabel("Verification code").fill(await code("member"));
  await expect(dialog.getByRole("alert")).toContainText("1 of 2 roles went through");
  await expect(dialog.getByRole("listitem").filter({ hasText: "Reader" })).toContainText(
    "There is already an assignment",
  );
  await dialog.getByRole("button", { name: "Close" }).click();
  // Active roles have left the selection. A role activated in the other window can no longer be selected.
  await expect(page.getByText(/^\d selected/)).toBeHidden();
  await search("");
  await expect(page.getByRole("row", { name: /: Contributor on Contoso Production/ })).toContainText(
    "Active",
  );
  await deactivateAll(page);
});

test("the palette finds, activates at the chosen scope, and works on a phone", async ({ page }) => {
  await signIn(page, "member");
  await page.keyboard.press("Control+k");
  const search = page.getByRole("combobox", { name: "Search" });
  await expect(search).toBeFocused();
  await search.fill("activate contributor on prod-data");
  await expect(page.getByRole("option", { name: "Activate Contributor on prod-data" })).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: "result" })).toBeVisible();
  expect(await axeViolations(page, "[role=dialog]")).toEqual([]);
  await page.keyboard.press("Enter");
  const panel = page.getByRole("dialog", { name: "Activate Contributor" });
  await expect(panel.getByLabel("Scope", { exact: true }).locator("option:checked")).toHaveText("prod-data");
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(page).toHaveURL(/\/my-roles$/);

  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Favourites and recent" })).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await page.getByRole("button", { name: "Search or activate…" }).click();
  await search.fill("contoso prod");
  await page.getByRole("option", { name: /^Contoso Production/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Contoso Production" })).toBeVisible();
});

test("the palette opens on Ctrl K even when it was pressed before the page's scripts loaded", async ({
  page,
}) => {
  const scripts = /\/_next\/static\/.*\.js/;
  let letThem = () => {};
  const released = new Promise<void>((resolve) => {
    letThem = resolve;
  });
  await signIn(page, "member", "/account/preferences");
  await page.route(scripts, async (route) => {
    await released;
    await route.continue();
  });
  await page.goto("/", { waitUntil: "commit" });
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("Control+k");
  await page.keyboard.type("contosx");
  await page.keyboard.press("Backspace");
  await page.keyboard.type("o prod");
  letThem();
  const search = page.getByRole("combobox", { name: "Search" });
  await expect(search).toBeFocused();
  await expect(search).toHaveValue("contoso prod");
  await page.keyboard.type("uction");
  await expect(search).toHaveValue("contoso production");
  await expect(page.getByRole("option", { name: /^Contoso Production/ })).toBeVisible();
});

test("what is typed while the palette's own code is on its way is kept, and moves nothing else", async ({
  page,
}) => {
  await signIn(page, "member", "/account/preferences");
  await expect(page.getByRole("heading", { level: 1, name: "Keyboard shortcuts" })).toBeVisible();
  let letThem = () => {};
  const released = new Promise<void>((resolve) => {
    letThem = resolve;
  });
  await page.route(/\/_next\/static\/.*\.js/, async (route) => {
    await released;
    await route.continue();
  });
  await page.keyboard.press("Control+k");
  // Two of the letters would be a shortcut to My roles.
  await page.keyboard.type("gm");
  await expect(page.getByRole("textbox", { name: "Search" })).toHaveValue("gm");
  letThem();
  const search = page.getByRole("combobox", { name: "Search" });
  await expect(search).toBeFocused();
  await page.keyboard.type("-x");
  await expect(search).toHaveValue("gm-x");
  await expect(page).toHaveURL(/\/account\/preferences$/);
});

test("one Enter too many chooses nothing in the palette, and opens it no second time", async ({ page }) => {
  await signIn(page, "member", "/my-audit");
  const open = page.getByRole("button", { name: "Search or activate…" });
  const search = page.getByRole("combobox", { name: "Search" });
  await open.focus();
  await page.keyboard.press("Enter");
  await expect(search).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("option").first()).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(search).toBeFocused();
  await expect(page).toHaveURL(/\/my-audit$/);
  // An Enter before the answer waits for it, and the next one has no further effect.
  await page.keyboard.type("prod-web");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "prod-web" })).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(search).toHaveCount(0);
  await page.keyboard.press("Control+k");
  await search.fill("activate reader on contoso production");
  await expect(page.getByRole("option", { name: /^Activate .?Reader/ })).toBeVisible();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  const panel = page.getByRole("dialog", { name: /^Activate Reader/ });
  await expect(panel).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(panel).toBeVisible();
  await panel.getByRole("button", { name: "Cancel" }).click();
});

test("the palette names the keys of the reader's system, and offers what is wanted next", async ({
  page,
  browser,
  baseURL,
}) => {
  await signIn(page, "owner");
  const keys = (on: Page) =>
    on.getByRole("button", { name: "Search or activate…" }).locator("kbd").getAttribute("data-drawn");
  expect(await keys(page)).toBe("Ctrl K");
  const mac = await browser.newContext({
    baseURL,
    userAgent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15",
  });
  await mac.addCookies(await page.context().cookies());
  const reader = await mac.newPage();
  await reader.goto("/");
  expect(await keys(reader)).toBe("⌘ K");
  await reader.keyboard.press("Meta+k");
  const search = reader.getByRole("combobox", { name: "Search" });
  await search.fill("reader");
  // The exact name comes first among nearly a hundred that contain it.
  const roles = reader.getByRole("group", { name: "Roles" }).getByRole("option");
  await expect(roles.first()).toHaveText(/^.?Reader/);
  await reader.getByRole("option", { name: /^Role settings of .?Reader/ }).click();
  await expect(reader).toHaveURL(/\/roles\/[\w-]+\/settings$/);
  await mac.close();
});

test("a filter of the log is saved by name, applied, renamed and deleted", async ({ page }) => {
  await signIn(page, "auditor", "/audit?kind=RoleActivated&outcome=Failure");
  const saved = page.getByRole("region", { name: "Saved filters" });
  await saved.getByRole("button", { name: "Save this filter" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Refused activations");
  await page.keyboard.press("Enter");
  await expect(saved.getByRole("link", { name: "Refused activations" })).toHaveAttribute(
    "aria-current",
    "true",
  );
  await page.goto("/audit");
  await saved.getByRole("link", { name: "Refused activations" }).click();
  await expect(page).toHaveURL(/kind=RoleActivated/);
  await expect(page.getByRole("button", { name: "Outcome: Refused" })).toBeVisible();

  await saved.getByRole("button", { name: "Manage" }).click();
  await page.getByRole("button", { name: "Rename Refused activations" }).click();
  const rename = page.getByRole("dialog", { name: "Rename Refused activations" });
  await rename.getByLabel("Name").fill("Turned down");
  await rename.getByRole("button", { name: "Rename" }).click();
  const manage = page.getByRole("dialog", { name: "Saved filters" });
  await expect(manage).toContainText("Turned down");
  await manage.getByRole("button", { name: "Delete" }).click();
  const confirm = page.getByRole("dialog", { name: "Delete Turned down?" });
  await confirm.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("link", { name: "Turned down" })).toHaveCount(0);
});

test("keys are shortcuts, but not while typing, and not once turned off", async ({ page }) => {
  await signIn(page, "auditor");
  await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await expect(page.getByRole("heading", { level: 1, name: "Resources" })).toBeVisible();
  await page.keyboard.press("/");
  const field = page.getByRole("searchbox", { name: "Search by name or scope" });
  await expect(field).toBeFocused();
  await page.keyboard.type("gh?");
  await expect(field).toHaveValue("gh?");
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await page.goto("/account/preferences");
  const choice = page.getByLabel("Use single keys as shortcuts");
  await choice.uncheck();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Your choice is saved.")).toBeVisible();
  await page.reload();
  await expect(choice).not.toBeChecked();
  await page.keyboard.press("?");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Search" })).toBeFocused();
  await expect(page.getByRole("dialog")).toHaveCount(1);
  await page.keyboard.press("Escape");
  await choice.check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Your choice is saved.").first()).toBeVisible();
});
