import { expect, type Page } from "@playwright/test";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";

const ownerCode = () => freshCode(account("owner").totpSecret ?? "");

async function createUser(page: Page, name: string, signInLabel: string) {
  await page.goto("/people/new?type=User");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Email").fill(`${name.toLowerCase().replace(" ", ".")}@contoso.example`);
  await page.getByLabel("First sign-in").selectOption({ label: signInLabel });
  await page.getByRole("button", { name: "Create" }).click();
  const secret = (await page.getByTestId("shown-once").textContent()) ?? "";
  await page.getByRole("button", { name: "I have stored it" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  return { email: `${name.toLowerCase().replace(" ", ".")}@contoso.example`, secret, url: page.url() };
}

async function signInWith(page: Page, email: string, password: string) {
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test("a new user's one-time password is good for choosing another, and disabling ends their session at once", async ({
  page,
  browser,
  baseURL,
}) => {
  await signIn(page, "owner");
  await page.getByRole("link", { name: "People", exact: true }).click();
  await page.getByRole("link", { name: "New user" }).click();
  const made = await createUser(page, "Vera Vogel", "One-time password");

  const context = await browser.newContext({ baseURL });
  const other = await context.newPage();
  await signInWith(other, made.email, made.secret);
  await expect(other.getByRole("heading", { name: "Choose a password" })).toBeVisible();
  expect((await context.request.get("/my-roles", { maxRedirects: 0 })).status()).not.toBe(200);
  await other.getByLabel("New password", { exact: true }).fill("seven herons over tiled roofs");
  await other.getByLabel("New password again").fill("eight herons over tiled roofs");
  await other.getByRole("button", { name: "Set password" }).click();
  await expect(other.getByRole("alert").filter({ hasText: "not the same" })).toBeVisible();
  await other.getByLabel("New password", { exact: true }).fill("seven herons over tiled roofs");
  await other.getByLabel("New password again").fill("seven herons over tiled roofs");
  await other.getByRole("button", { name: "Set password" }).click();
  await expect(other.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await signInWith(other, made.email, "seven herons over tiled roofs");
  await expect(other.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  await expect(other.getByRole("link", { name: "People", exact: true })).toHaveCount(0);
  expect((await other.goto("/people"))?.status()).toBe(403);

  await page.goto(made.url);
  await page.getByRole("button", { name: "Disable" }).click();
  await page.getByRole("dialog").getByLabel("Justification").fill("Left the company");
  await page.getByRole("dialog").getByRole("button", { name: "Disable" }).click();
  await expect(page.getByText("Disabled. Sessions ended: 1.")).toBeVisible();
  await other.goto("/my-roles");
  await expect(other.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.getByRole("button", { name: "Enable" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Enable" }).click();
  await expect(page.getByText("Enabled.", { exact: true })).toBeVisible();
  await context.close();
});

test("an invitation link is good once, and a new one takes the administrator's code and ends the old", async ({
  page,
  browser,
  baseURL,
}) => {
  await signIn(page, "owner");
  const made = await createUser(page, "Ines Imhof", "Invitation link");
  await page.getByRole("button", { name: "Issue sign-in" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Justification").fill("Lost the first mail");
  await dialog.getByLabel("Verification code").fill(await ownerCode());
  const link = (await dialog.getByTestId("shown-once").textContent()) ?? "";
  await dialog.getByRole("button", { name: "I have stored it" }).click();

  const context = await browser.newContext({ baseURL });
  const other = await context.newPage();
  await other.goto(made.secret);
  await expect(other.getByText("This link is no longer valid")).toBeVisible();
  await other.goto(link);
  await other.getByLabel("New password", { exact: true }).fill("seven herons over tiled roofs");
  await other.getByLabel("New password again").fill("seven herons over tiled roofs");
  await other.getByRole("button", { name: "Set password" }).click();
  await expect(other.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await other.goto(link);
  await expect(other.getByText("This link is no longer valid")).toBeVisible();
  await context.close();
});

test("groups in groups are made, and a circle is refused with its reason", async ({ page }) => {
  await signIn(page, "owner");
  const make = async (name: string) => {
    await page.goto("/people/new?type=Group");
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByRole("button", { name: "Create" }).click();
    await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
    return page.url();
  };
  const add = async (url: string, member: string) => {
    await page.goto(url);
    await page.getByRole("button", { name: "Add members" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("searchbox", { name: "Members" }).fill(member);
    await dialog.getByRole("button", { name: `Add ${member}` }).click();
    await dialog.getByLabel("Justification").fill("One team");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    return dialog;
  };
  const outer = await make("Circle outer");
  const inner = await make("Circle inner");
  await add(outer, "Circle inner");
  await expect(page.getByRole("listitem").filter({ hasText: "Circle inner" })).toBeVisible();
  const dialog = await add(inner, "Circle outer");
  await expect(dialog.getByRole("alert")).toContainText("would be a circle");
});
