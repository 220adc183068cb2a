import { expect, type Page } from "@playwright/test";
import { ask, askOne } from "../../support/e2e/database";
import { test } from "../../support/e2e/e2e";
import { makeEligible, makePerson, type OwnPerson, signInAs } from "../../support/e2e/own-person";
import { server } from "../../support/e2e/server";
import { type Meddling, meddle, virtualAuthenticator } from "../../support/e2e/virtual-authenticator";

// Chromium's own authenticator signs here. The tests forge what it is asked, by whom, and what is sent of its
// answer.

const [role, resource] = ["Storage Queue Data Reader", "Contoso Staging"];

async function addPasskey(page: Page, { password }: OwnPerson): Promise<void> {
  await page.goto("/account/security/passkey");
  await page.getByLabel("Name").fill("Laptop");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Add passkey" }).click();
  await expect(page.getByRole("region", { name: "Passkeys" }).getByRole("listitem")).toContainText("Laptop");
  // The form that had the focus is gone, so the focus moves to the content of the new page.
  await expect(page.getByRole("main")).toBeFocused();
}

const openActivation = async (page: Page) => {
  await page.goto("/my-roles");
  await page.getByRole("button", { name: new RegExp(`^Activate ${role} on ${resource}`) }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Reason").fill("Look at the queue");
  return dialog;
};

const activations = ({ id }: OwnPerson) =>
  askOne("SELECT count(*) AS value FROM assignments WHERE principal_id = $1", [id]).then(Number);

const loggedOf = async ({ id }: OwnPerson) =>
  (
    await ask<{ kind: string }>(
      "SELECT kind FROM audit_events WHERE target_id = $1 AND kind = 'PasskeyCounterBack'",
      [id],
    )
  ).map(({ kind }) => kind);

/** The headers of a request that a script can send again; its cookies are those that the browser has by then. */
const sendable = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).filter(
      ([name]) => !name.startsWith(":") && !["cookie", "content-length", "host", "connection"].includes(name),
    ),
  );

/** Why answers of somebody's passkey were refused, oldest first, according to the log. */
const refusals = async ({ id }: OwnPerson) =>
  (
    await ask<{ error: string }>(
      `SELECT details ->> 'error' AS error FROM audit_events
       WHERE actor_id = $1 AND kind = 'StepUpFailed' ORDER BY sequence`,
      [id],
    )
  ).map(({ error }) => error);

