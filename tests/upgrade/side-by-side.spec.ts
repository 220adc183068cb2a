import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { generateSync } from "otplib";
import pg from "pg";
import { ensureDatabase, startPostgres } from "@/lib/server/database/embedded-postgres";
import { run } from "@/scripts/parts/run.mjs";
import { launchBrowser } from "../support/e2e/e2e";
import { type PosternProcess, ready, spawnPostern, stopAll } from "../support/processes/postern-process";

// The version before, built from the history of this repository, and this one, on one database: npm run test:upgrade --
// REF.
const former = process.env.POSTERN_FORMER ?? "";
const git = (...given: string[]) => execFileSync("git", given, { encoding: "utf8", maxBuffer: 2 ** 30 });

let folder: string;
let tree: string;
let database: Awaited<ReturnType<typeof startPostgres>>;
test.beforeAll(async () => {
  test.setTimeout(1_800_000);
  folder = mkdtempSync(join(tmpdir(), "postern-upgrade-"));
  tree = join(folder, "former");
  mkdirSync(tree);
  const archive = join(folder, "former.tar");
  git("archive", "--format=tar", `--output=${archive}`, former);
  execFileSync("tar", ["-xf", archive, "-C", tree]);
  // Installs what it needs first.
  execFileSync(process.execPath, ["scripts/build.mjs"], {
    cwd: tree,
    stdio: ["ignore", "ignore", "inherit"],
  });
  await run(process.execPath, ["scripts/build.mjs"]);
  database = await startPostgres(join(folder, "elsewhere"));
});
test.afterAll(async () => {
  await stopAll();
  await database?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

function account(key: string): { email: string; password: string; totpSecret: string } {
  const accounts = JSON.parse(readFileSync(join(folder, "demo-accounts.json"), "utf8"));
  return accounts.find((each: { key: string }) => each.key === key);
}

async function signIn(page: Page, { url }: PosternProcess, key: string) {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("Email").fill(account(key).email);
  await page.getByLabel("Password").fill(account(key).password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
}

test(`${former} serves on while this version migrates and after it, and both see the same`, async () => {
  const environment = {
    DATABASE_URL: await ensureDatabase(database, "postern"),
    POSTERN_DEMO: "1",
    POSTERN_WORKER: "1",
    POSTERN_DATA_DIR: folder,
    POSTERN_ENCRYPTION_KEYS: `k1:${randomBytes(32).toString("hex")}`,
  };
  const old = await spawnPostern(environment, [], tree);
  await old.says(ready);
  process.env.E2E_BROWSER_FOLDER_0 = folder;
  process.env.E2E_URL_0 = old.url;
  process.env.E2E_FOLDER_0 = folder;
  process.env.E2E_BEGUN_0 = new Date().toISOString();
  const browser = await launchBrowser();
  const page = await browser.newPage();
  const client = new pg.Client({ connectionString: environment.DATABASE_URL });
  await client.connect();
  try {
    await signIn(page, old, "owner");
    const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    const paths = [
      "/",
      "/my-roles",
      "/resources",
      "/audit",
      "/people",
      "/approvals",
      "/worker",
      "/dashboard",
    ];
    const faults: string[] = [];
    let working = true;
    let count = 0;
    const work = async () => {
      for (; working; count += 1) {
        const path = paths[count % paths.length] ?? "/";
        const code = await fetch(`${old.url}${path}`, { headers: { cookie }, redirect: "manual" }).then(
          ({ status }) => status,
          (error: Error) => error.message,
        );
        if (code !== 200) faults.push(`${path}: ${code}`);
      }
    };
    const workers = [work(), work()];
    const { rows: before } = await client.query("SELECT migration_name FROM _prisma_migrations");
    const fresh = await spawnPostern({ ...environment, POSTERN_WORKER: "0" });
    await fresh.says(ready);
    const { rows: after } = await client.query("SELECT migration_name FROM _prisma_migrations");
    console.log(
      `${after.length - before.length} migrations were applied, ${count} pages read of ${former} meanwhile.`,
    );
    const atReady = count;
    await expect.poll(() => count).toBeGreaterThan(atReady + 2 * paths.length);
    working = false;
    await Promise.all(workers);
    expect(faults).toEqual([]);

    // A session of either is good at the other, and so are access, proofs and the log.
    for (const [here, there] of [
      [old, fresh],
      [fresh, old],
    ] as const) {
      await page.context().clearCookies();
      await signIn(page, here, "eligible-owner");
      await client.query(
        "UPDATE totp_factors SET last_used_step = NULL WHERE user_id = (SELECT id FROM principals WHERE email = $1)",
        [account("eligible-owner").email],
      );
      await page.goto(`${there.url}/my-roles`);
      await page.getByRole("button", { name: "Activate Owner on Contoso Production" }).click();
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("Reason").fill("Side by side");
      await dialog
        .getByLabel("Verification code")
        .fill(generateSync({ secret: account("eligible-owner").totpSecret }));
      await expect(page.getByText("The role is active now.")).toBeVisible();
      await page.goto(`${here.url}/my-roles?tab=active`);
      await expect(page.getByRole("timer").first()).toBeVisible();
      await page.goto(`${here.url}/my-audit?range=1h`);
      await expect(page.getByText(/activated Owner/).first()).toBeVisible();
      await client.query(
        `UPDATE assignments SET ends_at = greatest(starts_at, now()), expiry_recorded_for = greatest(starts_at, now())
         WHERE assignment_type = 'Activated' AND ends_at > now() AND created_at > now() - interval '10 minutes'`,
      );
    }
    expect((await fetch(`${old.url}/healthz`)).status).toBe(200);
    for (const each of [old, fresh]) expect(each.output()).not.toMatch(/"level":"?(50|error)/);
  } finally {
    await client.end();
    await browser.close();
  }
});
