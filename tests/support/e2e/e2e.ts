import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Browser,
  type BrowserContext,
  test as base,
  chromium,
  type Page,
  type Response,
} from "@playwright/test";
import Chromium from "@sparticuz/chromium";
import { decode } from "next-auth/jwt";
import { generateSync } from "otplib";
import { ask } from "./database";
import { server } from "./server";

interface Account {
  readonly key: string;
  readonly email: string;
  readonly password: string;
  readonly totpSecret: string | null;
}

/** The accounts of people whom journeys have created for themselves (own-person.ts). */
const ownAccounts: Account[] = [];

/** Lets somebody sign in by their key, like the demo's accounts. */
export function keepAccount(made: Account): void {
  ownAccounts.push(made);
}

function accounts(): Account[] {
  const demo: Account[] = JSON.parse(readFileSync(join(server().folder, "demo-accounts.json"), "utf8"));
  return [...demo, ...ownAccounts];
}

/** An account of the server under test: one of its demo, or a journey's own person. */
export function account(key: string): Account {
  const found = accounts().find((each) => each.key === key);
  if (!found) throw new Error(`no account ${key}`);
  return found;
}

const stepMilliseconds = 30_000;
const attemptStep = (secret: string, step: number): boolean => {
  const folder = join(server().folder, "codes");
  mkdirSync(folder, { recursive: true });
  const name = createHash("sha256").update(`${secret} ${step}`).digest("hex");
  try {
    writeFileSync(join(folder, name), "", { flag: "wx" });
    return true;
  } catch {
    return false;
  }
};
const newestStep = new Map<string, number>();

/**
 * An unused code. For an account, the server forgets earlier codes, since a journey that follows another would
 * otherwise wait half a minute. Other secrets have three valid steps at a time (one of drift either way), used in order
 * across workers.
 */
