import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test as base, chromium, type Page } from "@playwright/test";
import Chromium from "@sparticuz/chromium";
import { generateSync } from "otplib";

interface Account {
  readonly key: string;
  readonly email: string;
  readonly password: string;
  readonly totpSecret: string | null;
}

/** A demo account of the server under test. */
export function account(key: string): Account {
  const file = join(process.env.E2E_FOLDER ?? "", "demo-accounts.json");
  const found = (JSON.parse(readFileSync(file, "utf8")) as Account[]).find((each) => each.key === key);
  if (!found) throw new Error(`no demo account ${key}`);
  return found;
}

/** A code that the server has not seen: steps run one ahead at the most, so the next is waited for when both are used. */
const usedSteps = new Map<string, number>();
export async function freshCode(secret: string): Promise<string> {
  for (;;) {
    const now = Math.floor(Date.now() / 30_000);
    const step = Math.max(now, (usedSteps.get(secret) ?? 0) + 1);
    if (step <= now + 1) {
      usedSteps.set(secret, step);
      return generateSync({ secret, epoch: step * 30 });
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

export async function signIn(page: Page, key: string): Promise<void> {
  const { email, password } = account(key);
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

/** Tests in the Chromium that npm brings on Linux x64, and in Playwright's own elsewhere. */
export const test = base.extend({
  browser: [
    async ({ playwright: _playwright }, use) => {
      const packaged = process.platform === "linux" && process.arch === "x64";
      process.env.TMPDIR = process.env.E2E_BROWSER_FOLDER;
      const browser = await chromium.launch(
        packaged
          ? {
              executablePath: await Chromium.executablePath(),
              args: [...Chromium.args.filter((argument) => argument !== "--single-process"), "--no-sandbox"],
            }
          : {},
      );
      await use(browser);
      await browser.close();
    },
    { scope: "worker" },
  ],
  baseURL: async ({ playwright: _playwright }, use) => {
    await use(process.env.E2E_URL);
  },
});
