import { expect } from "@playwright/test";
import { ask } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";

const twins = ["twin.first@contoso.example", "twin.second@contoso.example"];
const turned = "Tura\u202ederut";

test("two people with the same name can be told apart where one is picked, confirmed, listed, logged and exported", async ({
  page,
}) => {
  await ask(
    `INSERT INTO principals (type, display_name, email) VALUES ('User', 'Twin Original', $1),
      ('User', 'Twin Accomplice', $2), ('User', $3, 'turned@contoso.example')`,
    [...twins, turned],
  );
  await ask("UPDATE principals SET display_name = 'Twin Original' WHERE email = $1", [twins[1]]);
  const [first, second] = twins;
  const named = (email: string | undefined) => new RegExp(`Twin Original \\(${email}\\)`);
  await signIn(page, "owner");
  await page.goto("/resources?search=Contoso%20Sandbox");
  await page.getByRole("link", { name: "Contoso Sandbox" }).click();
  await page.getByRole("link", { name: "Role settings", exact: true }).click();
  await page.getByLabel("Search roles").fill("Monitoring Contributor");
  await page.getByRole("main").getByRole("button", { name: "Search", exact: true }).click();
  await page.getByRole("link", { name: "Monitoring Contributor", exact: true }).click();
  await page.getByRole("link", { name: "Edit", exact: true }).click();
  await page.getByLabel("Require Multi-Factor Authentication on direct assignment").check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The role settings are saved.")).toBeVisible();
  await page.getByRole("link", { name: "Members" }).click();

  await page.getByRole("button", { name: "Add assignments" }).click();
  const dialog = page.getByRole("dialog");
  const search = dialog.getByRole("searchbox", { name: "Members" });
  await search.fill("Twin");
  await expect(dialog.getByRole("button", { name: named(first) })).toBeVisible();
  const accomplice = dialog.getByRole("button", { name: named(second) });
  await expect(accomplice).toContainText("Named Twin Accomplice until");
  await accomplice.click();
  await search.fill("turned@");
  const odd = dialog.getByRole("button", { name: /^Add Tura/ });
  await expect(odd).toContainText("Tura⟨U+202E⟩derut (turned@contoso.example)");
  await odd.click();
  await dialog.getByLabel("Active").check();
  await dialog.getByLabel("End").fill(new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 16));
  await dialog.getByLabel("Justification").fill("Incident cover");
  await dialog.getByLabel("Verification code").focus();
  await expect(dialog.getByText("You confirm:")).toContainText("Monitoring Contributor");
  await expect(dialog.getByText("You confirm:")).toContainText(
    /Tura⟨U\+202E⟩derut \(turned@contoso\.example\), Twin Original \(twin\.second@contoso\.example\)\. Named Twin Accomplice until/,
  );
  await dialog.getByLabel("Verification code").fill(await freshCode(account("owner").totpSecret ?? ""));
  await expect(page.getByText(/are made/)).toBeVisible();

  await page.getByRole("link", { name: "Active", exact: true }).click();
  await expect(page.getByRole("cell", { name: `Twin Original ${second}` })).toBeVisible();
  await expect(page.getByRole("cell", { name: `Twin Original ${first}` })).toBeHidden();
  expect(await page.content()).not.toContain("\u202e");

  await page.goto("/audit?target=Twin+Original&kind=ActiveAssignmentAdded");
  const twin = page.getByRole("listitem").filter({ hasText: new RegExp(`Twin Original ${second}`) });
  await twin.first().getByText("Twin Original").click();
  await twin.first().getByRole("link", { name: "All details" }).click();
  const story = page.getByRole("main");
  await expect(story).toContainText(second ?? "");
  await expect(story).toContainText(account("owner").email);
  await expect(story.getByText(/^[0-9a-f-]{36}$/)).not.toHaveCount(0);
  const csv = await page.request.get("/audit/export?format=csv&kind=ActiveAssignmentAdded&range=24h");
  const [head = "", ...rows] = (await csv.text()).split("\r\n");
  for (const column of ["actorEmail", "actorId", "targetEmail", "targetId"])
    expect(head.split(",")).toContain(column);
  expect(rows.find((row) => row.includes("Twin Original"))).toContain(second);
  expect(rows.join()).toContain("Tura⟨U+202E⟩derut");
  expect(rows.join()).not.toContain("\u202e");
});
