import { type Browser, expect, type Page } from "@playwright/test";
import { ask, askOne } from "../../support/e2e/database";
import { signIn, test } from "../../support/e2e/e2e";

async function open(page: Page, resource: string): Promise<string> {
  await page.goto(`/resources?search=${encodeURIComponent(resource)}`);
  await page.getByRole("link", { name: resource, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: resource })).toBeVisible();
  return new URL(page.url()).pathname;
}

async function signedIn(browser: Browser, baseURL: string | undefined, key: string): Promise<Page> {
  const page = await (await browser.newContext({ baseURL, reducedMotion: "reduce" })).newPage();
  await signIn(page, key);
  return page;
}

const demoReview = "Who may activate on Contoso Production";

test("an administrator starts an access review, stops it and applies it, and denied access is removed", async ({
  page,
  browser,
  baseURL,
}) => {
  await signIn(page, "owner");
  const base = await open(page, "lab-iot");
  await page.goto(`${base}/roles?search=Monitoring+Reader`);
  await page.getByRole("link", { name: "Monitoring Reader", exact: true }).click();
  await page.getByRole("button", { name: "Add assignments" }).click();
  const adding = page.getByRole("dialog");
  for (const name of ["Bruno Costa", "Zanele Dube"]) {
    await adding.getByRole("searchbox", { name: "Members" }).fill(name);
    await adding.getByRole("button", { name: new RegExp(`Add ${name}`) }).click();
  }
  const end = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 16);
  await adding.getByLabel("End").fill(end);
  await adding.getByLabel("Justification").fill("Dashboards of the lab");
  await adding.getByRole("button", { name: "Assign", exact: true }).click();
  await expect(page.getByText("2 assignments are made.")).toBeVisible();

  await page.goto(base);
  await page.getByRole("link", { name: "Access reviews" }).last().click();
  await page.getByRole("link", { name: "New access review" }).click();
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.getByText("Give the review a name of at most 100 characters.").first()).toBeVisible();
  await expect(page.getByText("Choose at least one reviewer.").first()).toBeVisible();
  await page.getByLabel("Name").fill("Who reads the lab's metrics");
  await page.getByRole("checkbox", { name: "Include everything below lab-iot" }).check();
  await page.getByRole("checkbox", { name: /Monitoring Reader/ }).check();
  await page.getByRole("searchbox", { name: "Reviewers" }).fill("Arjun");
  await page.getByRole("button", { name: /Add Arjun Mehta/ }).click();
  await page.getByLabel("Recurrence").selectOption("Weekly");
  await expect(page.getByLabel("Length (days)")).toHaveValue("6");
  await page.getByLabel("The series ends").selectOption("After a number of times");
  await page.getByLabel("Times").fill("1");
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.getByText("Enter 2 to 100 times.").first()).toBeVisible();
  await page.getByLabel("Times").fill("4");
  await page.getByRole("searchbox", { name: "Also notify at the end (optional)" }).fill("Amara");
  await page.getByRole("button", { name: /Add Amara Nwosu/ }).click();
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.getByText("The access review has started.")).toBeVisible();

  const reviewer = await signedIn(browser, baseURL, "approver");
  await reviewer.goto("/access-reviews");
  await reviewer.getByRole("link", { name: "Who reads the lab's metrics" }).click();
  const zanele = reviewer.getByRole("row", { name: /Zanele Dube/ });
  await zanele.getByRole("checkbox").check();
  await reviewer.getByRole("button", { name: "Deny" }).click();
  await expect(reviewer.getByText("Give a reason. This review requires one.").first()).toBeVisible();
  await expect(zanele.getByRole("checkbox")).toBeChecked();
  await reviewer.getByLabel("Reason").fill("Left the lab");
  await reviewer.getByRole("button", { name: "Deny" }).click();
  await expect(zanele.getByText("Denied")).toBeVisible();
  await reviewer
    .getByRole("row", { name: /Bruno Costa/ })
    .getByRole("checkbox")
    .check();
  await reviewer.getByLabel("Reason").fill("Runs the sensors");
  await reviewer.getByRole("button", { name: "Approve", exact: true }).click();
  await expect(reviewer.getByText("2 of 2 answered")).toBeVisible();

  await page.getByRole("link", { name: "Who reads the lab's metrics" }).click();
  await expect(page.getByText("Number 1 of 4")).toBeVisible();
  const about = page.getByRole("region", { name: "About this review" });
  await expect(about.getByText("Amara Nwosu")).toBeVisible();
  // An administrator resets one answer, reminds its reviewer, and adds to the description; it is answered
  // again.
  const bruno = page.getByRole("row", { name: /Bruno Costa/ });
  await bruno.getByRole("button", { name: /^Reset/ }).click();
  await page.getByRole("dialog").getByLabel("Reason").fill("Ask about the sensors again");
  await page.getByRole("dialog").getByRole("button", { name: "Reset" }).click();
  await expect(page.getByText("1 answer is reset.")).toBeVisible();
  await page.getByRole("button", { name: "Remind reviewers" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remind reviewers" }).click();
  await expect(page.getByText("Reminded: Arjun Mehta.")).toBeVisible();
  await page.getByRole("button", { name: "Edit" }).click();
  const editing = page.getByRole("dialog");
  await editing.getByRole("button", { name: /Leave out Arjun Mehta/ }).click();
  await editing.getByRole("button", { name: "Save" }).click();
  await expect(editing.getByText("Choose at least one reviewer.").first()).toBeVisible();
  await editing.getByRole("searchbox", { name: "Reviewers" }).fill("Arjun");
  await editing.getByRole("button", { name: /Add Arjun Mehta/ }).click();
  await editing.getByLabel("Description").fill("The lab moves in spring.");
  await editing.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("The access review is changed.")).toBeVisible();
  await reviewer.reload();
  await expect(reviewer.getByText("The lab moves in spring.")).toBeVisible();
  await reviewer
    .getByRole("row", { name: /Bruno Costa/ })
    .getByRole("checkbox")
    .check();
  await reviewer.getByLabel("Reason").fill("Runs the sensors");
  await reviewer.getByRole("button", { name: "Approve", exact: true }).click();
  await expect(reviewer.getByText("2 of 2 answered")).toBeVisible();
  await page.getByRole("button", { name: "End series" }).click();
  await page.getByRole("dialog").getByLabel("Reason").fill("The lab closes");
  await page.getByRole("dialog").getByRole("button", { name: "End series" }).click();
  await expect(page.getByText("The review that runs goes on to its end.", { exact: false })).toBeVisible();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("dialog").getByLabel("Reason").fill("Everyone has answered");
  await page.getByRole("dialog").getByRole("button", { name: "Stop" }).click();
  await expect(page.getByText("The access review is stopped. Its decisions are kept.")).toBeVisible();
  await reviewer
    .getByRole("row", { name: /Zanele Dube/ })
    .getByRole("checkbox")
    .check();
  await reviewer.getByLabel("Reason").fill("On second thoughts");
  await reviewer.getByRole("button", { name: "Approve", exact: true }).click();
  await expect(reviewer.getByRole("alert").filter({ hasText: "This review has ended" })).toBeVisible();
  await reviewer.context().close();

  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("Applied: 1 removed, 1 kept.")).toBeVisible();
  // The person who was named is notified of the end and the result, and may open it.
  const overseer = await signedIn(browser, baseURL, "auditor");
  await expect(async () => {
    await overseer.goto("/notifications");
    const notice = overseer.getByRole("listitem").filter({ hasText: "An access review was applied" });
    await expect(notice.first()).toContainText("1 removed, 1 kept.", { timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
  await overseer.getByRole("link", { name: /An access review was stopped/ }).click();
  await expect(overseer.getByRole("row", { name: /Zanele Dube/ }).getByText("Removed")).toBeVisible();
  await overseer.context().close();
  await expect(page.getByRole("row", { name: /Zanele Dube/ }).getByText("Removed")).toBeVisible();
  await expect(page.getByRole("button", { name: "Apply" })).toBeHidden();
  await page.goto(`${base}/assignments?tab=eligible&search=Monitoring+Reader`);
  await expect(page.getByRole("cell", { name: /^Bruno Costa \S+@\S+$/ })).toBeVisible();
  await expect(page.getByRole("cell", { name: /^Zanele Dube \S+@\S+$/ })).toBeHidden();
  // A resource below shows its part of the review, without its actions.
  await page.goto(base);
  const below = page.locator("section", { has: page.getByRole("heading", { name: "Directly below" }) });
  await below.getByRole("listitem").getByRole("link").first().click();
  await expect(page.getByRole("heading", { level: 1, name: "lab-iot", exact: true })).toBeHidden();
  await page.getByRole("link", { name: "Access reviews" }).last().click();
  const row = page.getByRole("row", { name: /Who reads the lab's metrics/ });
  await expect(row.getByText("Started on lab-iot")).toBeVisible();
  await row.getByRole("link").click();
  await expect(page.getByText("Started on lab-iot for everything below it")).toBeVisible();
  await expect(page.getByRole("row", { name: /Bruno Costa/ })).toBeHidden();
  await page.getByRole("link", { name: "Open the whole review" }).click();
  await expect(page.getByRole("row", { name: /Bruno Costa/ })).toBeVisible();
  await page.goto(`${base}/audit?target=Zanele`);
  const reason = /Access review “Who reads the lab's metrics”, denied by Arjun Mehta \(.+\): Left the lab/;
  await expect(page.getByRole("listitem").filter({ hasText: reason })).toBeVisible();
});

test("a reviewer accepts the recommendations for what is unanswered, undoes it, and decides by hand", async ({
  page,
}) => {
  await signIn(page, "approver", "/access-reviews");
  await page.getByRole("link", { name: demoReview }).click();
  const kwame = page.getByRole("row", { name: /Kwame Asante/ });
  const rows = [kwame, page.getByRole("row", { name: /Liam Byrne/ })];
  for (const row of rows) await row.getByRole("checkbox").check();
  await expect(page.getByText("2 selected")).toBeVisible();
  await page.getByLabel("Reason").fill("As recommended");
  await page.getByRole("button", { name: "Accept the recommendations" }).click();
  await expect(page.getByText(/\d to approve, \d to deny\./)).toBeVisible();
  await page.getByRole("button", { name: "Accept 2 recommendations" }).click();
  for (const row of rows) await expect(row.getByText("by Arjun Mehta")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("2 are without an answer again.")).toBeVisible();
  for (const row of rows) await expect(row.getByText("by Arjun Mehta")).toBeHidden();
  await kwame.getByRole("checkbox").check();
  await page.getByLabel("Reason").fill("Not sure any more");
  await page.getByRole("button", { name: "Don't know" }).click();
  await expect(kwame.getByText("Not sure any more")).toBeVisible();
  await page.goto(`${page.url()}?show=DontKnow`);
  await expect(kwame).toBeVisible();
  await expect(page.getByRole("row", { name: /Liam Byrne/ })).toBeHidden();
});

test("an auditor reads and exports reviews but changes none, and others cannot tell that they exist", async ({
  page,
  browser,
  baseURL,
}) => {
  await signIn(page, "auditor");
  const base = await open(page, "Contoso Staging");
  await page.goto(`${base}/access-reviews`);
  await expect(page.getByRole("link", { name: "New access review" })).toBeHidden();
  expect((await page.request.get(`${base}/access-reviews/new`)).status()).toBe(403);
  await page.getByRole("link", { name: "Standing access on Contoso Staging" }).click();
  await expect(page.getByRole("row", { name: /Oscar Nilsson/ }).getByText("Removed")).toBeVisible();
  await expect(page.getByRole("button", { name: /Apply|Stop/ })).toBeHidden();
  const address = new URL(page.url()).pathname;
  const csv = await page.request.get(`${address}/export?format=csv`);
  expect((await csv.text()).split("\r\n")).toHaveLength(6);
  const lines = (await (await page.request.get(`${address}/export?format=jsonl`)).text()).trim().split("\n");
  const exported = lines.map((line) => JSON.parse(line));
  expect(exported.map((each) => each.outcome).sort()).toEqual(["Kept", "Kept", "Kept", "Removed"]);
  expect(exported.find((each) => each.outcome === "Removed")).toMatchObject({
    ...{ decision: "Deny", decidedBy: "Arjun Mehta", reason: "Moved to the web team" },
    ...{ recommendation: "Deny", recommendationReason: "Unused" },
  });

  // Somebody to whom another journey assigned a role there may see that the place exists.
  const member = await signedIn(browser, baseURL, "newcomer");
  await member.goto("/access-reviews");
  await expect(member.getByText("Nothing to review")).toBeVisible();
  expect((await member.request.get(`${address}/export?format=csv`)).status()).toBe(404);
  expect((await member.request.get(address)).status()).toBe(404);
  const id = address.split("/").at(-1);
  expect((await member.request.get(`/access-reviews/${id}`)).status()).toBe(404);
  expect((await member.request.get("/access-reviews/not-an-id")).status()).toBe(404);
  await member.context().close();

  const administrator = await signedIn(browser, baseURL, "eligible-owner");
  const production = await open(administrator, "Contoso Production");
  await expect(administrator.getByRole("link", { name: "Access reviews" }).last()).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  expect((await administrator.request.get(`${production}/access-reviews`)).status()).toBe(403);
  await administrator.context().close();
});

test("an administrator has the members of a group reviewed singly, and whoever is denied leaves the group", async ({
  page,
  browser,
  baseURL,
}) => {
  const members = `FROM group_members m JOIN principals g ON g.id = m.group_id JOIN principals p ON p.id = m.member_id
    WHERE g.display_name = 'Data Science'`;
  const leaver = await askOne(
    `SELECT p.display_name AS value ${members} AND p.type = 'User' AND p.disabled_at IS NULL
       AND p.display_name NOT IN ('Arjun Mehta', 'Sofia Papadaki') ORDER BY p.display_name LIMIT 1`,
  );
  const [group, member] = [
    await askOne(`SELECT g.id AS value ${members} LIMIT 1`),
    await askOne(`SELECT p.id AS value ${members} AND p.display_name = $1`, [leaver]),
  ];
  const reviewer = await signedIn(browser, baseURL, "approver");
  try {
    await signIn(page, "owner");
    const base = await open(page, "Contoso Sandbox");
    await page.goto(`${base}/access-reviews/new`);
    await page.getByLabel("Name").fill("Data Science, one by one");
    await page.getByLabel("Whose assignments").selectOption("Eligible ones only");
    await page.getByLabel("Access held by groups").selectOption("Each member individually");
    await page.getByRole("searchbox", { name: "Reviewers" }).fill("Arjun");
    await page.getByRole("button", { name: /Add Arjun Mehta/ }).click();
    await page.getByRole("button", { name: "Start" }).click();
    await expect(page.getByText("The access review has started.")).toBeVisible();

    await reviewer.goto("/access-reviews");
    await reviewer.getByRole("link", { name: "Data Science, one by one" }).click();
    const row = reviewer.getByRole("row", { name: new RegExp(leaver) });
    await expect(row).toContainText("through Data Science");
    await expect(row).toContainText("Denying removes them from the group");
    await row.getByRole("checkbox").check();
    await reviewer.getByLabel("Reason").fill("Moved to the web team");
    await reviewer.getByRole("button", { name: "Deny" }).click();
    await expect(row.getByText("Denied")).toBeVisible();

    await page.getByRole("link", { name: "Data Science, one by one" }).click();
    await expect(page.getByText("Each member individually")).toBeVisible();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("dialog").getByLabel("Reason").fill("Everyone has answered");
    await page.getByRole("dialog").getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Apply" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Apply" }).click();
    await expect(page.getByText(/^Applied: 1 removed, \d+ kept\.$/)).toBeVisible();
    await page.goto(`/people/${group}`);
    await expect(page.getByRole("heading", { level: 1, name: "Data Science" })).toBeVisible();
    await expect(page.getByRole("listitem").filter({ hasText: "Sofia Papadaki" })).toBeVisible();
    await expect(page.getByRole("listitem").filter({ hasText: leaver })).toHaveCount(0);
  } finally {
    await reviewer.context().close();
    await ask(
      "INSERT INTO group_members (group_id, member_id, added_at) VALUES ($1, $2, now() - interval '60 days') ON CONFLICT DO NOTHING",
      [group, member],
    );
  }
});

test("an administrator deletes a planned review, and of two tabs that edit one the second is refused", async ({
  page,
}) => {
  await signIn(page, "owner");
  const base = await open(page, "lab-iot");
  await page.goto(`${base}/access-reviews/new`);
  await page.getByLabel("Name").fill("Every half year");
  await page.getByLabel("Description").fill("Planned for later.");
  await page.getByRole("searchbox", { name: "Reviewers" }).fill("Arjun");
  await page.getByRole("button", { name: /Add Arjun Mehta/ }).click();
  await page.getByLabel("Start").fill(new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 16));
  await page.getByLabel("Recurrence").selectOption("Every six months");
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.getByText("The access review is planned.")).toBeVisible();
  await page.getByRole("link", { name: "Every half year" }).click();
  await expect(page.getByText("Planned for later.")).toBeVisible();
  const other = await page.context().newPage();
  await other.goto(page.url());
  for (const [tab, text] of [
    [page, "By the first tab."],
    [other, "By the second tab."],
  ] as const) {
    await tab.getByRole("button", { name: "Edit" }).click();
    await tab.getByRole("dialog").getByLabel("Description").fill(text);
    await tab.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    const said = tab === page ? "The access review is changed." : /Somebody else edited this review/;
    await expect(tab.getByText(said).first()).toBeVisible();
  }
  await other.close();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Access reviews" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Every half year" })).toBeHidden();
});
