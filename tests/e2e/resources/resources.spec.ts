import { expect } from "@playwright/test";
import { signIn, test } from "../../support/e2e/e2e";

test("the tree is walked by keyboard, fetches what is opened, and stays open on the way back", async ({
  page,
}) => {
  await signIn(page, "auditor", "/resources");
  const item = (name: string) =>
    page.getByRole("treeitem", {
      name: new RegExp(`^${name} (Tenant|Management group|Subscription)$`),
    });
  await expect(item("Contoso")).toHaveAttribute("aria-expanded", "true");
  // Other journeys add resources at the root.
  await expect(item("Platform")).toBeVisible();
  const names = await page.getByRole("treeitem").allTextContents();
  const place = names.findIndex((name) => name.startsWith("Platform"));
  expect(place).toBeGreaterThan(1);
  await item("Contoso").focus();
  for (let at = 0; at < place; at += 1) await page.keyboard.press("ArrowDown");
  await expect(item("Platform")).toBeFocused();
  await page.keyboard.press("ArrowRight");
  await expect(item("Platform")).toHaveAttribute("aria-expanded", "true");
  await page.keyboard.press("ArrowRight");
  await expect(item("Contoso Production")).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(item("Platform")).toBeFocused();
  await page.keyboard.press("l");
  await expect(item("Labs")).toBeFocused();
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
  await expect(item("Contoso")).toBeFocused();

  await page.reload();
  await expect(item("Contoso Production")).toBeVisible();
  await item("Contoso Production").focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Contoso Production" })).toBeVisible();
  await page.goBack();
  await expect(item("Contoso Production")).toBeVisible();

  await item("Platform").getByRole("button", { includeHidden: true }).first().click();
  await expect(item("Contoso Production")).toBeHidden();
});

test("a resource is starred in its pane by whoever is only eligible there, and stands first in Resources, Home and palette", async ({
  page,
}) => {
  await signIn(page, "requester", "/resources?search=Contoso+Production");
  await page.getByRole("link", { name: "Contoso Production" }).click();
  const pane = page.getByRole("navigation", { name: "Contoso Production" });
  const star = pane.getByRole("button", { name: "Favourite: Contoso Production" });
  await expect(star).toHaveAttribute("aria-pressed", "false");
  await star.focus();
  await page.keyboard.press("Enter");
  await expect(star).toHaveAttribute("aria-pressed", "true");
  await page.goto("/resources");
  const favourites = page.getByRole("region", { name: "Favourite resources" });
  await expect(favourites.getByRole("link")).toHaveText(["Contoso Production"]);
  await page.goto("/");
  await expect(favourites.getByRole("link", { name: "Contoso Production" })).toBeVisible();
  // The palette offers it before anything is typed.
  await page.keyboard.press("Control+k");
  const found = page.getByRole("group", { name: "Resources" }).getByRole("option");
  await expect(found).toHaveText([/^.?Contoso Production/]);
  await found.click();
  await expect(page).toHaveURL(/\/resources\/[\w-]+$/);
  await star.click();
  await expect(star).toHaveAttribute("aria-pressed", "false");
  await page.goto("/resources");
  await expect(favourites).toHaveCount(0);
});

test("the list is searched by name or scope, filtered by type, and both stand in the address", async ({
  page,
}) => {
  await signIn(page, "auditor", "/resources");
  await page.getByRole("link", { name: "List", exact: true }).click();
  // The tree has a search of the same name.
  await expect(page).toHaveURL(/view=list/);
  await page.getByLabel("Search by name or scope").fill("prod-WEB");
  await page.getByRole("button", { name: "Type", exact: true }).click();
  await page.getByLabel("Resource type").selectOption("Microsoft.KeyVault/vaults");
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect(page).toHaveURL(/search=prod-WEB&type=Microsoft.KeyVault%2Fvaults/);
  await expect(page.getByRole("row")).toHaveCount(2);
  await expect(page.getByRole("link", { name: /^kv-prod-web-/ })).toBeVisible();
  await page.getByLabel("Search by name or scope").fill("no such resource");
  await page.getByRole("main").getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.getByText("No resource matches")).toBeVisible();
  await page.getByRole("link", { name: "Clear the filters" }).click();
  await expect(page.getByRole("link", { name: "Next page" })).toBeVisible();
});

test("a member sees only the way to their roles and what lies below, also with a made-up address", async ({
  page,
}) => {
  await signIn(page, "member", "/resources");
  await expect(page.getByRole("treeitem", { name: /^Contoso Production / })).toBeVisible();
  await expect(page.getByRole("treeitem", { name: /^Labs / })).toHaveCount(0);
  await page.goto("/resources?view=list&search=Sandbox&after=nonsense&type=%27");
  await expect(page.getByText("No resource matches")).toBeVisible();
  await page.goto("/resources?open=11111111-1111-4111-8111-111111111111.nonsense");
  await expect(page.getByRole("treeitem", { name: /^Contoso Tenant$/ })).toBeVisible();
});

