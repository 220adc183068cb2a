import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { expect } from "@playwright/test";
import { ask, askOne } from "../../support/e2e/database";
import { account, freshCode, signIn, test } from "../../support/e2e/e2e";
import { answerOf, callAction, serverAction, serverActions } from "../../support/e2e/server-actions";

const production = "/subscriptions/11111111-1111-4111-8111-111111111111";
const userAccessAdministrator = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9";
const idOf = (key: string) =>
  askOne("SELECT id AS value FROM principals WHERE email = $1", [account(key).email]);

/** Every page and route handler, as its address with parameters in brackets. */
const routes = readdirSync("app", { recursive: true, encoding: "utf8" })
  .filter((file) => /(^|\/)(page\.tsx|route\.ts)$/.test(file))
  .map((file) => ({
    file,
    address: `/${file
      .split("/")
      .slice(0, -1)
      .filter((part) => !part.startsWith("("))
      .join("/")}`,
    page: file.endsWith("page.tsx"),
  }));

/** Pages that anybody may open. Everything else requires a session. */
const open = new Set([
  "/api/auth/[...nextauth]",
  "/sign-in",
  "/set-up",
  "/choose-password",
  "/confirmed",
  "/robots.txt",
]);

/** An address with its parameters replaced by ids. */
const filled = (address: string, ids: Readonly<Record<string, string>>) =>
  address.replaceAll(/\[(\w+)\]/g, (_, name: string) => ids[name] ?? randomUUID());

/** Ids of things that the newcomer, who can activate a role on Production, may not see. */
async function hidden(): Promise<Record<string, string>> {
  const [place] = await ask<{ id: string }>(
    "SELECT id FROM resources WHERE display_name = 'Contoso Sandbox'",
  );
  const one = (sql: string) => ask<{ id: string }>(sql).then((rows) => rows[0]?.id ?? randomUUID());
  return {
    resourceId: place?.id ?? "",
    roleId: userAccessAdministrator,
    reviewId: await one("SELECT id FROM access_reviews ORDER BY id LIMIT 1"),
    importId: await one("SELECT id FROM imports ORDER BY id LIMIT 1"),
    principalId: await idOf("owner"),
    eventId: await one(
      "SELECT id FROM audit_events WHERE resource_name = 'Contoso Sandbox' ORDER BY sequence DESC LIMIT 1",
    ),
  };
}

test("every page and route takes a session", async ({ request }) => {
  const ids = await hidden();
  expect(routes.length).toBeGreaterThan(45);
  for (const { address, file } of routes) {
    if (open.has(address)) continue;
    const path = filled(address, ids);
    const response = await request.get(path, { maxRedirects: 0 });
    const signedOut =
      response.status() === 401 ||
      ([303, 307].includes(response.status()) && (response.headers().location ?? "").includes("/sign-in")) ||
      // A route for uploads only.
      (response.status() === 405 && file.includes("upload"));
    expect(signedOut, `${path} ${response.status()}`).toBe(true);
  }
});

/** A user with a password that an administrator handed over: the newcomer's own. */
async function withOneTimePassword(): Promise<string> {
  const email = `${randomUUID()}@contoso.example`;
  await ask(
    `WITH made AS (
       INSERT INTO principals (type, display_name, email) VALUES ('User', 'Nina New', $1) RETURNING id)
     INSERT INTO password_credentials (user_id, hash, must_change, expires_at)
     SELECT made.id, c.hash, true, now() + interval '1 day' FROM made, password_credentials c WHERE c.user_id = $2`,
    [email, await idOf("newcomer")],
  );
  return email;
}

