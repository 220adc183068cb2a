import { createDecipheriv, createHmac } from "node:crypto";

const keyShape = /^([A-Za-z0-9_-]{1,32}):([0-9a-f]{64})$/;
const tagBytes = 16;

/** The keys of POSTERN_ENCRYPTION_KEYS, as `{ id, key }`, the first for new secrets. Throws one line. */
export function parseKeys(text) {
  const keys = text.split(",").map((part) => {
    const [, id, hexadecimal] = keyShape.exec(part.trim()) ?? [];
    if (id === undefined)
      throw new Error(
        "POSTERN_ENCRYPTION_KEYS must be name:64 hexadecimal digits, several with commas between.",
      );
    return { id, key: Buffer.from(hexadecimal, "hex") };
  });
  const twice = keys.find(({ id }, index) => keys.findIndex((each) => each.id === id) !== index);
  if (twice)
    throw new Error(`POSTERN_ENCRYPTION_KEYS names ${twice.id} twice: each key has a name of its own.`);
  return keys;
}

/** What is stored of a key to know it again. It tells nothing of the key. */
export function fingerprint(key) {
  return createHmac("sha256", key).update("Postern encryption key").digest();
}

/** The names of the keys that stored secrets need and these are not. */
export async function unreadableKeys(client, keys) {
  const { rows } = await client.query("SELECT id, fingerprint FROM encryption_keys_in_use()");
  return rows
    .filter((needed) => {
      const own = keys.find(({ id }) => id === needed.id);
      return !own || (needed.fingerprint !== null && !needed.fingerprint.equals(fingerprint(own.key)));
    })
    .map(({ id }) => id);
}

/**
 * Throws one line when these keys are not the ones that this database knows by their names, or cannot decrypt what it
 * holds; else writes down the fingerprints of those that are new. Called as the owner of the tables, by one start at a
 * time.
 */
export async function checkKeys(client, keys) {
  const { rows: known } = await client.query("SELECT id, fingerprint FROM encryption_keys");
  const other = keys.filter(({ id, key }) =>
    known.some((each) => each.id === id && !each.fingerprint.equals(fingerprint(key))),
  );
  if (other.length > 0)
    throw new Error(
      `POSTERN_ENCRYPTION_KEYS has ${named(other)} with other digits than this database knows it by: put the former ones back, and give a new key a new name.`,
    );
  const { rows: needed } = await client.query("SELECT id, secrets FROM encryption_keys_in_use()");
  const missing = needed.filter(({ id }) => !keys.some((each) => each.id === id));
  if (missing.length > 0) {
    const count = missing.reduce((sum, { secrets }) => sum + Number(secrets), 0);
    throw new Error(
      `POSTERN_ENCRYPTION_KEYS lacks ${named(missing)}, under which ${count} stored ${count === 1 ? "secret is" : "secrets are"}: put it back, after the newer key, until npm run keys says that it may go.`,
    );
  }
  for (const { id, key } of keys.filter((each) => !known.some((row) => row.id === each.id))) {
    if (!(await decrypts(client, id, key)))
      throw new Error(
        `POSTERN_ENCRYPTION_KEYS has ${id} with digits that do not decrypt what this database holds under that name: put the former ones back.`,
      );
  }
  for (const { id, key } of keys)
    await client.query(
      "INSERT INTO encryption_keys (id, fingerprint) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
      [id, fingerprint(key)],
    );
}

/** Whether this database knows any of these keys, by its fingerprint or by what it decrypts. */
export async function knowsKeys(client, keys) {
  for (const { id, key } of keys) {
    const { rowCount } = await client.query(
      "SELECT FROM encryption_keys WHERE id = $1 AND fingerprint = $2",
      [id, fingerprint(key)],
    );
    if (rowCount > 0 || (await decrypts(client, id, key, false))) return true;
  }
  return false;
}

/** Whether a key decrypts a secret that is stored under its name; `none` when there is none. */
async function decrypts(client, id, key, none = true) {
  const { rows } = await client.query(
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

function named(keys) {
  return keys.map(({ id }) => id).join(", ");
}
