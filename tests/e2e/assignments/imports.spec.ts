import { expect, type Page } from "@playwright/test";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";
import { answer, eligibilityInstance, policyAssignment } from "../../support/pim-answers";
import { zipOf } from "../../support/zip";

const production = "/subscriptions/11111111-1111-4111-8111-111111111111";

async function upload(
  page: Page,
  what: string,
  name: string,
  content: string | Buffer,
  options: { check?: boolean; group?: string } = {},
) {
  await page.goto("/import");
  await page.getByLabel("What", { exact: true }).selectOption({ label: what });
  if (options.group) await page.getByLabel("Group", { exact: true }).fill(options.group);
  await page
    .getByLabel("File", { exact: true })
    .setInputFiles({ name, mimeType: "text/plain", buffer: Buffer.from(content) });
  if (options.check) await page.getByRole("checkbox").check();
  await page.getByRole("button", { name: "Preview changes" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

test("an Owner imports users, sees what would change and every bad row, and a second time changes nothing", async ({
  page,
}) => {
  await signIn(page, "owner");
  const users = JSON.stringify(
    [
      { id: "ext-mina", displayName: "Mina Import", userPrincipalName: "mina.import@contoso.example" },
      { id: "ext-otto", displayName: "Otto Import", userPrincipalName: "no address" },
      { id: "ext-tove", displayName: "Tove Import", mail: "tove.import@contoso.example" },
    ],
    null,
    1,
  );
  await upload(page, "Users", "users.json", users);
  await expect(page.getByRole("link", { name: "To add (2)" })).toBeVisible();
  await page.getByRole("link", { name: "Invalid rows (1)" }).click();
  await expect(page.getByRole("cell", { name: "userPrincipalName is not an email address." })).toBeVisible();
  await expect(page.getByRole("cell", { name: "(line 7)" })).toBeVisible();
  await page.goto(page.url().replace(/\?.*/, ""));
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("Applied: 2 rows made a change.")).toBeVisible();
  await page.goto("/people?search=Import");
  await expect(page.getByRole("link", { name: "Tove Import" })).toBeVisible();
  await upload(page, "Users", "users-again.json", users);
  await expect(page.getByRole("link", { name: "Unchanged (2)" })).toBeVisible();

  await upload(page, "Groups", "groups.csv", "displayName\nImport Crew\n");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("Applied: 1 row made a change.")).toBeVisible();
  const members = JSON.stringify([{ id: "ext-mina", displayName: "Mina Import" }, { id: "ext-nobody" }]);
  await upload(page, "Group members", "members.json", members, { group: "Import Crew" });
  await expect(page.getByRole("cell", { name: "Mina Import, in Import Crew" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Invalid rows (1)" })).toBeVisible();
  await page.getByLabel("Justification").fill("The crew moves in");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("Applied: 1 row made a change.")).toBeVisible();
  const left = JSON.stringify([{ id: "ext-tove", displayName: "Tove Import" }]);
  await upload(page, "Group members", "crew.json", left, { group: "Import Crew", check: true });
  await expect(page.getByText("1 of them removes a member that the file does not name.")).toBeVisible();
  await page.getByRole("link", { name: "To remove (1)" }).click();
  await expect(page.getByRole("cell", { name: "Mina Import, in Import Crew Not in the file" })).toBeVisible();
});

test("an Owner imports one list of more than 5 MiB, packed or not", async ({ page }) => {
  await signIn(page, "owner");
  const users = Array.from({ length: 3_000 }, (_, index) => ({
    ...{ id: `large-${index}`, displayName: `Large ${index}`, about: "x".repeat(2_000) },
    userPrincipalName: `large.${index}@contoso.example`,
  }));
  const text = JSON.stringify(users);
  await upload(page, "Users", "large.json", text);
  await expect(page.getByRole("link", { name: "To add (3,000)" })).toBeVisible();
  await upload(page, "Users", "large.zip", await zipOf({ "large.json": text }));
  await expect(page.getByRole("link", { name: "To add (3,000)" })).toBeVisible();
  await page.goto("/import");
  await page.getByRole("button", { name: "Preview changes" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "Choose a file." })).toBeAttached();
  await expect(page.getByLabel("Files", { exact: true })).toBeFocused();
  await page.getByLabel("What", { exact: true }).selectOption({ label: "Users" });
  const buffer = Buffer.from(text.slice(0, -1));
  await page
    .getByLabel("File", { exact: true })
    .setInputFiles({ name: "half.json", mimeType: "text/plain", buffer });
  await page.getByRole("button", { name: "Preview changes" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "it is incomplete" })).toBeVisible();
});

test("role assignments whose settings require MFA take the administrator's code, from CSV too", async ({
  page,
}) => {
  await signIn(page, "owner");
  await upload(page, "Users", "members.csv", "displayName,email\nIvo Import,ivo.import@contoso.example\n");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("Applied: 1 row made a change.")).toBeVisible();
  const rows = `principal,role,scope\nivo.import@contoso.example,Contributor,${production}\nnobody@contoso.example,Reader,${production}\n`;
  await upload(page, "Role assignments", "refused.csv", rows);
  await expect(page.getByRole("link", { name: "Invalid rows (2)" })).toBeVisible();
  await upload(page, "Role assignments", "assignments.csv", rows, { check: true });
  await expect(page.getByRole("cell", { name: "Waits for a second factor" })).toBeVisible();
  await page.getByLabel("Justification").fill("Moving in");
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByLabel("Verification code")).toBeFocused();
  await page.getByLabel("Verification code").fill(await freshCode(account("owner").totpSecret ?? ""));
  await expect(page.getByText("Applied: 1 row made a change.")).toBeVisible();
  await page.goto("/people?search=Ivo");
  await page.getByRole("link", { name: "Ivo Import" }).click();
  await expect(page.getByRole("cell", { name: "Assigned" })).toBeVisible();
});

