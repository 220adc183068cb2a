import { expect, type Page } from "@playwright/test";
import { ask } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";
import { grantRow, journeyRows, rowName } from "../../support/e2e/rows";

const ending = journeyRows.waiting.ending;
const code = (key: string) => freshCode(account(key).totpSecret ?? "");
const asks = new RegExp(`asks to extend ${ending.role}`);

/** The number beside **Approve requests** in the pane. */
async function waitingIn(page: Page): Promise<number> {
  const link = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: /Approve requests/ });
  return Number(/\d+/.exec((await link.textContent()) ?? "")?.[0] ?? 0);
}

test("an eligible Owner is notified of a request to extend, activates first, lands on it and decides", async ({
  page,
  browser,
  baseURL,
}) => {
  test.setTimeout(240_000);
  const id = await grantRow(ending);
  await ask("UPDATE eligibilities SET ends_at = now() + interval '5 days' WHERE id = $1", [id]);

  await test.step("a member asks to keep a role, from Home", async () => {
    await signIn(page, "member", "/");
    await page.getByRole("button", { name: `Extend ${rowName(ending)}` }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Reason").fill("The restore test goes on");
    await dialog.getByRole("button", { name: "Request extension" }).click();
    await expect(page.getByText("Extension requested")).toBeVisible();
  });

  const context = await browser.newContext({ baseURL });
  const owner = await context.newPage();
  await signIn(owner, "owner", "/");

  await test.step("Home, the pane and the page of approvals count it alike", async () => {
    const home = owner.getByRole("list", { name: "Requests waiting for me" }).getByRole("listitem");
    await expect(home.filter({ hasText: asks })).toContainText("The restore test goes on");
    // Emergency reviews and exceptions from conflict rules count as well.
    const others = owner.getByRole("main").getByRole("link", { name: /^(Review:|Decide: exception)/ });
    const counted = await waitingIn(owner);
    const requests = counted - (await others.count());
    expect(await home.count()).toBe(requests);
    await owner.goto("/approvals");
    const cards = owner.getByRole("main").getByRole("button", { name: /^Approve (the|\S+ .* for) / });
    await expect(cards).toHaveCount(requests);
    expect(await others.count()).toBe(counted - requests);
    await owner.goto("/assignments/pending");
    await expect(owner.getByRole("link", { name: /^Decide: / })).toHaveCount(requests);
  });
  await context.close();

  const other = await browser.newContext({ baseURL });
  const eligible = await other.newPage();
  await signIn(eligible, "eligible-owner", "/");

  await test.step("whoever could become an Owner activates first, and lands on the request", async () => {
    const notice = eligible.getByRole("listitem").filter({ hasText: asks });
    await expect(async () => {
      await eligible.goto("/notifications");
      await expect(notice).toContainText("Activate first", { timeout: 1_000 });
    }).toPass();
    await notice.getByRole("link").first().click();
    const dialog = eligible.getByRole("dialog", { name: `Activate Owner on ${ending.resource}` });
    await dialog.getByLabel("Reason").fill("Look after a request");
    await dialog.getByLabel("Verification code").fill(await code("eligible-owner"));
    await eligible.waitForURL(/\/requests\/[0-9a-f-]{36}$/);
    await eligible.getByRole("button", { name: /^Deny the extension of / }).click();
    await eligible.getByRole("dialog").getByLabel("Justification").fill("The test is over");
    await eligible.getByRole("dialog").getByRole("button", { name: "Deny" }).click();
    await expect(eligible.getByText("The request is denied.")).toBeVisible();
    await expect(eligible.getByRole("main")).toContainText("The test is over");
  });

  await test.step("the role is given up on Home", async () => {
    await eligible.goto("/");
    await eligible
      .getByRole("region", { name: "Active now" })
      .getByRole("button", { name: /^Deactivate Owner/ })
      .click();
    await eligible.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
    await expect(eligible.getByText("The role is no longer active.")).toBeVisible();
  });
  await other.close();
});

test("an approver decides on Home, without leaving it", async ({ page }) => {
  await signIn(page, "approver", "/");
  const rows = page.getByRole("list", { name: "Requests waiting for me" }).getByRole("listitem");
  const row = rows.filter({ hasText: "Virtual Machine Contributor" }).first();
  const name = (await row.getByRole("button", { name: /^Deny / }).getAttribute("aria-label")) ?? "";
  await row.getByRole("button", { name }).click();
  await page.getByRole("dialog").getByLabel("Justification").fill("The migration is over");
  await page.getByRole("dialog").getByRole("button", { name: "Deny" }).click();
  await expect(page.getByText("The request is denied.")).toBeVisible();
  await expect(page.getByRole("button", { name })).toBeHidden();
  expect(new URL(page.url()).pathname).toBe("/");
});
