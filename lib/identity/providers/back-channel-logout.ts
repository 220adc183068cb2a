import { createHash } from "node:crypto";
import { recordWrongToken, tokensAreRefused } from "@/lib/identity/attempts/token-guesses";
import { type EndedAtProvider, readLogoutToken } from "@/lib/identity/providers/logout-token";
import { ProviderFault } from "@/lib/identity/providers/provider-metadata";
import type { Origin } from "@/lib/identity/sessions/sessions";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Database } from "@/lib/platform/database";
import type { IdentityProvider } from "@/lib/platform/identity-providers";
import { faultText, log } from "@/lib/platform/log";
import { firstIn } from "@/lib/platform/sql/first-in";
import { inTransaction } from "@/lib/platform/transaction";

/** The result of a provider's message that somebody signed out there. */
export type BackChannelLogout = "Ended" | "Refused" | "Unreachable";

/** How long a token's id is remembered, in hours: longer than a token is accepted. */
const rememberedHours = 1;

/**
 * Ends exactly the sessions that came from a provider session which has ended, according to the provider (OpenID
 * Connect Back-Channel Logout 1.0). They end in the database, so that the next request of each is refused on every
 * replica. Each token counts once. Wrong ones are counted by network and logged, and change nothing.
 */
export async function backChannelLogout(
  database: Database,
  provider: IdentityProvider,
  token: string,
  origin: Origin,
): Promise<BackChannelLogout> {
  let ended: EndedAtProvider | null;
  try {
    ended = (await tokensAreRefused(database, origin)) ? null : await readLogoutToken(provider, token);
  } catch (fault) {
    if (!(fault instanceof ProviderFault)) throw fault;
    log().warn(
      `A sign-out at the identity provider ${provider.id} was not checked: ${faultText(fault.cause)}`,
    );
    return "Unreachable";
  }
  if (ended && (await endSessionsOfProvider(database, provider, ended, origin))) return "Ended";
  await recordWrongToken(database, origin, "SessionEnded");
  return "Refused";
}

/** False if the token was used before. */
function endSessionsOfProvider(
  database: Database,
  provider: IdentityProvider,
  { tokenId, subject, sid }: EndedAtProvider,
  origin: Origin,
): Promise<boolean> {
  return inTransaction(database, async (transaction) => {
    const used = createHash("sha256").update(`${provider.id} ${tokenId}`).digest("base64url");
    if (!(await firstIn(transaction, `logout-token:${used}`, rememberedHours))) return false;
    const rows = await transaction.$queryRaw<{ id: string; userId: string; displayName: string }[]>`
      UPDATE sessions s SET ended_at = postern_now()
      FROM identity_links l JOIN principals p ON p.id = l.principal_id
      WHERE l.id = s.identity_link_id AND l.issuer = ${provider.issuer} AND s.ended_at IS NULL
        AND (${subject}::text IS NULL OR l.subject = ${subject}) AND (${sid}::text IS NULL OR s.provider_sid = ${sid})
      RETURNING s.id, s.user_id AS "userId", p.display_name AS "displayName"`;
    const people = new Map(rows.map((row) => [row.userId, row]));
    const { ipAddress, userAgent } = origin;
    await recordAuditEvents(
      transaction,
      [...people.values()].map(({ userId, displayName }) => ({
        kind: "SessionEnded" as const,
        outcome: "Success" as const,
        caller: { displayName: `${provider.name} (identity provider)`, ipAddress, userAgent },
        target: { id: userId, displayName },
        details: {
          provider: provider.name,
          endedSessions: rows.filter((row) => row.userId === userId).length,
        },
      })),
    );
    return true;
  });
}