test("the upload is closed to others, to other sites, and to what is no list", async ({ page, baseURL }) => {
  const post = (headers: Record<string, string>, data = "[]") =>
    page.request.post("/import/upload?kind=Users&name=x", { headers, data });
  const own = { origin: baseURL ?? "", "content-type": "application/json" };
  expect((await post(own)).status()).toBe(401);
  await signIn(page, "auditor");
  expect((await post(own)).status()).toBe(403);
  expect((await page.goto("/import"))?.status()).toBe(403);
  await page.context().clearCookies();
  await signIn(page, "owner");
  expect((await post({ ...own, origin: "https://evil.example" })).status()).toBe(403);
  expect((await post(own)).status()).toBe(422);
  const large = JSON.stringify([{ displayName: "x".repeat(2 * 1024 * 1024) }]);
  expect((await post(own, large)).status()).toBe(200);
});

test("several files at once, with an archive among them, move an organisation in by one preview and one code", async ({
  page,
}) => {
  await signIn(page, "owner");
  const [subscription, user, group] = [
    "77777777-7777-4777-8777-777777777701",
    "77777777-7777-4777-8777-777777777702",
    "77777777-7777-4777-8777-777777777703",
  ];
  const scope = `/subscriptions/${subscription}`;
  const reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
  const archive = await zipOf({
    "pim/eligible.json": JSON.stringify(
      answer([
        eligibilityInstance({ principalId: group, principalType: "Group", roleDefinitionId: reader, scope }),
      ]),
    ),
    "pim/settings.json": JSON.stringify(
      answer([
        policyAssignment({ roleDefinitionId: reader, scope }, [
          { id: "Expiration_Admin_Eligibility", isExpirationRequired: false, maximumDuration: "P365D" },
        ]),
      ]),
    ),
  });
  const files = {
    "members.csv": `group,member\n${group},${user}\n`,
    "groups.json": JSON.stringify([{ id: group, displayName: "Readers who move in", securityEnabled: true }]),
    "users.json": JSON.stringify([
      { id: user, displayName: "Mona Moves", userPrincipalName: "mona.moves@contoso.example" },
    ]),
    "account.json": JSON.stringify([
      { id: subscription, name: "Moved in", tenantId: "t", cloudName: "AzureCloud" },
    ]).padEnd(4 * 1024 * 1024),
  };
  // Together they are larger than one file may be.
  files["users.json"] = files["users.json"].padEnd(4 * 1024 * 1024);
  await page.goto("/import");
  await page.getByLabel("Files", { exact: true }).setInputFiles([
    { name: "pim.zip", mimeType: "application/zip", buffer: archive },
    ...Object.entries(files).map(([name, content]) => ({
      ...{ name, mimeType: "text/plain", buffer: Buffer.from(content) },
    })),
  ]);
  await page.getByRole("button", { name: "Preview changes" }).click();
  await expect(page.getByRole("heading", { level: 1, name: /^6 files: / })).toBeVisible();
  await expect(page.getByText("6 rows wait to be applied. 1 of them needs a code")).toBeVisible();
  await expect(
    page.getByRole("cell", { name: /Eligible assignments of PIM .*eligible\.json/ }),
  ).toBeVisible();
  await page.getByLabel("Justification").fill("The organisation moves in");
  // Apply, out of habit, before the code: the code counts as soon as it is complete.
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByLabel("Verification code").fill(await freshCode(account("owner").totpSecret ?? ""));
  await expect(page.getByText("Applied: 6 rows made a change.")).toBeVisible();
  await page.goto("/people?search=Mona");
  await expect(page.getByRole("link", { name: "Mona Moves" })).toBeVisible();
});
