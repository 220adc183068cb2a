import { expect, type Locator, type Page } from "@playwright/test";
import { axeViolations } from "../../support/e2e/axe";
import { ask, askOne } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";

const role = "Contributor";
/** Requires Multi-Factor Authentication for the role on Contoso Production, as the demo does. */
const requireMfa = () =>
  ask(
    `UPDATE role_management_policies p SET activation_requires_mfa = true
     FROM role_definitions d, resources r WHERE d.id = p.role_definition_id AND r.id = p.resource_id
       AND d.role_name = $1 AND r.display_name = 'Contoso Production'`,
    [role],
  );
/** Requires no ticket for Reader on Contoso Production, as in the demo. */
const ticketOfReader = `UPDATE role_management_policies p SET activation_requires_ticket = false
  FROM role_definitions d, resources r WHERE d.id = p.role_definition_id AND r.id = p.resource_id
    AND d.role_name = 'Reader' AND r.display_name = 'Contoso Production'`;
const mfa = "Require Multi-Factor Authentication on activation";

async function openEdit(page: Page) {
  await page.goto("/resources?search=Contoso%20Production");
  await page.getByRole("link", { name: "Contoso Production" }).click();
  await page.getByRole("link", { name: "Role settings", exact: true }).click();
  await page.getByRole("link", { name: `Edit ${role}`, exact: true }).click();
  await expect(page.getByRole("heading", { name: "Edit role settings" })).toBeVisible();
}

test("an Owner changes a role setting in five clicks from Home, and sees what it weakens beside the code", async ({
  page,
}) => {
  try {
    await signIn(page, "owner", "/");
    let clicks = 0;
    const click = async (name: string) => {
      await page.getByRole("link", { name, exact: true }).first().click();
      clicks += 1;
    };
    await page.getByRole("button", { name: /^Search or activate/ }).click();
    await page.getByRole("combobox", { name: "Search" }).fill("Contoso Production");
    await page.getByRole("option", { name: /^Contoso Production/ }).click();
    clicks += 2;
    await click("Role settings");
    await click(`Edit ${role}`);
    await page.getByLabel(mfa).click();
    clicks += 1;
    const changes = page.getByRole("region", { name: /^1 change/ });
    await expect(changes).toContainText(`${mfa}: Yes → No`);
    await expect(changes.getByText("Weaker", { exact: true })).toBeVisible();
    await page.getByLabel("Verification code").fill(await freshCode(account("owner").totpSecret ?? ""));
    await expect(page.getByText("The role settings are saved.")).toBeVisible();
    expect(clicks).toBeLessThanOrEqual(5);
    await expect(page.getByText(/^Changed by Olivia Okafor/)).toBeVisible();
  } finally {
    await requireMfa();
  }
});

test("an Owner strengthens a role setting in five clicks from Home", async ({ page }) => {
  await ask(ticketOfReader);
  await signIn(page, "owner", "/");
  let clicks = 0;
  const click = async (what: Locator) => {
    await what.click();
    clicks += 1;
  };
  const ticket = page.getByLabel("Require ticket information on activation");
  await click(page.getByRole("button", { name: /^Search or activate/ }));
  await page.getByRole("combobox", { name: "Search" }).fill("Contoso Production");
  await click(page.getByRole("option", { name: /^Role settings of \P{L}*Contoso Production/u }));
  await click(page.getByRole("link", { name: "Edit Reader", exact: true }));
  const before = await ticket.isChecked();
  await click(ticket);
  await click(page.getByRole("main").getByRole("button", { name: "Save", exact: true }));
  await expect(page.getByText("The role settings are saved.")).toBeVisible();
  expect(before).toBe(false);
  expect(clicks).toBeLessThanOrEqual(5);
  await ask(ticketOfReader);
});

