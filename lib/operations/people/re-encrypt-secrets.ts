import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { type EncryptionKeys, type SealedSecret, seal, unsealed } from "@/lib/platform/secrets";
import { inTransaction } from "@/lib/platform/transaction";

const batch = 200;

interface StoredSecret extends SealedSecret {
  readonly id: string;
  readonly userId: string;
}

/**
 * Re-encrypts with the first key what is stored under other keys. Returns how many secrets it
 * re-encrypted. If some cannot be decrypted, it does all others first and then throws. It may run at
 * the same time as itself and while factors are used: locked rows are skipped until the next run.
 */
export async function reEncryptSecrets(database: Database, keys: EncryptionKeys): Promise<number> {
  let done = 0;
  const unreadable: string[] = [];
  for (;;) {
    const taken = await inTransaction(database, (transaction) =>
      reEncryptSome(transaction, keys, unreadable),
    );
    if (taken === null) break;
    done += taken;
  }
  if (unreadable.length > 0)
    throw new Error(
      `${unreadable.length} stored ${unreadable.length === 1 ? "secret" : "secrets"} cannot be decrypted with the keys of POSTERN_ENCRYPTION_KEYS.`,
    );
  return done;
}

/** Re-encrypts a batch; null when none is left. Adds the ids of what cannot be decrypted to `unreadable`. */
async function reEncryptSome(
  transaction: Transaction,
  keys: EncryptionKeys,
  unreadable: string[],
): Promise<number | null> {
  const rows = await transaction.$queryRaw<StoredSecret[]>`
    SELECT id, user_id AS "userId", key_id AS "keyId", nonce, ciphertext FROM totp_factors
    WHERE removed_at IS NULL AND key_id <> ${keys[0]?.id ?? ""}
      ${unreadable.length === 0 ? Prisma.empty : Prisma.sql`AND id <> ALL (${unreadable}::uuid[])`}
    ORDER BY id LIMIT ${batch} FOR UPDATE SKIP LOCKED`;
  let done = 0;
  for (const row of rows) {
    const secret = unsealed(keys, row, row.userId);
    if (secret === null) {
      unreadable.push(row.id);
      continue;
    }
    await transaction.totpFactor.update({ where: { id: row.id }, data: seal(keys, secret, row.userId) });
    done += 1;
  }
  return rows.length === 0 ? null : done;
}
