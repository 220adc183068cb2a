import { reEncryptSecrets } from "@/lib/operations/people/re-encrypt-secrets";
import { openDatabase } from "@/lib/platform/database";
import { DatabaseClient } from "@/lib/platform/database-client";
import { readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { readKeyUse } from "@/lib/queries/notifications/encryption-keys";
import { checkKeys } from "@/lib/server/database/encryption-keys";
import { installationOf } from "@/lib/server/database/installation";

// npm run keys: says what each encryption key is used for, and which may be removed. With --re-encrypt it first
// re-encrypts everything with the first key, as the worker does every quarter of an hour. Without DATABASE_URL
// it asks the embedded database of a running Postern.
async function main(): Promise<void> {
  const installation = installationOf(process.env);
  const url = installation.databaseUrl();
  const keys = readEncryptionKeys(installation.encryptionKeys());
  const owner = new DatabaseClient({ connectionString: url });
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
