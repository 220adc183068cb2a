import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import pg from "pg";
import { freePort } from "@/lib/server/database/embedded-postgres";
import { builtRoutes } from "@/lib/server/http/request-place";
import { type OddRequest, oddRequests } from "../../support/e2e/odd-requests";
import { writtenByScript } from "../../support/e2e/react-reply";
import { sendOddScim } from "../../support/e2e/scim-over-http";
import { serverActions } from "../../support/e2e/server-actions";
import {
  clientId,
  clientSecret,
  startIdentityProvider,
  type TestProvider,
} from "../../support/peers/identity-provider";
import { type OutsideDatabase, startOutsideDatabase } from "../../support/processes/outside-database";
import { type PosternProcess, ready, spawnPostern } from "../../support/processes/postern-process";

// Posts every action of the built product as its pages do, to a Postern of this file's own. Shows that the
// front door's assumptions about how Next.js and React write a form are right for the installed versions. Then
// sends requests that no page sends to all entry points: POSTERN_HTTP_FUZZ and POSTERN_FUZZ_SEED say how many,
// and which; POSTERN_SCIM_FUZZ how many of a directory.

/** The front door's answer to a body that it cannot read. Next.js never gives this answer to an action of our pages. */
const refusals = new Map([
  [400, "is not valid"],
  [405, "is no form"],
  [409, "is no action of this build"],
  [413, "is too large"],
]);
const changed =
  "Next.js or React write forms otherwise than lib/server/http/posted-form.ts and react-arguments.ts read them";

/** Posted last, since it signs the person out. */
const endings = new Set(["signOutAction", "endSessions"]);

let database: OutsideDatabase;
let postern: PosternProcess;
let provider: TestProvider;
let owner: pg.Client;
let cookie = "";
const place: Record<string, string> = {};
test.describe.configure({ mode: "serial" });
test.beforeAll(async () => {
  test.setTimeout(240_000);
  database = await startOutsideDatabase("actions", "Demo");
  const port = await freePort();
  const publicUrl = `http://localhost:${port}`;
  provider = await startIdentityProvider(publicUrl, "contoso");
  const providers = join(database.folder, "providers.json");
  const stepUp = { acrValues: ["mfa"] };
  const configured = {
    id: "contoso",
    name: "Contoso",
    issuer: provider.issuer,
    clientId,
    clientSecret,
    stepUp,
  };
  writeFileSync(providers, JSON.stringify([{ ...configured, unknownPeople: "CreateWithoutAccess" }]));
  postern = await spawnPostern({
    ...{ PORT: String(port), POSTERN_URL: publicUrl, POSTERN_IDENTITY_PROVIDERS: providers },
    // So that each odd request comes from another network.
    POSTERN_TRUSTED_PROXIES: "1",
    ...database.environment,
  });
  await postern.says(ready);
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  for (const [name, sql] of Object.entries({
    resourceId: "SELECT id FROM resources WHERE display_name = 'Contoso Production'",
    roleId: "SELECT id FROM role_definitions WHERE role_name = 'Contributor'",
    principalId: "SELECT id FROM principals WHERE type = 'User' ORDER BY id LIMIT 1",
    reviewId: "SELECT id FROM access_reviews ORDER BY created_at LIMIT 1",
    eventId: "SELECT id FROM audit_events LIMIT 1",
  }))
    place[`[${name}]`] = (await owner.query<{ id: string }>(sql)).rows[0]?.id ?? "";
});
test.afterAll(async () => {
  await owner.end();
  await provider.close();
  await database.stop();
});

async function post(path: string, headers: Record<string, string>, body: string | FormData) {
  const response = await fetch(`${postern.url}${path}`, {
    method: "POST",
    redirect: "manual",
    headers: { origin: postern.url, cookie, ...headers },
    body,
  });
  const given = response.headers.getSetCookie().map((each) => each.split(";", 1)[0] ?? "");
  return { status: response.status, given, text: await response.text() };
}

/** The fault in the answer to a post; empty when it reached the action. */
function fault(what: string, { status, text }: { status: number; text: string }): string[] {
  if (status < 500 && !refusals.has(status)) return [];
  return [`${what}: ${status}, it ${refusals.get(status) ?? "failed"}: ${text.slice(0, 100)}`];
}

