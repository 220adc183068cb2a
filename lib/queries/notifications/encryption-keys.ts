import type { Database } from "@/lib/platform/database";
import type { EncryptionKeys } from "@/lib/platform/secrets";
import { readOnce } from "@/lib/platform/transaction";

export interface KeyUse {
  readonly id: string;
  /** How many stored secrets are encrypted with it. */
  readonly secrets: number;
  readonly state: "Encrypts" | "Needed" | "MayGo" | "Missing";
  /** What it is used for, and whether it may be removed. */
  readonly use: string;
}

/**
 * What each encryption key is used for: those of this process, in their order, and those it lacks. Names and numbers
 * only. A key with which nothing is encrypted may be removed once no replica encrypts with it.
 */
export function readKeyUse(database: Database, keys: EncryptionKeys): Promise<readonly KeyUse[]> {
  return readOnce(database, async (transaction) => {
    const stored = await transaction.$queryRaw<{ id: string; secrets: number }[]>`
      SELECT id, secrets::int AS secrets FROM encryption_keys_in_use() ORDER BY id`;
    const configured = keys.map(({ id }, index): KeyUse => {
      const secrets = stored.find((each) => each.id === id)?.secrets ?? 0;
      if (index === 0) return { id, secrets, state: "Encrypts", use: "Encrypts new secrets." };
      return secrets > 0
        ? { id, secrets, state: "Needed", use: "Must stay until all secrets are re-encrypted." }
        : {
            id,
            secrets,
            state: "MayGo",
            use: `May be removed once every replica encrypts with ${keys[0]?.id}.`,
          };
    });
    const lacking = stored
      .filter(({ id }) => !keys.some((key) => key.id === id))
      .map(
        ({ id, secrets }): KeyUse => ({
          id,
          secrets,
          state: "Missing",
          use: "Codes of these apps cannot be checked here: put the key back.",
        }),
      );
    return [...configured, ...lacking];
  });
}
