import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { EncryptionKeys } from "@/lib/platform/encryption-keys";

export type { EncryptionKeys };

/** A secret at rest: AES-256-GCM, with the tag at the end of the ciphertext, and the name of its key. */
export interface SealedSecret {
  readonly keyId: string;
  readonly nonce: Uint8Array<ArrayBuffer>;
  readonly ciphertext: Uint8Array<ArrayBuffer>;
}

const tagBytes = 16;

/** Encrypts with the first key. `purpose` is authenticated too, so a secret cannot be moved to another row. */
export function seal(keys: EncryptionKeys, text: string, purpose: string): SealedSecret {
  const [first] = keys;
  if (!first) throw new Error("there is no encryption key");
  const nonce = new Uint8Array(randomBytes(12));
  const cipher = createCipheriv("aes-256-gcm", first.key, nonce).setAAD(Buffer.from(purpose));
  const ciphertext = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return { keyId: first.id, nonce, ciphertext: new Uint8Array(ciphertext) };
}

/** Decrypts as `unseal` does. Null if that is impossible and the caller must continue without it. */
export function unsealed(keys: EncryptionKeys, sealed: SealedSecret, purpose: string): string | null {
  try {
    return unseal(keys, sealed, purpose);
  } catch {
    return null;
  }
}

/** Decrypts with the secret's key. Throws if that key is not configured or anything was changed. */
export function unseal(keys: EncryptionKeys, sealed: SealedSecret, purpose: string): string {
  const found = keys.find((key) => key.id === sealed.keyId);
  if (!found) throw new Error(`encryption key ${sealed.keyId} is not configured`);
  const body = Buffer.from(sealed.ciphertext);
  const decipher = createDecipheriv("aes-256-gcm", found.key, sealed.nonce)
    .setAAD(Buffer.from(purpose))
    .setAuthTag(body.subarray(body.length - tagBytes));
  return Buffer.concat([
    decipher.update(body.subarray(0, body.length - tagBytes)),
    decipher.final(),
  ]).toString("utf8");
}
