import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, expect, test } from "@playwright/test";
import { generateSync } from "otplib";
import pg from "pg";
import { maximumLargeBytes } from "@/lib/domain/imports/import-kinds";
import { freePort } from "@/lib/server/database/embedded-postgres";
import { launchBrowser } from "../../support/e2e/e2e";
import { serverAction } from "../../support/e2e/server-actions";
import { certificateFor } from "../../support/peers/certificate";
import {
  ask,
  endProxies,
  lastingPort,
  proxiesHere,
  publicUrl,
  type RunningProxy,
  startProxy,
} from "../../support/peers/proxies";
import { type OutsideDatabase, startOutsideDatabase } from "../../support/processes/outside-database";
import { type PosternProcess, ready, spawnPostern } from "../../support/processes/postern-process";

// The configurations of docs/production/, run by the real proxies in front of two real replicas. If neither
// this machine nor Debian's packages have a proxy, `npm test` says so.
test.describe.configure({ mode: "serial" });

let database: OutsideDatabase;
let client: pg.Client;
let replicas: PosternProcess[] = [];
let proxies: RunningProxy[] = [];
let metricsPort: number;
let environment: Readonly<Record<string, string>>;

test.beforeAll(async () => {
  test.setTimeout(300_000);
  database = await startOutsideDatabase("proxies", "Demo");
  environment = {
    ...database.environment,
    POSTERN_URL: publicUrl,
    POSTERN_TRUSTED_PROXIES: "1",
    POSTERN_DRAIN_SECONDS: "4",
  };
  metricsPort = await freePort();
  const ports = [await lastingPort(), await lastingPort()] as const;
  replicas = await Promise.all([
    spawnPostern({ ...environment, PORT: String(ports[0]), POSTERN_METRICS_ADDRESS: String(metricsPort) }),
    spawnPostern({ ...environment, PORT: String(ports[1]) }),
  ]);
  await Promise.all(replicas.map((each) => each.says(ready)));
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const certificate = await certificateFor("postern.example.com");
  proxies = await Promise.all(
    proxiesHere.map((name) =>
      startProxy({ name, folder: join(database.folder, name), certificate, replicas: ports }),
    ),
  );
});
test.afterAll(async () => {
  await Promise.all(proxies.map((each) => each.stop()));
  endProxies();
  await client?.end();
  await database?.stop();
});

/** A browser for which the proxy is Postern's public address. */
async function browserOf(proxy: RunningProxy): Promise<{ browser: Browser; context: BrowserContext }> {
  const browser = await launchBrowser([
    `--host-resolver-rules=MAP postern.example.com:443 127.0.0.1:${proxy.port}`,
  ]);
  return { browser, context: await browser.newContext({ baseURL: publicUrl, ignoreHTTPSErrors: true }) };
}

function account(key: string): { email: string; password: string; totpSecret: string } {
  const accounts = JSON.parse(readFileSync(join(database.folder, "demo-accounts.json"), "utf8"));
  return accounts.find((each: { key: string }) => each.key === key);
}

