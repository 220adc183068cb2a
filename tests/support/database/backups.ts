import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { inject } from "vitest";
import { readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { writeBackup } from "@/lib/server/backup/backup-file";
import type { BackupKeys } from "@/lib/server/backup/frames";
import { snapshotOf } from "@/lib/server/backup/snapshot";
import { checkKeys } from "@/lib/server/database/encryption-keys";

export const keyText = `k1:${"1".repeat(64)}`;
export const keys = readEncryptionKeys(keyText);

/** A folder for one test file, removed after it. */
export function ownFolder(): { readonly path: (name: string) => string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "postern-backup-"));
  return {
    path: (name) => join(folder, name),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function passphraseFile(path: string, passphrase = "correct horse battery staple"): string {
  writeFileSync(path, `${passphrase}\n`, { mode: 0o600 });
  return path;
}

/** Runs work as the owner of a database. */
export async function asOwner<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The state of a database after a first start: it is seeded, and knows the key. */
export function asStarted(url: string): Promise<void> {
  return asOwner(url, async (client) => {
    await client.query("UPDATE installation SET seeded_at = now(), test_database = false");
    await checkKeys(client, keys);
  });
}

/** Writes a backup of the database in this process. */
export function makeBackup(
  url: string,
  path: string,
  { passphrase = null, along = null }: { passphrase?: string | null; along?: BackupKeys | null } = {},
) {
  return asOwner(url, (client) =>
    writeBackup(
      path,
      snapshotOf(client, { keys, along, version: "0.1.0" }, () => {}),
      passphrase,
    ),
  );
}

/** Empty databases in the tests' cluster, by their addresses, all dropped at once. */
export function emptyDatabases(): { make(name: string): Promise<string>; drop(): Promise<void> } {
  const made: string[] = [];
  const onCluster = (sql: string) => asOwner(inject("clusterUrl"), (client) => client.query(sql));
  return {
    async make(name) {
      const own = `${name}_${process.pid}_${Date.now()}`;
      await onCluster(`CREATE DATABASE ${own}`);
      made.push(own);
      return inject("clusterUrl").replace(/\/postgres$/, `/${own}`);
    },
    async drop() {
      for (const name of made) await onCluster(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
