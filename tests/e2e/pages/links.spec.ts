import { expect } from "@playwright/test";
import { askOne } from "../../support/e2e/database";
import { signIn, test } from "../../support/e2e/e2e";

const production = () =>
  askOne("SELECT '/resources/' || id AS value FROM resources WHERE display_name = 'Contoso Production'");

test("a page asks the server for no other page until somebody clicks", async ({ page }) => {
  await signIn(page, "owner");
  // What the page after the sign-in still asks for is over once that page is gone.
  await page.goto("about:blank");
  const asked: string[] = [];
  const pathOf = (address: string) => new URL(address).pathname;
  page.on("request", (request) => {
    // A page reads itself again when something reaches its reader meanwhile.
    const own = pathOf(request.url()) === pathOf(request.frame().url());
    if (request.url().includes("_rsc=") && !own) asked.push(pathOf(request.url()));
  });
  for (const path of ["/", "/audit", await production()]) {
    await page.goto(path);
    // The corner for toasts is the last thing that a page loads by itself.
    await expect(page.getByRole("region", { name: /^Notifications/ })).toBeAttached();
  }
  expect(asked).toEqual([]);
});

test("a link opens its page in place, and in a new tab with Ctrl; a file is loaded by the browser", async ({
  page,
}) => {
  const resource = await production();
  await signIn(page, "owner", `${resource}/roles`);
  await page.evaluate(() => {
    document.documentElement.dataset.sameDocument = "";
  });
  const role = page.getByRole("main").getByRole("link", { name: "Contributor", exact: true });
  const [tab] = await Promise.all([
    page.context().waitForEvent("page"),
    role.click({ modifiers: ["ControlOrMeta"] }),
  ]);
  await tab.close();
  expect(new URL(page.url()).pathname).toBe(`${resource}/roles`);
  await role.click();
  await expect(page.getByRole("heading", { level: 1, name: "Contributor" })).toBeVisible();
  const sort = page.getByRole("link", { name: "Member", exact: true });
  await sort.evaluate((link) => link.scrollIntoView({ block: "start" }));
  const scrolled = await page.evaluate(() => Math.round(scrollY));
  await sort.click();
  await page.waitForURL(/sort/);
  expect(await page.evaluate(() => Math.round(scrollY))).toBe(scrolled);
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Export as CSV" }).click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/\.csv$/);
  await page.goBack();
  await expect(page.locator("html[data-same-document]")).toBeAttached();
});
