import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import pg from "pg";
import { reEncryptSecrets } from "@/lib/operations/people/re-encrypt-secrets";
import { openDatabase } from "@/lib/platform/database";
import { readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { readKeyUse } from "@/lib/queries/notifications/encryption-keys";
import { checkKeys } from "@/lib/server/database/encryption-keys";
import { root } from "@/scripts/parts/root.mjs";

// npm run keys: tells which encryption key is for what, and which may go. With --re-encrypt it first puts everything
// under the first key, as the worker does every quarter of an hour. Without DATABASE_URL it asks the embedded database
// of a Postern that runs.
const folder = resolve(root, process.env.POSTERN_DATA_DIR || ".postern");

function kept(file: string): string {
  const path = join(folder, file);
  if (!existsSync(path)) throw new Error(`${path} is missing: set POSTERN_DATA_DIR, or DATABASE_URL.`);
  return readFileSync(path, "utf8").trim();
}

function embeddedUrl(): string {
  const moved = join(folder, "postgres-moved-to");
  const home = existsSync(moved) ? kept("postgres-moved-to") : folder;
  const running = join(home, "postgres", "postmaster.pid");
  if (!existsSync(running)) throw new Error("Postern does not run: start it, or set DATABASE_URL.");
  const port = readFileSync(running, "utf8").split("\n")[3];
  return `postgresql://postgres:${kept("postgres-password")}@127.0.0.1:${port}/postern`;
}

async function main(): Promise<void> {
  const url = process.env.DATABASE_URL || embeddedUrl();
  const text = process.env.POSTERN_ENCRYPTION_KEYS || kept("encryption-keys");
  const keys = readEncryptionKeys(text);
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  try {
    await checkKeys(owner, keys);
  } finally {
    await owner.end();
  }
  const database = openDatabase({ url, maximumConnections: 2 });
  try {
    if (process.argv.includes("--re-encrypt"))
      console.log(`Re-encrypted: ${await reEncryptSecrets(database, keys)}.`);
    for (const { id, secrets, use } of await readKeyUse(database, keys))
      console.log(`${id.padEnd(32)} ${String(secrets).padStart(6)} stored under it. ${use}`);
  } finally {
    await database.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
