import type { Page } from "@playwright/test";
import { generateSync } from "otplib";
import pg from "pg";
import { type Contents, type OutsideDatabase, startOutsideDatabase } from "../processes/outside-database";
import { type PosternProcess, ready, spawnPostern } from "../processes/postern-process";

/** A Postern without demo data that the journeys of one file have for themselves. */
export interface OwnPostern {
  readonly database: OutsideDatabase;
  readonly postern: PosternProcess;
  /** A connection of the database's owner. */
  readonly client: pg.Client;
  /** A code of the app that is accepted now, whenever the last one was used. */
  freshCode(secret: string): Promise<string>;
  /** Opens the address, printed by the start, at which the first Owner is made. */
  openSetUp(page: Page): Promise<void>;
  stop(): Promise<void>;
}

export async function startOwnPostern(
  name: string,
  contents: Contents,
  environment: Readonly<Record<string, string>> = {},
  /** What is in front of the database, given its address. */
  before?: (url: string) => Promise<{ readonly url: string; stop(): Promise<void> }>,
): Promise<OwnPostern> {
  const database = await startOutsideDatabase(name, contents);
  const way = await before?.(database.url);
  const postern = await spawnPostern({
    ...database.environment,
    ...(way ? { DATABASE_URL: way.url } : {}),
    ...environment,
  });
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return {
    database,
    postern,
    client,
    async freshCode(secret) {
      await client.query("UPDATE totp_factors SET last_used_step = NULL");
      return generateSync({ secret });
    },
    async openSetUp(page) {
      const printed = /https?:\S*set-up\?token=[\w-]+/.exec(await postern.says("set-up?token="))?.[0] ?? "";
      await postern.says(ready);
      const { pathname, search } = new URL(printed);
      await page.goto(`${postern.url}${pathname}${search}`);
    },
    async stop() {
      await client.end();
      await database.stop();
      await way?.stop();
    },
  };
}

/** Confirms the displayed key with one of its codes, and returns the key. */
export async function confirmKey(page: Page): Promise<string> {
  const secret = ((await page.getByText(/^Key:/).locator("code").textContent()) ?? "").replaceAll(" ", "");
  await page.getByLabel("Verification code").fill(generateSync({ secret }));
  await page.getByRole("button", { name: "Confirm" }).click();
  await page.getByRole("button", { name: "I have stored them" }).click();
  return secret;
}