test("an Owner who goes Back, uses the palette or signs out with unsaved role settings is asked first", async ({
  page,
}) => {
  await signIn(page, "owner", "/");
  await openEdit(page);
  await page.getByLabel("Require ticket information on activation").click();
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  const inThePalette = async () => {
    await page.getByRole("button", { name: /^Search or activate/ }).click();
    await page.getByRole("combobox", { name: "Search" }).fill("Notifications");
    await page.getByRole("option", { name: "Notifications", exact: true }).click();
  };
  const bySigningOut = async () => {
    await page.getByRole("button", { name: /, your account$/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
  };
  const byShortcut = async () => {
    await page.getByRole("heading", { name: "Edit role settings" }).click();
    await page.keyboard.press("g");
    await page.keyboard.press("h");
  };
  const byBack = () => page.evaluate(() => history.back());
  const byTwoPages = () => page.evaluate(() => history.go(-2));
  // Twice, since the first question may not use up the second.
  for (const leave of [byBack, byBack, byTwoPages, inThePalette, byShortcut, bySigningOut]) {
    await leave();
    await question.getByRole("button", { name: "Keep editing" }).click();
    await expect(question).toBeHidden();
    await expect(page).toHaveURL(/\/settings\/edit$/);
    await expect(page.getByRole("region", { name: /^1 change/ })).toBeVisible();
  }
  await byBack();
  await question.getByRole("button", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { name: "Role settings", exact: true })).toBeVisible();
  await expect(page).toHaveURL(/\/settings$/);
});

test("an Owner who reloads with unsaved role settings is asked by the browser", async ({ page }) => {
  await signIn(page, "owner", "/");
  await openEdit(page);
  await page.getByLabel("Require ticket information on activation").click();
  const asked = page.waitForEvent("dialog");
  const reload = page.evaluate(() => location.reload()).catch(() => null);
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.dismiss();
  await reload;
  await expect(page.getByRole("region", { name: /^1 change/ })).toBeVisible();
});

test("an Owner who leaves with unsaved role settings is asked first", async ({ page }) => {
  await signIn(page, "owner", "/");
  await openEdit(page);
  const ticket = page.getByLabel("Require ticket information on activation");
  await ticket.click();
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  for (const leave of [
    page.getByRole("main").getByRole("button", { name: "Cancel" }),
    page.getByRole("link", { name: "My roles" }),
  ]) {
    await leave.click();
    await question.getByRole("button", { name: "Keep editing" }).click();
    await expect(question).toBeHidden();
    await expect(page).toHaveURL(/\/settings\/edit$/);
  }
  await page.getByRole("link", { name: "My roles" }).click();
  await question.getByRole("button", { name: "Leave" }).click();
  await expect(page).toHaveURL(/\/my-roles$/);
  // Without a change there is no question.
  await openEdit(page);
  await page.getByRole("main").getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("heading", { name: "Role setting detail" })).toBeVisible();
  await expect(page.locator("#resource-pane [aria-current]")).toHaveText("Role settings");
});

const ticket = "Require ticket information on activation";
const replayOf = (page: Page) => page.getByRole("region", { name: "What would this have changed?" });

test("an Owner reads what a change would have done to the last ninety days, and whom it would have met, before saving", async ({
  page,
}) => {
  await signIn(page, "owner", "/");
  await openEdit(page);
  const replay = replayOf(page);
  await expect(replay).toContainText("Change a rule to see what it would have done");
  await page.getByLabel(ticket).click();
  const figure = replay.getByRole("button", { name: /would have been refused without a ticket/ });
  await expect(figure).toBeVisible();
  await expect(replay).toContainText(
    /\d+ of \d+ requests of the last 90 days would have had a different outcome\./,
  );
  // The requests behind the figure, a page at a time, each with a page of its own.
  await figure.click();
  await expect(figure).toHaveAttribute("aria-expanded", "true");
  const list = replay.getByRole("list", { name: "Requests that would have been refused without a ticket" });
  await expect(list.getByRole("listitem")).toHaveCount(10);
  expect(await axeViolations(page, "#replay")).toEqual([]);
  await replay.getByRole("button", { name: "Next page" }).click();
  await expect(replay).toContainText("Page 2 of");
  const [request] = await Promise.all([page.waitForEvent("popup"), list.getByRole("link").first().click()]);
  await expect(request.getByRole("heading", { level: 1 })).toContainText(role);
  await request.close();
  // A weakened setting is marked as such, and setting it back leaves no change.
  await page.getByLabel(mfa).click();
  await expect(replay.getByRole("button", { name: /would not have asked for a code Weaker/ })).toBeVisible();
  await page.getByLabel(mfa).click();
  await page.getByLabel(ticket).click();
  await expect(replay).toContainText("Change a rule to see what it would have done");
  await expect(replay.getByRole("button")).toHaveCount(0);
  await page.getByLabel("Activation maximum duration (hours)").fill("");
  await expect(replay).toContainText("Enter a maximum duration from 0.5 to 24 hours.");
});

test("an Owner whose colleague saves meanwhile sees what the replay compares with, and saves nothing over it", async ({
  page,
}) => {
  await signIn(page, "owner", "/");
  await openEdit(page);
  const settings = `role_management_policies p SET version = p.version + 1
    FROM role_definitions d, resources r WHERE d.id = p.role_definition_id AND r.id = p.resource_id
      AND d.role_name = $1 AND r.display_name = 'Contoso Production'`;
  await ask(`UPDATE ${settings}`, [role]);
  await page.getByLabel(ticket).click();
  await expect(replayOf(page)).toContainText(
    "Somebody else saved these role settings while you were editing.",
  );
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "Two edits of the same settings" })).toBeVisible();
});

