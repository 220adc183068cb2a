import { randomUUID } from "node:crypto";
import { type APIRequestContext, type BrowserContext, expect } from "@playwright/test";
import { ask, askOne } from "../../support/e2e/database";
import { account, freshCode, signIn, signInAnew, test } from "../../support/e2e/e2e";
import { server } from "../../support/e2e/server";
import {
  answerOf,
  callAction,
  callerWith,
  serverAction,
  serverActions,
  someAtATime,
  writtenForm,
} from "../../support/e2e/server-actions";

const production = "/subscriptions/11111111-1111-4111-8111-111111111111";
const contributor = "b24988ac-6180-42a0-ab88-20f7382dd24c";

const code = (key: string) => freshCode(account(key).totpSecret ?? "");
const idOf = (key: string) =>
  askOne("SELECT id AS value FROM principals WHERE email = $1", [account(key).email]);
const resourceId = (scope: string) => askOne("SELECT id AS value FROM resources WHERE scope = $1", [scope]);
const eligibilityOf = async (key: string) =>
  askOne(
    `SELECT id AS value FROM eligibilities WHERE principal_id = $1 AND role_definition_id = $2
       AND resource_id = $3 AND ends_at > now()`,
    [await idOf(key), contributor, await resourceId(production)],
  );
const activations = async (key: string) =>
  Number(
    await askOne(
      `SELECT count(*) AS value FROM assignments
       WHERE principal_id = $1 AND role_definition_id = $2 AND assignment_type = 'Activated' AND ends_at > now()`,
      [await idOf(key), contributor],
    ),
  );

async function answer(request: APIRequestContext, name: string, fields: Record<string, string>) {
  const response = await callAction(request, serverAction(name), { fields });
  expect(response.status(), name).toBeLessThan(500);
  return (await answerOf(response)) ?? {};
}

/** A proof that the server made for an activation and that is not spent, because the reason was missing. */
async function unspentProof(request: APIRequestContext, key: string, fields: Record<string, string>) {
  const { challengeId } = await answer(request, "prepareActivation", fields);
  const typed = { ...fields, challengeId: String(challengeId), code: await code(key), justification: "" };
  const outcome = await answer(request, "activate", typed);
  expect(outcome).toMatchObject({ ok: false, fieldErrors: { justification: expect.any(String) } });
  return { proofId: String(outcome.proofId), typed };
}

