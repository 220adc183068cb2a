import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, jwtVerify } from "jose";
import { z } from "zod";
import { ProviderFault, providerJson, providerMetadata } from "@/lib/identity/providers/provider-metadata";
import type { IdentityProvider } from "@/lib/platform/identity-providers";

/** What has ended at the provider: one of its sessions, all of a subject's, or both named. */
export interface EndedAtProvider {
  readonly tokenId: string;
  readonly subject: string | null;
  readonly sid: string | null;
}

/** OpenID Connect Back-Channel Logout 1.0, section 2.4. */
const logoutEvent = "http://schemas.openid.net/event/backchannel-logout";
/** How old a token may be. Providers send theirs at once, and each counts once. */
const longestAge = "2 minutes";
/** As at the sign-in. */
const clockSeconds = 10;

const short = z.string().min(1).max(255);
const claims = z
  .object({
    iat: z.number(),
    jti: short,
    sub: short.optional(),
    sid: short.optional(),
    events: z.object({ [logoutEvent]: z.object({}) }),
    // Forbidden, so that an ID token cannot be used as a logout token.
    nonce: z.undefined().optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined, "neither sub nor sid");

/**
 * Whether a token's header must say that it is a logout token. A provider that does not say so must be
 * configured. Then its tokens may have no type, or that of any JWT, and only the event and the missing
 * nonce distinguish them from ID tokens.
 */
function isTyped(typ: unknown, untyped: boolean): boolean {
  if (typ === undefined) return untyped;
  // RFC 7515, section 4.1.9: a media type, compared without case, whose "application/" may be left out.
  const type = typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : "";
  return type === "logout+jwt" || (untyped && type === "jwt");
}

/**
 * Reads a logout token, which anybody may send: type, signature, algorithm, issuer, audience, times,
 * the event, no nonce, and sid or sub. Null if it is not from this provider for this client. Throws
 * `ProviderFault` if the provider's keys cannot be read.
 */
export async function readLogoutToken(
  provider: IdentityProvider,
  token: string,
): Promise<EndedAtProvider | null> {
  // If it cannot be right, the provider is not asked.
  try {
    const said = decodeJwt(token);
    if (said.iss !== provider.issuer || !claims.safeParse(said).success) return null;
  } catch {
    return null;
  }
  const { jwks_uri } = await providerMetadata(provider);
  const keys = await providerJson(jwks_uri);
  try {
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(keys as JSONWebKeySet), {
      issuer: provider.issuer,
      audience: provider.clientId,
      algorithms: [provider.signingAlgorithm],
      clockTolerance: clockSeconds,
      maxTokenAge: longestAge,
    });
    if (!isTyped(protectedHeader.typ, provider.untypedLogoutTokens)) return null;
    const { jti, sub = null, sid = null } = claims.parse(payload);
    return { tokenId: jti, subject: sub, sid };
  } catch (error) {
    if (error instanceof errors.JWKSInvalid) throw new ProviderFault("Nonsense", error);
    if (error instanceof errors.JOSEError || error instanceof z.ZodError) return null;
    throw error;
  }
}