export async function freshCode(secret: string): Promise<string> {
  const known = accounts().find(({ totpSecret }) => totpSecret === secret);
  if (known) {
    await ask(
      `UPDATE totp_factors SET last_used_step = NULL
       WHERE removed_at IS NULL AND user_id = (SELECT id FROM principals WHERE email = $1)`,
      [known.email],
    );
    return generateSync({ secret });
  }
  for (;;) {
    const now = Date.now();
    const current = Math.floor(now / stepMilliseconds);
    // The previous step is valid only while enough of the current one is left for the code to arrive.
    const first = stepMilliseconds - (now % stepMilliseconds) > 10_000 ? current - 1 : current;
    for (let step = Math.max(first, (newestStep.get(secret) ?? 0) + 1); step <= current + 1; step += 1) {
      newestStep.set(secret, step);
      if (attemptStep(secret, step)) return generateSync({ secret, epoch: step * 30 });
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

type Cookies = Awaited<ReturnType<BrowserContext["cookies"]>>;
/** The cookies of each account's last session in this worker, with the contexts that use it. */
const sessions = new Map<string, Cookies>();
const users = new Map<BrowserContext, string>();

/**
 * Saves the current session, since a step-up has changed it, and the time zone cookie, which costs an extra page load.
 * A browser that lost the answer to a step-up has a former secret, which would end during one of the next tests.
 */
async function keepSession(context: BrowserContext): Promise<void> {
  const key = users.get(context);
  if (key === undefined) return;
  const kept = (await context.cookies()).filter(({ httpOnly, name }) => httpOnly || name === "postern-tz");
  if (await isPresent(sessionIn(kept))) sessions.set(key, kept);
  else sessions.delete(key);
}

const sessionIn = (cookies: Cookies | undefined) =>
  cookies?.find(({ name }) => name === "postern-session")?.value;

/** Whether a cookie has its session's present secret. */
async function isPresent(cookie: string | undefined): Promise<boolean> {
  if (cookie === undefined) return false;
  const secret = readFileSync(join(server().folder, "session-secret"), "utf8").trim();
  const claims = await decode({ token: cookie, secret, salt: "postern-session" });
  const hash = createHash("sha256").update(String(claims?.secret)).digest();
  const found = await ask("SELECT FROM sessions WHERE id = $1 AND secret_hash = $2 AND ended_at IS NULL", [
    claims?.sessionId,
    hash,
  ]);
  return found.length === 1;
}

/** Signs in through the form. The next `signIn` of the account reuses this session while it is valid. */
export async function signInAnew(page: Page, key: string): Promise<void> {
  const { email, password } = account(key);
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  users.set(page.context(), key);
  await keepSession(page.context());
}

/**
 * Opens a page as an account, with the session that the page has or that an earlier test left. By default the
 * home page. Returns the server's response.
 */
export async function signIn(page: Page, key: string, path = "/"): Promise<Response | null> {
  const current = users.get(page.context());
  const kept = sessions.get(key);
  // A context that a test has closed, or still uses, may have renewed it since.
  const present = current === key || (await isPresent(sessionIn(kept)));
  if (kept && present && (current === key || current === undefined)) {
    if (current === undefined) await page.context().addCookies(kept);
    const response = await page.goto(path);
    if (new URL(page.url()).pathname !== "/sign-in") {
      users.set(page.context(), key);
      return response;
    }
  }
  await signInAnew(page, key);
  return page.goto(path);
}

/** Flags of the packaged Chromium that are meant for cloud functions and make it less strict than people's browsers. */
const laxFlags = [
  "--single-process",
  "--disable-web-security",
  "--allow-running-insecure-content",
  "--disable-site-isolation-trials",
  // Without a zygote each page's process is started from nothing.
  "--no-zygote",
];
/** Flags that emulate a graphics card, which would take a third of the processor time of all journeys. */
const graphicsFlags = [
  "--use-gl=angle",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
  "--ignore-gpu-blocklist",
  "--in-process-gpu",
];
const leftOut = new Set([...laxFlags, ...graphicsFlags]);
const added = ["--no-sandbox", "--disable-gpu", "--disable-gpu-compositing", "--disable-software-rasterizer"];

/**
 * Ends what earlier journeys have activated and not deactivated, for example because they failed. What belongs
 * to the demo stays.
 */
function endActivations() {
  return ask(
    `UPDATE assignments SET ends_at = greatest(starts_at, now()),
       expiry_recorded_for = greatest(starts_at, now())
     WHERE assignment_type = 'Activated' AND created_at > $1 AND ends_at > now()`,
    [server().begun],
  );
}

/** Starts the Chromium that npm brings on Linux x64, and Playwright's own elsewhere. */
export async function launchBrowser(flags: readonly string[] = []): Promise<Browser> {
  const packaged = process.platform === "linux" && process.arch === "x64";
  process.env.TMPDIR = server().browserFolder;
  if (!packaged) return chromium.launch({ args: [...flags] });
  const kept = Chromium.args.filter((argument) => !leftOut.has(argument));
  return chromium.launch({
    executablePath: await Chromium.executablePath(),
    args: [...kept, ...added, ...flags],
  });
}

/**
 * By how many milliseconds a page's scripts are delayed. POSTERN_LATE_SCRIPTS finds early input that pages
 * lose, and journeys that pass only on a machine as fast as the one on which they were written.
 */
const lateness = Number(process.env.POSTERN_LATE_SCRIPTS ?? 0);

/** Tests in that browser, on the server of this worker. */
export const test = base.extend<{ signedIn: undefined }>({
  browser: [
    async ({ playwright: _playwright }, use) => {
      const browser = await launchBrowser();
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],
  context: async ({ context }, use) => {
    if (lateness > 0)
      await context.route("**/_next/static/**/*.js", async (route) => {
        await new Promise((come) => setTimeout(come, lateness));
        await route.fallback();
      });
    await use(context);
  },
  signedIn: [
    // Uses the context so that it ends before the context does.
    async ({ context: _context }, use) => {
      await endActivations();
      await use(undefined);
      for (const context of users.keys()) await keepSession(context).catch(() => {});
      users.clear();
    },
    { auto: true },
  ],
  baseURL: async ({ playwright: _playwright }, use) => {
    await use(server().url);
  },
});