interface PageForm {
  readonly path: string;
  readonly action: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

const unescaped = (text: string) =>
  text
    .replaceAll("&quot;", '"')
    .replaceAll("&#x27;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

/** The forms of a page that work without scripts, each with everything that it would send. */
function formsOf(path: string, html: string): PageForm[] {
  return [...html.matchAll(/<form[^>]*>(.*?)<\/form>/gs)].flatMap(([, inner = ""]) => {
    const fields = [...inner.matchAll(/<(?:input|textarea|select|button)\b([^>]*)>/g)].flatMap(
      ([, attributes = ""]) => {
        const value = (name: string) =>
          unescaped(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? "");
        return value("name") === "" ? [] : [[value("name"), value("value")] as const];
      },
    );
    const named = fields.find(([name]) => /^\$ACTION_(?:ID|REF)_/.test(name))?.[0];
    if (named === undefined) return [];
    const [, described = ""] = fields.find(([name]) => name === `${named.replace("REF_", "")}:0`) ?? [];
    const action = named.startsWith("$ACTION_ID_")
      ? named.slice("$ACTION_ID_".length)
      : ((JSON.parse(described) as { id: string }).id ?? "");
    return [{ path, action, fields }];
  });
}

/** The forms of all pages that can be opened. */
async function allForms(): Promise<PageForm[]> {
  const found: PageForm[] = [];
  for (const route of builtRoutes(process.env.POSTERN_DIST_DIR || ".next")) {
    const path = route.replaceAll(/\[\w+\]/g, (name) => place[name] ?? "none");
    if (/stream|export|upload|healthz|\.\w+$|none/.test(path)) continue;
    const response = await fetch(`${postern.url}${path}`, { headers: { cookie }, redirect: "manual" });
    const html = await response.text();
    if (response.headers.get("content-type")?.startsWith("text/html")) found.push(...formsOf(path, html));
  }
  return found;
}

test("forms of pages without scripts reach their actions", async () => {
  test.setTimeout(240_000);
  const accounts = JSON.parse(readFileSync(join(database.folder, "demo-accounts.json"), "utf8"));
  const { email, password } = (accounts as { email: string; password: string }[])[0] ?? {
    email: "",
    password: "",
  };
  const page = await (await fetch(`${postern.url}/sign-in`)).text();
  const [signIn] = formsOf("/sign-in", page);
  if (!signIn) throw new Error(`${changed}: the sign-in page has no form that works without scripts`);
  const body = new FormData();
  for (const [name, value] of signIn.fields) body.append(name, { email, password }[name] ?? value);
  // A second session, so that there is one to end.
  await post("/sign-in", {}, body);
  const signedIn = await post("/sign-in", {}, body);
  expect(signedIn.status, changed).toBe(303);
  cookie = signedIn.given.join("; ");

  const names = new Map(serverActions().map(({ id, name }) => [id, name]));
  const forms = await allForms();
  const byAction = new Map(forms.map((form) => [form.action, form]));
  expect(byAction.size, "actions that pages have forms for").toBeGreaterThan(5);
  const faults: string[] = [];
  for (const [action, { path, fields }] of byAction) {
    const name = names.get(action);
    if (name === undefined) faults.push(`${path} names ${action}, which is no action of the build`);
    if (endings.has(name ?? "")) continue;
    const form = new FormData();
    for (const [field, value] of fields) form.append(field, value);
    faults.push(...fault(`${name} on ${path}`, await post(path, {}, form)));
  }
  expect(faults, changed).toEqual([]);
});

test("every action of the build takes what React's script writes for it", async () => {
  test.setTimeout(240_000);
  const names = new Set((await allForms()).flatMap(({ fields }) => fields.map(([name]) => name)));
  const filled = () => {
    const form = new FormData();
    for (const name of names) if (!name.startsWith("$ACTION_")) form.append(name, "");
    form.append("justification", "$5 & more\r\n");
    return form;
  };
  const state = { ok: false, message: null, fieldErrors: {}, fields: undefined, email: "" };
  const actions = serverActions();
  expect(actions.length).toBeGreaterThan(40);
  actions.sort((left, right) => Number(endings.has(left.name)) - Number(endings.has(right.name)));
  const faults: string[] = [];
  for (const { id, name, path } of actions)
    for (const given of [[filled()], [state, filled()]]) {
      const body = await writtenByScript(...given);
      const headers = {
        "next-action": id,
        accept: "text/x-component",
        ...(typeof body === "string" ? { "content-type": "text/plain;charset=UTF-8" } : {}),
      };
      faults.push(...fault(name, await post(path, headers, body)));
    }
  expect(faults, changed).toEqual([]);
});

const oddCount = Number(process.env.POSTERN_HTTP_FUZZ ?? 400);
const seed = Number(process.env.POSTERN_FUZZ_SEED ?? 14);

/** Everything that such a request could have changed without a log entry. */
async function standing(): Promise<unknown> {
  const { rows } = await owner.query(
    `SELECT (SELECT count(*) FROM audit_events WHERE outcome = 'Success') AS done,
       (SELECT count(*) FROM principals) AS people, (SELECT count(*) FROM identity_links) AS links,
       (SELECT count(*) FROM identity_link_passes) AS passes, (SELECT count(*) FROM sessions) AS sessions,
       (SELECT count(*) FROM sessions WHERE ended_at IS NULL) AS open, (SELECT count(*) FROM step_up_proofs) AS proofs,
       (SELECT count(*) FROM totp_factors) AS apps, (SELECT count(*) FROM passkeys) AS passkeys,
       (SELECT md5(string_agg(hash, '' ORDER BY user_id)) FROM password_credentials) AS passwords`,
  );
  return rows[0];
}

/** Texts that no answer may contain: internals of the program, and secrets. */
const inside =
  /PrismaClient|node_modules|\bSELECT [\w*]|\bat \S+\.[cm]?[jt]s:\d|violates \w+ constraint|invalid input syntax/;

test(`${oddCount} requests that make no sense find no fault, no leak and no way in`, async () => {
  test.setTimeout(120_000 + oddCount * 60);
  const [account] = JSON.parse(readFileSync(join(database.folder, "demo-accounts.json"), "utf8")) as {
    email: string;
    password: string;
  }[];
  if (!account) throw new Error("the demo has no accounts");
  const signInAgain = async () => {
    const page = await (await fetch(`${postern.url}/sign-in`)).text();
    const [form] = formsOf("/sign-in", page);
    const body = new FormData();
    for (const [name, value] of form?.fields ?? [])
      body.append(name, { email: account.email, password: account.password }[name] ?? value);
    return (await post("/sign-in", {}, body)).given.join("; ");
  };
  cookie = await signInAgain();

  // On the redirect to the provider and back, which somebody else then interrupts.
  const own = { "sec-fetch-site": "same-origin" };
  // No other page sends somebody there, so that nobody is signed in without a click of their own.
  const others: [string, string][] = [
    ["accept", "*/*"],
    ["sec-fetch-site", "cross-site"],
    ["referer", "https://elsewhere.example/"],
  ];
  for (const [name, value] of others) {
    const headers = { [name]: value };
    const sent = await fetch(`${postern.url}/api/auth/signin/contoso`, { headers, redirect: "manual" });
    expect(sent.headers.get("location"), name).toBe("/sign-in");
  }
  const begun = await fetch(`${postern.url}/api/auth/signin/contoso`, { headers: own, redirect: "manual" });
  const traveller = begun.headers
    .getSetCookie()
    .map((each) => each.split(";", 1)[0])
    .join("; ");
  const there = new URL(begun.headers.get("location") ?? "");
  expect(there.origin, "the way to the provider").toBe(provider.issuer);
  const back = new URLSearchParams({
    code: "x",
    state: there.searchParams.get("state") ?? "",
    iss: provider.issuer,
  });
  const now = Math.floor(Date.now() / 1_000);
  const common = { iss: provider.issuer, aud: clientId, iat: now, exp: now + 60 };
  const events = { "http://schemas.openid.net/event/backchannel-logout": {} };
  const signed = await Promise.all([
    provider.sign({ ...common, sub: "nobody", jti: "a" }, { typ: "logout+jwt" }),
    provider.sign({ ...common, sub: "ada", jti: "b", events, nonce: "n" }, { typ: "logout+jwt" }),
    provider.sign({ ...common, sub: "ada", jti: "c", events }, { typ: "at+jwt" }),
    provider.sign({ ...common, aud: "other", sub: "ada", jti: "d", events }, { typ: "logout+jwt" }),
  ]);
  const { rows } = await owner.query<{ id: string }>("SELECT id FROM step_up_challenges LIMIT 1");
  const leading = /sign-in\/|choose-password\/|set-up\/|account\/security\//;
  const actions = serverActions().filter(({ file, name }) => leading.test(file) && !endings.has(name));
  expect(actions.length).toBeGreaterThan(15);
  const known = {
    providerId: "contoso",
    back,
    email: account.email,
    challengeId: rows[0]?.id ?? "",
    signed,
    actions,
  };

  const before = await standing();
  const secrets = [
    account.password,
    clientSecret,
    ...cookie.split("; ").map((each) => each.split("=", 2)[1] ?? ""),
  ];
  const faults: string[] = [];
  const statuses = new Map<number, number>();
  let sent = 0;
  const cookies = { stranger: "", traveller, person: cookie };
  async function send(odd: OddRequest): Promise<void> {
    sent += 1;
    const filled = Object.entries(odd.headers).map(([name, value]) => [
      name,
      value.replaceAll("{origin}", postern.url),
    ]);
    const network = `10.${sent % 251}.${Math.floor(sent / 251) % 251}.9`;
    const response = await fetch(`${postern.url}${odd.path}`, {
      ...{ method: odd.method, body: odd.body, redirect: "manual" },
      headers: { ...Object.fromEntries(filled), cookie: cookies[odd.as], "x-forwarded-for": network },
    });
    const text = await response.text();
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
    const said = `${text} ${JSON.stringify([...response.headers])}`;
    const wrong =
      (response.status >= 500 && "a fault") ||
      (inside.exec(text)?.[0] ?? null) ||
      (secrets.some((secret) => said.includes(secret)) && "a secret");
    if (wrong)
      faults.push(`${wrong}: ${odd.method} ${odd.path.slice(0, 200)} as ${odd.as}: ${response.status}`);
  }
  const waiting = oddRequests(known, oddCount, seed);
  const sending = async () => {
    for (const odd of waiting) {
      await send(odd);
      if (faults.length > 20) return;
    }
  };
  await Promise.all([sending(), sending(), sending(), sending()]);
  console.log(`${sent} odd requests, answered ${JSON.stringify(Object.fromEntries([...statuses].sort()))}`);
  expect(faults).toEqual([]);
  expect(await standing()).toEqual(before);
  const home = await fetch(`${postern.url}/`, { headers: { cookie }, redirect: "manual" });
  expect(home.status, "whoever was signed in still is").toBe(200);
  const lines = postern
    .output()
    .split("\n")
    .filter((line) => line.startsWith("{"));
  const errors = lines.filter(
    (line) => Number(JSON.parse(line).level) >= 50 || JSON.parse(line).level === "error",
  );
  expect(errors.slice(0, 5)).toEqual([]);
});

const scimCount = Number(process.env.POSTERN_SCIM_FUZZ ?? 60);

test(`${scimCount} requests of a directory that make no sense find no fault, no leak and no change beside the log`, async () => {
  test.setTimeout(60_000 + scimCount * 60);
  const every = Math.ceil(scimCount / 1_000);
  const { requests, statuses, faults } = await sendOddScim(postern.url, owner, {
    count: scimCount,
    seed,
    every,
  });
  console.log(
    `${requests} requests of SCIM, answered ${JSON.stringify(Object.fromEntries([...statuses].sort()))}`,
  );
  expect(faults).toEqual([]);
  // Some of them succeeded: otherwise nothing would have been tested.
  expect((statuses.get(200) ?? 0) + (statuses.get(201) ?? 0)).toBeGreaterThan(scimCount / 20);
});