test.describe("the gate, called directly", () => {
  test("a proof serves the operation it was made for, once, and nobody and nothing else", async ({
    page,
    context,
    browser,
    baseURL,
  }) => {
    const [own, others] = [await eligibilityOf("member"), await eligibilityOf("newcomer")];
    const groups = await ask<{ id: string }>(
      "SELECT r.id FROM resources r JOIN resources p ON p.id = r.parent_id WHERE p.scope = $1 ORDER BY r.scope DESC LIMIT 2",
      [production],
    );
    const [group = "", sibling = ""] = groups.map(({ id }) => id);
    const root = await resourceId("/");
    const before = await activations("member");
    await signIn(page, "member");
    const genuine = { eligibilityId: own, resourceId: group, when: "now", duration: "0.5" };
    const withReason = { ...genuine, justification: "Look at the gate" };
    expect(await answer(context.request, "activate", withReason)).toMatchObject({
      ok: false,
      needsCode: true,
    });
    const { proofId, typed } = await unspentProof(context.request, "member", genuine);

    const later = new Date(Date.now() + 3_600_000).toISOString();
    const forgeries: Record<string, string>[] = [
      { duration: "8" },
      { resourceId: sibling },
      { resourceId: root },
      { eligibilityId: others },
      { eligibilityId: randomUUID() },
      { when: "later", startsAt: later },
      { proofId: randomUUID() },
      { proofId: "' OR 1=1 --" },
    ];
    for (const forged of forgeries) {
      const outcome = await answer(context.request, "activate", { ...withReason, proofId, ...forged });
      expect(outcome, JSON.stringify(forged)).toMatchObject({ ok: false });
    }
    // The code of the proof is used up, for other challenges too.
    const { challengeId } = await answer(context.request, "prepareActivation", genuine);
    const replayed = { ...withReason, challengeId: String(challengeId), code: typed.code };
    expect(await answer(context.request, "activate", replayed)).toMatchObject({
      ok: false,
      fieldErrors: { code: expect.stringContaining("already used") },
    });

    // The same person in another session, and another person, with this proof.
    const elsewhere = await browser.newContext({ baseURL });
    await signInAnew(await elsewhere.newPage(), "member");
    const stolen = await browser.newContext({ baseURL });
    await signIn(await stolen.newPage(), "newcomer");
    for (const [other, eligibilityId] of [
      [elsewhere, own],
      [stolen, others],
    ] as const)
      expect(
        await answer(other.request, "activate", { ...withReason, eligibilityId, proofId }),
      ).toMatchObject({ ok: false, needsCode: true });
    expect(await activations("member")).toBe(before);
    expect(await activations("newcomer")).toBe(0);

    expect(await answer(context.request, "activate", { ...withReason, proofId })).toMatchObject({ ok: true });
    expect(await activations("member")).toBe(before + 1);
    expect(await answer(context.request, "activate", { ...withReason, proofId })).toMatchObject({
      ok: false,
    });
    const assignmentId = await askOne(
      "SELECT a.id AS value FROM assignments a WHERE principal_id = $1 AND resource_id = $2 AND ends_at > now()",
      [await idOf("member"), group],
    );
    expect(await answer(stolen.request, "deactivate", { assignmentId })).toMatchObject({ ok: false });
    expect(await answer(context.request, "deactivate", { assignmentId })).toMatchObject({ ok: true });
    expect(await answer(context.request, "activate", { ...withReason, proofId })).toMatchObject({
      ok: false,
      needsCode: true,
    });
    expect(await activations("member")).toBe(before);
    await elsewhere.close();
    await stolen.close();
  });

  test("whoever may only read changes nothing", async ({ page, context }) => {
    await signIn(page, "auditor");
    const target = { roleDefinitionId: contributor, resourceId: await resourceId(production) };
    const assignment = {
      ...target,
      principalIds: await idOf("auditor"),
      permanently: "on",
      justification: "Because",
    };
    const count = () =>
      askOne("SELECT (SELECT count(*) FROM assignments) + (SELECT count(*) FROM eligibilities) AS value");
    const before = await count();
    for (const assignmentType of ["Active", "Eligible"]) {
      const outcome = await answer(context.request, "addAssignments", { ...assignment, assignmentType });
      expect(outcome).toMatchObject({ ok: false });
      expect(String(outcome.message)).toContain("authorization");
    }
    for (const kind of ["Eligible", "Active"]) {
      const table = kind === "Eligible" ? "eligibilities" : "assignments";
      const id = await askOne(
        `SELECT id AS value FROM ${table} WHERE ends_at IS NULL OR ends_at > now() LIMIT 1`,
      );
      const outcome = await answer(context.request, "endAssignment", { assignmentType: kind, id });
      expect(outcome).toMatchObject({ ok: false });
    }
    expect(await count()).toBe(before);
    for (const path of [
      `/resources/${target.resourceId}/roles/${contributor}/settings/edit`,
      `/resources/${target.resourceId}/roles/${contributor}`,
    ])
      expect((await page.goto(path))?.status(), path).toBeLessThan(404);
    await expect(page.getByRole("button", { name: "Add assignments" })).toBeHidden();
  });
});

/** Answers of an action that reveal nothing and change nothing. */
function harmless(status: number, text: string): boolean {
  if ([303, 307, 400, 401, 403, 404, 405, 413, 415].includes(status)) return true;
  return status === 200 && !/"ok":true/.test(text);
}

