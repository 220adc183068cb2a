import { recordWrongToken, tokensAreRefused } from "@/lib/identity/attempts/token-guesses";
import { passHash } from "@/lib/identity/providers/link-by-pass";
import type { Origin } from "@/lib/identity/sessions/sessions";
import { inSignInTurn } from "@/lib/identity/sessions/sign-in-turns";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/** For whom an administrator's link is, and at which provider. */
export interface LinkHolder {
  readonly displayName: string;
  readonly email: string;
  readonly issuer: string;
}

/**
 * The person whom an administrator's link would link. Null, and logged, if it is unknown, used,
 * replaced or expired, or if its address has sent too many such links. `Busy` if too many wait. A
 * person's own links never leave the session, so they are not found here.
 */
export function readLinkPass(
  database: Database,
  token: string,
  origin: Origin,
): Promise<LinkHolder | "Busy" | null> {
  return inSignInTurn(origin, () => find(database, token, origin), "Busy" as const);
}

async function find(database: Database, token: string, origin: Origin): Promise<LinkHolder | null> {
  const found = (await tokensAreRefused(database, origin))
    ? null
    : await inTransaction(database, async (transaction) => {
        const [row] = await transaction.$queryRaw<LinkHolder[]>`
          SELECT p.display_name AS "displayName", p.email, k.issuer
          FROM identity_link_passes k JOIN principals p ON p.id = k.principal_id AND p.disabled_at IS NULL
          WHERE k.token_hash = ${passHash(token)} AND k.session_id IS NULL AND k.expires_at > postern_now()`;
        return row ?? null;
      });
  if (!found) await recordWrongToken(database, origin, "IdentityLinked");
  return found;
}
