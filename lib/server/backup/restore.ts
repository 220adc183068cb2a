import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { type EncryptionKeys, readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { openBackup } from "@/lib/server/backup/backup-file";
import { readPassphrase } from "@/lib/server/backup/passphrase";
import { BackupRefusal } from "@/lib/server/backup/refusal";
import { restoreDatabase } from "@/lib/server/backup/restore-database";
import { embeddedTarget, externalTarget, writeKeys } from "@/lib/server/backup/restore-target";
import { type VerifiedBackup, verifyBackup } from "@/lib/server/backup/verify-backup";
import { contentLine, secondsSince } from "@/lib/server/backup/words";
import { type Installation, installationOf } from "@/lib/server/database/installation";
import { dataFolder, holdDataFolder } from "@/scripts/parts/data-folder.mjs";

const usage =
  "npm run restore -- FILE: restores a backup where nothing is yet; npm run restore -- --verify FILE: only reads it; docs/backup.md";

/**
 * `npm run restore -- FILE`: restores a backup into the embedded database, or into the one that `DATABASE_URL`
 * names. The database must be empty. The file is read to its end before anything is changed. With `--verify`
 * nothing else happens.
 */
export async function run(args: readonly string[], stopped: AbortSignal): Promise<void> {
  const { path, only } = wanted(args);
  const installation = installationOf(process.env);
  const begun = performance.now();
  if (only) {
    const verified = await read(path, installation, stopped);
    console.log(`${path} is whole and as it was written (${secondsSince(begun)} s).`);
    console.log(contentLine("It holds", verified.verified.header));
    console.log(sealLine(verified.verified));
    return;
  }
  const folder = dataFolder();
  const release = await holdDataFolder(folder, 2_000);
  try {
    const target = installation.embedded
      ? embeddedTarget(folder)
      : externalTarget(installation.databaseUrl());
    await target.check();
    const { file, verified } = await read(path, installation, stopped);
    const keys = keysFor(verified, installation);
    console.log(contentLine("This goes back to", verified.header));
    stopped.throwIfAborted();
    await target.fill(async (client, url) => {
      stopped.throwIfAborted();
      const end = () => client.end().catch(() => {});
      stopped.addEventListener("abort", end);
      await restoreDatabase(client, url, file, verified, keys);
      stopped.removeEventListener("abort", end);
    });
    const written = verified.along ? writeKeys(folder, verified.along) : [];
    for (const each of written) console.log(`Written: ${each}.`);
    if (!installation.embedded && written.length > 0)
      console.log("Set POSTERN_ENCRYPTION_KEYS to what encryption-keys holds, alike on every replica.");
    console.log(`Restored in ${secondsSince(begun)} s. Start Postern now.`);
    console.log(
      "Access, passwords and factors are what they were then: what was removed, disabled or revoked since is back. Review it (docs/backup.md).\nEverybody has to sign in again. Links, one-time passes and resets that were under way are void.",
    );
  } finally {
    release();
  }
}

function wanted(args: readonly string[]) {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      options: { verify: { type: "boolean" } },
      allowPositionals: true,
    });
    const [path, ...more] = positionals;
    if (path !== undefined && more.length === 0)
      return { path: resolve(process.env.INIT_CWD ?? ".", path), only: values.verify === true };
  } catch {
    // Reported below.
  }
  throw new BackupRefusal(usage);
}

async function read(path: string, installation: Installation, stopped: AbortSignal) {
  const file = await openBackup(path, () => readPassphrase(process.env, { forNew: false }), stopped);
  const verified = await verifyBackup(file, ownKeys(installation));
  return { file, verified };
}

/** The keys of this installation; null if there are none yet. */
function ownKeys(installation: Installation): EncryptionKeys | null {
  const { POSTERN_ENCRYPTION_KEYS: given } = process.env;
  if (!given && !existsSync(resolve(installation.folder, "encryption-keys"))) return null;
  return readEncryptionKeys(installation.encryptionKeys());
}

/** The keys for the restored database. Throws if they did not seal the backup. */
function keysFor({ along, sealed, sealedWith }: VerifiedBackup, installation: Installation): EncryptionKeys {
  const own = ownKeys(installation);
  if (own === null && along === null)
    throw new BackupRefusal(
      `the backup has no encryption keys under a passphrase, and there are none here: set POSTERN_ENCRYPTION_KEYS to those of the installation (${sealedWith} among them), or put its file encryption-keys into ${installation.folder}`,
    );
  if (sealed === null)
    throw new BackupRefusal(
      `the backup is sealed with the encryption key ${sealedWith}, which is not among those here: add it to POSTERN_ENCRYPTION_KEYS, after the others`,
    );
  return own ?? readEncryptionKeys(along?.encryptionKeys ?? "");
}

function sealLine({ sealed, sealedWith }: VerifiedBackup): string {
  return sealed
    ? `Its seal is that of the encryption key ${sealedWith}: nobody without the key altered it.`
    : `Its seal was not checked: the encryption key ${sealedWith} is not here.`;
}