test("no passkey's answer counts that was made elsewhere, unverified, by another, by a copy, for less, or twice", async ({
  page,
  browser,
}) => {
  const [ada, ben] = [await makePerson("Ada Attacked"), await makePerson("Ben Beside")];
  await makeEligible(ada, role, resource);
  const hers = await virtualAuthenticator(page);
  await signInAs(page, ada);
  await addPasskey(page, ada);
  const besides = await browser.newContext({ baseURL: server().url });
  const other = await besides.newPage();
  const his = await virtualAuthenticator(other);
  await signInAs(other, ben);
  await addPasskey(other, ben);
  const [[own], [theirs]] = [await hers.credentials(), await his.credentials()];
  if (!own || !theirs) throw new Error("no passkey was made");

  const dialog = await openActivation(page);
  const use = dialog.getByRole("button", { name: "Use a passkey" });
  const refused = async (words: string) => {
    await expect(dialog.getByRole("alert")).toContainText(words);
    expect(await activations(ada)).toBe(0);
    expect(await dialog.getByLabel("Reason").inputValue()).toBe("Look at the queue");
  };
  let tried = 0;
  const attempt = async (error: string, words: string, meddling?: Meddling) => {
    if (meddling) await meddle(page, meddling);
    await use.click();
    tried += 1;
    // The refusal before it has the same words.
    await expect.poll(() => refusals(ada)).toHaveLength(tried);
    expect((await refusals(ada)).at(-1)).toBe(error);
    await refused(words);
  };
  const invalid = (meddling: Meddling) =>
    attempt("InvalidPasskey", "This passkey could not be checked", meddling);

  // A browser reveals nothing about a person whom it does not recognise; a script that asks for less gets a
  // signature.
  await hers.recognises(false);
  await use.click();
  await refused("No passkey was used");
  await invalid({ unverified: true });
  await hers.recognises(true);
  // A page at another port of the same host has the same keys.
  const elsewhere = await page.context().newPage();
  await elsewhere.route("http://localhost:8099/", (route) =>
    route.fulfill({ contentType: "text/html", body: "<title>Contoso prizes</title>" }),
  );
  await elsewhere.goto("http://localhost:8099/");
  const copied = await virtualAuthenticator(elsewhere);
  await copied.put({ ...own, signCount: 50 });
  await invalid({ at: elsewhere });
  await hers.put(theirs);
  await invalid({ credential: Buffer.from(theirs.credentialId, "base64").toString("base64url") });

  // An older copy of the authenticator. Its owner is notified.
  await hers.put({ ...own, signCount: 0 });
  await attempt("CounterWentBack", "it may have been copied");
  expect(await loggedOf(ada)).toEqual(["PasskeyCounterBack"]);
  await hers.put({ ...own, signCount: 100 });

  // The person signs for half an hour, and the page sends eight hours.
  let sent: { headers: Record<string, string>; body: Buffer } | null = null;
  await page.route("**/my-roles", async (route) => {
    const body = route.request().postDataBuffer();
    const text = body?.toString("latin1") ?? "";
    if (!body || !text.includes("authenticatorData")) return route.fallback();
    const longer = text.replace(/(_duration"\r\n\r\n)0\.5\r/, "$18\r");
    if (sent === null && longer === text) throw new Error("the duration was not found");
    if (sent === null) await route.continue({ postData: Buffer.from(longer, "latin1") });
    else await route.continue();
    sent = { headers: await route.request().allHeaders(), body };
  });
  await dialog.getByText("30 min", { exact: true }).click();
  await use.click();
  await refused("Verify your identity with a second factor.");

  // A correctly signed operation is done once: not again with the same answer after it has ended.
  await use.click();
  await expect(page.getByText("The role is active now.")).toBeVisible();
  expect(await activations(ada)).toBe(1);
  await ask("UPDATE assignments SET ends_at = now(), expiry_recorded_for = now() WHERE principal_id = $1", [
    ada.id,
  ]);
  const { headers, body } = sent ?? { headers: {}, body: Buffer.alloc(0) };
  const again = await page.request.post("/my-roles", { headers: sendable(headers), data: body });
  expect(again.status()).toBe(200);
  expect(await again.text()).toContain("This took too long, or was already confirmed.");
  expect(await activations(ada)).toBe(1);
  await besides.close();
});

test("a passkey that was removed in another tab confirms nothing in a panel that is open, which then offers what is left", async ({
  page,
}) => {
  const rita = await makePerson("Rita Remover");
  await makeEligible(rita, role, resource);
  const authenticator = await virtualAuthenticator(page);
  await signInAs(page, rita);
  await addPasskey(page, rita);
  const dialog = await openActivation(page);
  const use = dialog.getByRole("button", { name: "Use a passkey" });
  await use.focus();
  await expect(dialog.getByText(/^You confirm: Activate/)).toBeVisible();

  const tab = await page.context().newPage();
  const [own] = await authenticator.credentials();
  if (!own) throw new Error("no passkey was made");
  await (await virtualAuthenticator(tab)).put({ ...own, signCount: 50 });
  await tab.goto("/account/security");
  await tab.getByRole("button", { name: "Remove", exact: true }).click();
  await tab.getByRole("dialog").getByRole("button", { name: "Use a passkey" }).click();
  await expect(tab.getByText("The passkey Laptop is removed.")).toBeVisible();

  await authenticator.put({ ...own, signCount: 100 });
  await use.click();
  await expect(dialog.getByRole("alert")).toContainText("This passkey could not be checked");
  expect(await activations(rita)).toBe(0);
  // The reason is kept, and the remaining option is offered: here, to set one up.
  await expect(use).toBeHidden();
  await expect(dialog.getByRole("link", { name: "Add a passkey" })).toBeVisible();
  await expect(dialog.getByLabel("Reason")).toHaveValue("Look at the queue");
  expect(await activations(rita)).toBe(0);

  // At a numeric address, where browsers make no passkeys, they say so.
  await page.goto(server().url.replace("localhost", "127.0.0.1"));
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page.getByText("This browser does not accept passkeys at this address.")).toBeVisible();
});
