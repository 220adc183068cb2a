import type { Database } from "@/lib/platform/database";
import type { EncryptionKeys } from "@/lib/platform/secrets";
import { readOnce } from "@/lib/platform/transaction";

export interface KeyUse {
  readonly id: string;
  /** How many stored secrets are under it. */
  readonly secrets: number;
  /** What it is for, and whether it may go. */
  readonly use: string;
}

/**
 * What each encryption key is for: those of this process, in their order, and those it lacks. Names and numbers only; a
 * key that nothing is stored under may go once no replica encrypts with it.
 */
export function readKeyUse(database: Database, keys: EncryptionKeys): Promise<readonly KeyUse[]> {
  return readOnce(database, async (transaction) => {
    const stored = await transaction.$queryRaw<{ id: string; secrets: number }[]>`
      SELECT id, secrets::int AS secrets FROM encryption_keys_in_use() ORDER BY id`;
    const configured = keys.map(({ id }, index): KeyUse => {
      const secrets = stored.find((each) => each.id === id)?.secrets ?? 0;
      if (index === 0) return { id, secrets, use: "Encrypts." };
      const use =
        secrets === 0
          ? `May go, once every replica encrypts with ${keys[0]?.id}.`
          : "Must stay until all is re-encrypted.";
      return { id, secrets, use };
    });
    const lacking = stored
      .filter(({ id }) => !keys.some((key) => key.id === id))
      .map(({ id, secrets }): KeyUse => ({ id, secrets, use: "Missing here: put it back." }));
    return [...configured, ...lacking];
  });
}