test.describe("every server action", () => {
  const entries = { eligibilityId: randomUUID(), resourceId: randomUUID(), id: randomUUID(), code: "000000" };

  test("answers a signed-out client with nothing, and a foreign page not at all", async () => {
    test.setTimeout(240_000);
    // Jobs write events too, without a person and without an address.
    const events = () =>
      askOne(`SELECT count(*) AS value FROM audit_events WHERE outcome = 'Success' AND kind <> 'SignIn'
        AND (actor_id IS NOT NULL OR ip_address IS NOT NULL)`);
    const before = await events();
    const actions = serverActions();
    expect(actions.length).toBeGreaterThan(20);
    const call = callerWith("");
    const [empty, filled] = await Promise.all([{}, entries].map(writtenForm));
    if (!empty || !filled) throw new Error("no forms");
    const foreign = [
      ["origin", "https://evil.example"],
      ["origin", "null"],
      ["sec-fetch-site", "cross-site"],
      ["sec-fetch-site", "same-site"],
    ] as const;
    const calls = actions.map((action) => async () => {
      for (const { body, contentType } of [empty, filled]) {
        const { status, text } = await call(action, body, contentType);
        expect(harmless(status, text), `${action.name} ${status} ${text}`).toBe(true);
      }
      for (const [name, value] of foreign) {
        const { status } = await call(action, empty.body, empty.contentType, { [name]: value });
        expect(status, `${action.name} ${name} ${value}`).toBe(403);
      }
    });
    await someAtATime(4, calls);
    expect(await events()).toBe(before);
  });

  test("refuses an oversized body, a wrong content type, and an id that is no action's", async ({
    page,
    context,
  }) => {
    await signIn(page, "auditor");
    const action = serverAction("activate");
    const large = (bytes: number) =>
      callAction(context.request, action, { fields: { justification: "x".repeat(bytes) } });
    expect((await large(2_000_000)).status()).toBe(413);
    expect((await large(600_000)).status()).toBeGreaterThanOrEqual(400);
    const headers = { "next-action": action.id, origin: server().url };
    for (const type of [
      "application/json",
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
    ]) {
      const data = "[]";
      const response = await context.request.post(action.path, {
        headers: { ...headers, "content-type": type },
        data,
      });
      expect(await response.text(), type).not.toContain('"ok":true');
    }
    const unknown = await callAction(context.request, { ...action, id: `40${"0".repeat(40)}` });
    expect([404, 409]).toContain(unknown.status());
    const nul = {
      eligibilityId: randomUUID(),
      resourceId: randomUUID(),
      duration: "1",
      justification: "a\0b",
    };
    expect((await callAction(context.request, action, { fields: nul })).status()).toBe(200);
  });
});

test.describe("pages of what one may not know", () => {
  test("answer as those of what does not exist", async ({ page }) => {
    await signIn(page, "newcomer");
    const foreign = await askOne(
      "SELECT id AS value FROM resources WHERE scope LIKE '/subscriptions/%' AND scope NOT LIKE $1 LIMIT 1",
      [`${production}%`],
    );
    const event = await askOne(
      "SELECT id AS value FROM audit_events WHERE kind = 'RoleSettingsUpdated' LIMIT 1",
    );
    const person = await idOf("owner");
    const main = async (path: string) => {
      const response = await page.goto(path);
      return { status: response?.status(), text: await page.locator("main").textContent() };
    };
    for (const [path, id] of [
      ["/resources/ID", foreign],
      ["/resources/ID/roles", foreign],
      ["/resources/ID/settings", foreign],
      [`/resources/ID/roles/${contributor}`, foreign],
      [`/resources/ID/roles/${contributor}/settings/edit`, foreign],
      ["/audit/ID", event],
      ["/people/ID", person],
    ] as const) {
      const known = await main(path.replace("ID", id));
      expect(known, path).toEqual(await main(path.replace("ID", randomUUID())));
      expect(known.status, path).toBeGreaterThanOrEqual(403);
      expect(await main(path.replace("ID", "not-an-id")), path).toMatchObject({ status: known.status });
    }
  });
});

async function inlineScripts(html: string): Promise<string[]> {
  return [...html.matchAll(/<script\b([^>]*)>/g)].map(([, attributes = ""]) => attributes);
}

