import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { test } from "../../support/e2e/e2e";
import { linkTo, sendBack, startTwoProviders, type TwoProviders } from "../../support/e2e/two-providers";
import type { TestProvider } from "../../support/peers/identity-provider";

// Two real providers that lie, fail and are mixed up: what the person sees of each attempt, and what it leaves
// in the database.

let at: TwoProviders;
const emails: Record<string, string> = {};
test.describe.configure({ mode: "serial" });
test.beforeAll(async () => {
  test.setTimeout(240_000);
  at = await startTwoProviders("providers");
  const file = join(at.own.database.folder, "demo-accounts.json");
  for (const { key, email } of JSON.parse(readFileSync(file, "utf8"))) emails[key] = email;
  await linkTo(at.own, at.contoso, emails.auditor ?? "", "amara");
  await linkTo(at.own, at.contoso, emails.member ?? "", "mina");
});
test.afterAll(() => at.stop());
test.beforeEach(() => {
  at.contoso.account = { sub: "amara", email: emails.auditor, email_verified: true, name: "Amara" };
  at.contoso.login = { acr: "mfa" };
  for (const provider of [at.contoso, at.fabrikam]) {
    provider.alter = null;
    provider.before = null;
  }
});

/** Everything that a sign-in could have left behind. */
async function left() {
  const { rows } = await at.own.client.query(
    `SELECT (SELECT count(*)::int FROM sessions WHERE ended_at IS NULL) AS sessions,
       (SELECT count(*)::int FROM principals) AS people, (SELECT count(*)::int FROM identity_links) AS links`,
  );
  return rows[0];
}

const lastRefusal = async () => {
  const { rows } = await at.own.client.query<{ details: { reason: string; provider: string } }>(
    "SELECT details FROM audit_events WHERE kind = 'SignInFailed' ORDER BY sequence DESC LIMIT 1",
  );
  return rows[0]?.details;
};

const through = (page: Page, name = "Contoso") =>
  page.getByRole("link", { name: `Sign in with ${name}` }).click();
const isAt = (page: Page, path: string) => expect(page).toHaveURL(`${at.url}${path}`);

/** Comes back from a provider without being signed in: the page says why, the log has it, and nothing is left behind. */
async function refused(page: Page, says: RegExp, reason: string, name = "Contoso"): Promise<void> {
  const before = await left();
  const shown = page.waitForResponse((response) => new URL(response.url()).pathname === "/sign-in");
  await through(page, name);
  await shown;
  await expect(page.getByRole("main").getByRole("alert")).toHaveText(says);
  expect(await left(), reason).toEqual(before);
  expect(await lastRefusal()).toMatchObject({ reason, provider: name });
}

/** Counts the requests to a provider's address from now on, without changing it. */
function countAsked(provider: TestProvider, path: string): () => number {
  let asked = 0;
  provider.before = (request) => {
    if (request.url?.startsWith(path)) asked += 1;
    return false;
  };
  return () => asked;
}

test("a person whose provider answers wrongly is told so and stays outside, and comes in where they wanted once it is right", async ({
  page,
}) => {
  const { contoso, fabrikam } = at;
  await page.goto(`${at.url}/my-audit?kind=SignIn`);
  const unacceptable = /^Contoso gave an answer that Postern cannot accept. Nothing was changed./;
  const notBegun =
    /^This sign-in was not begun in this browser, took longer than 15 minutes, or was already used/;
  contoso.alter = (claims) => ({ ...claims, aud: "another-client" });
  await refused(page, unacceptable, "Nonsense");
  let nonce: unknown;
  contoso.alter = (claims) => {
    nonce = claims.nonce;
    return { ...claims, nonce: "the nonce of another sign-in, long enough" };
  };
  await refused(page, notBegun, "NotBegun");
  contoso.alter = (claims) => ({ ...claims, nonce });
  await refused(page, notBegun, "NotBegun");
  contoso.alter = null;
  // Down between the redirect and the return.
  contoso.before = (request, response) => {
    if (!request.url?.startsWith("/token")) return false;
    response.writeHead(503).end("down for maintenance");
    return true;
  };
  await refused(page, /^Contoso does not answer at the moment. Try again in a few minutes/, "Unreachable");

  // A provider that sends people on to another one, to get that one's answer.
  contoso.before = null;
  fabrikam.before = (request, response) => {
    if (!request.url?.startsWith("/auth?")) return false;
    const there = new URL(request.url.replaceAll("fabrikam", "contoso"), contoso.issuer);
    response.writeHead(302, { location: there.href }).end();
    return true;
  };
  const asked = countAsked(contoso, "/token");
  await through(page, "Fabrikam");
  await expect(page.getByRole("main").getByRole("alert")).toHaveText(notBegun);
  sendBack(contoso, (address) => address.href.replace("/callback/contoso", "/callback/fabrikam"));
  await refused(page, /^Fabrikam gave an answer that Postern cannot accept/, "Nonsense", "Fabrikam");
  expect(asked(), "codes that were exchanged").toBe(0);

  // Somebody else's address, and a subject that nobody is linked by. Nobody is signed in at a provider any more.
  fabrikam.before = null;
  contoso.before = null;
  await page.context().clearCookies({ domain: "127.0.0.1" });
  await page.goto(`${at.url}/my-audit?kind=SignIn`);
  fabrikam.account = { sub: "impostor", email: emails.auditor, email_verified: true, name: "Amara" };
  await refused(
    page,
    /^Somebody here already has this address, and an address alone proves nothing/,
    "AddressTaken",
    "Fabrikam",
  );
  contoso.account = { ...contoso.account, sub: "nobody's" };
  await refused(page, /^Nobody here is linked to your account at Contoso/, "Unknown");

  // The subject counts, whatever its address is now, and with a key that came into use meanwhile.
  contoso.account = { sub: "amara", email: emails.owner, email_verified: true, name: "Somebody" };
  await page.context().clearCookies({ domain: "127.0.0.1" });
  const back = await parked(page);
  await contoso.rotateKey();
  await page.goto(back);
  await isAt(page, "/my-audit?kind=SignIn");
  await expect(page.getByRole("button", { name: /^Amara Nwosu/ })).toBeVisible();
});

