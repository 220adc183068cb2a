import { expect, type Page } from "@playwright/test";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { sendDueMail } from "@/lib/operations/notifications/send-mail";
import { openDatabase } from "@/lib/platform/database";
import { openMailer } from "@/lib/platform/mail";
import { test } from "../../support/e2e/e2e";
import { confirmKey, type OwnPostern, startOwnPostern } from "../../support/e2e/own-postern";
import { startMailServer } from "../../support/peers/mail-server";
import type { PosternProcess } from "../../support/processes/postern-process";

// Without demo data: a first factor requires a one-time pass, a lost one is reset in the open, and sessions can
// be seen and ended.

let own: OwnPostern;
let postern: PosternProcess;
const freshCode = (secret: string) => own.freshCode(secret);
test.describe.configure({ mode: "serial" });
test.beforeAll(async () => {
  test.setTimeout(240_000);
  own = await startOwnPostern("first-factor", "Roles");
  ({ postern } = own);
});
test.afterAll(() => own.stop());

async function typePassword(page: Page, email: string, password: string): Promise<void> {
  await page.goto(`${postern.url}/sign-in`);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((at) => at.pathname !== "/sign-in");
}

const ownerPassword = "seven herons over tiled roofs";
const newPassword = "ninety cold blue lanterns";
let owner: Page;
let newcomer: Page;
let ownerKey: string;
let newcomerKey: string;
let newcomerPage: string;

