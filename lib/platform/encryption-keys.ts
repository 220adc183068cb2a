const keyShape = /^([A-Za-z0-9_-]{1,32}):([0-9a-f]{64})$/;

/** AES-256-GCM keys for secrets at rest. The first encrypts, all decrypt. */
export type EncryptionKeys = readonly { readonly id: string; readonly key: Buffer }[];

/** The keys in a text, or what is wrong with it. */
export function parsedKeys(text: string): EncryptionKeys | string {
  const keys = text.split(",").map((part) => {
    const [, id = "", digits = ""] = keyShape.exec(part.trim()) ?? [];
    return { id, key: Buffer.from(digits, "hex") };
  });
  if (keys.some(({ id }) => id === ""))
    return "must be name:64 hexadecimal digits, several with commas between";
  const twice = keys.find(({ id }, index) => keys.findIndex((each) => each.id === id) !== index);
  return twice ? `names ${twice.id} twice: each key has a name of its own` : keys;
}

/** Reads encryption keys as written in `POSTERN_ENCRYPTION_KEYS`. Throws one line if they are not valid. */
export function readEncryptionKeys(text: string): EncryptionKeys {
  const keys = parsedKeys(text);
  if (typeof keys === "string") throw new Error(`POSTERN_ENCRYPTION_KEYS ${keys}.`);
  return keys;
}