test("somebody who must choose a password can use no other page, route or action", async ({
  page,
  context,
}) => {
  test.setTimeout(180_000);
  const email = await withOneTimePassword();
  // Even when started from another page, the password must be chosen.
  await page.goto("/sign-in?return=/people");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(account("newcomer").password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Choose a password" })).toBeVisible();
  const ids = await hidden();
  for (const { address } of routes) {
    if (open.has(address)) continue;
    const status = (await context.request.get(filled(address, ids), { maxRedirects: 0 })).status();
    expect([303, 307, 401, 405], `${address} ${status}`).toContain(status);
  }
  const done = () =>
    askOne(
      "SELECT count(*) AS value FROM audit_events WHERE outcome = 'Success' AND actor_name = 'Nina New' AND kind <> 'OneTimePasswordUsed'",
    );
  for (const action of serverActions()) {
    const response = await callAction(context.request, action, { fields: { id: randomUUID(), ...ids } });
    expect((await response.text()).includes('"ok":true'), action.name).toBe(false);
  }
  expect(await done()).toBe("0");
  expect(
    await askOne(
      "SELECT count(*) AS value FROM sessions s JOIN principals p ON p.id = s.user_id WHERE p.email = $1",
      [email],
    ),
  ).toBe("0");
});

test("set-up is closed once there is an Owner: its action creates no second one", async ({ request }) => {
  const people = () => askOne("SELECT count(*) AS value FROM principals");
  const before = await people();
  const fields = {
    token: "guess",
    displayName: "Second Owner",
    email: "second@contoso.example",
    password: "seven herons over tiled roofs",
    repeated: "seven herons over tiled roofs",
  };
  const response = await callAction(request, serverAction("setUp"), { fields });
  expect(response.status()).toBeLessThan(300);
  expect(await people()).toBe(before);
});

test("no page, list, search or export shows what its reader may not see", async ({ page, context }) => {
  test.setTimeout(300_000);
  await signIn(page, "newcomer");
  const ids = await hidden();
  const names = await ask<{ name: string }>(
    `SELECT display_name AS name FROM resources
     WHERE path LIKE (SELECT path || '%' FROM resources WHERE id = $1)`,
    [ids.resourceId],
  );
  expect(names.length).toBeGreaterThan(1);
  const secrets = names.map((row) => row.name).filter((name) => name.length > 8);
  const searches = [
    "",
    "?search=Sandb&q=Sandb&name=Sandb&resource=Sandb",
    `?scope=${ids.resourceId}&below=1`,
  ];
  for (const { address, page: isPage } of routes) {
    // A stream never ends, and carries only the caller's own notifications.
    if (open.has(address) || address.endsWith("/stream")) continue;
    for (const search of searches) {
      const path = `${filled(address, ids)}${search}`;
      const response = await context.request.get(path, { maxRedirects: 0 });
      const text = await response.text();
      for (const name of secrets) expect(text.includes(name), `${path} shows ${name}`).toBe(false);
      if (search !== "" || !isPage || !address.includes("[resourceId]")) continue;
      const made = filled(address, { ...ids, resourceId: randomUUID() });
      const status = (await context.request.get(made, { maxRedirects: 0 })).status();
      expect(response.status(), `${path} as a made-up one`).toBe(status);
    }
  }
});

test("the state, the approval and the member of a request are the server's to set", async ({
  page,
  context,
}) => {
  test.setTimeout(180_000);
  await signIn(page, "requester");
  const { request } = context;
  const me = await idOf("requester");
  const resourceId = await askOne(
    `SELECT r.id AS value FROM resources r JOIN resources p ON p.id = r.parent_id
     WHERE p.scope = $1 ORDER BY r.scope LIMIT 1`,
    [production],
  );
  const eligibilityId = await askOne(
    `SELECT e.id AS value FROM eligibilities e JOIN resources r ON r.id = e.resource_id
     WHERE e.principal_id = $1 AND e.role_definition_id = $2 AND r.scope = $3 AND e.ends_at > now()`,
    [me, userAccessAdministrator, production],
  );
  const owner = await idOf("owner");
  const forged = {
    ...{ status: "Provisioned", requestStatus: "Provisioned", state: "Provisioned" },
    ...{ requestType: "AdminAssign", assignmentType: "Assigned", approvalRequired: "false" },
    ...{ approvalStages: "[]", stages: "[]", givenBy: owner, approvedBy: owner, decidedById: owner },
    ...{
      principalId: owner,
      requestorId: owner,
      userId: owner,
      decision: "Approve",
      asAdministrator: "true",
    },
    ...{ policy: '{"approvalRequired":false}', completedAt: "2020-01-01T00:00:00Z", expiresAt: "2099-01-01" },
  };
  const asked = {
    eligibilityId,
    resourceId,
    when: "now",
    duration: "0.5",
    justification: "Look at the gate",
  };
  const answer = async (name: string, fields: Record<string, string>) =>
    (await answerOf(await callAction(request, serverAction(name), { fields }))) ?? {};
  const { challengeId } = await answer("prepareActivation", { ...asked, ...forged });
  const outcome = await answer("activate", {
    ...asked,
    ...{ ticketNumber: "CHG-1", ticketSystem: "Service desk" },
    ...forged,
    challengeId: String(challengeId),
    code: await freshCode(account("requester").totpSecret ?? ""),
  });
  expect(outcome, JSON.stringify(outcome)).toMatchObject({ ok: true });
  const [made] = await ask<{ id: string; status: string; requestor: string; principal: string }>(
    `SELECT id, status::text, requestor_id AS requestor, principal_id AS principal FROM requests
     WHERE eligibility_id = $1 AND resource_id = $2 ORDER BY id DESC LIMIT 1`,
    [eligibilityId, resourceId],
  );
  expect(made).toMatchObject({ status: "PendingApproval", requestor: me, principal: me });
  const requestId = made?.id ?? "";
  for (const action of serverActions()) {
    if (/signOut|Session|cancel|withdraw/i.test(action.name)) continue;
    await callAction(request, action, {
      fields: { ...forged, requestId, requestIds: requestId, id: requestId, rows: requestId },
    });
  }
  const [after] = await ask<{ status: string; decisions: number; assignments: number }>(
    `SELECT q.status::text,
       (SELECT count(*)::int FROM request_decisions c WHERE c.request_id = q.id) AS decisions,
       (SELECT count(*)::int FROM assignments a WHERE a.principal_id = $2 AND a.resource_id = $3
          AND a.role_definition_id = $4 AND a.ends_at > now()) AS assignments
     FROM requests q WHERE q.id = $1`,
    [requestId, me, resourceId, userAccessAdministrator],
  );
  expect(after).toEqual({ status: "PendingApproval", decisions: 0, assignments: 0 });
  await answer("cancel", { requestId });
});

test("a list does not stay readable through Back after the right to it is lost", async ({ page }) => {
  await signIn(page, "auditor", "/people");
  const list = page.getByRole("heading", { name: "People", level: 1 });
  await expect(list).toBeVisible();
  await page.getByRole("link", { name: "My roles" }).first().click();
  await page.waitForURL("**/my-roles");
  const held = await ask<{ id: string; ends_at: Date | null }>(
    "SELECT id, ends_at FROM assignments WHERE principal_id = $1 AND (ends_at IS NULL OR ends_at > now())",
    [await idOf("auditor")],
  );
  // Bypasses the database's rules, and writes no event.
  const write = (ends: readonly { id: string; end: string }[]) =>
    ask(
      `SET session_replication_role = replica; ${ends
        .map(({ id, end }) => `UPDATE assignments SET ends_at = ${end} WHERE id = '${id}'`)
        .join("; ")}`,
    );
  await write(held.map(({ id }) => ({ id, end: "now()" })));
  try {
    await page.goBack();
    await expect(list).toHaveCount(0);
  } finally {
    await write(
      held.map(({ id, ends_at: end }) => ({ id, end: end === null ? "NULL" : `'${end.toISOString()}'` })),
    );
  }
});