/** Goes to Contoso and comes back to another page of this site. Returns where the provider would have redirected. */
async function parked(page: Page): Promise<string> {
  let back = "";
  sendBack(at.contoso, ({ href }) => {
    back = href;
    return `${at.url}/sign-in`;
  });
  await through(page);
  await isAt(page, "/sign-in");
  at.contoso.before = null;
  return back;
}

const sessionOf = async (page: Page) =>
  (await page.context().cookies()).find(({ name }) => name === "postern-session");

test("a person's answer of the provider leads in their own browser alone, once, by a session that nobody else began", async ({
  browser,
}) => {
  const [victim, attacker] = await Promise.all(
    [0, 1].map(async () => (await browser.newContext()).newPage()),
  );
  if (!victim || !attacker) throw new Error("no pages");
  // The attacker, signed in as themselves, leaves their cookie in the victim's browser.
  at.contoso.account = { sub: "mina" };
  await attacker.goto(`${at.url}/sign-in`);
  await through(attacker);
  await isAt(attacker, "/");
  const planted = await sessionOf(attacker);
  if (!planted) throw new Error("no session");
  await victim.context().addCookies([planted]);
  at.contoso.account = { sub: "amara" };
  await victim.goto(`${at.url}/sign-in?return=%2Fmy-roles`);
  const back = await parked(victim);
  // Somebody who gets hold of the address cannot use it, and uses up nothing.
  const notBegun = /was not begun in this browser/;
  await attacker.goto(back);
  await expect(attacker.getByRole("main").getByRole("alert")).toHaveText(notBegun);
  await victim.goto(back);
  await isAt(victim, "/my-roles");
  await expect(victim.getByRole("button", { name: /^Amara Nwosu/ })).toBeVisible();
  expect((await sessionOf(victim))?.value).not.toBe(planted.value);
  // The attacker's attempt has ended with it, for both.
  await attacker.goto(`${at.url}/my-roles`);
  await expect(attacker).toHaveURL(/\/sign-in\?/);

  // The same address once more, as from the history, says so. They stay signed in.
  const before = await left();
  await victim.goto(back);
  await expect(victim.getByRole("main").getByRole("alert")).toHaveText(notBegun);
  expect(await left()).toEqual(before);
  await victim.goBack();
  await isAt(victim, "/my-roles");
  await expect(victim.getByRole("button", { name: /^Amara Nwosu/ })).toBeVisible();

  // Two tabs at once, the second first, and neither to another site.
  const second = await victim.context().newPage();
  await victim.goto(`${at.url}/sign-in?return=%2Fmy-requests`);
  const late = await parked(victim);
  await second.goto(`${at.url}/sign-in?return=${encodeURIComponent("//elsewhere.example/my-roles")}`);
  await through(second);
  await isAt(second, "/");
  await victim.goto(late);
  await isAt(victim, "/my-requests");

  // Another site, in a frame without an origin, cannot send anybody to a provider or post anything.
  const [asked, messages] = [countAsked(at.contoso, "/auth?"), await left()];
  at.fabrikam.before = (request, response) => {
    if (request.url !== "/trap") return false;
    const posting = `<form method=post target=_top action='${at.url}/api/auth/back-channel/contoso'><button>Post</button></form>`;
    const frame = `<a target=_top href='${at.url}/api/auth/signin/contoso?return=/my-roles'>Go</a>${posting}`;
    response.setHeader("content-type", "text/html");
    response.end(
      `<iframe sandbox="allow-forms allow-scripts allow-top-navigation" srcdoc="${frame}"></iframe>`,
    );
    return true;
  };
  await second.goto(`${at.fabrikam.issuer}/trap`);
  const frame = second.frameLocator("iframe");
  const answered = second.waitForResponse(/back-channel/);
  await frame.getByRole("button", { name: "Post" }).click();
  const posted = await answered;
  expect(posted.status()).toBe(400);
  expect(await posted.request().allHeaders()).toMatchObject({ origin: "null" });
  await second.goto(`${at.fabrikam.issuer}/trap`);
  await frame.getByRole("link", { name: "Go" }).click();
  await isAt(second, "/sign-in");
  expect(asked()).toBe(0);
  expect(await left()).toEqual(messages);
  await Promise.all([victim, attacker].map((page) => page.context().close()));
});