test("each figure of an overview links to a list of as many rows, and charts can be read and downloaded", async ({
  page,
}) => {
  await signIn(page, "auditor", "/resources?search=Contoso%20Staging");
  await page.getByRole("link", { name: "Contoso Staging" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Contoso Staging" })).toBeVisible();
  const overview = page.url();

  // A figure says what it is compared with.
  const tile = page.getByRole("link", { name: /^Eligible \d+ .*a week ago$/ });
  const numberOf = async () => Number(await tile.getByText(/^\d+$/).textContent());
  const number = await numberOf();
  expect(number).toBeGreaterThan(0);
  await tile.click();
  await expect(page.getByRole("heading", { level: 1, name: "All assignments" })).toBeVisible();
  await expect(page.getByText("On Contoso Staging")).toBeVisible();
  await expect(page.getByRole("row")).toHaveCount(number + 1);
  await page.getByRole("link", { name: "Remove the filter: On Contoso Staging" }).click();
  await expect(page).toHaveURL(/\/assignments\?state=Eligible$/);

  await page.goto(overview);
  const types = page.getByRole("figure").filter({ hasText: "Assignments by type" });
  await types.getByText("Show as table").click();
  await expect(types.getByRole("row", { name: new RegExp(`^Eligible ${number} \\d+ %$`) })).toBeVisible();
  // The numbers of a long table are links once it is open.
  const roleChart = page.getByRole("figure").filter({ hasText: "Roles by number of assignments" });
  await expect(roleChart.locator("td a")).toHaveCount(0);
  await roleChart.getByText("Show as table").click();
  await expect(roleChart.getByRole("cell").getByRole("link").first()).toBeVisible();
  const csv = page.waitForEvent("download");
  await types.getByRole("link", { name: "Download Assignments by type as CSV" }).click();
  const file = await (await csv).createReadStream();
  const text = Buffer.concat(await file.toArray()).toString("utf8");
  expect(text).toContain(`\r\nEligible,${number},`);
  for (const title of ["Activations over seven days by role", "Roles by number of assignments"]) {
    const image = page.waitForEvent("download");
    await page.getByRole("button", { name: `Download ${title} as PNG` }).click();
    const png = Buffer.concat(await (await (await image).createReadStream()).toArray());
    expect(png.subarray(1, 4).toString("latin1")).toBe("PNG");
    expect(png.length).toBeGreaterThan(5_000);
  }

  // With everything below it, the numbers are larger, and each figure links to as many rows.
  await page.getByRole("link", { name: "And below" }).click();
  await expect(page.getByRole("link", { name: "And below" })).toHaveAttribute("aria-current", "page");
  const withBelow = await numberOf();
  expect(withBelow).toBeGreaterThan(number);
  await tile.click();
  await expect(page.getByText("On Contoso Staging and below")).toBeVisible();
  await expect(page.getByRole("row")).toHaveCount(withBelow + 1);
  await page.goBack();

  // Users and groups are counted separately, each with its change and its list.
  const kinds = page.getByRole("figure", { name: "Users and groups" });
  const eligible = kinds.getByRole("row", { name: /^Eligible / });
  const change = /^\d+ (No change from|\d+ (more|fewer) than) a week ago$/;
  await expect(eligible.getByRole("cell", { name: change })).toHaveCount(2);
  const held = await eligible.getByRole("link").allTextContents();
  expect(held.reduce((sum, each) => sum + Number(each), 0)).toBe(withBelow);
  await eligible.getByRole("link").first().click();
  await expect(page).toHaveURL(/[?&]kind=User(&|$)/);
  await expect(page.getByRole("row")).toHaveCount(Number(held[0]) + 1);
  await page.goto(overview);

  const roles = page.getByRole("figure").filter({ hasText: "Roles by number of assignments" });
  await roles.getByRole("link", { name: "Contributor" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Contributor" })).toBeVisible();
});

test("the dashboard shows an auditor the organisation, and a member nothing they may not read", async ({
  page,
  browser,
  baseURL,
}) => {
  await signIn(page, "auditor", "/dashboard");
  for (const title of [
    "Standing access over time",
    "MFA coverage",
    "Assignments by type",
    "Users and groups",
  ])
    await expect(page.getByRole("heading", { name: title })).toBeVisible();
  const share = page.getByRole("link", { name: /^People with access who have a second factor: \d+$/ });
  const counted = Number(await share.textContent());
  await share.click();
  await expect(page.getByRole("heading", { level: 1, name: "MFA coverage" })).toBeVisible();
  await expect(page.getByRole("cell", { name: "Set up" })).toHaveCount(counted);
  await page.getByRole("link", { name: "Role settings in use" }).click();
  await page.getByRole("combobox", { name: "MFA" }).selectOption("MFA not required on activation");
  await page.locator("main").getByRole("button", { name: "Search", exact: true }).click();
  await expect(page.getByRole("cell", { name: "Not required" }).first()).toBeVisible();
  await expect(page.getByRole("cell", { name: "Required", exact: true })).toHaveCount(0);
  await page.goto("/dashboard");
  await page.getByRole("link", { name: /^Pending requests \d+$/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Pending requests" })).toBeVisible();
  const other = await browser.newContext({ baseURL });
  const member = await other.newPage();
  await signIn(member, "newcomer", "/dashboard");
  await expect(member.getByText("No access to show")).toBeVisible();
  await member.goto("/assignments");
  await expect(member.getByText("No assignments")).toBeVisible();
  await other.close();
});

test("the account menu and the theme are worked by keyboard, and the drawer of a phone closes on the way", async ({
  page,
}) => {
  await signIn(page, "auditor");
  const theme = page.getByRole("button", { name: "Theme" });
  await theme.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("menuitemradio", { name: "System" })).toBeFocused();
  await page.keyboard.press("d");
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(theme).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("menuitem", { name: "Profile" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toHaveCount(0);
  await expect(page.getByRole("button", { name: /your account$/ })).toBeFocused();

  await page.setViewportSize({ width: 390, height: 800 });
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("link", { name: "My requests" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "My requests" })).toBeVisible();
  await expect(page.getByRole("link", { name: "My roles" })).toBeHidden();
});
