import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { test } from "../../support/e2e/e2e";
import { confirmKey, type OwnPostern, startOwnPostern } from "../../support/e2e/own-postern";
import { type MailServer, startMailServer } from "../../support/peers/mail-server";
import { pgbouncer, startPooler } from "../../support/peers/pooler";
import { runCommand } from "../../support/processes/command";
import type { PosternProcess } from "../../support/processes/postern-process";

// From an empty database to a member's first activation, through every step of Getting started. If this machine
// has a PgBouncer, everything goes through it: migrations, set-up, sessions, activations, notices, and the
// worker's mail.

let own: OwnPostern;
let postern: PosternProcess;
let mail: MailServer;
/** Mail waits for this: the worker's first notice would show that mail works before anybody tried. */
let letMailIn = (): void => {};
const mailIn = new Promise<void>((resolve) => {
  letMailIn = resolve;
});
async function throughPooler(url: string) {
  const pooler = await startPooler(url);
  return { ...pooler, url: `${pooler.url}?pool_mode=session` };
}
const freshCode = (secret: string) => own.freshCode(secret);
test.describe.configure({ mode: "serial" });
test.beforeAll(async () => {
  test.setTimeout(240_000);
  mail = await startMailServer({
    onMailFrom: (_address, _session, done) => {
      mailIn.then(() => done());
    },
  });
  const settings = {
    POSTERN_SMTP_URL: mail.url,
    POSTERN_MAIL_FROM: "postern@contoso.example",
    POSTERN_WORKER: "1",
  };
  own = await startOwnPostern("moving-in", "Nothing", settings, pgbouncer ? throughPooler : undefined);
  ({ postern } = own);
});
test.afterAll(async () => {
  await own.stop();
  await mail.close();
});

const ownerPassword = "seven herons over tiled roofs";
const newPassword = "ninety cold blue lanterns";
let owner: Page;
let ownerKey: string;

const card = () => owner.getByRole("region", { name: "Getting started" });
/** Opens Home, which shows how many steps are done, and follows the link of the next one. */
async function nextStep(done: number, title: string): Promise<void> {
  await owner.goto(postern.url);
  await expect(card().getByText(`${done} of 11 done`)).toBeVisible();
  await card()
    .getByRole("link", { name: new RegExp(`: ${title}$`) })
    .click();
}

/** Adds a person by the form, and returns the invitation that is shown once. */
async function createPerson(name: string, email: string): Promise<URL> {
  await owner.getByRole("link", { name: /user$/i }).click();
  await owner.getByLabel("Name", { exact: true }).fill(name);
  await owner.getByLabel("Email").fill(email);
  await owner.getByLabel("First sign-in").selectOption({ label: "Invitation link" });
  await owner.getByRole("button", { name: /Create/ }).click();
  return new URL((await owner.getByTestId("shown-once").textContent()) ?? "");
}

/**
 * Makes somebody eligible for a role, on the page that adds assignments: with a code where the role gives access to
 * others.
 */
async function makeEligible(role: string, member: string, code: string | null): Promise<void> {
  await owner.getByLabel("Roles", { exact: true }).fill(role);
  await owner.getByRole("button", { name: `Add ${role}`, exact: true }).click();
  await owner.getByLabel("Members", { exact: true }).fill(member);
  await owner.getByRole("button", { name: new RegExp(`^Add ${member}`) }).click();
  await owner.getByLabel("Justification").fill("Moving in");
  if (code === null) await owner.getByRole("button", { name: "Assign", exact: true }).click();
  else {
    await expect(
      owner.getByText("People who can activate this role can give access to others."),
    ).toBeVisible();
    await owner.getByLabel("Verification code").fill(code);
  }
  await expect(owner.getByText("The assignment is made.")).toBeVisible();
}

