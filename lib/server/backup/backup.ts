import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type pg from "pg";
import { DatabaseClient } from "@/lib/platform/database-client";
import { readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { writeBackup } from "@/lib/server/backup/backup-file";
import type { BackupHeader } from "@/lib/server/backup/frames";
import { logEvent } from "@/lib/server/backup/log-event";
import { hasPassphraseFile, readPassphrase } from "@/lib/server/backup/passphrase";
import { BackupRefusal } from "@/lib/server/backup/refusal";
import { keysAlong } from "@/lib/server/backup/restore-target";
import { snapshotOf } from "@/lib/server/backup/snapshot";
import { contentLine, secondsSince } from "@/lib/server/backup/words";
import { connectionFault } from "@/lib/server/database/connection-fault";
import { startPostgres } from "@/lib/server/database/embedded-postgres";
import { checkKeys } from "@/lib/server/database/encryption-keys";
import { type Installation, installationOf } from "@/lib/server/database/installation";
import { holdDataFolder } from "@/scripts/parts/data-folder.mjs";
import { errorText } from "@/scripts/parts/fault.mjs";
import { root } from "@/scripts/parts/root.mjs";

const usage =
  "npm run backup -- FILE [--encrypt] [--with-keys]: writes all that Postern keeps into a new file; docs/backup.md";

/**
 * `npm run backup -- FILE`: a backup of the database that `DATABASE_URL` names, or of the embedded one, whether
 * Postern runs or not. `--encrypt` asks for a passphrase. `--with-keys` includes the encryption keys, which
 * requires a passphrase.
 */
export async function run(args: readonly string[], stopped: AbortSignal): Promise<void> {
  const { path, encrypt, withKeys } = wanted(args);
  const installation = installationOf(process.env);
  const begun = performance.now();
  const keyText = installation.encryptionKeys();
  const passphrase = encrypt ? await readPassphrase(process.env, { forNew: true }) : null;
  const along = withKeys ? keysAlong(installation.folder, keyText) : null;
  await onDatabase(installation, async (client) => {
    const keys = readEncryptionKeys(keyText);
    // A backup cannot be restored without the keys of what it contains.
    await checkKeys(client, keys).catch((error) => {
      throw new BackupRefusal(errorText(error));
    });
    stopped.addEventListener("abort", () => client.end().catch(() => {}));
    let header: BackupHeader | null = null;
    const written = await writeBackup(
      path,
      snapshotOf(client, { keys, along, version: ownVersion() }, (read) => {
        header = read;
      }),
      passphrase,
    );
    if (header === null) throw new Error("the backup has no header");
    const { madeAt } = header as BackupHeader;
    console.log(`Written: ${path}, ${written.bytes} bytes in ${secondsSince(begun)} s.`);
    console.log(contentLine("It holds", header));
    console.log(
      passphrase === null
        ? "It is not encrypted: it holds password hashes and the log. Keep it where only administrators of the server can read."
        : "It is encrypted: nobody can read it without the passphrase.",
    );
    console.log(
      along === null
        ? "The encryption keys are not in it: keep them elsewhere, a restore needs them (docs/backup.md)."
        : "The encryption keys are in it.",
    );
    await note(client, { ...written, madeAt, encrypted: passphrase !== null, withKeys });
  });
}

function wanted(args: readonly string[]) {
  const { positionals, values } = parsed(args);
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new BackupRefusal(usage);
  const withKeys = values["with-keys"] === true;
  return {
    path: resolve(process.env.INIT_CWD ?? ".", path),
    encrypt: withKeys || values.encrypt === true || hasPassphraseFile(process.env),
    withKeys,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { encrypt: { type: "boolean" }, "with-keys": { type: "boolean" } },
      allowPositionals: true,
    });
  } catch {
    throw new BackupRefusal(usage);
  }
}

/** Connects as the owner. Starts the embedded database for it if that does not run. */
async function onDatabase(
  installation: Installation,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const release = installation.embedded ? await heldFolder(installation.folder) : null;
  try {
    const cluster = release ? await startPostgres(installation.folder) : null;
    try {
      const client = new DatabaseClient({
        connectionString: cluster ? cluster.url("postern") : installation.databaseUrl(),
      });
      client.on("error", () => {});
      await client.connect().catch((error) => {
        throw new BackupRefusal(`the database cannot be reached: ${connectionFault(error)}`);
      });
      try {
        await work(client);
      } finally {
        await client.end();
      }
    } finally {
      await cluster?.stop();
    }
  } finally {
    release?.();
  }
}

/** Locks the data folder; null if a running Postern has it. */
function heldFolder(folder: string): Promise<(() => void) | null> {
  return holdDataFolder(folder, 0).catch(() => null);
}

/** Records the backup in the log, so that the doctor knows when the last one was made. A standby accepts no events. */
async function note(client: pg.Client, details: object): Promise<void> {
  try {
    await logEvent(client, "BackupMade", details);
  } catch (error) {
    console.log(`The log has no entry of this backup: ${errorText(error)}.`);
  }
}

function ownVersion(): string {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
}
