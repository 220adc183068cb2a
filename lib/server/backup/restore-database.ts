import type pg from "pg";
import type { EncryptionKeys } from "@/lib/platform/encryption-keys";
import type { BackupFile } from "@/lib/server/backup/backup-file";
import { beginAnew } from "@/lib/server/backup/begin-anew";
import { loadBackup } from "@/lib/server/backup/load-backup";
import { BackupRefusal } from "@/lib/server/backup/refusal";
import type { VerifiedBackup } from "@/lib/server/backup/verify-backup";
import { checkKeys } from "@/lib/server/database/encryption-keys";
import { migrate, migrationState } from "@/lib/server/database/migrate";

/**
 * Restores a verified backup into the database at `url`, which is empty or contains the rest of an interrupted
 * restore. Until everything is there, the database has a mark with which no Postern starts on it, and a restore
 * may begin again. `client` is the owner's connection to it. An older backup is read in its own version, and
 * migrated afterwards.
 */
export async function restoreDatabase(
  client: pg.Client,
  url: string,
  file: BackupFile,
  { header, digest }: VerifiedBackup,
  keys: EncryptionKeys,
): Promise<void> {
  await client.query(
    "CREATE TABLE IF NOT EXISTS restore_under_way (began_at timestamptz NOT NULL DEFAULT now())",
  );
  const wanted = new Set(header.migrations.map(({ name }) => name));
  const { applied } = await migrationState(client);
  if (applied.some((name) => !wanted.has(name)))
    throw new BackupRefusal(
      "the database holds the rest of another restore that was cut off: empty it first (DROP DATABASE, CREATE DATABASE)",
    );
  await migrate(url, { only: wanted, restoring: true });
  await loadBackup(client, file, digest);
  await migrate(url, { restoring: true });
  await checkKeys(client, keys);
  await beginAnew(client, header);
  await client.query("ANALYZE");
}