test("a newcomer sets up a first factor with a one-time pass on the way in, and activates a role", async ({
  browser,
}) => {
  test.setTimeout(240_000);
  owner = await (await browser.newContext()).newPage();
  await own.openSetUp(owner);
  await owner.getByLabel("Organisation").fill("Fabrikam");
  await owner.getByLabel("Time zone").selectOption("Europe/Berlin");
  await owner.getByRole("button", { name: "Continue" }).click();
  await owner.getByLabel("Name").fill("Olga Owner");
  await owner.getByLabel("Email").fill("olga@contoso.example");
  await owner.getByLabel("Password").fill(ownerPassword);
  await owner.getByRole("button", { name: "Continue" }).click();
  await expect(owner.getByRole("heading", { name: "Your second factor" })).toBeVisible();
  // The tab is closed, and the address opened again elsewhere: with the password, set-up continues at the same
  // step.
  await owner.context().clearCookies();
  await owner.reload();
  await expect(owner.getByLabel("Email")).toHaveValue("olga@contoso.example");
  await owner.getByLabel("Password").fill(ownerPassword);
  await owner.getByRole("button", { name: "Continue" }).click();
  await owner.getByRole("button", { name: "Show the key" }).click();
  ownerKey = await confirmKey(owner);
  await expect(owner.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  const started = owner.getByRole("region", { name: "Getting started" });
  await expect(started.getByText("1 of 11 done")).toBeVisible();
  await started.getByRole("button", { name: "Send a test" }).click();
  await expect(started.getByRole("alert")).toContainText("POSTERN_SMTP_URL");
  await started.getByRole("button", { name: "Dismiss" }).click();
  await expect(started).toBeHidden();

  await owner.goto(`${postern.url}/organisation/sign-in`);
  await owner.getByLabel("Require a second factor with a password").check();
  await owner.getByLabel("Verification code").fill(await freshCode(ownerKey));
  await expect(owner.getByText("The rules are saved.")).toBeVisible();

  await owner.goto(`${postern.url}/people/new`);
  await owner.getByLabel("Name", { exact: true }).fill("Nora Newcomer");
  await owner.getByLabel("Email").fill("nora@contoso.example");
  await owner.getByLabel("First sign-in").selectOption({ label: "Invitation link" });
  await owner.getByRole("button", { name: /Create/ }).click();
  const invitation = new URL((await owner.getByTestId("shown-once").textContent()) ?? "");
  const { rows } = await own.client.query<{ id: string }>(
    `WITH nora AS (SELECT id FROM principals WHERE email = 'nora@contoso.example'), made AS (
       INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at)
       SELECT nora.id, d.id, r.id, now() - interval '1 hour' FROM nora, role_definitions d, resources r
       WHERE d.role_name = 'Reader' AND r.parent_id IS NULL)
     SELECT id FROM nora`,
  );
  newcomerPage = `${postern.url}/people/${rows[0]?.id}`;

  newcomer = await (await browser.newContext()).newPage();
  await newcomer.goto(`${postern.url}${invitation.pathname}${invitation.search}`);
  await newcomer.getByLabel("New password", { exact: true }).fill(newPassword);
  await newcomer.getByLabel("New password again").fill(newPassword);
  await newcomer.getByRole("button", { name: "Set password" }).click();
  await newcomer.waitForURL(/sign-in/);

  // A thief of the password gets this far and no further.
  await typePassword(newcomer, "nora@contoso.example", newPassword);
  await expect(newcomer.getByRole("heading", { name: "Set up a second factor" })).toBeVisible();
  await newcomer.getByRole("button", { name: "Continue" }).click();
  await expect(
    newcomer.getByText("Enter the one-time pass that an administrator made").first(),
  ).toBeVisible();
  await newcomer.goto(`${postern.url}/my-roles`);
  await newcomer.waitForURL(/sign-in\?return/);

  await owner.goto(newcomerPage);
  await owner.getByRole("button", { name: "Make one-time pass" }).click();
  const dialog = owner.getByRole("dialog");
  await dialog.getByLabel("Justification").fill("She stands beside me");
  await dialog.getByLabel("Verification code").fill(await freshCode(ownerKey));
  await expect(dialog.getByTestId("shown-once")).toBeVisible();
  const pass = (await dialog.getByTestId("shown-once").textContent()) ?? "";

  await newcomer.goto(`${postern.url}/sign-in/second-factor?return=%2Fmy-roles`);
  await newcomer.getByLabel("One-time pass").fill(pass);
  await newcomer.getByRole("button", { name: "Continue" }).click();
  newcomerKey = await confirmKey(newcomer);
  await newcomer.waitForURL(/my-roles/);
  // The browser is known from now on, and no longer awaits anything.
  const cookies = (await newcomer.context().cookies()).map(({ name }) => name);
  expect(cookies).toContain("postern-device");
  expect(cookies).not.toContain("postern-awaiting");
  await newcomer
    .getByRole("button", { name: /^Activate/ })
    .first()
    .click();
  const activation = newcomer.getByRole("dialog");
  await activation.getByLabel("Reason").fill("To look around");
  await activation.getByLabel("Verification code").fill(await freshCode(newcomerKey));
  await expect(newcomer.getByText(/is active/).first()).toBeVisible();
});

test("an administrator resets lost factors, and the person, who has them, stops it", async () => {
  test.setTimeout(120_000);
  await owner.goto(newcomerPage);
  await owner.getByRole("button", { name: "Reset second factors" }).click();
  const dialog = owner.getByRole("dialog");
  await expect(dialog).toContainText("unless the person stops it");
  await dialog.getByLabel("Justification").fill("They called: the phone is gone");
  await dialog.getByLabel("Verification code").fill(await freshCode(ownerKey));
  await expect(owner.getByText("A reset of the second factors is waiting.")).toBeVisible();

  await newcomer.goto(`${postern.url}/account/security`);
  await expect(newcomer.getByText("A reset of your second factors is waiting.")).toBeVisible();
  await newcomer.getByRole("button", { name: "Stop the reset" }).click();
  await expect(newcomer.getByText("A reset of your second factors is waiting.")).toHaveCount(0);
  await owner.reload();
  await expect(owner.getByRole("button", { name: "Reset second factors" })).toBeVisible();

  // The factor still signs in, and its code opens the requested page.
  await newcomer.context().clearCookies();
  await typePassword(newcomer, "nora@contoso.example", newPassword);
  await newcomer.getByLabel("Verification code").fill("000000");
  await newcomer.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(newcomer.getByText("This code is wrong").first()).toBeVisible();
  await newcomer.getByLabel("Verification code").fill(await freshCode(newcomerKey));
  await newcomer.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(newcomer.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
});

/** The mail that the worker, which does not run here, would have sent by now. */
async function mailed() {
  const given = openDatabase({ url: own.database.url, maximumConnections: 2 });
  const server = await startMailServer();
  const mailer = openMailer({ smtpUrl: server.url, from: "Postern <postern@contoso.example>" });
  try {
    await deliverNotifications(given, { mail: true });
    await sendDueMail(given, mailer, postern.url);
    return server.received;
  } finally {
    mailer.close();
    await server.close();
    await given.close();
  }
}

test("a new browser is told by mail, an administrator ends its session, and one's own are shown after a proof", async ({
  browser,
}) => {
  test.setTimeout(120_000);
  await mailed();
  const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0";
  const other = await (await browser.newContext({ userAgent: firefox })).newPage();
  await typePassword(other, "nora@contoso.example", newPassword);
  await other.getByLabel("Verification code").fill(await freshCode(newcomerKey));
  await other.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(other.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  const [notice, ...more] = (await mailed()).filter(({ to }) => JSON.stringify(to).includes("nora@"));
  expect(more).toEqual([]);
  expect(notice?.subject).toContain("with a new browser");
  expect(notice?.text).toContain("Firefox on Windows");

  // An hour and more later, the mail's page shows the sign-ins, and the sessions after the password or a factor.
  const anHourAgo =
    "UPDATE sessions SET created_at = now() - interval '61 minutes', reauthenticated_at = NULL";
  await own.client.query(anHourAgo);
  await newcomer.goto(/https?:\S*account\/sessions/.exec(notice?.text ?? "")?.[0] ?? "");
  const proof = newcomer.getByRole("region", { name: "Confirm that it is you" });
  await expect(
    newcomer.getByRole("region", { name: "Sign-ins" }).getByText("Firefox on Windows"),
  ).toBeVisible();
  await expect(newcomer.getByRole("region", { name: "Open sessions" })).toHaveCount(0);
  await proof.getByLabel("Password").fill("not the password");
  await proof.getByRole("button", { name: "Continue" }).first().click();
  await expect(proof.getByText("This is not your password").first()).toBeVisible();
  await proof.getByLabel("Password").fill(newPassword);
  await proof.getByRole("button", { name: "Continue" }).first().click();
  const open = newcomer.getByRole("region", { name: "Open sessions" });
  await expect(open.getByRole("row").filter({ hasText: "Firefox on Windows" })).toBeVisible();
  await own.client.query(anHourAgo);
  await newcomer.reload();
  await proof.getByText("Use a second factor instead").click();
  await proof.getByLabel("Verification code").fill(await freshCode(newcomerKey));
  await expect(open).toBeVisible();

  await owner.goto(newcomerPage);
  const theirs = owner.getByRole("region", { name: "Sessions", exact: true });
  const row = theirs.getByRole("row").filter({ hasText: "Firefox on Windows" });
  await row.getByRole("button", { name: /^End/ }).click();
  await owner.getByRole("dialog").getByLabel("Justification").fill("She lost that laptop");
  await owner.getByRole("dialog").getByRole("button", { name: "End session" }).click();
  // Behind the dialog no row is found by its role.
  await expect(owner.getByRole("dialog")).toBeHidden();
  await expect(row).toHaveCount(0);
  await other.reload();
  await expect(other).toHaveURL(/sign-in/);
  await newcomer.reload();
  await expect(open.getByRole("row").filter({ hasText: "Firefox on Windows" })).toHaveCount(0);
  await Promise.all([owner, newcomer, other].map((page) => page.context().close()));
});
