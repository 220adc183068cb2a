import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import type { EncryptionKeys } from "@/lib/platform/encryption-keys";

/** The HMAC by which somebody with an encryption key of the installation recognises a backup as its own and unaltered. */
export function sealOf(key: Buffer, digest: string): string {
  const own = Buffer.from(hkdfSync("sha256", key, Buffer.alloc(0), "Postern backup seal", 32));
  return createHmac("sha256", own).update(digest).digest("hex");
}

/** Whether the seal is right; null without the key that it was made with. */
export function sealIsRight(
  keys: EncryptionKeys,
  {
    sealedWith,
    seal,
    digest,
  }: { readonly sealedWith: string; readonly seal: string; readonly digest: string },
): boolean | null {
  const own = keys.find(({ id }) => id === sealedWith);
  if (!own) return null;
  const right = Buffer.from(sealOf(own.key, digest));
  const given = Buffer.from(seal);
  return right.length === given.length && timingSafeEqual(right, given);
}
