import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { reEncryptSecrets } from "@/lib/operations/people/re-encrypt-secrets";
import type { Database } from "@/lib/platform/database";
import { readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { readKeyUse } from "@/lib/queries/notifications/encryption-keys";
import type { Installation } from "@/lib/server/database/installation";
import { replaceKept } from "@/lib/server/rotate/kept-file";

/** A new key with a name that no other has. */
function newKey(text: string): string {
  const names = readEncryptionKeys(text).map(({ id }) => id);
  let number = names.length + 1;
  while (names.includes(`k${number}`)) number += 1;
  return `k${number}:${randomBytes(32).toString("hex")}`;
}

/**
 * Explains how to change a key that comes from the environment, in steps between which replicas may be
 * restarted one by one.
 */
export function sayHowToRotateKey(text: string): string[] {
  const fresh = newKey(text);
  const [name = ""] = fresh.split(":", 1);
  return [
    "On every replica, restarting one after another:",
    `1. POSTERN_ENCRYPTION_KEYS=${text},${fresh}`,
    `2. POSTERN_ENCRYPTION_KEYS=${fresh},${text}`,
    "3. npm run rotate -- encryption-key --finish re-encrypts what is under other keys, and may be repeated.",
    `4. POSTERN_ENCRYPTION_KEYS=${fresh}, once that says that the others may go.`,
    `Keep the other keys where your backups are: a backup of before ${name} needs them.`,
  ];
}

/** Adds a new key as the first of those in the data folder. */
export function rotateKeptKey({ folder, encryptionKeys }: Installation): string[] {
  const text = encryptionKeys();
  replaceKept(join(folder, "encryption-keys"), `${newKey(text)},${text}`);
  return [
    "A new encryption key encrypts from the next start on, and the others decrypt.",
    "After that start: npm run rotate -- encryption-key --finish.",
  ];
}

/**
 * Re-encrypts everything with the first key, and removes keys from the data folder with which nothing is
 * encrypted. It may be interrupted and repeated at any time, and may run beside a worker that does the same.
 */
export async function finishKey(
  installation: Installation,
  database: Database,
  kept: boolean,
): Promise<string[]> {
  const text = installation.encryptionKeys();
  const keys = readEncryptionKeys(text);
  const done = await reEncryptSecrets(database, keys);
  const use = await readKeyUse(database, keys);
  const mayGo = use.filter(({ state }) => state === "MayGo").map(({ id }) => id);
  if (kept && mayGo.length > 0) {
    const left = text.split(",").filter((part) => !mayGo.includes(part.trim().split(":", 1)[0] ?? ""));
    const gone = text.split(",").filter((part) => !left.includes(part));
    // First, since earlier backups need them.
    replaceKept(join(installation.folder, `former-encryption-keys-${Date.now()}`), gone.join(","));
    replaceKept(join(installation.folder, "encryption-keys"), left.join(","));
  }
  return [
    `Re-encrypted: ${done}.`,
    ...use.map(
      ({ id, secrets, use: meaning }) =>
        `${id.padEnd(32)} ${String(secrets).padStart(6)} stored under it. ${meaning}`,
    ),
    ...(kept && mayGo.length > 0
      ? [
          `${mayGo.join(", ")} no longer counts from the next start on. former-encryption-keys-… in the data folder has it: move it`,
          "to where your backups are, which need it if they are older.",
        ]
      : []),
  ];
}