test("every answer carries the security headers, and pages a policy whose nonce is new each time", async ({
  page,
  context,
  request,
}) => {
  await signIn(page, "auditor");
  const script =
    /src="(\/_next\/static\/[^"]+\.js)"/.exec(await (await request.get("/sign-in")).text())?.[1] ?? "";
  const paths = ["/", "/my-roles", "/audit", "/audit/export", "/no-such-page", `/resources/${randomUUID()}`];
  const data = "x".repeat(2_000_000);
  const unnamed = await request.post("/sign-in", { data });
  expect(unnamed.status(), "without an origin").toBe(403);
  const large = await request.post("/sign-in", { headers: { origin: server().url }, data });
  expect(large.status()).toBe(413);
  const responses = [
    unnamed,
    large,
    ...(await Promise.all(paths.map((path) => context.request.get(path)))),
    ...(await Promise.all(
      [
        "/",
        "/sign-in",
        "/set-up",
        "/healthz",
        "/icon.svg",
        "/audit/export",
        "/_next/image?url=%2Ficon.svg&w=64&q=75",
        script,
        "/resources?search=%00",
      ].map((path) => request.get(path, { maxRedirects: 0 })),
    )),
    await request.post("/sign-in", { headers: { origin: "https://evil.example" } }),
  ];
  for (const response of responses) {
    const headers = response.headers();
    const what = `${response.status()} ${response.url()}`;
    expect(headers["x-content-type-options"], what).toBe("nosniff");
    expect(headers["content-security-policy"], what).toContain("frame-ancestors 'none'");
    expect(headers["referrer-policy"], what).toBe("same-origin");
    expect(headers["permissions-policy"], what).toContain("camera=()");
    expect(headers["strict-transport-security"], what).toBeUndefined();
    expect(headers["x-powered-by"], what).toBeUndefined();
    expect(headers["access-control-allow-origin"], what).toBeUndefined();
  }
  const nonces = new Set<string>();
  for (const response of responses.filter((each) =>
    each.headers()["content-type"]?.startsWith("text/html"),
  )) {
    const policy = response.headers()["content-security-policy"] ?? "";
    const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? "";
    expect(scripts).not.toMatch(/unsafe-inline|unsafe-eval|\*/);
    const nonce = /'nonce-([^']+)'/.exec(scripts)?.[1] ?? "";
    nonces.add(nonce);
    for (const attributes of await inlineScripts(await response.text()))
      expect(attributes, response.url()).toContain(`nonce="${nonce}"`);
  }
  expect(nonces.size).toBeGreaterThan(4);
});

test("a return address leads nowhere but into this site", async ({ page, context }) => {
  for (const hostile of [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "javascript:alert(1)",
    "/%09/evil.example",
    "/..//evil.example",
    "%2F%2Fevil.example",
  ]) {
    await page.goto(`/sign-in?return=${encodeURIComponent(hostile)}`);
    const value = await page.locator('input[name="return"]').inputValue();
    expect(new URL(value, server().url).origin, hostile).toBe(server().url);
  }
  await context.clearCookies();
});

test("a session's cookie cannot be read by scripts, is not taken from elsewhere, and ends when told", async ({
  page,
  context,
  browser,
  baseURL,
}) => {
  await signInAnew(page, "auditor");
  const cookie = (await context.cookies()).find(({ httpOnly }) => httpOnly);
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
  expect(await page.evaluate(() => document.cookie)).not.toContain("session");
  const copy = await browser.newContext({ baseURL });
  await copy.addCookies(cookie ? [cookie] : []);
  expect((await copy.request.get("/my-audit", { maxRedirects: 0 })).status()).toBe(200);
  const tampered: BrowserContext = await browser.newContext({ baseURL });
  await tampered.addCookies(cookie ? [{ ...cookie, value: `${cookie.value.slice(0, -4)}AAAA` }] : []);
  expect((await tampered.request.get("/my-audit", { maxRedirects: 0 })).status()).toBe(307);
  expect((await callAction(context.request, serverAction("signOutAction"))).status()).toBeLessThan(400);
  expect((await copy.request.get("/my-audit", { maxRedirects: 0 })).status()).toBe(307);
  await copy.close();
  await tampered.close();
});