test("an Owner sets an empty installation up", async ({ browser }) => {
  test.setTimeout(240_000);
  owner = await (await browser.newContext()).newPage();
  owner.setDefaultTimeout(15_000);
  await own.openSetUp(owner);
  await owner.getByLabel("Organisation").fill("Fabrikam");
  await owner.getByLabel("Time zone").selectOption("Europe/Berlin");
  await owner.getByRole("button", { name: "Continue" }).click();
  await owner.getByLabel("Name").fill("Olga Owner");
  await owner.getByLabel("Email").fill("olga@contoso.example");
  await owner.getByLabel("Password").fill(ownerPassword);
  await owner.getByRole("button", { name: "Continue" }).click();
  await owner.getByRole("button", { name: "Show the key" }).click();
  ownerKey = await confirmKey(owner);
  await expect(owner.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
});

test("Getting started leads from there to an organisation that runs, each step done on screen", async () => {
  test.setTimeout(240_000);
  await expect(card().getByText("1 of 11 done")).toBeVisible();
  await card().getByRole("button", { name: "Send a test" }).click();
  letMailIn();
  await expect(card().getByRole("listitem").filter({ hasText: "Make mail work" })).toContainText("done");
  await expect.poll(() => mail.received.length).toBeGreaterThan(0);

  await nextStep(2, "Make a second Owner");
  await createPerson("Sam Second", "sam@contoso.example");
  await nextStep(3, "Make somebody eligible");
  await makeEligible("Owner", "Sam Second", await freshCode(ownerKey));

  await nextStep(5, "Name a break-glass account");
  await owner.getByRole("button", { name: "Add account" }).click();
  const naming = owner.getByRole("dialog");
  await naming.getByLabel("Account").fill("Olga");
  await naming.getByRole("button", { name: /^Add Olga Owner/ }).click();
  await naming.getByLabel("What it is for").fill("When nobody else can sign in");
  await naming.getByLabel("Verification code").fill(await freshCode(ownerKey));
  await expect(naming).toBeHidden();

  await nextStep(6, "Decide what roles that can assign roles require");
  await owner.getByRole("link", { name: "Edit", exact: true }).click();
  await owner.getByLabel("Require ticket information on activation").check();
  await owner.getByRole("button", { name: "Save", exact: true }).click();
  await expect(owner.getByText("The role settings are saved.")).toBeVisible();

  await nextStep(7, "Add resources");
  await owner.getByRole("link", { name: "Add resource", exact: true }).first().click();
  await owner.getByLabel("Type", { exact: true }).selectOption({ label: "Database" });
  await owner.getByLabel("Name", { exact: true }).fill("Orders");
  await expect(owner.getByTestId("new-path")).toHaveText("/databases/orders");
  await owner.getByRole("button", { name: "Add resource" }).click();
  await expect(owner.getByRole("heading", { level: 1, name: "Orders" })).toBeVisible();

  await nextStep(8, "Decide who else hears of alerts");
  await owner.getByLabel("Also mail alerts to").fill("soc@contoso.example");
  await owner.getByLabel("Verification code").fill(await freshCode(ownerKey));
  await expect(owner.getByText("The settings are saved.")).toBeVisible();

  await nextStep(9, "Keep the log elsewhere too");
  const file = owner.waitForEvent("download");
  await owner
    .getByRole("link", { name: /^Export/ })
    .first()
    .click();
  await file;
  // The last step is done outside the product.
  const { DATABASE_URL, POSTERN_ENCRYPTION_KEYS } = own.database.environment;
  const backup = await runCommand("backup", [join(own.database.folder, "backup")], {
    ...{ DATABASE_URL, POSTERN_ENCRYPTION_KEYS },
  });
  expect(backup.code, backup.said).toBe(0);
  await owner.goto(postern.url);
  await expect(owner.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  await expect(card()).toBeHidden();
});

test("a member comes in with what the Owner hands over, and activates a role on the new resource", async ({
  browser,
}) => {
  test.setTimeout(240_000);
  await owner.goto(`${postern.url}/people`);
  const invitation = await createPerson("Nora Newcomer", "nora@contoso.example");
  await owner.goto(`${postern.url}/resources?search=orders`);
  await owner.getByRole("link", { name: "Orders", exact: true }).click();
  await owner.getByRole("link", { name: "Assignments", exact: true }).click();
  await owner.getByRole("link", { name: "Add assignments" }).click();
  await makeEligible("Contributor", "Nora Newcomer", null);

  await owner.goto(`${postern.url}/people?search=nora`);
  await owner.getByRole("link", { name: "Nora Newcomer" }).click();
  await owner.getByRole("button", { name: "Make one-time pass" }).click();
  const dialog = owner.getByRole("dialog");
  await dialog.getByLabel("Justification").fill("She stands beside me");
  await dialog.getByLabel("Verification code").fill(await freshCode(ownerKey));
  await expect(dialog.getByTestId("shown-once")).toBeVisible();
  const pass = (await dialog.getByTestId("shown-once").textContent()) ?? "";

  const newcomer = await (await browser.newContext()).newPage();
  newcomer.setDefaultTimeout(15_000);
  await newcomer.goto(`${postern.url}${invitation.pathname}${invitation.search}`);
  await newcomer.getByLabel("New password", { exact: true }).fill(newPassword);
  await newcomer.getByLabel("New password again").fill(newPassword);
  await newcomer.getByRole("button", { name: "Set password" }).click();
  await newcomer.waitForURL(/sign-in/);
  await newcomer.getByLabel("Email").fill("nora@contoso.example");
  await newcomer.getByLabel("Password").fill(newPassword);
  await newcomer.getByRole("button", { name: "Sign in", exact: true }).click();
  await newcomer.waitForURL((at) => at.pathname !== "/sign-in");
  await newcomer.goto(`${postern.url}/my-roles`);
  await newcomer
    .getByRole("button", { name: /^Activate/ })
    .first()
    .click();
  const activation = newcomer.getByRole("dialog");
  await activation.getByLabel("Reason").fill("To look at an order");
  // Without a factor, the member is led through its set-up, and back to what was typed.
  await activation.getByRole("link", { name: "Set up authenticator app" }).click();
  await newcomer.getByLabel("Your password").fill(newPassword);
  await newcomer.getByLabel("One-time pass").fill(pass);
  await newcomer.getByRole("button", { name: "Continue" }).click();
  const key = await confirmKey(newcomer);
  await newcomer.waitForURL(/my-roles/);
  await expect(activation.getByLabel("Reason")).toHaveValue("To look at an order");
  await activation.getByLabel("Verification code").fill(await freshCode(key));
  await expect(newcomer.getByText(/is active/).first()).toBeVisible();
  // The worker notifies the Owner of it.
  await expect
    .poll(() => mail.received.map(({ subject }) => subject), { timeout: 60_000 })
    .toContainEqual(expect.stringMatching(/Nora Newcomer.*activated/));
  await Promise.all([owner.context().close(), newcomer.context().close()]);
});
