import { createHash, randomBytes } from "node:crypto";
import { recordWrongToken, tokensAreRefused } from "@/lib/identity/attempts/token-guesses";
import type { Origin } from "@/lib/identity/sessions/sessions";
import type { DirectoryCaller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/** The beginning of every directory token, so that secret scanners recognise it. */
const prefix = "pst_";

function digest(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(token).digest());
}

/** A directory token of 256 bits, which is shown once, and its hash. */
export function makeDirectoryToken(): { token: string; tokenHash: Uint8Array<ArrayBuffer> } {
  const token = `${prefix}${randomBytes(32).toString("base64url")}`;
  return { token, tokenHash: digest(token) };
}

/**
 * The directory whose token a request carries, in the header `Authorization: Bearer …` and nowhere else. Wrong tokens
 * are counted by network and logged. A right one is never refused because of other clients' wrong ones.
 */
export async function directoryOf(
  database: Database,
  authorization: string | null,
  origin: Origin & { readonly correlationId: string },
): Promise<DirectoryCaller | "Missing" | "Wrong" | "TooMany"> {
  const token = /^Bearer +(\S{1,200}) *$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) return "Missing";
  const found = token.startsWith(prefix) ? await byHash(database, digest(token)) : null;
  if (found) {
    const { ipAddress, userAgent, correlationId } = origin;
    const { id: directoryId, name: displayName } = found;
    return { directoryId, displayName, tokenHash: digest(token), ipAddress, userAgent, correlationId };
  }
  const refused = await tokensAreRefused(database, origin);
  await recordWrongToken(database, origin, "DirectoryTokenRefused");
  return refused ? "TooMany" : "Wrong";
}

async function byHash(
  database: Database,
  tokenHash: Uint8Array<ArrayBuffer>,
): Promise<{ id: string; name: string } | null> {
  return inTransaction(database, async (transaction) => {
    const [found] = await transaction.$queryRaw<{ id: string; name: string; stale: boolean }[]>`
      SELECT id, name, last_used_at IS NULL OR last_used_at < postern_now() - interval '1 minute' AS stale
      FROM directories WHERE token_hash = ${tokenHash} AND token_expires_at > postern_now() AND ended_at IS NULL`;
    if (!found) return null;
    // Simultaneous requests need not wait to write the same minute.
    if (found.stale)
      await transaction.$executeRaw`
        UPDATE directories SET last_used_at = postern_now() WHERE id IN (
          SELECT id FROM directories WHERE id = ${found.id}::uuid FOR NO KEY UPDATE SKIP LOCKED)`;
    return { id: found.id, name: found.name };
  });
}