async function signIn(context: BrowserContext, key: string) {
  const page = await context.newPage();
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(account(key).email);
  await page.getByLabel("Password").fill(account(key).password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
  return page;
}

const cookieOf = async (context: BrowserContext) =>
  (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");

/** A form of a page, as its script posts it. */
function formOf(name: string, fields: Readonly<Record<string, string>> = {}) {
  const body = new FormData();
  for (const [field, value] of Object.entries(fields)) body.append(`_1_${field}`, value);
  body.append(
    "0",
    name === "signInAction" ? '[{"message":null,"fieldErrors":{},"email":""},"$K1"]' : '["$K1"]',
  );
  const { id, path } = serverAction(name);
  return { path, method: "POST", body, headers: { "next-action": id, accept: "text/x-component" } };
}

for (const name of proxiesHere) {
  const proxyHere = () => {
    const found = proxies.find((each) => each.name === name);
    if (!found) throw new Error(`${name} does not run`);
    return found;
  };

  test(`${name}: people are who they are, whatever a client claims, and only this site may change anything`, async () => {
    const proxy = proxyHere();
    const plain = await fetch(`http://127.0.0.1:${proxy.plainPort}/my-roles`, {
      redirect: "manual",
      headers: { host: "postern.example.com" },
    });
    expect(plain.status).toBe(308);
    expect(plain.headers.get("location")).toMatch(/^https:\/\/.*\/my-roles$/);
    const forged = {
      "x-forwarded-for": "203.0.113.7",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "http",
      forwarded: "for=203.0.113.7;host=evil.example",
      "x-real-ip": "203.0.113.7",
      "x-request-id": "forged-request-id",
      "x-postern-client-address": "203.0.113.7",
    };
    const page = await ask(proxy, "/sign-in", { headers: forged });
    expect(page.status).toBe(200);
    expect(page.headers["strict-transport-security"]).toContain("max-age=");
    expect(page.headers["x-request-id"]).not.toBe("forged-request-id");
    expect(page.text).not.toContain("evil.example");
    for (const path of ["/livez", "/readyz", "/healthz", "/metrics"])
      expect((await ask(proxy, path)).status, path).toBe(404);
    expect((await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).status).toBe(200);

    const [{ before }] = (await client.query("SELECT max(sequence) AS before FROM audit_events")).rows;
    const guess = { email: account("auditor").email, password: "a guess" };
    const { path, headers, ...form } = formOf("signInAction", guess);
    const post = (origin: string) =>
      ask(proxy, path, { ...form, headers: { ...headers, ...forged, origin } });
    expect((await post("https://evil.example")).status).toBe(403);
    expect((await post("http://postern.example.com")).status).toBe(403);
    expect((await post(publicUrl)).status).toBe(200);
    const counted = async () => {
      const { rows } = await client.query(
        "SELECT ip_address FROM audit_events WHERE kind = 'SignInFailed' AND sequence > $1",
        [before],
      );
      return rows.map(({ ip_address: address }) => address);
    };
    await expect.poll(counted).toEqual(["127.0.0.1"]);

    // A body that a browser may send passes; a body that Postern would refuse is refused, by either.
    const cookie = (length: number) => ({ headers: { cookie: `other=${"x".repeat(length)}` } });
    expect((await ask(proxy, "/sign-in", cookie(12_000))).status).toBe(200);
    expect((await ask(proxy, "/sign-in", cookie(40_000))).status).toBeGreaterThanOrEqual(400);
    expect((await ask(proxy, "/sign-in", cookie(40_000))).status).toBeLessThan(500);
  });

  test(`${name}: a member signs in and activates with a code, an Owner imports the largest file, and notices stream`, async () => {
    const proxy = proxyHere();
    const { browser, context } = await browserOf(proxy);
    try {
      const page = await signIn(context, "eligible-owner");
      const session = (await context.cookies()).find(({ httpOnly }) => httpOnly);
      expect(session).toMatchObject({
        name: expect.stringMatching(/^__Host-/),
        secure: true,
        sameSite: "Lax",
      });
      const notices = await ask(proxy, "/notifications/stream", {
        headers: { cookie: await cookieOf(context) },
        until: "event: unread",
      });
      expect(notices.status).toBe(200);
      await client.query(
        "UPDATE totp_factors SET last_used_step = NULL WHERE user_id = (SELECT id FROM principals WHERE email = $1)",
        [account("eligible-owner").email],
      );
      await page.goto("/my-roles");
      await page.getByRole("button", { name: "Activate Owner on Contoso Production" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Reason").fill(`Behind ${name}`);
      await dialog
        .getByLabel("Verification code")
        .fill(generateSync({ secret: account("eligible-owner").totpSecret }));
      await expect(page.getByText("The role is active now.")).toBeVisible();
      // The other proxy shows it as activated.
      await client.query(
        `UPDATE assignments SET ends_at = greatest(starts_at, now()), expiry_recorded_for = greatest(starts_at, now())
         WHERE assignment_type = 'Activated' AND ends_at > now() AND created_at > now() - interval '10 minutes'`,
      );
      await context.clearCookies();
      const owner = await signIn(context, "owner");
      const upload = (bytes: number, query: string) =>
        owner.evaluate(
          async ([length, kind]) => {
            // Of pieces, as a file is: to make and send it as one text takes the browser ten times as long.
            const head = "displayName\n";
            const empty = new Uint8Array(1024 * 1024).fill(10);
            const rest = length - head.length;
            const whole = Array.from({ length: Math.floor(rest / empty.length) }, () => empty);
            const body = new Blob([head, ...whole, empty.subarray(0, rest % empty.length)]);
            const response = await fetch(`/import/upload?${kind}`, { method: "POST", body });
            return response.status;
          },
          [bytes, query] as const,
        );
      const [one, several] = ["kind=Groups&name=groups.csv", "kind=Several&head=100"];
      expect(await upload(maximumLargeBytes, one)).toBe(422);
      expect(await upload(maximumLargeBytes + 1, one)).toBe(413);
      expect(await upload(maximumLargeBytes, several)).toBe(422);
    } finally {
      await browser.close();
    }
  });
}

async function stopAndKill() {
  test.setTimeout(180_000);
  const [first] = proxies;
  if (!first) return;
  const { browser, context } = await browserOf(first);
  await signIn(context, "member");
  const cookie = await cookieOf(context);
  await browser.close();
  const faults: string[] = [];
  const counts = { pages: 0, changes: 0 };
  let working = true;
  const work = async (proxy: RunningProxy, kind: keyof typeof counts) => {
    const { path, headers, ...form } = formOf("markAllRead");
    while (working) {
      const asked =
        kind === "pages"
          ? ask(proxy, "/my-roles", { headers: { cookie } })
          : ask(proxy, path, { ...form, headers: { ...headers, cookie, origin: publicUrl } });
      const { status } = await asked.catch((error: Error) => ({ status: error.message }));
      if (status === 200) counts[kind] += 1;
      else faults.push(`${proxy.name}, ${kind}: ${status}`);
    }
  };
  const workers = proxies.flatMap((proxy) =>
    (["pages", "changes", "changes"] as const).map((kind) => work(proxy, kind)),
  );
  const [left, right] = replicas;
  if (!left || !right) throw new Error("no replicas");
  const some = () => expect.poll(() => Math.min(counts.pages, counts.changes), { timeout: 60_000 });
  await some().toBeGreaterThan(proxies.length);
  await Promise.all(proxies.map((each) => each.takeOut(left.port)));
  await left.stop();
  const atStop = { ...counts };
  await some().toBeGreaterThan(Math.max(atStop.pages, atStop.changes) + proxies.length);
  working = false;
  await Promise.all(workers);
  expect(faults).toEqual([]);

  const back = await spawnPostern({ ...environment, PORT: String(left.port), POSTERN_LOG_LEVEL: "info" });
  await back.says(ready);
  await Promise.all(proxies.map((each) => each.putBack()));
  const page = (proxy: RunningProxy) => ask(proxy, "/my-roles", { headers: { cookie } });
  for (const proxy of proxies) {
    const before = back.output().length;
    await expect
      .poll(
        async () => {
          await page(proxy);
          return back.output().slice(before);
        },
        { timeout: 30_000 },
      )
      .toContain('"path":"/my-roles"');
  }
  await right.kill();
  for (const proxy of proxies)
    for (let count = 0; count < 6; count += 1) expect((await page(proxy)).status, proxy.name).toBe(200);
}

if (proxiesHere.length > 0)
  test(
    "while people work behind every proxy, a replica is stopped and nothing fails; another is killed and pages go on",
    stopAndKill,
  );