test("an Owner starts from the settings of another role, and reads what they would have done before saving", async ({
  page,
}) => {
  await signIn(page, "owner", "/");
  await openEdit(page);
  const duration = page.getByLabel("Activation maximum duration (hours)");
  const before = await duration.inputValue();
  await page.getByLabel("Start from").selectOption("Owner");
  await page.getByRole("button", { name: "Take these settings" }).click();
  await expect(page.getByText("The settings of Owner are filled in below.")).toBeVisible();
  await expect(duration).toHaveValue("4");
  await expect(page.getByRole("region", { name: /^\d+ changes?/ })).toContainText(
    `Activation maximum duration (hours): ${before} → 4`,
  );
  await expect(replayOf(page)).toContainText(
    /\d+ of \d+ requests of the last 90 days would have had a different outcome\./,
  );
  const figure = replayOf(page).getByRole("button", { name: /would have been refused for their duration/ });
  await figure.click();
  await expect(
    replayOf(page)
      .getByRole("list", { name: /refused for their duration/ })
      .getByRole("listitem"),
  ).not.toHaveCount(0);
  // Settings taken from elsewhere are an edit like any other: leaving it asks first, and nothing was saved.
  await page.getByRole("main").getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Leave" }).click();
  await expect(page.getByRole("heading", { name: "Role setting detail" })).toBeVisible();
  await openEdit(page);
  await expect(duration).toHaveValue(before);
  await expect(page.getByLabel("Start from")).toHaveValue("");
});

