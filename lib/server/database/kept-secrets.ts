import { randomBytes } from "node:crypto";
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { checkKeys, knowsKeys } from "@/lib/server/database/encryption-keys";
import { errorCode } from "@/scripts/parts/fault.mjs";

/**
 * A value from the environment, or one that the first start made and stored in the data folder (mode 600). The
 * file appears complete or not at all. Of two simultaneous starts, the first one's value counts.
 */
function kept(folder: string, file: string, given: string | null | undefined, make: () => string): string {
  if (given) return given;
  const path = join(folder, file);
  if (!existsSync(path)) {
    const unfinished = `${path}.${process.pid}`;
    writeFileSync(unfinished, make(), { mode: 0o600 });
    try {
      linkSync(unfinished, path);
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    } finally {
      rmSync(unfinished);
    }
  }
  return readFileSync(path, "utf8").trim();
}

/** The files of a data folder with the session secret, and with the previous one while both open cookies. */
export const sessionSecretFiles = { present: "session-secret", former: "session-secret-former" } as const;

export const newSessionSecret = () => randomBytes(48).toString("base64url");

/** The secret that session cookies are encrypted with. */
export function sessionSecret(folder: string, given: string | undefined): string {
  return kept(folder, sessionSecretFiles.present, given, newSessionSecret);
}

/** Another secret that opens session cookies while the secret is being changed; undefined without one. */
export function otherSessionSecret(
  folder: string,
  source: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (source.POSTERN_OTHER_SESSION_SECRET) return source.POSTERN_OTHER_SESSION_SECRET;
  const path = join(folder, sessionSecretFiles.former);
  return !source.POSTERN_SESSION_SECRET && existsSync(path) ? readFileSync(path, "utf8").trim() : undefined;
}

/**
 * The encryption keys, checked against the database. A key is made here only for an embedded database that
 * never had one, since other replicas of an external database could not know it. Throws one line if the keys
 * are missing, or belong to another database.
 */
export async function encryptionKeys(
  folder: string,
  client: pg.Client,
  { external, given }: { readonly external: boolean; readonly given: string | undefined },
): Promise<string> {
  const path = join(folder, "encryption-keys");
  let text = given || null;
  if (text === null && external) text = await formerKeys(path, client);
  if (text === null && !existsSync(path)) {
    const { rowCount } = await client.query("SELECT FROM encryption_keys LIMIT 1");
    if (rowCount !== 0)
      throw new Error(`${path} is missing: put it back, or set POSTERN_ENCRYPTION_KEYS to what it held.`);
  }
  text = kept(folder, "encryption-keys", text, () => `k1:${randomBytes(32).toString("hex")}`);
  await checkKeys(client, readEncryptionKeys(text));
  return text;
}

const noKeys =
  "POSTERN_ENCRYPTION_KEYS is not set: with DATABASE_URL no key is made, since every replica needs the same. Set it to name:64 hexadecimal digits (a new one: openssl rand -hex 32), alike on every replica.";

/** Throws one line if an outer database would find no keys here, whichever it is. */
export function needGivenKeys(folder: string, given: string | undefined): void {
  if (!given && !existsSync(join(folder, "encryption-keys"))) throw new Error(noKeys);
}

/** The keys that an earlier version made here for this very database. Throws if there are none. */
async function formerKeys(path: string, client: pg.Client): Promise<string> {
  const text = existsSync(path) ? readFileSync(path, "utf8").trim() : null;
  if (text !== null && (await knowsKeys(client, readEncryptionKeys(text)))) return text;
  throw new Error(noKeys);
}
