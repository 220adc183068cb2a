import { createDecipheriv, createHmac } from "node:crypto";
import type pg from "pg";
import type { EncryptionKeys } from "@/lib/platform/encryption-keys";

const tagBytes = 16;

/** The fingerprint by which a key is recognised. It reveals nothing about the key. */
export function fingerprint(key: Buffer): Buffer {
  return createHmac("sha256", key).update("Postern encryption key").digest();
}

/** The names of keys that stored secrets need and that are missing here. */
export async function unreadableKeys(client: pg.Client, keys: EncryptionKeys): Promise<string[]> {
  const { rows } = await client.query<{ id: string; fingerprint: Buffer | null }>(
    "SELECT id, fingerprint FROM encryption_keys_in_use()",
  );
  return rows
    .filter((needed) => {
      const own = keys.find(({ id }) => id === needed.id);
      return !own || (needed.fingerprint !== null && !needed.fingerprint.equals(fingerprint(own.key)));
    })
    .map(({ id }) => id);
}

/**
 * Throws one line if these keys are not the ones that this database knows by their names, or if they cannot
 * decrypt what it stores. Otherwise stores the fingerprints of new keys. Called as the owner of the tables, by
 * one start at a time.
 */
export async function checkKeys(client: pg.Client, keys: EncryptionKeys): Promise<void> {
  const { rows: known } = await client.query<{ id: string; fingerprint: Buffer }>(
    "SELECT id, fingerprint FROM encryption_keys",
  );
  const other = keys.filter(({ id, key }) =>
    known.some((each) => each.id === id && !each.fingerprint.equals(fingerprint(key))),
  );
  if (other.length > 0)
    throw new Error(
      `POSTERN_ENCRYPTION_KEYS has ${named(other)} with other digits than this database knows it by: put the former ones back, and give a new key a new name.`,
    );
  const { rows: needed } = await client.query<{ id: string; secrets: string }>(
    "SELECT id, secrets FROM encryption_keys_in_use()",
  );
  const missing = needed.filter(({ id }) => !keys.some((each) => each.id === id));
  if (missing.length > 0) {
    const count = missing.reduce((sum, { secrets }) => sum + Number(secrets), 0);
    throw new Error(
      `POSTERN_ENCRYPTION_KEYS lacks ${named(missing)}, under which ${count} stored ${count === 1 ? "secret is" : "secrets are"}: put it back, after the newer key, until npm run keys says that it may go.`,
    );
  }
  const unknown = keys.filter((each) => !known.some((row) => row.id === each.id));
  for (const { id, key } of unknown) {
    if (!(await decrypts(client, id, key)))
      throw new Error(
        `POSTERN_ENCRYPTION_KEYS has ${id} with digits that do not decrypt what this database holds under that name: put the former ones back.`,
      );
  }
  // If all are known, nothing is written, since a backup may read a standby.
  for (const { id, key } of unknown)
    await client.query(
      "INSERT INTO encryption_keys (id, fingerprint) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
      [id, fingerprint(key)],
    );
}

/** Whether this database knows any of these keys, by its fingerprint or by what it decrypts. */
export async function knowsKeys(client: pg.Client, keys: EncryptionKeys): Promise<boolean> {
  for (const { id, key } of keys) {
    const { rowCount } = await client.query(
      "SELECT FROM encryption_keys WHERE id = $1 AND fingerprint = $2",
      [id, fingerprint(key)],
    );
    if (rowCount !== 0 || (await decrypts(client, id, key, false))) return true;
  }
  return false;
}

/** Whether a key decrypts a secret that is stored under its name. `none` if there is no such secret. */
async function decrypts(client: pg.Client, id: string, key: Buffer, none = true): Promise<boolean> {
  const { rows } = await client.query<{ purpose: string; nonce: Buffer; ciphertext: Buffer }>(
    `SELECT user_id::text AS purpose, nonce, ciphertext FROM totp_factors
     WHERE key_id = $1 AND removed_at IS NULL ORDER BY id LIMIT 1`,
    [id],
  );
  const [sealed] = rows;
  if (!sealed) return none;
  const { purpose, nonce, ciphertext } = sealed;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce)
      .setAAD(Buffer.from(purpose))
      .setAuthTag(ciphertext.subarray(-tagBytes));
    decipher.update(ciphertext.subarray(0, -tagBytes));
    decipher.final();
    return true;
  } catch {
    return false;
  }
}

function named(keys: readonly { readonly id: string }[]): string {
  return keys.map(({ id }) => id).join(", ");
}