const known = async (sql: string) => (await at.own.client.query(sql, [emails.member])).rows;
const activations = () =>
  known(
    `SELECT r.justification, a.ends_at - a.starts_at = interval '1 hour' AS "anHour" FROM assignments a JOIN requests r ON a.id IN (r.assignment_id, r.resulting_assignment_id)
     JOIN principals p ON p.id = a.principal_id WHERE p.email = $1 AND a.assignment_type = 'Activated' AND a.ends_at > now()`,
  );

const proofs = `SELECT s.id FROM step_up_proofs s JOIN principals p ON p.id = s.user_id
  WHERE p.email = $1 AND s.identity_link_id IS NOT NULL`;

test("a person confirms what they typed by a new sign-in there, and by nobody else's, an older, a weaker, or another's", async ({
  page,
}) => {
  const { contoso } = at;
  contoso.account = { sub: "mina" };
  await page.goto(`${at.url}/my-roles`);
  await through(page);
  // The corner for toasts is the last thing that a page loads by itself: the buttons listen then.
  await expect(page.getByRole("region", { name: /^Notifications/ })).toBeAttached();
  await page.getByRole("button", { name: "Activate Contributor on Contoso Production" }).click();
  const dialog = page.getByRole("dialog");
  const reason = dialog.getByLabel("Reason");
  await reason.fill("Replace the broken disk");
  async function confirm(): Promise<Page> {
    const opened = page.waitForEvent("popup");
    await dialog.getByRole("button", { name: "Confirm with Contoso" }).click();
    return opened;
  }
  async function confirmsNothing(says: RegExp): Promise<void> {
    const there = await confirm();
    await expect(there.getByRole("heading", { name: "Nothing was confirmed" })).toBeVisible();
    await expect(there.getByText(says)).toBeVisible();
    await expect(dialog.getByText(says).first()).toBeVisible();
    await there.close();
    await expect(reason).toHaveValue("Replace the broken disk");
    expect(await known(proofs)).toEqual([]);
  }
  contoso.alter = (claims) => ({ ...claims, sub: "amara" });
  await confirmsNothing(/^You signed in at Contoso as somebody who is not linked to your account here/);
  contoso.alter = null;
  contoso.login = { acr: "pwd" };
  await confirmsNothing(/^You signed in at Contoso in a way that does not count here/);
  contoso.login = { acr: "mfa" };
  contoso.alter = (claims) => ({ ...claims, auth_time: Number(claims.auth_time) - 3_600 });
  await confirmsNothing(/^Contoso did not ask you to sign in once more, or its clock is wrong/);
  contoso.alter = null;

  // A change while the provider's window is open makes another operation, which that sign-in does not confirm.
  let back = "";
  sendBack(contoso, ({ href }) => {
    back = href;
    return `${at.url}/sign-in`;
  });
  const late = await confirm();
  await isAt(late, "/sign-in");
  contoso.before = null;
  await dialog.getByText("1 h", { exact: true }).click();
  await late.goto(back).catch(() => {});
  await expect.poll(() => late.isClosed()).toBe(true);
  await expect(dialog.getByRole("alert")).toHaveText(/^Verify your identity with a second factor/);
  expect(await activations()).toEqual([]);
  await expect(reason).toHaveValue("Replace the broken disk");

  const last = await confirm();
  await expect(page.getByText("The role is active now.")).toBeVisible();
  expect(last.isClosed()).toBe(true);
  expect(await activations()).toEqual([{ justification: "Replace the broken disk", anHour: true }]);

  // They sign out at the provider while a form is open here: the form can no longer change anything, and keeps
  // what they typed.
  await page.getByRole("button", { name: "Activate Reader on Contoso Production" }).click();
  await reason.fill("Look at the disk");
  const there = await page.context().newPage();
  await there.goto(`${contoso.issuer}/session/end`);
  await there.getByRole("button", { name: /^Yes/ }).click();
  await expect(there.getByText(/sign-out/i).first()).toBeVisible();
  await there.close();
  await dialog.getByRole("button", { name: "Activate", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("Your session has ended. Sign in again in a new tab");
  expect(await activations()).toHaveLength(1);
  const again = page.waitForEvent("popup");
  await dialog.getByRole("link", { name: "Sign in" }).click();
  const door = await again;
  await through(door);
  await isAt(door, "/");
  await dialog.getByRole("button", { name: "Activate", exact: true }).click();
  await expect(dialog).toBeHidden();
  expect(await activations()).toContainEqual(expect.objectContaining({ justification: "Look at the disk" }));
});