test("an Owner reads what a change would have done for several roles, and begins the edit of one with it", async ({
  page,
}) => {
  await signIn(page, "owner", "/resources?search=Contoso%20Production");
  await page.getByRole("link", { name: "Contoso Production" }).click();
  await page.getByRole("link", { name: "Role settings", exact: true }).click();
  await page.getByRole("link", { name: "Edit several roles" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Edit several roles" })).toBeVisible();
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await expect(page.getByRole("main").getByRole("alert")).toHaveText("Choose at least one role.");
  await page.getByLabel("Contributor", { exact: true }).check();
  await page.getByLabel("Reader", { exact: true }).check();
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await expect(page.getByRole("main").getByRole("alert")).toHaveText(
    "Choose at least one setting to change, or what to start from.",
  );
  // They start from the settings of another role there, and from their own again.
  await page.getByLabel("Start from").selectOption("Owner");
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await expect(page.getByLabel("Start from")).not.toHaveValue("");
  const shorter = page.getByRole("cell").getByText(/Activation maximum duration \(hours\): \d+ → 4/);
  await expect(shorter.first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Save for 2 roles" })).toBeVisible();
  await page.getByLabel("Start from").selectOption("Each role's settings as they are");
  await page.getByLabel(ticket).selectOption("Yes");
  await page.getByRole("button", { name: "Replay", exact: true }).click();
  await expect(shorter).toHaveCount(0);
  const found = page.getByRole("region", { name: "What would this have changed?" });
  await expect(found.getByRole("status")).toHaveText(
    /^\d+ of \d+ requests of the last 90 days for 2 roles would have had a different outcome\.$/,
  );
  const numberIn = async (of: Locator) => Number(/^\d+/.exec((await of.textContent()) ?? "")?.[0]);
  const without = found.getByText(/^\d+ activations would have been refused without a ticket/);
  await expect(without).toHaveCount(3);
  const [all, ...each] = await Promise.all((await without.all()).map(numberIn));
  expect(each.reduce((sum, count) => sum + count, 0)).toBe(all);
  // The title of a page that was opened in place arrives after its content.
  await expect(page).toHaveTitle(/Postern/);
  expect(await axeViolations(page)).toEqual([]);
  // The edit of a role begins with the change, its replay says the same, and nothing is saved yet.
  await found.getByRole("link", { name: `Edit ${role}` }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Edit role settings" })).toBeVisible();
  await expect(page.getByLabel(ticket)).toBeChecked();
  await expect(page.getByRole("region", { name: "1 change", exact: true })).toContainText(
    `${ticket}: No → Yes`,
  );
  const figure = replayOf(page).getByRole("button", { name: /would have been refused without a ticket/ });
  expect(await numberIn(figure)).toBe(each[0]);
});

test("an Owner asks for a ticket for two roles at once, meets an edit of somebody else, and ends it with one code", async ({
  page,
}) => {
  const ticketOf = `FROM role_management_policies p JOIN role_definitions d ON d.id = p.role_definition_id
    JOIN resources r ON r.id = p.resource_id
    WHERE r.display_name = 'Contoso Production' AND d.role_name IN ('Contributor', 'Reader')`;
  const asking = () => askOne(`SELECT count(*) AS value ${ticketOf} AND p.activation_requires_ticket`);
  const restore = `UPDATE role_management_policies SET activation_requires_ticket = false WHERE id IN (SELECT p.id ${ticketOf})`;
  await ask(restore);
  try {
    await signIn(page, "owner", "/resources?search=Contoso%20Production");
    await page.getByRole("link", { name: "Contoso Production" }).click();
    await page.getByRole("link", { name: "Role settings", exact: true }).click();
    const replayed = async (value: "Yes" | "No") => {
      await page.getByRole("link", { name: "Edit several roles" }).click();
      await page.getByLabel("Contributor", { exact: true }).check();
      await page.getByLabel("Reader", { exact: true }).check();
      await page.getByLabel(ticket).selectOption(value);
      await page.getByRole("button", { name: "Replay", exact: true }).click();
      await expect(page.getByRole("table").getByText(`${ticket}:`)).toHaveCount(2);
    };
    const main = page.getByRole("main");
    await replayed("Yes");
    // Somebody else saves one of the two meanwhile: neither is saved, and the page says which it was.
    await ask(
      `UPDATE role_management_policies SET version = version + 1 WHERE id IN (
         SELECT p.id ${ticketOf} AND d.role_name = 'Reader')`,
    );
    await main.getByRole("button", { name: "Save for 2 roles" }).click();
    await expect(main.getByRole("alert")).toContainText(/role settings of Reader \(by .+\) were saved/);
    expect(await asking()).toBe("0");
    await main.getByRole("link", { name: "Replay again" }).click();
    await expect(main.getByRole("alert")).toBeHidden();
    await main.getByRole("button", { name: "Save for 2 roles" }).click();
    await expect(page.getByText("The settings of 2 roles are saved.")).toBeVisible();
    await expect(page.getByRole("heading", { level: 1, name: "Role settings", exact: true })).toBeVisible();
    expect(await asking()).toBe("2");
    await replayed("No");
    await expect(page.getByRole("table").getByText(`${ticket}: Yes → No Weaker`)).toHaveCount(2);
    await page.getByLabel("Verification code").focus();
    await expect(main.getByText(/^You confirm: Change the role settings of 2 roles/)).toBeVisible();
    await page.getByLabel("Verification code").fill(await freshCode(account("owner").totpSecret ?? ""));
    await expect(page.getByText("The settings of 2 roles are saved.")).toBeVisible();
    expect(await asking()).toBe("0");
  } finally {
    await ask(restore);
  }
});

test("without JavaScript an Owner replays a change, and turns the pages of the requests behind it", async ({
  browser,
  baseURL,
  page,
}) => {
  await signIn(page, "owner", "/");
  await openEdit(page);
  await expect(page).toHaveURL(/\/settings\/edit$/);
  const plain = await browser.newContext({ baseURL, javaScriptEnabled: false });
  await plain.addCookies(await page.context().cookies());
  const reader = await plain.newPage();
  await reader.goto(new URL(page.url()).pathname);
  await reader.getByLabel(ticket).check();
  await reader.getByRole("button", { name: "Replay these settings" }).click();
  await expect(reader.getByLabel(ticket)).toBeChecked();
  const replay = replayOf(reader);
  const figure = replay.getByRole("button", { name: /would have been refused without a ticket/ });
  await figure.click();
  await expect(figure).toHaveAttribute("aria-expanded", "true");
  await replay.getByRole("button", { name: "Next page" }).click();
  await expect(replay).toContainText("Page 2 of");
  await expect(reader.getByLabel("Verification code")).toHaveCount(0);
  // So are the settings of another role, with another change on top of them.
  await reader.getByLabel("Start from").selectOption("Owner");
  await reader.getByRole("button", { name: "Take these settings" }).click();
  await reader.getByLabel(ticket).check();
  await reader.getByRole("button", { name: "Replay these settings" }).click();
  await expect(reader.getByLabel("Activation maximum duration (hours)")).toHaveValue("4");
  await expect(replayOf(reader).getByRole("button", { name: /without a ticket/ })).toBeVisible();
  await expect(replayOf(reader).getByRole("button", { name: /for their duration/ })).toBeVisible();
  await plain.close();
});
